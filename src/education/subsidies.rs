//! Reading education subsidies, and their counts and sums.

use chrono::NaiveDate;
use entity::education_subsidy::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr};

use crate::{
    access::{Caller, Grant},
    env::Env,
    error::Result,
    listing::{Listing, Order, children::children, text_key},
    summing::{Summed, suppress},
};

/// Which subsidies are wanted.
#[derive(Clone, Debug, Default)]
pub struct SubsidyFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of one of these programmes.
    pub programme: Vec<String>,
    /// Of this school year, as `2021-2022`.
    pub school_year: Option<String>,
    /// Paid on or after this day.
    pub from: Option<NaiveDate>,
    /// Paid on or before this day.
    pub to: Option<NaiveDate>,
}

fn filtered(filter: &SubsidyFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if !filter.programme.is_empty() {
        select = select.filter(Column::Programme.is_in(&filter.programme));
    }
    if let Some(year) = &filter.school_year {
        select = select.filter(Column::SchoolYear.eq(year));
    }
    if let Some(from) = filter.from {
        select = select.filter(Column::PaidOn.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::PaidOn.lte(to));
    }
    select
}

/// Subsidies by school year; the newest first when descending.
pub fn list(caller: &Caller, filter: &SubsidyFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "educationSubsidies")?;
    caller.require_filters(
        "EducationSubsidy",
        [
            ("unit", filter.unit.is_some()),
            ("programme", !filter.programme.is_empty()),
            ("paidOn", filter.from.is_some() || filter.to.is_some()),
            // The order shows the year too.
            ("schoolYear", true),
        ],
    )?;
    let year = text_key(Column::SchoolYear, |row: &Model| row.school_year.clone().into());
    Ok(Listing {
        of: "EducationSubsidy",
        subject: |row| row.person_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        order: Order::by_id(Column::Id, |row: &Model| row.id).then_by(year).descending(descending),
    })
}

children! {
    /// The subsidies of a pupil, the newest first.
    OF_PERSON of Some("EducationSubsidy"), by PersonId person_id, sorted by [SchoolYear school_year text], descending true
}

/// Turns (lượt), pupils, sum and rice by programme: the lines of the report.
pub async fn summary(env: &Env, caller: &Caller, filter: &SubsidyFilter) -> Result<Vec<Summed>> {
    let grant = caller.require("Query", "educationSummary")?;
    let rows: Vec<(String, i64, i64, Option<i64>, Option<i64>)> = filtered(filter)
        .filter(caller.within_places(Column::UnitId, filter.unit.as_deref())?)
        .select_only()
        .column(Column::Programme)
        .column_as(Column::Id.count(), "turns")
        .column_as(Expr::col(Column::PersonId).count_distinct(), "pupils")
        .column_as(Column::Amount.sum().cast_as("BIGINT"), "amount")
        .column_as(Column::RiceGrams.sum().cast_as("BIGINT"), "rice")
        .group_by(Column::Programme)
        .order_by_asc(Column::Programme)
        .into_tuple()
        .all(env.db.read())
        .await?;
    let rows = rows.into_iter().map(|(programme, turns, beneficiaries, amount, rice_grams)| Summed {
        programme,
        turns: Some(turns),
        beneficiaries: Some(beneficiaries),
        amount,
        rice_grams,
    });
    Ok(suppress(rows.collect(), grant == Grant::Suppressed))
}
