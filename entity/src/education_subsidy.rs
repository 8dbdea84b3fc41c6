//! Support paid to a pupil for a semester or school year.

use sea_orm::entity::prelude::*;

/// One payment to one pupil: one turn (lượt) of the report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "education_subsidy")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The pupil.
    pub person_id: Uuid,
    /// Household of the pupil on the day.
    pub household_id: Option<Uuid>,
    /// Commune of the pupil on the day.
    pub unit_id: Uuid,
    /// The office's own reference.
    pub reference: String,
    /// Slug of the programme.
    pub programme: String,
    /// School year, as `2021-2022`.
    pub school_year: String,
    /// Semester 1 or 2; none for the whole year.
    pub semester: Option<i16>,
    /// Months paid, in half months (9 = 4.5 months).
    pub half_months: Option<i16>,
    /// Monthly rate, VND.
    pub monthly_rate: Option<i64>,
    /// Amount, VND; none for support in kind.
    pub amount: Option<i64>,
    /// Rice, grams.
    pub rice_grams: Option<i64>,
    /// Decree it was paid under.
    pub legal_basis: Option<String>,
    /// Code of the school.
    pub school_code: Option<String>,
    /// Day of payment.
    pub paid_on: Option<Date>,
    /// The push that brought it.
    pub batch_id: Uuid,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
