//! What pupils received: six programmes, each a line of the report.

use chrono::{Datelike, NaiveDate};
use entity::codes::{Area, Measure, PovertyClass};

use super::{
    plan::{EducationPlan, wrong},
    scenario::Scenario,
};
use crate::{
    domain::school_year::SchoolYear,
    error::Result,
    exchange::raw::RawRecord,
    scenario::{
        draw::Draw,
        record::Fields,
        split::{self, Parts, Spread},
    },
};

/// One turn of one pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Slug of the programme.
    pub programme: String,
    /// The pupil.
    pub person: usize,
    /// Semester.
    pub semester: i64,
    /// Half months; none where the sum did not divide into them.
    pub half_months: Option<i64>,
    /// Rate a month, VND, beside the months.
    pub monthly_rate: Option<i64>,
    /// Amount, VND.
    pub amount: Option<i64>,
    /// Rice, kg.
    pub rice: Option<i64>,
    /// Decree.
    pub legal_basis: Option<String>,
    /// The school's reference.
    pub reference: String,
}

/// All turns, programme by programme.
pub fn turns(scenario: &Scenario) -> Result<Vec<Turn>> {
    let mut turns = Vec::new();
    for line in &scenario.plan.education {
        turns.extend(if line.rice.is_some() { rice(scenario, line)? } else { money(scenario, line)? });
    }
    Ok(turns)
}

/// The school year that the period ends.
fn school_year(scenario: &Scenario) -> (i32, String) {
    let first = scenario.plan.period_to.year() - 1;
    (first, format!("{first}-{}", first + 1))
}

/// A day in the first semester of the plan, on which the rate is asked.
fn reference_day(scenario: &Scenario, line: &EducationPlan) -> NaiveDate {
    let semester = line.semesters.first().and_then(|semester| i16::try_from(*semester).ok());
    let day = SchoolYear::parse(&school_year(scenario).1).ok().and_then(|year| year.reference_day(semester));
    day.unwrap_or(scenario.plan.period_from)
}

fn money(scenario: &Scenario, line: &EducationPlan) -> Result<Vec<Turn>> {
    let total = line.amount.as_ref().ok_or_else(|| wrong(format!("{} has no sum", line.programme)))?;
    let rule = scenario.rules.monthly_rate(&line.programme, reference_day(scenario, line));
    let rate = line.monthly_rate.or(rule.map(|(rate, _)| rate));
    let rate = rate.ok_or_else(|| wrong(format!("{} has no monthly rate", line.programme)))?;
    let basis = line.legal_basis.as_deref().or(rule.map(|(_, rate)| rate.legal_basis.as_str()));
    let parts = parts(scenario, line, scenario.figures.value(total)?, rate / 2)?;
    let mut turns = bare_turns(scenario, line, basis)?;
    for (row, turn) in turns.iter_mut().enumerate() {
        let amount = parts.units[row] * rate / 2;
        if row == parts.remainder_row && parts.remainder > 0 {
            // No number of months gives this amount, so it states none.
            turn.amount = Some(amount + parts.remainder);
        } else {
            turn.amount = Some(amount);
            turn.half_months = Some(parts.units[row]);
            turn.monthly_rate = Some(rate);
        }
    }
    Ok(turns)
}

fn rice(scenario: &Scenario, line: &EducationPlan) -> Result<Vec<Turn>> {
    let total = line.rice.as_ref().ok_or_else(|| wrong(format!("{} has no rice", line.programme)))?;
    let rate = scenario.rules.rate(&line.programme, Measure::MonthlyRice, reference_day(scenario, line));
    let rate = rate.ok_or_else(|| wrong(format!("{} has no monthly rice", line.programme)))?;
    let kilograms = rate.value / 1_000;
    let parts = parts(scenario, line, scenario.figures.value(total)?, kilograms)?;
    let mut turns = bare_turns(scenario, line, Some(&rate.legal_basis))?;
    for (row, turn) in turns.iter_mut().enumerate() {
        let left_over = if row == parts.remainder_row { parts.remainder } else { 0 };
        turn.rice = Some(parts.units[row] * kilograms + left_over);
        turn.half_months = Some(parts.units[row] * 2).filter(|_| left_over == 0);
    }
    Ok(turns)
}

fn parts(scenario: &Scenario, line: &EducationPlan, total: i64, unit: i64) -> Result<Parts> {
    let count = scenario.figures.count(&line.count)?;
    let mut draw = Draw::new(scenario.plan.seed, &line.programme, 0);
    split::split(total, count, unit, (line.least, line.most), Spread::Even, &mut draw)
        .map_err(|reason| wrong(format!("{}: {reason}", line.programme)))
}

/// Turns that say who and when, and not yet how much.
fn bare_turns(scenario: &Scenario, line: &EducationPlan, legal_basis: Option<&str>) -> Result<Vec<Turn>> {
    let count = scenario.figures.count(&line.count)?;
    let mut pupils = pupils(scenario, line);
    pupils.truncate(line.pupils);
    if pupils.len() < line.pupils || line.pupils * line.semesters.len() < count {
        let reason = format!("{}: {} pupils are too few for {count} turns", line.programme, pupils.len());
        return Err(wrong(reason));
    }
    let turn = |at: usize| Turn {
        programme: line.programme.clone(),
        person: pupils[at % pupils.len()],
        semester: line.semesters[at / pupils.len()],
        half_months: None,
        monthly_rate: None,
        amount: None,
        rice: None,
        legal_basis: legal_basis.map(str::to_owned),
        reference: format!("GD22-{}-{:05}", line.prefix, at + 1),
    };
    Ok((0..count).map(turn).collect())
}

/// Pupils the line is for, the poorest first.
fn pupils(scenario: &Scenario, line: &EducationPlan) -> Vec<usize> {
    let people = &scenario.people;
    let (year, _) = school_year(scenario);
    let stream = line.same_pupils_as.as_ref().unwrap_or(&line.programme);
    let mut pupils = people.drawn(&format!("pupils {stream}"), |at, person| {
        let age = year - person.birth_year();
        let household = people.household(at);
        line.ages.iter().any(|(from, to)| (*from..=*to).contains(&age))
            && (line.classes.is_empty() || line.classes.contains(&household.class))
            && !(line.rural && people.communes[household.commune].area == Area::Urban)
    });
    pupils.sort_by_key(|at| match people.household(*at).class {
        PovertyClass::Poor => 0,
        PovertyClass::NearPoor => 1,
        _ => 2,
    });
    pupils
}

/// A turn as the wire has it.
pub fn record(scenario: &Scenario, turn: &Turn) -> RawRecord {
    let people = &scenario.people;
    let (year, school_year) = school_year(scenario);
    let person = &people.persons[turn.person];
    let commune = people.communes[people.household(turn.person).commune].code.as_str();
    let school = match year - person.birth_year() {
        ..=5 => format!("MN-{commune}"),
        6..=10 => format!("TH-{commune}"),
        11..=14 => format!("THCS-{commune}"),
        _ => format!("THPT-{}", scenario.plan.district),
    };
    let paid_on = Draw::new(scenario.plan.seed, &turn.reference, 0).pick(&scenario.days).copied();
    Fields::new()
        .text("reference", turn.reference.as_str())
        .text("personalId", people.personal_id(turn.person))
        .text("programme", turn.programme.as_str())
        .text("schoolYear", school_year)
        .int("semester", turn.semester)
        .maybe(turn.half_months, |fields, halves| fields.halves("months", halves))
        .maybe(turn.monthly_rate, |fields, rate| fields.int("monthlyRate", rate))
        .maybe(turn.amount, |fields, amount| fields.int("amount", amount))
        .maybe(turn.rice, |fields, rice| fields.int("riceKg", rice))
        .maybe(turn.legal_basis.as_deref(), |fields, basis| fields.text("legalBasis", basis))
        .text("schoolCode", school)
        .maybe(paid_on, |fields, day| fields.day("paidOn", day))
        .build()
}
