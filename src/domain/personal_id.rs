//! The personal identification number (số định danh cá nhân), Decree 137/2015 and Circular 07/2016/TT-BCA.

use entity::codes::Sex;
use serde::{Deserialize, Serialize};

use crate::messages::{Code, Message};

/// 12 digits: 3 of the province of birth registration, 1 of century and sex, 2 of the year of birth, 6 random. There is
/// no check digit. Numbers do not change when provinces merge.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonalId(String);

/// The 63 province codes of birth registration, as they were until 2025.
const PROVINCES: [u8; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
];

impl PersonalId {
    /// The form as a regular expression: a province of the list or a country, then nine digits.
    pub const PATTERN: &str = "^(0(0[12468]|1[0124579]|2[024567]|3[01345678]|4[0245689]|5[12468]|6[024678]|7[024579]|8[0234679]|9[123456])|[1-9][0-9]{2})[0-9]{9}$";

    /// Reads a number; says what is wrong and, for the zero that Excel drops, what was meant.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if digits && text.len() == 11 {
            return Err(Message::new(Code::PersonalIdMissingZero).with("suggestion", format!("0{text}")));
        }
        if !digits || text.len() != 12 {
            return Err(Code::PersonalIdFormat.into());
        }
        // Numbers from 100 on stand for countries of birth.
        let province: u16 = text[..3].parse().unwrap_or_default();
        if province < 100 && !u8::try_from(province).is_ok_and(|code| PROVINCES.contains(&code)) {
            return Err(Message::new(Code::PersonalIdProvince).with("value", &text[..3]));
        }
        Ok(Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sex and year of birth as the number states them.
    pub fn sex_and_birth_year(&self) -> (Sex, i16) {
        let digit = |at: usize| i16::from(self.0.as_bytes()[at] - b'0');
        let sex = if digit(3) % 2 == 0 { Sex::Male } else { Sex::Female };
        (sex, 1900 + 100 * (digit(3) / 2) + 10 * digit(4) + digit(5))
    }
}

/// A number for those who need not know it: the first three and the last three digits.
pub fn mask(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() <= 6 {
        return "*".repeat(chars.len());
    }
    chars.iter().enumerate().map(|(i, c)| if (3..chars.len() - 3).contains(&i) { '*' } else { *c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_states_sex_and_birth_year() {
        assert_eq!(PersonalId::parse("006190000123").unwrap().sex_and_birth_year(), (Sex::Female, 1990));
        assert_eq!(PersonalId::parse("006215000123").unwrap().sex_and_birth_year(), (Sex::Male, 2015));
    }

    #[test]
    fn eleven_digits_suggest_the_zero_that_excel_dropped() {
        let wrong = PersonalId::parse("6190000123").unwrap_err();
        assert_eq!(wrong.code, Code::PersonalIdFormat);
        let wrong = PersonalId::parse("06190000123").unwrap_err();
        assert_eq!(wrong.params["suggestion"], "006190000123");
    }

    #[test]
    fn a_number_needs_a_province_of_the_old_list() {
        assert_eq!(PersonalId::parse("003190000123").unwrap_err().code, Code::PersonalIdProvince);
        assert!(PersonalId::parse("107190000123").is_ok(), "born abroad");
    }

    #[test]
    fn the_pattern_lists_the_same_provinces() {
        let mut tens: Vec<(u8, String)> = Vec::new();
        for code in PROVINCES {
            match tens.last_mut() {
                Some((ten, ones)) if *ten == code / 10 => ones.push(char::from(b'0' + code % 10)),
                _ => tens.push((code / 10, (code % 10).to_string())),
            }
        }
        let provinces: Vec<String> = tens.iter().map(|(ten, ones)| format!("{ten}[{ones}]")).collect();
        assert_eq!(PersonalId::PATTERN, format!("^(0({})|[1-9][0-9]{{2}})[0-9]{{9}}$", provinces.join("|")));
    }

    #[test]
    fn a_mask_keeps_three_digits_at_each_end() {
        assert_eq!(mask("006190000123"), "006******123");
        assert_eq!(mask("12345"), "*****");
    }
}
