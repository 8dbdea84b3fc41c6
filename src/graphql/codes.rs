//! The code lists as GraphQL enums.

use async_graphql::Enum;
use entity::codes;

/// Level of an administrative unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::UnitLevel")]
pub enum UnitLevel {
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Huyện, quận, thị xã; until 30/06/2025.
    District,
    /// Xã, phường, thị trấn, đặc khu.
    Commune,
}

/// Rural or urban: decides the poverty line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::Area")]
pub enum Area {
    /// Xã.
    Rural,
    /// Phường, thị trấn.
    Urban,
}

/// Sex as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::Sex")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// How a member is related to the head of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::FamilyRelation")]
pub enum FamilyRelation {
    /// Chủ hộ.
    Head,
    /// Vợ, chồng.
    Spouse,
    /// Con.
    Child,
    /// Cha, mẹ.
    Parent,
    /// Cháu.
    Grandchild,
    /// Ông, bà.
    Grandparent,
    /// Anh, chị, em.
    Sibling,
    /// Khác.
    Other,
}

/// Class of a household by decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::PovertyClass")]
pub enum PovertyClass {
    /// Hộ nghèo.
    Poor,
    /// Hộ cận nghèo.
    NearPoor,
    /// Hộ có mức sống trung bình.
    AverageLivingStandard,
    /// Hộ không nghèo.
    NotPoor,
}

/// What a programme gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::ProgrammeKind")]
pub enum ProgrammeKind {
    /// A loan of the social-policy bank.
    Loan,
    /// A health-insurance card.
    HealthInsurance,
    /// A subsidy to a pupil.
    Education,
    /// Electricity support.
    Electricity,
    /// Any other support.
    Benefit,
}

/// What a figure of a programme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::Measure")]
pub enum Measure {
    /// Most that is given to one household or person, VND.
    Ceiling,
    /// Interest, hundredths of a percent a year.
    AnnualRate,
    /// Longest term, months.
    TermMonths,
    /// Rate a month, VND.
    MonthlyRate,
    /// Rate a month, hundredths of a percent of the base salary.
    MonthlyRateOfBaseSalary,
    /// Rice a month, grams.
    MonthlyRice,
    /// Most months a school year.
    MostMonths,
    /// Amount a quarter, VND.
    QuarterlyAmount,
    /// Consumption supported a month, kWh.
    QuarterlyKwh,
}

/// Why electricity support is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::ElectricityGroup")]
pub enum ElectricityGroup {
    /// Poor household.
    Poor,
    /// Social-policy household using at most 50 kWh a month.
    SocialPolicy,
    /// Household without grid.
    OffGrid,
}

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::BatchStatus")]
pub enum BatchStatus {
    /// Every row has its outcome.
    Completed,
    /// Nothing of it is stored.
    Refused,
}

/// Outcome of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::RecordStatus")]
pub enum RecordStatus {
    /// Stored.
    Accepted,
    /// Stored before with the same content.
    Duplicate,
    /// Its reference is stored with other content; nothing changed.
    Conflict,
    /// Kept in the work list until someone says whom it means.
    Unmatched,
    /// Refused; nothing of it is kept.
    Rejected,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "codes::Operation")]
pub enum Operation {
    /// New.
    Created,
    /// Changed.
    Updated,
}
