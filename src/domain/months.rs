//! Months of support, in halves: a pupil who starts in mid-month is paid for half of it.

use super::whole;
use crate::messages::{Code, Message};

/// A number of half months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HalfMonths(pub i16);

impl HalfMonths {
    /// Reads `4`, `4.5` or `4,5`.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let wrong = || Message::new(Code::NotANumber).with("value", text).with("expected", "4 or 4.5");
        let (whole, half) = match text.split_once(['.', ',']) {
            None | Some((_, "0")) => (text.split(['.', ',']).next().unwrap_or(text), 0),
            Some((whole, "5")) => (whole, 1),
            Some(_) => return Err(wrong()),
        };
        let whole: i16 = whole::parse(whole).ok_or_else(wrong)?;
        if !(0..=24).contains(&whole) || (whole, half) == (0, 0) {
            return Err(Message::new(Code::NumberRange).with("from", "0.5").with("to", 24));
        }
        Ok(Self(whole * 2 + half))
    }

    /// The number as people write it.
    pub fn text(self) -> String {
        if self.0 % 2 == 0 { (self.0 / 2).to_string() } else { format!("{}.5", self.0 / 2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_and_written() {
        assert_eq!(HalfMonths::parse("4.5"), Ok(HalfMonths(9)));
        assert_eq!(HalfMonths::parse("5"), Ok(HalfMonths(10)));
        assert_eq!(HalfMonths(9).text(), "4.5");
        assert!(HalfMonths::parse("4.25").is_err());
        assert!(HalfMonths::parse("0").is_err());
        assert!(HalfMonths::parse("-1").is_err());
        assert!(HalfMonths::parse("+4").is_err() && HalfMonths::parse("04.5").is_err());
    }
}
