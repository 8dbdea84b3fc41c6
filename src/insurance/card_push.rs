//! Health-insurance cards as the social insurance pushes them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{codes::PovertyClass, health_insurance_card};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::{card_number::CardNumber, period::Period, personal_id::PersonalId, poverty::class_name},
    error::Result,
    exchange::{
        kind::{Decision, Moment, RecordKind},
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

/// The insured of a chunk, and the days for which each has a card.
pub struct Insured {
    matches: Matches,
    cards: HashMap<Uuid, Vec<HeldCard>>,
}

/// A card that a person has or had.
#[derive(Clone, Debug)]
pub(super) struct HeldCard {
    pub number: String,
    pub period: Period,
}

impl RecordKind for CardPush {
    type Record = Card;
    type State = Insured;
    type Row = health_insurance_card::Model;
    const SLUG: &'static str = "health-insurance-cards";
    const SUBJECT: &'static str = "HealthInsuranceCard";
    const MUTATION: &'static str = "recordHealthInsuranceCards";

    fn reference(record: &Card) -> &str {
        record.reference.as_str()
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Card]) -> Result<Insured> {
        let matches = Matches::load(conn, caller, rows.iter().map(|row| &row.personal_id), []).await?;
        let cards = held_cards(conn, matches.person_ids()).await?;
        Ok(Insured { matches, cards })
    }

    fn decide(insured: &mut Insured, row: &Card, at: &Moment<'_>) -> Decision<health_insurance_card::Model> {
        let person = match insured.matches.person(&row.personal_id) {
            Ok(person) => person,
            Err(reason) => return Decision::unmatched(reason),
        };
        if row.valid_to < row.valid_from {
            return Decision::reject("validTo", Message::new(Code::PeriodBackwards).with("from", row.valid_from));
        }
        let cards = insured.cards.entry(person.id).or_default();
        let mut findings = overlap(row, cards);
        findings.extend(group_differs(&insured.matches, person, row));
        let card = card(at, row, person);
        cards.push(HeldCard { number: card.card_no.clone(), period: Period::new(card.valid_from, card.valid_to) });
        let (id, unit_id, about) = (card.id, card.unit_id, ("Person", card.person_id));
        Decision::Accepted { id, unit_id, about, row: card, findings }
    }
}

fn card(at: &Moment<'_>, row: &Card, person: &KnownPerson) -> health_insurance_card::Model {
    health_insurance_card::Model {
        id: at.id(),
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
        batch_id: at.batch_id,
        created_at: at.now,
    }
}

/// The cards of persons, whenever they are or were valid: answered from an index alone.
pub(super) async fn held_cards(
    conn: &impl ConnectionTrait,
    persons: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<HeldCard>>> {
    use health_insurance_card::Column;
    let mut cards: HashMap<_, Vec<_>> = HashMap::new();
    if persons.is_empty() {
        return Ok(cards);
    }
    let rows: Vec<(Uuid, String, NaiveDate, NaiveDate)> = health_insurance_card::Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::CardNo, Column::ValidFrom, Column::ValidTo])
        .filter(among_keys(conn, Column::PersonId, persons))
        .into_tuple()
        .all(conn)
        .await?;
    for (person, number, from, to) in rows {
        cards.entry(person).or_default().push(HeldCard { number, period: Period::new(from, to) });
    }
    Ok(cards)
}

/// Two cards of one person for the same days are paid for twice.
fn overlap(row: &Card, cards: &[HeldCard]) -> Vec<Message> {
    let period = Period::new(row.valid_from, row.valid_to);
    let meets = cards.iter().any(|card| card.period.overlaps(period));
    if meets { vec![Message::new(Code::Overlap).with("what", "person")] } else { Vec::new() }
}

/// Groups HN and CN are those of poor and near-poor households.
fn group_differs(matches: &Matches, person: &KnownPerson, row: &Card) -> Option<Message> {
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
