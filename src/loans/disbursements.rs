//! Reading loan disbursements, and their counts and sums.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{
    codes::UnitLevel,
    loan_disbursement::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Asterisk, Expr},
};
use uuid::Uuid;

use super::of_programmes;
use crate::{
    access::{Caller, Grant},
    db::among,
    env::Env,
    error::Result,
    listing::{Listing, Order, children::children, date_key},
    summing::{Summed, suppress},
    units::level_of,
};

/// Which disbursements are wanted.
#[derive(Clone, Debug, Default)]
pub struct DisbursementFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of one of these programmes.
    pub programme: Vec<String>,
    /// Paid on or after this day.
    pub from: Option<NaiveDate>,
    /// Paid on or before this day.
    pub to: Option<NaiveDate>,
}

fn filtered(filter: &DisbursementFilter) -> Select<Entity> {
    let mut select = of_programmes(Entity::find(), Column::Programme, &filter.programme);
    if let Some(from) = filter.from {
        select = select.filter(Column::DisbursedOn.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::DisbursedOn.lte(to));
    }
    select
}

/// Disbursements by day; the newest first when descending.
pub fn list(caller: &Caller, filter: &DisbursementFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "loanDisbursements")?;
    caller.require_filters(
        "LoanDisbursement",
        [
            ("unit", filter.unit.is_some()),
            ("programme", !filter.programme.is_empty()),
            // The order shows the day too.
            ("disbursedOn", true),
        ],
    )?;
    let day = date_key(Column::DisbursedOn, |row: &Model| row.disbursed_on.into());
    let order = Order::by_id(Column::Id, |row: &Model| row.id).then_by(day).descending(descending);
    Ok(Listing {
        of: "LoanDisbursement",
        subject: |row| row.household_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        // Of the programme, if any, and the day.
        order: order.by_one_index(filter.programme.len() <= 1),
    })
}

/// What was paid out under each of many loans, VND.
pub async fn sums_of_loans(env: &Env, caller: &Caller, loans: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let conn = env.db.read();
    let rows: Vec<(Uuid, i64, i64)> = Entity::find()
        .select_only()
        .column(Column::LoanId)
        .expr(Column::Amount.sum().cast_as("BIGINT"))
        .expr(Column::Id.count())
        .filter(among(conn, Column::LoanId, loans.iter().copied()))
        .group_by(Column::LoanId)
        .into_tuple()
        .all(conn)
        .await?;
    let paid: i64 = rows.iter().map(|(_, _, paid)| paid).sum();
    caller.disclose("LoanDisbursement", usize::try_from(paid).unwrap_or_default(), []);
    Ok(rows.into_iter().map(|(loan, sum, _)| (loan, sum)).collect())
}

children! {
    /// The disbursements of a loan, the oldest first.
    OF_LOAN of Some("LoanDisbursement"), by LoanId loan_id, sorted by [DisbursedOn disbursed_on day], descending false
}

/// Turns (lượt), households and sum by programme: the lines of the report.
pub async fn summary(env: &Env, caller: &Caller, filter: &DisbursementFilter) -> Result<Vec<Summed>> {
    let grant = caller.require("Query", "loanSummary")?;
    let summed = filtered(filter)
        .filter(caller.within_places(Column::UnitId, filter.unit.as_deref())?)
        .select_only()
        .column(Column::Programme)
        .column_as(Expr::col(Asterisk).count(), "turns")
        .column_as(Expr::col(Column::HouseholdId).count_distinct(), "households")
        .column_as(Column::Amount.sum().cast_as("BIGINT"), "amount")
        .group_by(Column::Programme)
        .order_by_asc(Column::Programme)
        .into_tuple::<(String, i64, i64, i64)>();
    // Of a commune it is short, and many ask for theirs at the same time.
    let is_short = filter.unit.as_deref().and_then(level_of) == Some(UnitLevel::Commune);
    let rows = if is_short { summed.all(env.db.together()).await? } else { summed.all(env.db.read()).await? };
    let rows = rows.into_iter().map(|(programme, turns, beneficiaries, amount)| Summed {
        programme,
        turns: Some(turns),
        beneficiaries: Some(beneficiaries),
        amount: Some(amount),
        rice_grams: None,
    });
    Ok(suppress(rows.collect(), grant == Grant::Suppressed))
}
