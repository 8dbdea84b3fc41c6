//! The number of a health-insurance card, Decision 1351/QĐ-BHXH.

use crate::messages::{Code, Message};

/// 10 digits (cards since 04/2021), 12 digits (personal ID, since 08/2025) or the 15 characters of the old card:
/// two letters of the group, benefit level 1–5, province, social-insurance number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardNumber(String);

impl CardNumber {
    /// The form as a regular expression, without the spaces that may stand between.
    pub const PATTERN: &str = "^([0-9]{10}|[0-9]{12}|[A-Z]{2}[1-5][0-9]{12})$";

    /// Reads a number, with the spaces that cards print between the boxes dropped.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let bytes = text.as_bytes();
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let well_formed = match bytes.len() {
            10 | 12 => digits(bytes),
            15 => {
                bytes[..2].iter().all(u8::is_ascii_uppercase)
                    && (b'1'..=b'5').contains(&bytes[2])
                    && digits(&bytes[3..])
            }
            _ => false,
        };
        if well_formed { Ok(Self(text)) } else { Err(Code::CardNumberFormat.into()) }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_read() {
        for number in ["HN2061234567890", "1234567890", "006190000123", "hn 2 06 1234567890"] {
            assert!(CardNumber::parse(number).is_ok(), "{number}");
        }
        for number in ["HN6061234567890", "123", "HN206123456789X"] {
            assert!(CardNumber::parse(number).is_err(), "{number}");
        }
    }
}
