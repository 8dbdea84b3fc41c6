//! The files of administrative units and successions: read, checked, each fault named by its line.

use chrono::NaiveDate;
use entity::codes::{SuccessionKind, UnitLevel};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    domain::text::clean,
    error::{Error, Result},
    messages::{Code, Fault, Message},
};

/// The list shipped with the program: both eras, 14,149 units.
pub const SHIPPED_UNITS: &[u8] = include_bytes!("../../data/units/units.csv");
/// The successions of 1 July 2025 shipped with the program.
pub const SHIPPED_SUCCESSIONS: &[u8] = include_bytes!("../../data/units/successions.csv");

/// The first day of a unit whose list gives none.
pub const BEGINNING: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day of the calendar");

/// Faults named at once; a file of another kind would give one a line.
const MOST_FAULTS: usize = 20;

/// One line of the list of units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Line of the file, from 1.
    pub line: u64,
    /// Level.
    pub level: UnitLevel,
    /// Code.
    pub code: String,
    /// Official name with its type, NFC.
    pub name: String,
    /// Type in lower case.
    pub kind: String,
    /// Code of the unit above; empty for a province.
    pub parent_code: String,
    /// First day; [`BEGINNING`] where the list gives none.
    pub valid_from: NaiveDate,
    /// Last day, where the list gives one.
    pub valid_to: Option<NaiveDate>,
}

/// One line of the list of successions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Line of the file, from 1.
    pub line: u64,
    /// Level and code of the unit that ended.
    pub old: (UnitLevel, String),
    /// Level and code of the unit that followed.
    pub new: (UnitLevel, String),
    /// Whole or part.
    pub kind: SuccessionKind,
    /// Whether it took the larger share.
    pub is_default: bool,
    /// First day under the new unit, where the list gives it.
    pub effective_on: Option<NaiveDate>,
    /// Resolution or decision, where the list gives it.
    pub legal_basis: Option<String>,
}

#[derive(Deserialize)]
struct UnitLine {
    level: String,
    code: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    parent_code: String,
    valid_from: String,
    valid_to: String,
}

#[derive(Deserialize)]
struct SuccessionLine {
    old_level: String,
    old_code: String,
    new_level: String,
    new_code: String,
    kind: String,
    is_default: String,
    #[serde(default)]
    effective_on: String,
    #[serde(default)]
    legal_basis: String,
}

/// The faults of a file. Only the first few are named.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault of a line.
    pub fn add(&mut self, line: u64, field: &str, message: impl Into<Message>) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault::at(format!("line {line}, {field}"), message));
        }
    }

    /// The error they make, if there is any.
    pub fn refuse(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::faulty(self.0)) }
    }
}

/// How many digits a code of a level has.
pub fn code_length(level: UnitLevel) -> usize {
    match level {
        UnitLevel::Province => 2,
        UnitLevel::District => 3,
        UnitLevel::Commune => 5,
    }
}

/// Reads the list of units.
pub fn read_units(csv: &[u8]) -> Result<Vec<Unit>> {
    let mut faults = Faults::default();
    let mut units = Vec::new();
    for (line, row) in rows::<UnitLine>(csv)? {
        let Some(level) = level(&row.level) else {
            faults.add(line, "level", not_in_list(&row.level, "province, district, commune"));
            continue;
        };
        check_code(&mut faults, line, "code", level, &row.code);
        let name = clean(&row.name);
        if name.is_empty() {
            faults.add(line, "name", Code::Required);
        }
        let valid_from = day(&mut faults, line, "valid_from", &row.valid_from).unwrap_or(BEGINNING);
        let valid_to = day(&mut faults, line, "valid_to", &row.valid_to);
        if valid_to.is_some_and(|end| end < valid_from) {
            faults.add(line, "valid_to", Message::new(Code::PeriodBackwards).with("from", valid_from));
        }
        let kind = clean(&row.kind).to_lowercase();
        units.push(Unit {
            line,
            level,
            code: row.code,
            name,
            kind,
            parent_code: row.parent_code,
            valid_from,
            valid_to,
        });
    }
    faults.refuse()?;
    Ok(units)
}

/// Reads the list of successions.
pub fn read_successions(csv: &[u8]) -> Result<Vec<Succession>> {
    let mut faults = Faults::default();
    let mut successions = Vec::new();
    for (line, row) in rows::<SuccessionLine>(csv)? {
        let (Some(old_level), Some(new_level)) = (level(&row.old_level), level(&row.new_level)) else {
            faults.add(line, "old_level, new_level", not_in_list(&row.old_level, "province, district, commune"));
            continue;
        };
        check_code(&mut faults, line, "old_code", old_level, &row.old_code);
        check_code(&mut faults, line, "new_code", new_level, &row.new_code);
        let kind = match row.kind.as_str() {
            "whole" => SuccessionKind::Whole,
            "part" => SuccessionKind::Part,
            other => {
                faults.add(line, "kind", not_in_list(other, "whole, part"));
                continue;
            }
        };
        let effective_on = day(&mut faults, line, "effective_on", &row.effective_on);
        successions.push(Succession {
            line,
            old: (old_level, row.old_code),
            new: (new_level, row.new_code),
            kind,
            is_default: row.is_default == "true",
            effective_on,
            legal_basis: Some(clean(&row.legal_basis)).filter(|basis| !basis.is_empty()),
        });
    }
    faults.refuse()?;
    Ok(successions)
}

fn rows<T: DeserializeOwned>(csv: &[u8]) -> Result<Vec<(u64, T)>> {
    let csv = csv.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let headers = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.deserialize(Some(&headers)).map_err(|error| unreadable(&error))?));
    }
    Ok(rows)
}

fn unreadable(error: &csv::Error) -> Error {
    Error::invalid(Message::new(Code::BadUserInput).with("reason", error)).caused_by(error.to_string())
}

fn level(name: &str) -> Option<UnitLevel> {
    match name {
        "province" => Some(UnitLevel::Province),
        "district" => Some(UnitLevel::District),
        "commune" => Some(UnitLevel::Commune),
        _ => None,
    }
}

fn check_code(faults: &mut Faults, line: u64, field: &str, level: UnitLevel, code: &str) {
    let length = code_length(level);
    if code.len() != length || !code.bytes().all(|b| b.is_ascii_digit()) {
        let expected = "0".repeat(length);
        faults.add(line, field, Message::new(Code::CodeFormat).with("value", code).with("expected", expected));
    }
}

fn day(faults: &mut Faults, line: u64, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    if day.is_none() {
        faults.add(line, field, Message::new(Code::NotADate).with("value", text));
    }
    day
}

fn not_in_list(value: &str, allowed: &'static str) -> Message {
    Message::new(Code::NotInList).with("value", value).with("allowed", allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_are_whole() {
        assert_eq!(read_units(SHIPPED_UNITS).unwrap().len(), 14_149);
        assert_eq!(read_successions(SHIPPED_SUCCESSIONS).unwrap().len(), 10_665);
    }

    #[test]
    fn a_fault_names_its_line_and_field() {
        let list = "level,code,name,type,parent_code,valid_from,valid_to\n\
                    province,01,Tỉnh A,tỉnh,,,\nprovince,1,Tỉnh B,tỉnh,,2025-02-30,\n";

        let error = read_units(list.as_bytes()).unwrap_err();

        let fields: Vec<_> = error.faults().iter().filter_map(|fault| fault.field.as_deref()).collect();
        assert_eq!(fields, ["line 3, code", "line 3, valid_from"]);
    }
}
