//! The code lists the tables hold, each value stored as its `SCREAMING_CASE` name.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Level of an administrative unit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum UnitLevel {
    /// Tỉnh, thành phố trực thuộc trung ương.
    #[sea_orm(string_value = "PROVINCE")]
    Province,
    /// Huyện, quận, thị xã; until 30/06/2025.
    #[sea_orm(string_value = "DISTRICT")]
    District,
    /// Xã, phường, thị trấn, đặc khu.
    #[sea_orm(string_value = "COMMUNE")]
    Commune,
}

/// How a unit passed into another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum SuccessionKind {
    /// All of it.
    #[sea_orm(string_value = "WHOLE")]
    Whole,
    /// A part of it.
    #[sea_orm(string_value = "PART")]
    Part,
}

/// Rural or urban: decides the poverty line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Area {
    /// Xã.
    #[sea_orm(string_value = "RURAL")]
    Rural,
    /// Phường, thị trấn.
    #[sea_orm(string_value = "URBAN")]
    Urban,
}

/// Sex as registered.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Sex {
    /// Nam.
    #[sea_orm(string_value = "MALE")]
    Male,
    /// Nữ.
    #[sea_orm(string_value = "FEMALE")]
    Female,
}

/// Which number names a person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum IdentifierKind {
    /// Số định danh cá nhân, 12 digits.
    #[sea_orm(string_value = "PERSONAL_ID")]
    PersonalId,
    /// Old identity card, 9 digits.
    #[sea_orm(string_value = "CMND")]
    Cmnd,
    /// Social-insurance number, 10 digits.
    #[sea_orm(string_value = "INSURANCE_NO")]
    InsuranceNo,
}

/// How a member is related to the head of the household.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum FamilyRelation {
    /// Chủ hộ.
    #[sea_orm(string_value = "HEAD")]
    Head,
    /// Vợ, chồng.
    #[sea_orm(string_value = "SPOUSE")]
    Spouse,
    /// Con.
    #[sea_orm(string_value = "CHILD")]
    Child,
    /// Cha, mẹ.
    #[sea_orm(string_value = "PARENT")]
    Parent,
    /// Cháu.
    #[sea_orm(string_value = "GRANDCHILD")]
    Grandchild,
    /// Ông, bà.
    #[sea_orm(string_value = "GRANDPARENT")]
    Grandparent,
    /// Anh, chị, em.
    #[sea_orm(string_value = "SIBLING")]
    Sibling,
    /// Khác.
    #[sea_orm(string_value = "OTHER")]
    Other,
}

/// Class of a household by decision.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PovertyClass {
    /// Hộ nghèo.
    #[sea_orm(string_value = "POOR")]
    Poor,
    /// Hộ cận nghèo.
    #[sea_orm(string_value = "NEAR_POOR")]
    NearPoor,
    /// Hộ có mức sống trung bình.
    #[sea_orm(string_value = "AVERAGE_LIVING_STANDARD")]
    AverageLivingStandard,
    /// Hộ không nghèo.
    #[sea_orm(string_value = "NOT_POOR")]
    NotPoor,
}

/// What a programme gives.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ProgrammeKind {
    /// A loan of the social-policy bank.
    #[sea_orm(string_value = "LOAN")]
    Loan,
    /// A health-insurance card.
    #[sea_orm(string_value = "HEALTH_INSURANCE")]
    HealthInsurance,
    /// A subsidy to a pupil.
    #[sea_orm(string_value = "EDUCATION")]
    Education,
    /// Electricity support.
    #[sea_orm(string_value = "ELECTRICITY")]
    Electricity,
    /// Any other support.
    #[sea_orm(string_value = "BENEFIT")]
    Benefit,
}

/// What a figure of a programme is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Measure {
    /// Most that is given to one household or person, VND.
    #[sea_orm(string_value = "CEILING")]
    Ceiling,
    /// Interest, hundredths of a percent a year.
    #[sea_orm(string_value = "ANNUAL_RATE")]
    AnnualRate,
    /// Longest term, months.
    #[sea_orm(string_value = "TERM_MONTHS")]
    TermMonths,
    /// Rate a month, VND.
    #[sea_orm(string_value = "MONTHLY_RATE")]
    MonthlyRate,
    /// Rate a month, hundredths of a percent of the base salary.
    #[sea_orm(string_value = "MONTHLY_RATE_OF_BASE_SALARY")]
    MonthlyRateOfBaseSalary,
    /// Rice a month, grams.
    #[sea_orm(string_value = "MONTHLY_RICE")]
    MonthlyRice,
    /// Most months a school year.
    #[sea_orm(string_value = "MOST_MONTHS")]
    MostMonths,
    /// Amount a quarter, VND.
    #[sea_orm(string_value = "QUARTERLY_AMOUNT")]
    QuarterlyAmount,
    /// Consumption supported a quarter, kWh.
    #[sea_orm(string_value = "QUARTERLY_KWH")]
    QuarterlyKwh,
}

/// Why electricity support is paid.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ElectricityGroup {
    /// Poor household.
    #[sea_orm(string_value = "POOR")]
    Poor,
    /// Social-policy household using at most 50 kWh a month.
    #[sea_orm(string_value = "SOCIAL_POLICY")]
    SocialPolicy,
    /// Household without grid.
    #[sea_orm(string_value = "OFF_GRID")]
    OffGrid,
}

/// What became of a push.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum BatchStatus {
    /// Every row has its outcome.
    #[sea_orm(string_value = "COMPLETED")]
    Completed,
    /// Nothing of it is stored.
    #[sea_orm(string_value = "REFUSED")]
    Refused,
}

/// Outcome of one row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum RecordStatus {
    /// Stored.
    #[sea_orm(string_value = "ACCEPTED")]
    Accepted,
    /// Stored before with the same content.
    #[sea_orm(string_value = "DUPLICATE")]
    Duplicate,
    /// Its reference is stored with other content; nothing changed.
    #[sea_orm(string_value = "CONFLICT")]
    Conflict,
    /// Kept in the work list until someone says whom it means.
    #[sea_orm(string_value = "UNMATCHED")]
    Unmatched,
    /// Refused; nothing of it is kept.
    #[sea_orm(string_value = "REJECTED")]
    Rejected,
}

/// What happened to a record.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Operation {
    /// New.
    #[sea_orm(string_value = "CREATED")]
    Created,
    /// Changed.
    #[sea_orm(string_value = "UPDATED")]
    Updated,
}

/// How an action ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AuditOutcome {
    /// Done.
    #[sea_orm(string_value = "DONE")]
    Done,
    /// Refused by the access table.
    #[sea_orm(string_value = "REFUSED")]
    Refused,
}
