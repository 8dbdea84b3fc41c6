//! Health-insurance cards as the social insurance pushes them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    codes::{Operation, PovertyClass},
    health_insurance_card,
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::{card_number::CardNumber, personal_id::PersonalId, poverty::class_name},
    error::Result,
    exchange::{
        kind::{Decision, RecordKind, Sent, Work},
        record::record,
        values::{GroupCode, Text, Whole},
    },
    messages::{Code, Message},
    registry::matching::{KnownPerson, Matches},
};

record! {
    /// A health-insurance card (thẻ BHYT).
    Card "HealthInsuranceCardRecord" {
        /// The issuer's own reference; the same reference is stored once.
        reference "reference": Text<100>,
        /// Personal ID of the insured, 12 digits.
        personal_id "personalId": PersonalId,
        /// Number of the card: 10 digits, 12 digits or the 15 characters of the old card.
        card_no "cardNo": CardNumber,
        /// Group of the insured, two letters: HN poor, CN near-poor, TE child under 6 …
        group_code "groupCode": GroupCode,
        /// Benefit level, 1 to 5.
        benefit_level "benefitLevel": Option<Whole<1, 5>>,
        /// First day covered.
        valid_from "validFrom": NaiveDate,
        /// Last day covered.
        valid_to "validTo": NaiveDate,
        /// Day of issue.
        issued_on "issuedOn": Option<NaiveDate>,
        /// Code of the facility of first visit.
        facility_code "facilityCode": Option<Text<20>>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct CardPush;

/// Cards of one person: number, first and last day.
type Held = HashMap<Uuid, Vec<(String, NaiveDate, NaiveDate)>>;

impl RecordKind for CardPush {
    type Record = Card;
    type Found = Matches;
    type Held = ();
    const SLUG: &'static str = "health-insurance-cards";
    const SUBJECT: &'static str = "HealthInsuranceCard";
    const MUTATION: &'static str = "recordHealthInsuranceCards";
    const ROWS_STAND_ALONE: bool = true;

    fn reference(record: &Card) -> &str {
        record.reference.as_str()
    }

    fn amount(_: &Card) -> i64 {
        0
    }

    async fn look_up(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Card]) -> Result<Matches> {
        Matches::load(conn, caller, rows.iter().map(|row| &row.personal_id), []).await
    }

    async fn store(work: &mut Work<'_>, matches: &Matches, (): (), rows: &[Sent<Card>]) -> Result<Vec<Decision>> {
        let persons: Vec<Uuid> =
            rows.iter().filter_map(|row| matches.person(&row.personal_id).ok().map(|person| person.id)).collect();
        let mut held = held(work, persons).await?;
        let mut made = Vec::new();
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            let person = match matches.person(&row.personal_id) {
                Ok(person) => person,
                Err(reason) => {
                    decisions.push(Decision::unmatched(reason));
                    continue;
                }
            };
            if row.valid_to < row.valid_from {
                let message = Message::new(Code::PeriodBackwards).with("from", row.valid_from);
                decisions.push(Decision::reject("validTo", message));
                continue;
            }
            let cards = held.entry(person.id).or_default();
            let mut findings = overlap(row, cards);
            findings.extend(group_doubt(matches, person, row));
            cards.push((row.card_no.as_str().to_owned(), row.valid_from, row.valid_to));
            let card = work.card(row, person);
            work.changed(row.batch_id, Self::SUBJECT, card.id, card.unit_id, Operation::Created);
            work.told.meant("Person", person.id);
            decisions.push(Decision::Accepted { id: card.id, unit_id: card.unit_id, findings });
            made.push(card.into_active_model());
        }
        work.insert(made)?;
        Ok(decisions)
    }
}

impl Work<'_> {
    fn card(&self, row: &Sent<Card>, person: &KnownPerson) -> health_insurance_card::Model {
        health_insurance_card::Model {
            id: self.env.ids.next(),
            person_id: person.id,
            unit_id: person.household_on(row.valid_from).map_or(person.unit_id, |household| household.unit_id),
            reference: row.reference.0.clone(),
            card_no: row.card_no.as_str().to_owned(),
            group_code: row.group_code.0.clone(),
            benefit_level: row.benefit_level.map(Whole::small),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            issued_on: row.issued_on,
            facility_code: row.facility_code.as_ref().map(|code| code.0.clone()),
            batch_id: row.batch_id,
            created_at: self.now,
        }
    }
}

async fn held(work: &Work<'_>, persons: Vec<Uuid>) -> Result<Held> {
    use health_insurance_card::Column;
    let rows: Vec<(Uuid, String, NaiveDate, NaiveDate)> = health_insurance_card::Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::CardNo, Column::ValidFrom, Column::ValidTo])
        .filter(among_keys(work.txn, Column::PersonId, persons))
        .into_tuple()
        .all(work.txn)
        .await?;
    let mut held = Held::new();
    for (person, card_no, from, to) in rows {
        held.entry(person).or_default().push((card_no, from, to));
    }
    Ok(held)
}

/// Two cards of one person for the same days are paid for twice.
fn overlap(row: &Card, cards: &[(String, NaiveDate, NaiveDate)]) -> Vec<Message> {
    let meets = cards.iter().any(|(_, from, to)| *from <= row.valid_to && row.valid_from <= *to);
    if meets { vec![Message::new(Code::Overlap).with("what", "person")] } else { Vec::new() }
}

/// Groups HN and CN are those of poor and near-poor households.
fn group_doubt(matches: &Matches, person: &KnownPerson, row: &Card) -> Option<Message> {
    let wanted = match row.group_code.0.as_str() {
        "HN" => PovertyClass::Poor,
        "CN" => PovertyClass::NearPoor,
        _ => return None,
    };
    let household = person.household_on(row.valid_from)?;
    let class = matches.standing(household, row.valid_from).class?;
    (class != wanted)
        .then(|| Message::new(Code::GroupDiffers).with("group", &row.group_code.0).with("class", class_name(class)))
}
