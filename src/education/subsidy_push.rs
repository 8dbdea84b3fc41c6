//! Semester rolls of education subsidies as the education office pushes them.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{
    codes::{Measure, ProgrammeKind},
    education_subsidy,
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among_keys,
    domain::{months::HalfMonths, personal_id::PersonalId, school_year::SchoolYear, vnd::Vnd},
    error::Result,
    exchange::{
        kind::{Decision, Moment, RecordKind},
        record::record,
        values::{Text, Thousandths, Whole},
    },
    messages::{Code, Message},
    registry::matching::{KnownHousehold, KnownPerson, Matches},
};

record! {
    /// Support paid to a pupil for a semester or a school year.
    Subsidy "EducationSubsidyRecord" {
        /// The office's own reference; the same reference is stored once.
        reference "reference": Text<100>,
        /// Personal ID of the pupil, 12 digits.
        personal_id "personalId": PersonalId,
        /// Programme, as `education_learning_cost`.
        programme "programme": Text<60>,
        /// School year, as `2021-2022`.
        school_year "schoolYear": SchoolYear,
        /// Semester 1 or 2; missing for the whole year.
        semester "semester": Option<Whole<1, 2>>,
        /// Months paid, whole or half.
        months "months": Option<HalfMonths>,
        /// Rate a month, whole VND.
        monthly_rate "monthlyRate": Option<Vnd>,
        /// Amount paid, whole VND; this or riceKg is required.
        amount "amount": Option<Vnd>,
        /// Rice given, kg.
        rice_kg "riceKg": Option<Thousandths>,
        /// Decree it is paid under.
        legal_basis "legalBasis": Option<Text<100>>,
        /// Code of the school.
        school_code "schoolCode": Option<Text<40>>,
        /// Day of payment.
        paid_on "paidOn": Option<NaiveDate>,
    }
}

/// The kind.
#[derive(Debug)]
pub struct SubsidyPush;

/// What must not be paid twice: pupil, programme, school year, semester.
type Turn = (Uuid, String, String, Option<i16>);

/// The pupils of a chunk, and what each was paid.
pub struct Paid {
    matches: Matches,
    turns: HashSet<Turn>,
}

impl RecordKind for SubsidyPush {
    type Record = Subsidy;
    type State = Paid;
    type Row = education_subsidy::Model;
    const SLUG: &'static str = "education-subsidies";
    const SUBJECT: &'static str = "EducationSubsidy";
    const MUTATION: &'static str = "recordEducationSubsidies";

    fn reference(record: &Subsidy) -> &str {
        record.reference.as_str()
    }

    fn amount(record: &Subsidy) -> i64 {
        record.amount.map_or(0, |amount| amount.0)
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&Subsidy]) -> Result<Paid> {
        let matches = Matches::load(conn, caller, rows.iter().map(|row| &row.personal_id), []).await?;
        let turns = paid(conn, matches.person_ids()).await?;
        Ok(Paid { matches, turns })
    }

    fn decide(paid: &mut Paid, row: &Subsidy, at: &Moment<'_>) -> Decision<education_subsidy::Model> {
        let kind = ProgrammeKind::Education;
        let programme = at.rules.programme(&row.programme.0).filter(|programme| programme.kind == kind);
        let Some(programme) = programme else {
            return Decision::reject("programme", at.rules.unknown_programme(&row.programme.0, kind));
        };
        if row.amount.is_none() && row.rice_kg.is_none() {
            return Decision::reject("amount", Message::new(Code::OneOf).with("fields", "amount, riceKg"));
        }
        let person = match paid.matches.person(&row.personal_id) {
            Ok(person) => person,
            Err(reason) => return Decision::unmatched(reason),
        };
        let semester = row.semester.map(Whole::small);
        let day = row.paid_on.or_else(|| row.school_year.reference_day(semester)).unwrap_or_else(|| at.today());
        let household = person.household_on(day);
        let mut findings = rule_findings(at, row, day);
        findings.extend(at.rules.doubt_in_force(programme, day));
        findings.extend(at.future_date(row.paid_on));
        findings.extend(household.and_then(|household| paid.matches.standing(household, day).doubt(programme, day)));
        let turn = (person.id, row.programme.0.clone(), row.school_year.text(), semester);
        if !paid.turns.insert(turn) {
            findings.push(Message::new(Code::Overlap).with("what", "pupil"));
        }
        let subsidy = subsidy(at, row, person, household);
        let (id, unit_id, about) = (subsidy.id, subsidy.unit_id, ("Person", subsidy.person_id));
        Decision::Accepted { id, unit_id, about, row: subsidy, findings }
    }
}

async fn paid(conn: &impl ConnectionTrait, persons: Vec<Uuid>) -> Result<HashSet<Turn>> {
    use education_subsidy::Column;
    if persons.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Turn> = education_subsidy::Entity::find()
        .select_only()
        .columns([Column::PersonId, Column::Programme, Column::SchoolYear, Column::Semester])
        .filter(among_keys(conn, Column::PersonId, persons))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Months × rate, and the most months of a school year.
fn rule_findings(at: &Moment<'_>, row: &Subsidy, day: NaiveDate) -> Vec<Message> {
    let mut findings = Vec::new();
    let limit = at.rules.rate(&row.programme.0, Measure::MostMonths, day).map(|rate| rate.value);
    if let Some((months, limit)) = row.months.zip(limit).filter(|(months, limit)| i64::from(months.0) > limit * 2) {
        findings.push(Message::new(Code::MonthsAboveLimit).with("months", months.text()).with("limit", limit));
    }
    if let (Some(months), Some(rate), Some(amount)) = (row.months, row.monthly_rate, row.amount) {
        let expected = i64::from(months.0).saturating_mul(rate.0) / 2;
        if expected != amount.0 {
            findings.push(Message::new(Code::AmountDiffers).with("amount", amount.0).with("expected", expected));
        }
    }
    findings
}

fn subsidy(
    at: &Moment<'_>,
    row: &Subsidy,
    person: &KnownPerson,
    household: Option<KnownHousehold>,
) -> education_subsidy::Model {
    education_subsidy::Model {
        id: at.id(),
        person_id: person.id,
        household_id: household.map(|household| household.id),
        unit_id: household.map_or(person.unit_id, |household| household.unit_id),
        reference: row.reference.0.clone(),
        programme: row.programme.0.clone(),
        school_year: row.school_year.text(),
        semester: row.semester.map(Whole::small),
        half_months: row.months.map(|months| months.0),
        monthly_rate: row.monthly_rate.map(|rate| rate.0),
        amount: row.amount.map(|amount| amount.0),
        rice_grams: row.rice_kg.map(|kg| kg.0),
        legal_basis: row.legal_basis.as_ref().map(|basis| basis.0.clone()),
        school_code: row.school_code.as_ref().map(|code| code.0.clone()),
        paid_on: row.paid_on,
        batch_id: at.batch_id,
        created_at: at.now,
    }
}
