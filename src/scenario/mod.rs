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
