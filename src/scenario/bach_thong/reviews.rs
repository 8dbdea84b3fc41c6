//! The yearly reviews: that of the year before the period gives the class in it.

use entity::codes::PovertyClass;

use super::scenario::Scenario;
use crate::{
    exchange::raw::RawRecord,
    scenario::{
        draw::Draw,
        sheet::{self, Review},
    },
};

/// The review of a household in a year as the wire has it.
pub fn record(scenario: &Scenario, household: usize, year: i32) -> RawRecord {
    let people = &scenario.people;
    let of = &people.households[household];
    let area = people.communes[of.commune].area;
    let code = people.household_code(of);
    let class = class_of(scenario, household, year);
    let mut draw = Draw::new(scenario.plan.seed, "sheet", household as u64 * 10_000 + u64::from(year.unsigned_abs()));
    let standards = sheet::standards(&scenario.rules, area, year);
    // A few decisions contradict their sheets, as in life: they are stored, and flagged.
    let contradicted = class == PovertyClass::Poor && draw.between(0, 999) < scenario.plan.reviews.contradicted;
    let scored = if contradicted { PovertyClass::NearPoor } else { class };
    let filled = sheet::fill(&standards, scored, &mut draw);
    let review = Review {
        reference: format!("RS{year}-{code}"),
        household: code,
        year,
        area,
        class,
        decision_no: format!("{}/QĐ-UBND", 101 + of.commune),
    };
    sheet::record(review, filled)
}

/// The class decided in a year. The last year gives the class of the period; before it some households had another,
/// so that there are movements to report.
pub fn class_of(scenario: &Scenario, household: usize, year: i32) -> PovertyClass {
    let class = scenario.people.households[household].class;
    if scenario.plan.reviews.years.last() == Some(&year) {
        return class;
    }
    let mut draw = Draw::new(scenario.plan.seed, "class before", household as u64);
    match (class, draw.between(0, 99)) {
        (PovertyClass::Poor, 0..=4) | (PovertyClass::NotPoor, 2) => PovertyClass::NearPoor,
        (PovertyClass::Poor, 5..=6) | (PovertyClass::NearPoor, 13..=14) => PovertyClass::NotPoor,
        (PovertyClass::NearPoor, 0..=12) | (PovertyClass::NotPoor, 0..=1) => PovertyClass::Poor,
        _ => class,
    }
}
