//! Visits to a doctor as the social insurance pushes them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::medical_visit;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::card_push::{HeldCard, held_cards};
use crate::{
    access::Caller,
    db::among_keys,
    domain::{card_number::CardNumber, personal_id::PersonalId, vnd::Vnd},
    error::Result,
    exchange::{
        kind::{Decision, Moment, RecordKind},
        record::record,
        values::{Part, Text},
    },
    messages::{Code, Message},
    registry::matching::{KnownPerson, Matches},
};

record! {
    /// A visit to a doctor that health insurance paid for.
    Visit "MedicalVisitRecord" {
        /// The sender's own reference; the same reference is stored once.
        reference "reference": Text<100>,
        /// Personal ID of the patient, 12 digits.
        personal_id "personalId": PersonalId,
        /// Day of the visit; of a stay, the day of admission.
        visited_on "visitedOn": NaiveDate,
        /// Code of the facility.
        facility_code "facilityCode": Text<20>,
        /// Whether the patient stayed.
        inpatient "inpatient": Option<bool>,
        /// What the visit cost, whole VND.
        cost "cost": Vnd,
        /// What the insurance paid of it, whole VND.
        paid_by_insurance "paidByInsurance": Option<Part>,
        /// What a fund for the poor paid of it, whole VND.
        paid_by_fund "paidByFund": Option<Part>,
        /// What the patient paid of it, whole VND.
        paid_by_patient "paidByPatient": Option<Part>,
        /// Number of the card that was shown, in any form that cards have had.
        card_no "cardNo": Option<CardNumber>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct VisitPush;

/// What is paid for once: patient, day, facility.
type Turn = (Uuid, NaiveDate, String);

/// The patients of a chunk, with their cards and their visits on its days.
pub struct Patients {
    matches: Matches,
    cards: HashMap<Uuid, Vec<HeldCard>>,
    turns: HashSet<Turn>,
}

impl RecordKind for VisitPush {
    type Record = Visit;
    type State = Patients;
    type Row = medical_visit::Model;
    const SLUG: &'static str = "medical-visits";
    const SUBJECT: &'static str = "MedicalVisit";
    const MUTATION: &'static str = "recordMedicalVisits";

    fn reference(record: &Visit) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Visit) -> i64 {
        record.cost.0
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Visit]) -> Result<Patients> {
        let matches = Matches::of_persons(conn, caller, rows.iter().map(|row| &row.personal_id)).await?;
        let cards = held_cards(conn, matches.person_ids()).await?;
        let turns = turns(conn, matches.person_ids(), rows.iter().map(|row| row.visited_on)).await?;
        Ok(Patients { matches, cards, turns })
    }

    fn decide(patients: &mut Patients, row: &Visit, at: &Moment<'_>) -> Decision<medical_visit::Model> {
        let person = match patients.matches.person(&row.personal_id) {
            Ok(person) => person,
            Err(reason) => return Decision::unmatched(reason),
        };
        let cards = patients.cards.get(&person.id).map_or(&[][..], Vec::as_slice);
        let is_new = patients.turns.insert((person.id, row.visited_on, row.facility_code.0.clone()));
        let doubts = [
            not_covered(row, cards),
            card_differs(row, cards),
            parts_differ(row),
            at.future_date(row.visited_on),
            (!is_new).then(|| Message::new(Code::Overlap).with("what", "patient")),
        ];
        let visit = visit(at, row, person);
        let findings = doubts.into_iter().flatten().collect();
        let (id, unit_id, about) = (visit.id, visit.unit_id, ("Person", visit.person_id));
        Decision::Accepted { id, unit_id, about, row: visit, findings }
    }
}

fn not_covered(row: &Visit, cards: &[HeldCard]) -> Option<Message> {
    let is_covered = cards.iter().any(|card| card.period.contains(row.visited_on));
    (!is_covered).then(|| Message::new(Code::NotCovered).with("date", row.visited_on))
}

/// A number that is none of the patient's cards, whenever these were valid. Since 08/2025 the personal ID is a card number too.
fn card_differs(row: &Visit, cards: &[HeldCard]) -> Option<Message> {
    let shown = row.card_no.as_ref()?;
    let is_own = shown.as_str() == row.personal_id.as_str() || cards.iter().any(|card| shown.names(&card.number));
    (!is_own).then(|| Code::CardDiffers.into())
}

/// Where any part is told, the parts make up the cost; one that is left out is 0 then.
fn parts_differ(row: &Visit) -> Option<Message> {
    let parts = [row.paid_by_insurance, row.paid_by_fund, row.paid_by_patient];
    let paid = parts.into_iter().flatten().map(|part| part.0).reduce(i64::saturating_add)?;
    (paid != row.cost.0).then(|| Message::new(Code::PartsDiffer).with("paid", paid).with("cost", row.cost.0))
}

fn visit(at: &Moment<'_>, row: &Visit, person: &KnownPerson) -> medical_visit::Model {
    medical_visit::Model {
        id: at.id(),
        person_id: person.id,
        unit_id: person.household_on(row.visited_on).map_or(person.unit_id, |household| household.unit_id),
        reference: row.reference.0.clone(),
        visited_on: row.visited_on,
        facility_code: row.facility_code.0.clone(),
        inpatient: row.inpatient,
        cost: row.cost.0,
        paid_by_insurance: row.paid_by_insurance.map(|part| part.0),
        paid_by_fund: row.paid_by_fund.map(|part| part.0),
        paid_by_patient: row.paid_by_patient.map(|part| part.0),
        card_no: row.card_no.as_ref().map(|number| number.as_str().to_owned()),
        batch_id: at.batch_id,
        created_at: at.now,
    }
}

/// The visits of some persons from the first to the last of some days.
async fn turns(
    conn: &impl ConnectionTrait,
    persons: Vec<Uuid>,
    days: impl Iterator<Item = NaiveDate> + Clone,
) -> Result<HashSet<Turn>> {
    use medical_visit::Column;
    let Some((from, to)) = days.clone().min().zip(days.max()).filter(|_| !persons.is_empty()) else {
        return Ok(HashSet::new());
    };
    let rows: Vec<Turn> = medical_visit::Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::VisitedOn, Column::FacilityCode])
        .filter(among_keys(conn, Column::PersonId, persons))
        .filter(Column::VisitedOn.between(from, to))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
