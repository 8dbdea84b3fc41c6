//! Reading loans.

use chrono::NaiveDate;
use entity::loan::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::of_programmes;
use crate::{
    access::Caller,
    env::Env,
    error::Result,
    listing::{Listing, Order, children, children::children, date_key},
};

/// Which loans are wanted.
#[derive(Clone, Debug, Default)]
pub struct LoanFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of one of these programmes.
    pub programme: Vec<String>,
    /// Granted on or after this day.
    pub from: Option<NaiveDate>,
    /// Granted on or before this day.
    pub to: Option<NaiveDate>,
}

fn visible(caller: &Caller) -> Select<Entity> {
    Entity::find().filter(caller.within(Column::UnitId))
}

/// One loan by key.
pub async fn find(env: &Env, caller: &Caller, id: Uuid) -> Result<Option<Model>> {
    caller.require("Query", "loan")?;
    let found = visible(caller).filter(Column::Id.eq(id)).one(env.db.read()).await?;
    Ok(shown(caller, found))
}

/// One loan by the number of its contract.
pub async fn find_by_contract(env: &Env, caller: &Caller, contract_no: &str) -> Result<Option<Model>> {
    caller.require("Query", "loan")?;
    caller.require_filter("Loan", "contractNo")?;
    caller.ask("Loan");
    let known = Entity::find().filter(Column::ContractNo.eq(contract_no)).filter(caller.holds(Column::UnitId));
    let found = known.one(env.db.read()).await?;
    Ok(shown(caller, found))
}

fn shown(caller: &Caller, found: Option<Model>) -> Option<Model> {
    caller.disclose("Loan", found.iter().len(), found.iter().map(|loan| loan.household_id));
    found
}

fn filtered(filter: &LoanFilter) -> Select<Entity> {
    let mut select = of_programmes(Entity::find(), Column::Programme, &filter.programme);
    if let Some(from) = filter.from {
        select = select.filter(Column::GrantedOn.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::GrantedOn.lte(to));
    }
    select
}

/// Loans by the day they were granted; the newest first when descending.
pub fn list(caller: &Caller, filter: &LoanFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "loans")?;
    caller.require_filters(
        "Loan",
        [("unit", filter.unit.is_some()), ("programme", !filter.programme.is_empty()), ("grantedOn", true)],
    )?;
    let day = date_key(Column::GrantedOn, |row: &Model| row.granted_on.into());
    let order = Order::by_id(Column::Id, |row: &Model| row.id).then_by(day).descending(descending);
    Ok(Listing {
        of: "Loan",
        subject: |row| row.household_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        // Of the programme, if any, and the day.
        order: order.by_one_index(filter.programme.len() <= 1),
    })
}

children! {
    /// The loans of a household, the newest first.
    OF_HOUSEHOLD of Some("Loan"), by HouseholdId household_id, sorted by [GrantedOn granted_on day], descending true
}

/// Loans of keys that the caller reached through disbursements it may see.
pub async fn by_ids(env: &Env, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Model>> {
    let found = children::<Entity>(env.db.read(), Column::Id, ids, &[]).await?;
    caller.disclose("Loan", found.len(), []);
    Ok(found)
}
