//! Loans paid out in the half-year: each turn of the report is one disbursement.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::codes::Measure;

use super::{
    plan::{LoanPlan, wrong},
    scenario::Scenario,
};
use crate::{
    error::Result,
    exchange::raw::RawRecord,
    scenario::{
        draw::Draw,
        record::Fields,
        split::{self, Spread},
    },
};

/// Amounts of the bank come in five millions.
const UNIT: i64 = 5_000_000;
const MILLION: i64 = 1_000_000;

/// One payment.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Slug of the programme.
    pub programme: String,
    /// Who signed.
    pub person: usize,
    /// Amount, VND.
    pub amount: i64,
    /// Day.
    pub on: NaiveDate,
    /// Contract: unique, with the programme's prefix.
    pub contract: String,
    /// Term in months.
    pub term: i64,
    /// Purpose.
    pub purpose: String,
    /// The bank's reference, in the order of days.
    pub reference: String,
}

/// All payments, by day.
pub fn turns(scenario: &Scenario) -> Result<Vec<Turn>> {
    let mut turns = Vec::new();
    for line in &scenario.plan.loans {
        turns.extend(line_turns(scenario, line)?);
    }
    turns.sort_by_key(|turn| turn.on);
    for (place, turn) in turns.iter_mut().enumerate() {
        turn.reference = format!("GN22-{:06}", place + 1);
    }
    Ok(turns)
}

fn line_turns(scenario: &Scenario, line: &LoanPlan) -> Result<Vec<Turn>> {
    let count = scenario.figures.count(&line.count)?;
    let total = scenario.figures.value(&line.amount)?;
    let bounds = (line.least * MILLION / UNIT, line.most * MILLION / UNIT);
    let mut draw = Draw::new(scenario.plan.seed, &line.programme, 0);
    let parts = split::split(total, count, UNIT, bounds, Spread::Even, &mut draw).map_err(wrong)?;
    let mut amounts: Vec<i64> = parts.units.iter().map(|units| units * UNIT).collect();
    amounts[parts.remainder_row] += parts.remainder;

    let borrowers = borrowers(scenario, line);
    if borrowers.len() + line.second_turns < count {
        return Err(wrong(format!("{} borrowers are too few for {count} turns", borrowers.len())));
    }
    // Households with two turns get small amounts, so that both together stay below the ceiling.
    amounts.sort_unstable();
    let mut turns = Vec::with_capacity(count);
    for (place, person) in borrowers.into_iter().take(count - line.second_turns).enumerate() {
        if place < line.second_turns {
            let second = amounts[2 * line.second_turns - 1 - place];
            turns.extend(two_turns(scenario, line, place, person, [amounts[place], second]));
        } else {
            turns.push(turn(scenario, line, place, person, amounts[place + line.second_turns]));
        }
    }
    Ok(turns)
}

/// Two turns of a household: of one contract paid out in two parts, or of two contracts.
fn two_turns(scenario: &Scenario, line: &LoanPlan, place: usize, person: usize, amounts: [i64; 2]) -> [Turn; 2] {
    let first = turn(scenario, line, place, person, amounts[0]);
    let mut second = Turn { amount: amounts[1], ..first.clone() };
    let days = &scenario.days;
    let at = days.partition_point(|day| *day <= first.on);
    let last = i64::try_from(days.len()).unwrap_or(i64::MAX) - 1;
    let mut draw = Draw::new(scenario.plan.seed, "second turn", person as u64);
    let later = draw.between(i64::try_from(at).unwrap_or(last).min(last), last);
    second.on = days[usize::try_from(later).unwrap_or_default()];
    if place % 2 == 1 {
        second.contract.push_str("-2");
    }
    [first, second]
}

fn turn(scenario: &Scenario, line: &LoanPlan, place: usize, person: usize, amount: i64) -> Turn {
    let mut draw = Draw::new(scenario.plan.seed, &line.programme, 1 + place as u64);
    Turn {
        programme: line.programme.clone(),
        person,
        amount,
        on: draw.pick(&scenario.days).copied().unwrap_or(scenario.plan.period_to),
        contract: format!("HD22-{}-{:05}", line.prefix, place + 1),
        term: draw.pick(&line.terms).copied().unwrap_or(60),
        purpose: draw.pick(&line.purposes).cloned().unwrap_or_default(),
        reference: String::new(),
    }
}

/// One person of each household that may borrow: for work abroad a young one, else the head or, where the head is too
/// old or too young, the next of age.
fn borrowers(scenario: &Scenario, line: &LoanPlan) -> Vec<usize> {
    let people = &scenario.people;
    let on = scenario.plan.period_from;
    let abroad = line.programme == "loan_labour_export";
    if abroad {
        let mut taken = HashSet::new();
        let fits = |at: usize| line.classes.contains(&people.household(at).class);
        let drawn = people.drawn(&line.programme, |at, person| (19..=38).contains(&person.age(on)) && fits(at));
        return drawn.into_iter().filter(|at| taken.insert(people.household_of[*at])).collect();
    }
    people
        .drawn_households(&line.programme, |household| line.classes.contains(&household.class))
        .into_iter()
        .filter_map(|at| {
            let members = people.households[at].members.clone();
            members.into_iter().find(|member| (18..=70).contains(&people.persons[*member].age(on)))
        })
        .collect()
}

/// A payment as the wire has it.
pub fn record(scenario: &Scenario, turn: &Turn) -> RawRecord {
    let people = &scenario.people;
    let person = &people.persons[turn.person];
    let household = people.household(turn.person);
    let commune = people.communes[household.commune].code.as_str();
    let rate = scenario.rules.rate(&turn.programme, Measure::AnnualRate, turn.on).map(|rate| rate.value);
    Fields::new()
        .text("reference", turn.reference.as_str())
        .text("contractNo", turn.contract.as_str())
        .text("personalId", people.personal_id(turn.person))
        .text("householdCode", people.household_code(household))
        .text("programme", turn.programme.as_str())
        .int("amount", turn.amount)
        .day("disbursedOn", turn.on)
        .int("termMonths", turn.term)
        .maybe(rate, |fields, rate| fields.hundredths("annualRatePercent", rate))
        .text("groupCode", format!("TK-{commune}-{:02}", household.village + 1))
        .text("purpose", turn.purpose.as_str())
        .text("unitCode", commune)
        .text("fullName", person.name.as_str())
        .int("birthYear", i64::from(person.birth_year()))
        .build()
}
