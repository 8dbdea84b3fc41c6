//! Synthetic data is what it says, at every size.

use std::collections::HashSet;

use super::*;
use crate::exchange::raw::{Cell, RawRecord};

fn synthetic(households: u64, seed: u64) -> Synthetic {
    let commune = |code: &str, area| CommuneRef { code: code.to_owned(), area };
    let communes = vec![commune("00001", Area::Urban), commune("00002", Area::Rural), commune("00003", Area::Rural)];
    Synthetic::new(communes, households, seed, "2026-11-21".parse().unwrap()).unwrap()
}

fn all(of: &Synthetic) -> Vec<(&'static str, Vec<RawRecord>)> {
    let steps = of.steps().into_iter();
    steps
        .map(|step| {
            let (count, records): (u64, Vec<_>) = (step.count, step.records.collect());
            assert_eq!(records.len() as u64, count, "{}", step.kind);
            (step.kind, records)
        })
        .collect()
}

fn text<'a>(record: &'a RawRecord, name: &str) -> &'a str {
    match record.fields.iter().find(|(field, _)| field == name) {
        Some((_, Cell::Text(text))) => text,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_step_has_as_many_records_as_it_says() {
    for households in [0, 1, 2, 9, 1_003] {
        let steps = all(&synthetic(households, 1));
        let references: HashSet<_> =
            steps.iter().flat_map(|(kind, rows)| rows.iter().map(move |row| (kind, text(row, "reference")))).collect();
        assert_eq!(references.len(), steps.iter().map(|(_, rows)| rows.len()).sum::<usize>());
    }
}

#[test]
fn any_row_can_be_named_without_the_others() {
    let data = synthetic(1_000, 7);
    let steps = all(&data);

    let mut person = 0;
    for (at, household) in steps[0].1.iter().enumerate() {
        assert_eq!(text(household, "householdCode"), household_code(at as u64));
        let members = match household.fields.iter().find(|(name, _)| name == "members") {
            Some((_, Cell::List(members))) => members,
            other => panic!("{other:?}"),
        };
        assert_eq!(members.len() as u64, size_of(at as u64));
        for (place, member) in members.iter().enumerate() {
            let Cell::Record(member) = member else { panic!("{member:?}") };
            assert_eq!(text(member, "personalId"), data.personal_id(person));
            assert_eq!(household_of(person), (at as u64, place));
            person += 1;
        }
    }
    assert_eq!((person, data.persons(), data.loans()), (4_000, 4_000, 1_500));
    assert_eq!(text(&steps[2].1[42], "reference"), loan_reference(42));
    assert_eq!(text(&steps[2].1[42], "householdCode"), household_code(household_of_loan(42).0));
}

#[test]
fn personal_ids_are_unique_across_provinces() {
    let data = synthetic(2_000_000, 3);
    let ids: HashSet<_> = (0..data.persons()).step_by(997).map(|person| data.personal_id(person)).collect();
    assert_eq!(ids.len(), usize::try_from(data.persons()).unwrap().div_ceil(997));
    assert!(ids.iter().all(|id| PersonalId::parse(id).is_ok() && !id.starts_with("006")));
}

#[test]
fn the_same_seed_gives_the_same_data() {
    assert_eq!(all(&synthetic(50, 1)), all(&synthetic(50, 1)));
    assert_ne!(all(&synthetic(50, 1)), all(&synthetic(50, 2)));
}

#[test]
fn more_households_than_numbers_are_refused() {
    let communes = vec![CommuneRef { code: "00001".to_owned(), area: Area::Rural }];
    assert!(Synthetic::new(communes, 20_000_000, 1, "2026-11-21".parse().unwrap()).is_err());
    assert!(Synthetic::new(vec![], 1, 1, "2026-11-21".parse().unwrap()).is_err());
}
