//! The question of the health office: who is covered on a day, by which card, and why not.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{codes::IdentifierKind, health_insurance_card, person, person_identifier};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among,
    domain::personal_id::PersonalId,
    env::Env,
    error::{Error, Result},
    messages::{Code, Fault, Message},
};

/// Most personal IDs in one question.
pub const MOST: usize = 10_000;

/// Why somebody is covered or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CoverageReason {
    /// A card is valid on the day.
    Covered,
    /// No card is known.
    NoCard,
    /// The last card has ended.
    Expired,
    /// The next card begins later.
    NotYetValid,
    /// Nobody of this number is known in the area of who asks.
    UnknownPerson,
}

/// The answer for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageResult {
    /// The number asked for.
    pub personal_id: String,
    /// Whether a card is valid on the day.
    pub covered: bool,
    /// Number of the card meant: the one that covers, else the one that ended last or begins next.
    #[schema(required)]
    pub card_no: Option<String>,
    /// Its first day.
    #[schema(required)]
    pub valid_from: Option<NaiveDate>,
    /// Its last day.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Why.
    pub reason: CoverageReason,
}

/// The answers in the order asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageAnswer {
    /// The day.
    pub as_of: NaiveDate,
    /// One answer each.
    pub results: Vec<CoverageResult>,
}

/// A card as far as coverage needs it.
struct Span {
    card_no: String,
    from: NaiveDate,
    to: NaiveDate,
}

/// Answers for up to 10,000 personal IDs with one statement; today is the default day.
pub async fn query(
    env: &Env,
    caller: &Caller,
    personal_ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<CoverageAnswer> {
    caller.require("Query", "insuranceCoverage")?;
    check(personal_ids)?;
    let as_of = as_of.unwrap_or_else(|| env.clock.today());
    caller.ask("InsuranceCoverage");
    let known = cards(env, caller, personal_ids).await?;
    caller.disclose("InsuranceCoverage", known.len(), known.values().map(|(person, _)| *person));
    let told = |result: CoverageResult| CoverageResult {
        card_no: result.card_no.and_then(|no| caller.number("InsuranceCoverageResult", "cardNo", no)),
        ..result
    };
    let results = personal_ids
        .iter()
        .map(|id| match known.get(id) {
            None => answer(id, None, CoverageReason::UnknownPerson),
            Some((_, spans)) => told(decide(id, spans, as_of)),
        })
        .collect();
    Ok(CoverageAnswer { as_of, results })
}

fn check(personal_ids: &[String]) -> Result<()> {
    if personal_ids.is_empty() || personal_ids.len() > MOST {
        let message =
            Message::new(Code::NumberRange).with("from", "1 personal ID").with("to", format!("{MOST} personal IDs"));
        return Err(Error::field("personalIds", message));
    }
    let fault = |(i, id): (usize, &String)| {
        PersonalId::parse(id).err().map(|message| Fault::at(format!("personalIds.{i}"), message))
    };
    let faults: Vec<Fault> = personal_ids.iter().enumerate().filter_map(fault).take(100).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::faulty(faults)) }
}

async fn cards(env: &Env, caller: &Caller, personal_ids: &[String]) -> Result<HashMap<String, (Uuid, Vec<Span>)>> {
    use health_insurance_card::Column as Card;
    // On PostgreSQL a list of units that is made once, as before: asking an index for each of a hundred persons made Q3 of the bench
    // slower, and the time it takes tells no more of who lives elsewhere. On SQLite the list would tell.
    let within = match env.db.backend() {
        DbBackend::Postgres => caller.within(person::Column::UnitId),
        _ => caller.holds(person::Column::UnitId),
    };
    let mut question = person_identifier::Entity::find()
        .select_only()
        .columns([person_identifier::Column::Value, person_identifier::Column::PersonId])
        .columns([Card::CardNo, Card::ValidFrom, Card::ValidTo]);
    if !within.is_empty() {
        // Who sees the whole country needs not know where each of ten thousand persons lives. For others this comes before the
        // cards: of somebody elsewhere they are not read.
        question = question.join(JoinType::InnerJoin, to_person()).filter(within);
    }
    let question = question
        .join(JoinType::LeftJoin, to_cards())
        .filter(person_identifier::Column::Kind.eq(IdentifierKind::PersonalId))
        .filter(among(env.db.read(), person_identifier::Column::Value, personal_ids));
    let rows: Vec<(String, Uuid, Option<String>, Option<NaiveDate>, Option<NaiveDate>)> =
        question.into_tuple().all(env.db.read()).await?;
    let mut known: HashMap<String, (Uuid, Vec<Span>)> = HashMap::with_capacity(personal_ids.len());
    for (value, person, card_no, from, to) in rows {
        let (_, spans) = known.entry(value).or_insert_with(|| (person, Vec::new()));
        if let (Some(card_no), Some(from), Some(to)) = (card_no, from, to) {
            spans.push(Span { card_no, from, to });
        }
    }
    Ok(known)
}

fn decide(id: &str, spans: &[Span], as_of: NaiveDate) -> CoverageResult {
    let valid = spans.iter().filter(|span| (span.from..=span.to).contains(&as_of)).max_by_key(|span| span.to);
    if let Some(span) = valid {
        return answer(id, Some(span), CoverageReason::Covered);
    }
    if let Some(span) = spans.iter().filter(|span| span.from > as_of).min_by_key(|span| span.from) {
        return answer(id, Some(span), CoverageReason::NotYetValid);
    }
    match spans.iter().max_by_key(|span| span.to) {
        Some(span) => answer(id, Some(span), CoverageReason::Expired),
        None => answer(id, None, CoverageReason::NoCard),
    }
}

fn answer(id: &str, span: Option<&Span>, reason: CoverageReason) -> CoverageResult {
    CoverageResult {
        personal_id: id.to_owned(),
        covered: reason == CoverageReason::Covered,
        card_no: span.map(|span| span.card_no.clone()),
        valid_from: span.map(|span| span.from),
        valid_to: span.map(|span| span.to),
        reason,
    }
}

fn to_person() -> RelationDef {
    person_identifier::Entity::belongs_to(person::Entity)
        .from(person_identifier::Column::PersonId)
        .to(person::Column::Id)
        .into()
}

fn to_cards() -> RelationDef {
    person_identifier::Entity::belongs_to(health_insurance_card::Entity)
        .from(person_identifier::Column::PersonId)
        .to(health_insurance_card::Column::PersonId)
        .into()
}
