//! Reading the yearly reviews as a list of their own.

use entity::{
    codes::PovertyClass,
    household_review::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};

use crate::{
    access::Caller,
    error::Result,
    listing::{Listing, Order, SortKey, children::children},
};

/// Which reviews are wanted.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of this year.
    pub year: Option<i16>,
    /// Whose decision gave one of these classes.
    pub decided_class: Vec<PovertyClass>,
}

/// Reviews by year; the newest first when descending. Who may ask for households and for their reviews may ask for these.
pub fn list(caller: &Caller, filter: &ReviewFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "households")?;
    caller.require("Household", "reviews")?;
    caller.require_filters("HouseholdReview", [("decidedClass", !filter.decided_class.is_empty()), ("year", true)])?;
    caller.require_filters("Household", [("unit", filter.unit.is_some())])?;
    let mut select = Entity::find();
    if let Some(year) = filter.year {
        select = select.filter(Column::Year.eq(year));
    }
    if !filter.decided_class.is_empty() {
        select = select.filter(Column::DecidedClass.is_in(filter.decided_class.iter().copied()));
    }
    let year = SortKey {
        column: Column::Year,
        of: |row: &Model| row.year.into(),
        parse: |text| text.parse::<i16>().ok().map(Value::from),
    };
    Ok(Listing {
        of: "HouseholdReview",
        subject: |row| row.household_id,
        select,
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        order: Order::by_id(Column::Id, |row: &Model| row.id).then_by(year).descending(descending),
    })
}

children! {
    /// The reviews of a household, the newest first. There is one a year.
    OF_HOUSEHOLD of Some("HouseholdReview"), by HouseholdId household_id, sorted by [Year year number], descending true
}
