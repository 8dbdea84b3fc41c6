//! Invented records in the shape of the wire: the Bạch Thông scenario, whose counts and sums are those of a printed
//! report, and synthetic data of any size. Both are streams that the caller pushes through the exchange pipeline, so
//! what they load has passed every check that an agency's push passes.

pub mod bach_thong;
pub mod draw;
pub mod names;
pub mod people;
pub mod record;
pub mod sheet;
pub mod split;
pub mod synthetic;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use entity::{administrative_unit, codes::Area};

use crate::{exchange::raw::RawRecord, units};

/// The records of one kind that one agency pushes.
pub struct Step {
    /// Role of the sender: `labour`, `commune`, `health`, `education`, `policy_bank`.
    pub role: &'static str,
    /// Kind of record, as in `/v1/{kind}`.
    pub kind: &'static str,
    /// The day on which the push is made: unit codes are those of that day.
    pub as_of: NaiveDate,
    /// How many records there are.
    pub count: u64,
    /// The records, made one at a time.
    pub records: Box<dyn Iterator<Item = RawRecord> + Send>,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Step({} {} by {})", self.count, self.kind, self.role)
    }
}

/// A commune that households are put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommuneRef {
    /// Code.
    pub code: String,
    /// Rural or urban.
    pub area: Area,
}

impl From<&administrative_unit::Model> for CommuneRef {
    fn from(commune: &administrative_unit::Model) -> Self {
        Self { code: commune.code.clone(), area: units::area_of(commune) }
    }
}

/// That many communes out of all, at even distances, so that few communes still lie in many provinces; all of them
/// where there are no more.
pub fn spread(communes: &[administrative_unit::Model], count: usize) -> Vec<CommuneRef> {
    let count = count.min(communes.len());
    (0..count).map(|place| CommuneRef::from(&communes[place * communes.len() / count])).collect()
}

/// The working days of a period: neither week-ends nor the holidays named.
fn working_days(from: NaiveDate, to: NaiveDate, holidays: &[NaiveDate]) -> Vec<NaiveDate> {
    from.iter_days()
        .take_while(|day| *day <= to)
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(day))
        .collect()
}

/// A day before another.
fn days_before(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_sub_days(Days::new(days.unsigned_abs())).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use entity::codes::UnitLevel;

    use super::*;

    #[test]
    fn communes_are_taken_at_even_distances() {
        let commune = |code: u32| administrative_unit::Model {
            id: uuid::Uuid::nil(),
            level: UnitLevel::Commune,
            code: format!("{code:05}"),
            name: String::new(),
            name_folded: String::new(),
            kind: "phường".to_owned(),
            parent_id: None,
            valid_from: NaiveDate::MIN,
            valid_to: None,
        };
        let all: Vec<_> = (0..10).map(commune).collect();

        let codes = |count| spread(&all, count).into_iter().map(|commune| commune.code).collect::<Vec<_>>();

        assert_eq!(codes(3), ["00000", "00003", "00006"]);
        assert_eq!((codes(0).len(), codes(20).len(), spread(&all, 1)[0].area), (0, 10, Area::Urban));
    }

    #[test]
    fn nobody_works_at_the_week_end_or_on_a_holiday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = working_days(day("2022-04-29"), day("2022-05-04"), &[day("2022-05-02")]);
        assert_eq!(days, [day("2022-04-29"), day("2022-05-03"), day("2022-05-04")]);
    }
}
