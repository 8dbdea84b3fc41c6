//! Reading electricity support, and its counts and sums.

use entity::{
    codes::ElectricityGroup,
    electricity_support::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select, Value, sea_query::Expr};

use crate::{
    access::{Caller, Grant},
    env::Env,
    error::Result,
    listing::{Listing, Order, SortKey, children::children},
    summing::{Summed, suppress},
};

/// Which supports are wanted.
#[derive(Clone, Debug, Default)]
pub struct SupportFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of this year.
    pub year: Option<i16>,
    /// Of one of these quarters.
    pub quarter: Vec<i16>,
    /// Of one of these groups.
    pub group: Vec<ElectricityGroup>,
}

fn filtered(filter: &SupportFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(year) = filter.year {
        select = select.filter(Column::Year.eq(year));
    }
    if !filter.quarter.is_empty() {
        select = select.filter(Column::Quarter.is_in(filter.quarter.iter().copied()));
    }
    if !filter.group.is_empty() {
        select = select.filter(Column::SupportGroup.is_in(filter.group.iter().copied()));
    }
    select
}

/// Supports by year; the newest first when descending.
pub fn list(caller: &Caller, filter: &SupportFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "electricitySupports")?;
    caller.require_filters(
        "ElectricitySupport",
        [
            ("unit", filter.unit.is_some()),
            ("quarter", !filter.quarter.is_empty()),
            ("group", !filter.group.is_empty()),
            // The order shows the year too.
            ("year", true),
        ],
    )?;
    let year = SortKey {
        column: Column::Year,
        of: |row: &Model| row.year.into(),
        parse: |text| text.parse::<i16>().ok().map(Value::from),
    };
    Ok(Listing {
        of: "ElectricitySupport",
        subject: |row| row.household_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        order: Order::by_id(Column::Id, |row: &Model| row.id).then_by(year).descending(descending),
    })
}

children! {
    /// The supports of a household, the newest first.
    OF_HOUSEHOLD of Some("ElectricitySupport"), by HouseholdId household_id,
    sorted by [Year year number, Quarter quarter number], descending true
}

/// Turns (lượt: one household, one quarter), households and sum: the line of the report.
pub async fn summary(env: &Env, caller: &Caller, filter: &SupportFilter) -> Result<Vec<Summed>> {
    let grant = caller.require("Query", "electricitySummary")?;
    let row: Option<(i64, i64, Option<i64>)> = filtered(filter)
        .filter(caller.within_places(Column::UnitId, filter.unit.as_deref())?)
        .select_only()
        .column_as(Column::Id.count(), "turns")
        .column_as(Expr::col(Column::HouseholdId).count_distinct(), "households")
        .column_as(Column::Amount.sum().cast_as("BIGINT"), "amount")
        .into_tuple()
        .one(env.db.read())
        .await?;
    let rows = row.into_iter().map(|(turns, beneficiaries, amount)| Summed {
        programme: "electricity".to_owned(),
        turns: Some(turns),
        beneficiaries: Some(beneficiaries),
        amount,
        rice_grams: None,
    });
    Ok(suppress(rows.collect(), grant == Grant::Suppressed))
}
