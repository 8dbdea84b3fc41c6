//! What a household is on a day: its class by the list that governs the day, and whether it has newly escaped.

use chrono::{Months, NaiveDate};
use entity::{codes::PovertyClass, programme};

use crate::{
    domain::{period::Period, poverty::class_name},
    messages::{Code, Message},
};

/// Months after leaving the lists in which a household counts as newly escaped (Decision 28/2015/QĐ-TTg).
const NEWLY_ESCAPED_MONTHS: u32 = 36;

/// Word in a programme's list of classes for households that left the lists at most 36 months ago.
const NEWLY_ESCAPED: &str = "NEWLY_ESCAPED";

/// A review as far as a day's class needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassPeriod {
    /// Class by decision.
    pub class: PovertyClass,
    /// Day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// First day it governs.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// What a household is on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Class; none where no review governs the day.
    pub class: Option<PovertyClass>,
    /// Left the poor or near-poor list at most 36 months ago.
    pub newly_escaped: bool,
}

impl Standing {
    /// The standing on a day, from all reviews of the household in any order.
    pub fn on(day: NaiveDate, periods: &[ClassPeriod]) -> Self {
        let Some(current) = periods.iter().find(|period| Period::new(period.from, period.to).contains(day)) else {
            return Self::default();
        };
        Self { class: Some(current.class), newly_escaped: !is_listed(current.class) && escaped(day, periods) }
    }

    /// The doubt that a payment of a programme on a day raises; none where the household is entitled or class does not
    /// decide.
    pub fn doubt(self, programme: &programme::Model, day: NaiveDate) -> Option<Message> {
        let eligible: Vec<&str> = programme.eligible_classes.split(',').filter(|class| !class.is_empty()).collect();
        if eligible.is_empty() {
            return None;
        }
        let Some(class) = self.class else {
            return Some(Message::new(Code::NoReview).with("date", day));
        };
        let entitled =
            eligible.contains(&class_name(class)) || (self.newly_escaped && eligible.contains(&NEWLY_ESCAPED));
        (!entitled).then(|| {
            Message::new(Code::NotOnPoorList)
                .with("class", class_name(class))
                .with("date", day)
                .with("programme", &programme.slug)
                .with("eligible", eligible.join(", "))
        })
    }
}

fn is_listed(class: PovertyClass) -> bool {
    matches!(class, PovertyClass::Poor | PovertyClass::NearPoor)
}

/// Whether the household left the lists by a decision at most 36 months before the day.
fn escaped(day: NaiveDate, periods: &[ClassPeriod]) -> bool {
    let last_listed = periods.iter().filter(|period| is_listed(period.class) && period.to < day).max_by_key(|p| p.to);
    let Some(last_listed) = last_listed else { return false };
    let leaving = periods.iter().filter(|period| period.from > last_listed.to).min_by_key(|period| period.from);
    let left_on = leaving.and_then(|period| period.decided_on).unwrap_or(last_listed.to);
    left_on.checked_add_months(Months::new(NEWLY_ESCAPED_MONTHS)).is_some_and(|end| day <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn year(year: i32, class: PovertyClass) -> ClassPeriod {
        let of = |year: i32, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        ClassPeriod { class, decided_on: Some(of(year - 1, 12, 14)), from: of(year, 1, 1), to: of(year, 12, 31) }
    }

    #[test]
    fn a_household_counts_as_newly_escaped_for_36_months_from_the_decision() {
        let left = [
            year(2022, PovertyClass::Poor),
            year(2023, PovertyClass::NotPoor),
            year(2024, PovertyClass::NotPoor),
            year(2025, PovertyClass::NotPoor),
        ];
        assert!(Standing::on(day("2023-06-01"), &left).newly_escaped);
        assert!(Standing::on(day("2025-12-14"), &left).newly_escaped);
        assert!(!Standing::on(day("2025-12-15"), &left).newly_escaped);
        assert!(!Standing::on(day("2022-06-01"), &left).newly_escaped);
    }

    #[test]
    fn a_day_without_a_review_has_no_class() {
        assert_eq!(Standing::on(day("2021-06-01"), &[year(2022, PovertyClass::Poor)]), Standing::default());
    }
}
