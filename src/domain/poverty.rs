//! Deprivation indicators and the class that follows from the scores.

use entity::codes::PovertyClass;
use entity::poverty_standard;

/// A basic social service a household can lack. Each has a bit of its own that never changes meaning; which of them
/// count is said by the standard of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indicator(usize);

/// Slugs by bit. New indicators are added at the end.
const SLUGS: [&str; 14] = [
    "employment",
    "dependents",
    "nutrition",
    "health_insurance",
    "adult_education",
    "child_school",
    "housing_quality",
    "housing_area",
    "clean_water",
    "toilet",
    "telecom",
    "information_means",
    "health_service",
    "waste_treatment",
];

impl Indicator {
    /// Every slug, in the order of the bits.
    pub const SLUGS: &'static [&'static str] = &SLUGS;

    /// The indicator of a slug.
    pub fn parse(slug: &str) -> Option<Self> {
        SLUGS.iter().position(|s| *s == slug).map(Self)
    }

    /// Its bit.
    pub fn bit(self) -> i32 {
        1 << self.0
    }

    /// Its slug.
    pub fn slug(self) -> &'static str {
        SLUGS[self.0]
    }

    /// The indicators of a set of bits.
    pub fn of_bits(bits: i32) -> impl Iterator<Item = Self> {
        (0..SLUGS.len()).map(Self).filter(move |indicator| bits & indicator.bit() != 0)
    }
}

/// The class that the two scores give under a standard (Circular 07/2021/TT-BLĐTBXH; for 2016–2021 Circular 17/2016).
pub fn classify(standard: &poverty_standard::Model, score_b1: i16, score_b2: i16) -> PovertyClass {
    let deprived = score_b2 >= standard.deprivation_line;
    if let Some(upper) = standard.upper_score_line {
        return match score_b1 {
            b1 if b1 <= standard.score_line => PovertyClass::Poor,
            b1 if b1 <= upper && deprived => PovertyClass::Poor,
            b1 if b1 <= upper => PovertyClass::NearPoor,
            _ => PovertyClass::NotPoor,
        };
    }
    match (score_b1 <= standard.score_line, deprived) {
        (true, true) => PovertyClass::Poor,
        (true, false) => PovertyClass::NearPoor,
        (false, _) => PovertyClass::NotPoor,
    }
}

/// The stored name of a class, as it stands in filters and messages.
pub fn class_name(class: PovertyClass) -> &'static str {
    match class {
        PovertyClass::Poor => "POOR",
        PovertyClass::NearPoor => "NEAR_POOR",
        PovertyClass::AverageLivingStandard => "AVERAGE_LIVING_STANDARD",
        PovertyClass::NotPoor => "NOT_POOR",
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use entity::codes::Area;

    use super::*;

    fn standard(score_line: i16, upper_score_line: Option<i16>) -> poverty_standard::Model {
        poverty_standard::Model {
            id: uuid::Uuid::nil(),
            period: String::new(),
            area: Area::Rural,
            unit_id: None,
            valid_from: NaiveDate::MIN,
            valid_to: NaiveDate::MAX,
            income_line: 1_500_000,
            upper_income_line: None,
            average_income_line: None,
            score_line,
            upper_score_line,
            deprivation_line: 30,
            indicators: String::new(),
            legal_basis: String::new(),
        }
    }

    #[test]
    fn the_standard_of_2022_has_one_line() {
        let rural = standard(140, None);
        assert_eq!(classify(&rural, 140, 30), PovertyClass::Poor);
        assert_eq!(classify(&rural, 140, 20), PovertyClass::NearPoor);
        assert_eq!(classify(&rural, 141, 120), PovertyClass::NotPoor);
    }

    #[test]
    fn the_standard_of_2016_has_two_lines() {
        let rural = standard(120, Some(150));
        assert_eq!(classify(&rural, 120, 0), PovertyClass::Poor);
        assert_eq!(classify(&rural, 150, 30), PovertyClass::Poor);
        assert_eq!(classify(&rural, 150, 20), PovertyClass::NearPoor);
        assert_eq!(classify(&rural, 151, 100), PovertyClass::NotPoor);
    }

    #[test]
    fn bits_and_slugs_go_both_ways() {
        let bits = Indicator::parse("toilet").unwrap().bit() | Indicator::parse("employment").unwrap().bit();
        assert_eq!(Indicator::of_bits(bits).map(Indicator::slug).collect::<Vec<_>>(), ["employment", "toilet"]);
    }
}
