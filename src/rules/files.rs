//! The files of rules: read and checked, each fault named by its line.

use chrono::NaiveDate;
use entity::{
    base_amount,
    codes::{Area, Measure, ProgrammeKind},
    poverty_standard, programme, programme_rate,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use uuid::Uuid;

use super::Rules;
use crate::{
    domain::poverty::Indicator,
    error::{Error, Result},
    messages::{Code, Fault, Message},
};

/// The four files, as they are stored.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `poverty_standards.csv`.
    pub poverty_standards: &'a [u8],
    /// `programmes.csv`.
    pub programmes: &'a [u8],
    /// `programme_rates.csv`.
    pub programme_rates: &'a [u8],
    /// `base_amounts.csv`.
    pub base_amounts: &'a [u8],
}

/// The rules shipped with the program.
pub const SHIPPED: Files<'static> = Files {
    poverty_standards: include_bytes!("../../data/rules/poverty_standards.csv"),
    programmes: include_bytes!("../../data/rules/programmes.csv"),
    programme_rates: include_bytes!("../../data/rules/programme_rates.csv"),
    base_amounts: include_bytes!("../../data/rules/base_amounts.csv"),
};

/// The rows of the four files. Keys that only the database gives are nil.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Standards, each with the code of the province that set it; empty for a national one.
    pub poverty_standards: Vec<(String, poverty_standard::Model)>,
    /// Programmes.
    pub programmes: Vec<programme::Model>,
    /// Rates.
    pub programme_rates: Vec<programme_rate::Model>,
    /// Base amounts.
    pub base_amounts: Vec<base_amount::Model>,
}

impl Rules {
    /// The shipped rules without a database: what the generators of invented records go by. Only national standards
    /// are in it.
    ///
    /// # Errors
    /// The shipped files are tested, so there is none in practice.
    pub fn shipped() -> Result<Self> {
        let rows = read(SHIPPED)?;
        let national = rows.poverty_standards.into_iter().filter(|(unit, _)| unit.is_empty());
        let standards = national.map(|(_, standard)| standard).collect();
        Ok(Self::new(rows.programmes, rows.programme_rates, rows.base_amounts, standards))
    }
}

/// Reads the four files.
///
/// # Errors
/// Faults that name file, line and column.
pub fn read(files: Files<'_>) -> Result<Rows> {
    let mut faults = Vec::new();
    let programmes: Vec<programme::Model> =
        rows::<ProgrammeLine>("programmes.csv", files.programmes)?.into_iter().map(|(_, row)| row.into()).collect();
    let mut rates = Vec::new();
    for (line, row) in rows::<RateLine>("programme_rates.csv", files.programme_rates)? {
        if !programmes.iter().any(|programme| programme.slug == row.programme) {
            let message = Message::new(Code::UnknownProgramme).with("value", &row.programme);
            faults.push(Fault::at(place("programme_rates.csv", line, "programme"), message.with("allowed", "slug")));
        }
        rates.push(row.into());
    }
    let mut standards = Vec::new();
    for (line, row) in rows::<StandardLine>("poverty_standards.csv", files.poverty_standards)? {
        for slug in row.indicators.split(',').filter(|slug| Indicator::parse(slug).is_none()) {
            let message = Message::new(Code::NotInList).with("value", slug);
            let allowed = Indicator::SLUGS.join(", ");
            faults
                .push(Fault::at(place("poverty_standards.csv", line, "indicators"), message.with("allowed", allowed)));
        }
        standards.push((row.unit_code.clone(), row.into()));
    }
    let base_amounts =
        rows::<AmountLine>("base_amounts.csv", files.base_amounts)?.into_iter().map(|(_, row)| row.into()).collect();
    if !faults.is_empty() {
        return Err(Error::faulty(faults));
    }
    Ok(Rows { poverty_standards: standards, programmes, programme_rates: rates, base_amounts })
}

fn place(file: &str, line: u64, column: &str) -> String {
    format!("{file}, line {line}, {column}")
}

fn rows<T: DeserializeOwned>(file: &str, csv: &[u8]) -> Result<Vec<(u64, T)>> {
    let unreadable =
        |error: csv::Error| Error::invalid(Message::new(Code::BadUserInput).with("reason", format!("{file}: {error}")));
    let csv = csv.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let headers = reader.headers().map_err(unreadable)?.clone();
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.deserialize(Some(&headers)).map_err(unreadable)?));
    }
    Ok(rows)
}

#[derive(Deserialize)]
struct StandardLine {
    period: String,
    area: Area,
    unit_code: String,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    income_line: i64,
    upper_income_line: Option<i64>,
    average_income_line: Option<i64>,
    score_line: i16,
    upper_score_line: Option<i16>,
    deprivation_line: i16,
    indicators: String,
    legal_basis: String,
}

impl From<StandardLine> for poverty_standard::Model {
    fn from(line: StandardLine) -> Self {
        Self {
            id: Uuid::nil(),
            period: line.period,
            area: line.area,
            unit_id: None,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            income_line: line.income_line,
            upper_income_line: line.upper_income_line,
            average_income_line: line.average_income_line,
            score_line: line.score_line,
            upper_score_line: line.upper_score_line,
            deprivation_line: line.deprivation_line,
            indicators: line.indicators,
            legal_basis: line.legal_basis,
        }
    }
}

#[derive(Deserialize)]
struct ProgrammeLine {
    slug: String,
    kind: ProgrammeKind,
    name_vi: String,
    name_en: String,
    eligible_classes: String,
    legal_basis: String,
    valid_from: NaiveDate,
    #[serde(deserialize_with = "day_or_none")]
    valid_to: Option<NaiveDate>,
}

impl From<ProgrammeLine> for programme::Model {
    fn from(line: ProgrammeLine) -> Self {
        Self {
            slug: line.slug,
            kind: line.kind,
            name_vi: line.name_vi,
            name_en: line.name_en,
            eligible_classes: line.eligible_classes,
            legal_basis: line.legal_basis,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
        }
    }
}

#[derive(Deserialize)]
struct RateLine {
    programme: String,
    measure: Measure,
    value: i64,
    valid_from: NaiveDate,
    #[serde(deserialize_with = "day_or_none")]
    valid_to: Option<NaiveDate>,
    legal_basis: String,
}

impl From<RateLine> for programme_rate::Model {
    fn from(line: RateLine) -> Self {
        Self {
            id: Uuid::nil(),
            programme: line.programme,
            measure: line.measure,
            value: line.value,
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            legal_basis: line.legal_basis,
        }
    }
}

#[derive(Deserialize)]
struct AmountLine {
    slug: String,
    amount: i64,
    valid_from: NaiveDate,
    legal_basis: String,
}

impl From<AmountLine> for base_amount::Model {
    fn from(line: AmountLine) -> Self {
        Self { slug: line.slug, amount: line.amount, valid_from: line.valid_from, legal_basis: line.legal_basis }
    }
}

/// An empty field is no day; a malformed one is an error and not silently none.
fn day_or_none<'de, D: Deserializer<'de>>(field: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(field)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
}
