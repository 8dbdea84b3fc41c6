//! A loan of the social-policy bank to a household. It keeps the programme it was given under, whatever becomes of the household.

use sea_orm::entity::prelude::*;

/// One contract.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Number of the contract at the bank.
    #[sea_orm(unique)]
    pub contract_no: String,
    /// Slug of the loan programme.
    pub programme: String,
    /// The household that borrows.
    pub household_id: Uuid,
    /// The member who signed, where named.
    pub person_id: Option<Uuid>,
    /// Commune of the household when the loan was first disbursed.
    pub unit_id: Uuid,
    /// Day of the first disbursement.
    pub granted_on: Date,
    /// Term in months.
    pub term_months: Option<i16>,
    /// Interest, hundredths of a percent a year (660 = 6.6 %).
    pub annual_rate_bp: Option<i32>,
    /// Code of the savings-and-credit group (tổ TK&VV).
    pub group_code: Option<String>,
    /// Purpose as the bank states it.
    pub purpose: Option<String>,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
