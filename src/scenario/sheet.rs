//! Invented review sheets: scores and deprivations that give a class under every standard that may be asked.

use chrono::NaiveDate;
use entity::{
    codes::{Area, PovertyClass},
    poverty_standard,
};

use super::{draw::Draw, record::Fields};
use crate::{
    domain::poverty::class_name,
    exchange::raw::{Cell, RawRecord},
    rules::Rules,
};

/// Scores of one household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Points of B1.
    pub b1: i64,
    /// Points of B2.
    pub b2: i64,
    /// Slugs of the deprived indicators, ten points each.
    pub deprivations: Vec<String>,
}

/// One review on its way to the wire.
#[derive(Clone, Debug)]
pub struct Review {
    /// The sender's reference.
    pub reference: String,
    /// The household.
    pub household: String,
    /// Year of the review.
    pub year: i32,
    /// Which sheet.
    pub area: Area,
    /// Class by decision.
    pub class: PovertyClass,
    /// Number of the decision.
    pub decision_no: String,
}

/// The day on which the yearly round ends (Decision 24/2021/QĐ-TTg: 14 December).
pub fn decided_on(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 14).unwrap_or_default()
}

/// The standards a review of a year may be read under: that of the decision and that of the year it governs.
pub fn standards(rules: &Rules, area: Area, year: i32) -> Vec<&poverty_standard::Model> {
    let days = [decided_on(year), NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap_or_default()];
    days.iter().filter_map(|day| rules.standard(area, *day, None)).collect()
}

/// A sheet that gives the class under each of the standards.
pub fn fill(standards: &[&poverty_standard::Model], class: PovertyClass, draw: &mut Draw) -> Sheet {
    let line = |of: fn(&poverty_standard::Model) -> i16| standards.iter().map(move |s| i64::from(of(s)));
    let upper = |s: &poverty_standard::Model| s.upper_score_line.unwrap_or(s.score_line);
    let deprived = line(|s| s.deprivation_line).max().unwrap_or_default();
    let clear = (line(|s| s.deprivation_line).min().unwrap_or_default() - 10).max(0);
    let (b1, b2) = match class {
        PovertyClass::Poor => {
            let most = line(|s| s.score_line).min().unwrap_or_default();
            (draw.between(most - 50, most), draw.between(deprived / 10, deprived / 10 + 3) * 10)
        }
        PovertyClass::NearPoor => {
            let two_lines = standards.iter().filter(|s| s.upper_score_line.is_some());
            let most = line(upper).min().unwrap_or_default();
            let least = two_lines.map(|s| i64::from(s.score_line) + 1).max().unwrap_or(most - 30);
            (draw.between(least, most), draw.between(0, clear / 10) * 10)
        }
        PovertyClass::AverageLivingStandard | PovertyClass::NotPoor => {
            let least = line(upper).max().unwrap_or_default() + 1;
            (draw.between(least, least + 60), draw.between(0, clear / 10) * 10)
        }
    };
    Sheet { b1, b2, deprivations: deprivations(standards, b2 / 10, draw) }
}

/// That many indicators which all the standards know.
fn deprivations(standards: &[&poverty_standard::Model], count: i64, draw: &mut Draw) -> Vec<String> {
    let known = |slug: &str| standards.iter().all(|s| s.indicators.split(',').any(|own| own == slug));
    let mut slugs: Vec<&str> =
        standards.first().map(|s| s.indicators.split(',').filter(|slug| known(slug)).collect()).unwrap_or_default();
    let mut chosen = Vec::new();
    for _ in 0..count {
        if slugs.is_empty() {
            break;
        }
        let last = i64::try_from(slugs.len()).unwrap_or(i64::MAX) - 1;
        chosen.push(slugs.swap_remove(usize::try_from(draw.between(0, last)).unwrap_or_default()).to_owned());
    }
    chosen
}

/// The review as the wire has it.
pub fn record(review: Review, sheet: Sheet) -> RawRecord {
    let deprivations = sheet.deprivations.into_iter().map(Cell::Text).collect();
    Fields::new()
        .text("reference", review.reference)
        .text("householdCode", review.household)
        .int("year", i64::from(review.year))
        .text("area", area_name(review.area))
        .int("scoreB1", sheet.b1)
        .int("scoreB2", sheet.b2)
        .cell("deprivations", Cell::List(deprivations))
        .text("decidedClass", class_name(review.class))
        .text("decisionNo", review.decision_no)
        .day("decidedOn", decided_on(review.year))
        .build()
}

/// The stored name of an area.
pub fn area_name(area: Area) -> &'static str {
    match area {
        Area::Rural => "RURAL",
        Area::Urban => "URBAN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::poverty::classify;

    #[test]
    fn a_sheet_gives_its_class_under_each_standard() {
        let rules = Rules::shipped().unwrap();
        for (year, area) in [(2020, Area::Rural), (2021, Area::Urban), (2021, Area::Rural), (2025, Area::Urban)] {
            let standards = standards(&rules, area, year);
            assert_eq!(standards.len(), 2);
            for class in [PovertyClass::Poor, PovertyClass::NearPoor, PovertyClass::NotPoor] {
                for index in 0..200 {
                    let sheet = fill(&standards, class, &mut Draw::new(3, "sheet", index));
                    let (b1, b2) = (i16::try_from(sheet.b1).unwrap(), i16::try_from(sheet.b2).unwrap());
                    for standard in &standards {
                        assert_eq!(classify(standard, b1, b2), class, "{year} {area:?} {sheet:?}");
                    }
                    assert_eq!(sheet.deprivations.len(), usize::try_from(sheet.b2 / 10).unwrap());
                }
            }
        }
    }
}
