//! How the values of the domain stand on the wire: what each accepts and how it says what is wrong.

use chrono::{Datelike, NaiveDate};
use entity::codes::{Area, ElectricityGroup, FamilyRelation, PovertyClass, Sex};
use sea_orm::ActiveEnum;

use super::{
    raw::Cell,
    record::{FieldType, Form, Site, Value, shorten, wrong_type},
};
use crate::{
    domain::{
        card_number::CardNumber, months::HalfMonths, personal_id::PersonalId, poverty::Indicator,
        school_year::SchoolYear, text, vnd::Vnd, whole,
    },
    messages::{Code, Message},
};

/// Text in NFC, cleaned of surplus spaces, of at most `MOST` characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MOST: usize>(pub String);

impl<const MOST: usize> Text<MOST> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a cell, for values that are written as text.
fn text_of(cell: Cell, expected: &str, site: &mut Site<'_>) -> Option<String> {
    let Cell::Text(received) = cell else {
        site.fault(wrong_type(expected, &cell));
        return None;
    };
    // Tabs and line ends within a field are spaces to us; every other control character is a fault.
    if received.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        site.fault(Code::ControlCharacter);
        return None;
    }
    let clean = text::clean(&received);
    if clean.is_empty() {
        site.fault(Code::Required);
        return None;
    }
    Some(clean)
}

/// The digits of a number, whether it came as a number or as text.
fn number_of(cell: Cell, expected: &str, site: &mut Site<'_>) -> Option<String> {
    match cell {
        Cell::Int(number) => Some(number.to_string()),
        Cell::Number(literal) => Some(literal),
        other => text_of(other, expected, site),
    }
}

fn noted<T>(result: Result<T, Message>, site: &mut Site<'_>) -> Option<T> {
    result.map_err(|message| site.fault(message)).ok()
}

impl<const MOST: usize> Value for Text<MOST> {
    const TYPE: FieldType = FieldType::Text(MOST);

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let clean = text_of(cell, "text", site)?;
        if clean.chars().count() > MOST {
            site.fault(Message::new(Code::TooLong).with("limit", MOST));
            return None;
        }
        Some(Self(clean))
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.0.clone())
    }
}

impl Value for Vnd {
    const TYPE: FieldType = FieldType::Amount;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let digits = number_of(cell, "a whole number of VND", site)?;
        let Some(amount) = whole::parse::<i64>(&digits) else {
            let too_large = digits.len() > 15 && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
            let message = if too_large {
                Message::new(Code::AmountTooLarge).with("limit", Self::MOST)
            } else {
                Message::new(Code::NotAnAmount).with("value", shorten(&digits))
            };
            site.fault(message);
            return None;
        };
        if amount <= 0 {
            site.fault(Code::AmountNotPositive);
            return None;
        }
        if amount > Self::MOST {
            site.fault(Message::new(Code::AmountTooLarge).with("limit", Self::MOST));
            return None;
        }
        Some(Self(amount))
    }

    fn cell(&self) -> Cell {
        Cell::Int(self.0)
    }
}

impl Value for NaiveDate {
    const TYPE: FieldType = FieldType::Date;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let written = text_of(cell, "a date YYYY-MM-DD", site)?;
        noted(date(&written), site)
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
}

/// Reads `YYYY-MM-DD`; a date in another common form gets a suggestion.
pub fn date(written: &str) -> Result<NaiveDate, Message> {
    let iso = written.len() == 10
        && written.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !iso {
        let meant = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"]
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(written, form).ok());
        return Err(meant.map_or_else(
            || Message::new(Code::NotADate).with("value", shorten(written)),
            |day| Message::new(Code::DateFormat).with("value", shorten(written)).with("suggestion", day),
        ));
    }
    let day = NaiveDate::parse_from_str(written, "%Y-%m-%d")
        .map_err(|_| Message::new(Code::NotADate).with("value", written))?;
    if !(1900..2100).contains(&day.year()) {
        return Err(Message::new(Code::DateRange).with("from", "1900-01-01").with("to", "2099-12-31"));
    }
    Ok(day)
}

/// A whole number between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const FROM: i64, const TO: i64>(pub i64);

impl<const FROM: i64, const TO: i64> Whole<FROM, TO> {
    /// The number as a small integer; the bounds of every use fit.
    pub fn small(self) -> i16 {
        i16::try_from(self.0).unwrap_or(i16::MAX)
    }

    /// The number as an integer; the bounds of every use fit.
    pub fn int(self) -> i32 {
        i32::try_from(self.0).unwrap_or(i32::MAX)
    }
}

impl<const FROM: i64, const TO: i64> Value for Whole<FROM, TO> {
    const TYPE: FieldType = FieldType::Whole(FROM, TO);

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let digits = number_of(cell, "a whole number", site)?;
        let Some(number) = whole::parse::<i64>(&digits) else {
            let wanted = "a whole number in digits, without zeros in front";
            site.fault(Message::new(Code::NotANumber).with("value", shorten(&digits)).with("expected", wanted));
            return None;
        };
        if !(FROM..=TO).contains(&number) {
            site.fault(Message::new(Code::NumberRange).with("from", FROM).with("to", TO));
            return None;
        }
        Some(Self(number))
    }

    fn cell(&self) -> Cell {
        Cell::Int(self.0)
    }
}

/// A decimal number kept in thousandths, between 0 and a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thousandths(pub i64);

impl Thousandths {
    /// The number as people write it.
    pub fn text(self) -> String {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}").trim_end_matches('0').to_owned() }
    }
}

impl Value for Thousandths {
    const TYPE: FieldType = FieldType::Decimal;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let written = number_of(cell, "a decimal number", site)?;
        let (whole, rest) = written.split_once(['.', ',']).unwrap_or((&written, "0"));
        let places = (1..=3).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit());
        if whole.len() > 6 || whole::parse::<u32>(whole).is_none() || !places {
            let wanted = "a decimal number with at most 3 places, as 6.6";
            site.fault(Message::new(Code::NotANumber).with("value", shorten(&written)).with("expected", wanted));
            return None;
        }
        format!("{whole}{rest:0<3}").parse().ok().map(Self)
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.text())
    }
}

macro_rules! parsed_text {
    ($($type:ty, $most:literal, $pattern:expr, $parse:expr, $write:expr;)+) => {$(
        impl Value for $type {
            const TYPE: FieldType = FieldType::Form(&Form { most: $most, pattern: $pattern });

            fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
                let written = text_of(cell, "text", site)?;
                let parse: fn(&str) -> Result<$type, Message> = $parse;
                noted(parse(&written), site)
            }

            fn cell(&self) -> Cell {
                let write: fn(&$type) -> String = $write;
                Cell::Text(write(self))
            }
        }
    )+};
}

parsed_text! {
    PersonalId, 12, PersonalId::PATTERN, PersonalId::parse, |id| id.as_str().to_owned();
    CardNumber, 20, CardNumber::PATTERN, CardNumber::parse, |number| number.as_str().to_owned();
    SchoolYear, 9, "^20[0-9]{2}-2[01][0-9]{2}$", SchoolYear::parse, |year| year.text();
    UnitCode, 5, "^[0-9]{5}$", UnitCode::parse, |code| code.0.clone();
    AreaCode, 5, "^([0-9]{2}|[0-9]{3}|[0-9]{5})$", AreaCode::parse, |code| code.0.clone();
    EthnicityCode, 2, "^(0[1-9]|[1-4][0-9]|5[0-5])$", EthnicityCode::parse, |code| code.0.clone();
    GroupCode, 2, "^[A-Za-z]{2}$", GroupCode::parse, |code| code.0.clone();
}

impl Value for HalfMonths {
    const TYPE: FieldType = FieldType::Decimal;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let written = number_of(cell, "a number of months", site)?;
        noted(Self::parse(&written), site)
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.text())
    }
}

impl Value for Indicator {
    const TYPE: FieldType = FieldType::Code(Self::SLUGS);

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let written = text_of(cell, "text", site)?;
        let found = Self::parse(&written);
        if found.is_none() {
            site.fault(not_in_list(&written, Self::SLUGS));
        }
        found
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.slug().to_owned())
    }
}

/// Code of a commune: 5 digits. Whether it exists on the day is looked up later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitCode(pub String);

impl UnitCode {
    fn parse(written: &str) -> Result<Self, Message> {
        let digits = written.len() == 5 && written.bytes().all(|b| b.is_ascii_digit());
        digits
            .then(|| Self(written.to_owned()))
            .ok_or_else(|| Message::new(Code::CodeFormat).with("value", shorten(written)).with("expected", "01969"))
    }
}

/// Code of a unit of any level: 2 digits of a province, 3 of a district, 5 of a commune.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AreaCode(pub String);

impl AreaCode {
    fn parse(written: &str) -> Result<Self, Message> {
        let digits = [2, 3, 5].contains(&written.len()) && written.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Self(written.to_owned())).ok_or_else(|| {
            Message::new(Code::CodeFormat).with("value", shorten(written)).with("expected", "06, 063, 01969")
        })
    }
}

/// National code of an ethnicity, 01 to 55 (55: foreigner).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthnicityCode(pub String);

impl EthnicityCode {
    fn parse(written: &str) -> Result<Self, Message> {
        let digits = written.len() == 2 && written.bytes().all(|b| b.is_ascii_digit());
        let known = digits && ("01"..="55").contains(&written);
        known
            .then(|| Self(written.to_owned()))
            .ok_or_else(|| Message::new(Code::CodeFormat).with("value", shorten(written)).with("expected", "01 … 55"))
    }
}

/// Group of a health-insurance card: two letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCode(pub String);

impl GroupCode {
    fn parse(written: &str) -> Result<Self, Message> {
        let code = written.to_ascii_uppercase();
        let letters = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        letters
            .then_some(Self(code))
            .ok_or_else(|| Message::new(Code::CodeFormat).with("value", shorten(written)).with("expected", "HN"))
    }
}

macro_rules! code_values {
    ($($type:ty: $($code:literal)+;)+) => {$(
        impl Value for $type {
            const TYPE: FieldType = FieldType::Code(&[$($code),+]);

            fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
                let written = text_of(cell, "text", site)?;
                let found = Self::try_from_value(&written).ok();
                if found.is_none() {
                    site.fault(not_in_list(&written, &[$($code),+]));
                }
                found
            }

            fn cell(&self) -> Cell {
                Cell::Text(self.to_value())
            }
        }
    )+};
}

code_values! {
    Area: "RURAL" "URBAN";
    Sex: "MALE" "FEMALE";
    PovertyClass: "POOR" "NEAR_POOR" "AVERAGE_LIVING_STANDARD" "NOT_POOR";
    ElectricityGroup: "POOR" "SOCIAL_POLICY" "OFF_GRID";
    FamilyRelation: "HEAD" "SPOUSE" "CHILD" "PARENT" "GRANDCHILD" "GRANDPARENT" "SIBLING" "OTHER";
}

fn not_in_list(written: &str, allowed: &[&str]) -> Message {
    Message::new(Code::NotInList).with("value", shorten(written)).with("allowed", allowed.join(", "))
}

#[cfg(test)]
mod tests;
