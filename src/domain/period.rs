//! Days on which something holds: the one meaning of `valid_from` and `valid_to`.

use chrono::NaiveDate;

/// From a first day to a last, both of them included. Without a first day it has always held, without a last it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// A period, as records state it.
    pub fn new(from: impl Into<Option<NaiveDate>>, to: impl Into<Option<NaiveDate>>) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    /// Whether a day is one of them.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the two have a day in common.
    pub fn overlaps(self, other: Self) -> bool {
        let begins_before_end = |one: Self, other: Self| one.from.zip(other.to).is_none_or(|(from, to)| from <= to);
        begins_before_end(self, other) && begins_before_end(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn both_ends_belong_to_a_period_and_may_be_open() {
        let quarter = Period::new(day("2022-04-01"), day("2022-06-30"));
        assert!(quarter.contains(day("2022-04-01")) && quarter.contains(day("2022-06-30")));
        assert!(!quarter.contains(day("2022-03-31")) && !quarter.contains(day("2022-07-01")));
        assert!(Period::new(None, day("2022-06-30")).contains(day("1900-01-01")));
        assert!(Period::new(day("2022-04-01"), None).contains(day("2100-01-01")));
        assert!(Period::default().contains(day("2022-04-01")));
    }

    #[test]
    fn periods_overlap_where_they_share_a_day() {
        let quarter = Period::new(day("2022-04-01"), day("2022-06-30"));
        assert!(quarter.overlaps(Period::new(day("2022-06-30"), None)));
        assert!(quarter.overlaps(Period::new(None, day("2022-04-01"))));
        assert!(!quarter.overlaps(Period::new(day("2022-07-01"), day("2022-09-30"))));
        assert!(quarter.overlaps(Period::default()));
    }
}
