//! The example files of the README's tour, computed from the scenario so that they name people who are in it.

use std::{collections::HashSet, fmt::Write as _};

use chrono::NaiveDate;
use entity::codes::PovertyClass;
use serde_json::json;

use super::{
    cards,
    loans::{self, Turn},
    plan::wrong,
    population::Household,
    scenario::Scenario,
};
use crate::{
    error::Result,
    exchange::raw::{Cell, RawRecord},
    scenario::draw::scatter,
};

const MILLION: i64 = 1_000_000;

/// `examples/disbursements.csv`: twelve payments of June that are all stored, two of them with a finding: a borrower
/// who is not on the poor list, and an amount above the ceiling.
///
/// # Errors
/// A plan that contradicts the figures.
pub fn disbursements(scenario: &Scenario) -> Result<String> {
    let mut turns = ordinary(scenario, 11)?;
    turns[5].amount = 120 * MILLION;
    let not_poor = free_borrowers(scenario, PovertyClass::NotPoor)?;
    turns.push(payment(scenario, 11, "loan_poor", not_poor[0]));
    Ok(csv(&turns.iter().map(|turn| loans::record(scenario, turn)).collect::<Vec<_>>()))
}

/// `examples/disbursements-with-errors.csv`: two good rows, one of a person nobody knows, which waits, and rows that
/// are refused: an ID that Excel shortened, a day that is not in the calendar, an amount with dots, an amount of 0, a
/// programme that is none.
///
/// # Errors
/// A plan that contradicts the figures.
pub fn disbursements_with_errors(scenario: &Scenario) -> Result<String> {
    let mut rows: Vec<RawRecord> = ordinary(scenario, 20)?
        .into_iter()
        .skip(12)
        .map(|mut turn| {
            turn.reference = turn.reference.replace("VD", "LOI");
            turn.contract = turn.contract.replace("VD", "LOI");
            loans::record(scenario, &turn)
        })
        .collect();
    let short = text(&rows[3], "personalId")[1..].to_owned();
    for (row, field, value) in [
        (2, "personalId", unknown_id(scenario)),
        (3, "personalId", short),
        (4, "disbursedOn", "2022-02-30".to_owned()),
        (5, "amount", "1.000.000".to_owned()),
        (6, "amount", "0".to_owned()),
        (7, "programme", "loan_rich".to_owned()),
    ] {
        set(&mut rows[row], field, value);
    }
    // A household that is known would name its member: this row says nothing but the person.
    set(&mut rows[2], "householdCode", String::new());
    Ok(csv(&rows))
}

/// `examples/coverage-query.json`: ten persons of the scenario, covered in several ways or not at all, and one nobody
/// knows.
///
/// # Errors
/// A plan that contradicts the figures.
pub fn coverage_query(scenario: &Scenario) -> Result<String> {
    let as_of = NaiveDate::from_ymd_opt(2022, 6, 15).unwrap_or(scenario.plan.period_to);
    let cards = cards::cards(scenario)?;
    let held: HashSet<usize> = cards.iter().map(|card| card.person).collect();
    let mut persons: Vec<usize> = Vec::new();
    for group in ["HN", "HN", "CN", "TE", "HS", "DT"] {
        let next = cards.iter().find(|card| card.group == group && !persons.contains(&card.person));
        persons.extend(next.map(|card| card.person));
    }
    let twice = cards.windows(2).find(|pair| pair[0].person == pair[1].person);
    persons.extend(twice.map(|pair| pair[0].person));
    let dated = |holds: &dyn Fn(NaiveDate, NaiveDate) -> bool| {
        let fits = |(place, card): &(usize, &cards::Card)| {
            let record = cards::record(scenario, *place, card);
            let day = |name| text(&record, name).parse().unwrap_or_default();
            holds(day("validFrom"), day("validTo"))
        };
        cards.iter().enumerate().find(fits).map(|(_, card)| card.person)
    };
    persons.extend(dated(&|_, to| to == scenario.plan.period_to));
    persons.extend(dated(&|from, _| from > as_of));
    persons.extend((0..scenario.people.persons.len()).find(|person| !held.contains(person)));
    let mut ids: Vec<String> = persons.iter().map(|person| scenario.people.personal_id(*person)).collect();
    ids.push(unknown_id(scenario));
    let query = json!({ "personalIds": ids, "asOf": as_of, "purpose": "Kiểm tra thẻ BHYT trước khi khám" });
    serde_json::to_string_pretty(&query).map(|text| text + "\n").map_err(wrong)
}

/// Payments to poor and near-poor households that have no loan yet.
fn ordinary(scenario: &Scenario, count: usize) -> Result<Vec<Turn>> {
    let poor = free_borrowers(scenario, PovertyClass::Poor)?;
    let near_poor = free_borrowers(scenario, PovertyClass::NearPoor)?;
    let turn = |at: usize| match at % 3 {
        2 => payment(scenario, at, "loan_near_poor", near_poor[at]),
        _ => payment(scenario, at, "loan_poor", poor[at]),
    };
    Ok((0..count).map(turn).collect())
}

fn payment(scenario: &Scenario, at: usize, programme: &str, person: usize) -> Turn {
    let june = scenario.days.len() - 22;
    let tens = i64::try_from(at % 5).unwrap_or_default();
    Turn {
        programme: programme.to_owned(),
        person,
        amount: (30 + 10 * tens) * MILLION,
        on: scenario.days[june + at % 22],
        contract: format!("HD22-VD-{:03}", at + 1),
        term: 60,
        purpose: "Chăn nuôi trâu, bò sinh sản".to_owned(),
        reference: format!("VD22-{:03}", at + 1),
    }
}

/// One grown member of each household of that class without a loan in the scenario.
fn free_borrowers(scenario: &Scenario, class: PovertyClass) -> Result<Vec<usize>> {
    let people = &scenario.people;
    let taken: HashSet<usize> = loans::turns(scenario)?.iter().map(|turn| people.household_of[turn.person]).collect();
    let borrower = |household: &Household| {
        let mut members = household.members.clone();
        members.find(|at| (25..=60).contains(&people.persons[*at].age(scenario.plan.period_from)))
    };
    let free = people.drawn_households("examples", |of| of.class == class);
    let free = free.into_iter().filter(|at| !taken.contains(at));
    let borrowers: Vec<usize> = free.filter_map(|at| borrower(&people.households[at])).collect();
    if borrowers.len() < 24 { Err(wrong("too few households without a loan")) } else { Ok(borrowers) }
}

/// A number of the right form that no person of the scenario has.
fn unknown_id(scenario: &Scenario) -> String {
    let next = scenario.people.persons.len() as u64;
    format!("{:03}099{:06}", scenario.plan.birth_province, scatter(next, 1_000_000))
}

fn text(record: &RawRecord, name: &str) -> String {
    record.fields.iter().find(|(field, _)| field == name).map(|(_, cell)| plain(cell)).unwrap_or_default()
}

fn set(record: &mut RawRecord, name: &str, value: String) {
    if let Some((_, cell)) = record.fields.iter_mut().find(|(field, _)| field == name) {
        *cell = Cell::Text(value);
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Int(number) => number.to_string(),
        Cell::Number(text) | Cell::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// Records as CSV. Texts with a comma are quoted.
fn csv(records: &[RawRecord]) -> String {
    let mut file = String::new();
    let names = records.first().map(|record| record.fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    let _ = writeln!(file, "{}", names.unwrap_or_default().join(","));
    for record in records {
        let cells = record.fields.iter().map(|(_, cell)| {
            let text = plain(cell);
            if text.contains(',') { format!("\"{text}\"") } else { text }
        });
        let _ = writeln!(file, "{}", cells.collect::<Vec<_>>().join(","));
    }
    file
}
