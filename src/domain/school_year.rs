//! School years, which begin in September and are named by both calendar years.

use chrono::NaiveDate;

use super::whole;
use crate::messages::{Code, Message};

/// A school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchoolYear(i32);

impl SchoolYear {
    /// Reads `2021-2022`.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let wrong = || Message::new(Code::CodeFormat).with("value", text).with("expected", "2021-2022");
        let (first, second) = text.split_once('-').ok_or_else(wrong)?;
        match (whole::parse::<i32>(first.trim()), whole::parse::<i32>(second.trim())) {
            (Some(first), Some(second)) if (2000..2100).contains(&first) && second == first + 1 => Ok(Self(first)),
            _ => Err(wrong()),
        }
    }

    /// The name.
    pub fn text(self) -> String {
        format!("{}-{}", self.0, self.0 + 1)
    }

    /// A day on which a pupil of the given semester is in school: 1 October, 1 March; the first without a semester.
    pub fn reference_day(self, semester: Option<i16>) -> Option<NaiveDate> {
        match semester {
            Some(2) => NaiveDate::from_ymd_opt(self.0 + 1, 3, 1),
            _ => NaiveDate::from_ymd_opt(self.0, 10, 1),
        }
    }
}
