//! Reading health-insurance cards, and the work lists made from them.

use chrono::NaiveDate;
use entity::{
    codes::PovertyClass,
    health_insurance_card::{Column, Entity, Model},
    household_member, person,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, Select,
    sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Query, SelectStatement, SimpleExpr},
};

use crate::{
    access::Caller,
    db::{contains_day, contains_day_of},
    env::Env,
    error::Result,
    listing::{
        Listing, Order,
        children::{Holding, children},
        date_key,
    },
};

/// Which cards are wanted.
#[derive(Clone, Debug, Default)]
pub struct CardFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Ending on or after this day.
    pub ends_from: Option<NaiveDate>,
    /// Ending on or before this day: with the other bound, the cards that expire in a time.
    pub ends_to: Option<NaiveDate>,
    /// Valid on this day.
    pub valid_on: Option<NaiveDate>,
    /// Of this group, as `HN`.
    pub group_code: Option<String>,
}

/// Cards by their last day: what expires first stands first.
pub fn list(caller: &Caller, filter: &CardFilter, descending: bool) -> Result<Listing<Entity>> {
    caller.require("Query", "healthInsuranceCards")?;
    caller.require_filters(
        "HealthInsuranceCard",
        [
            ("unit", filter.unit.is_some()),
            ("validFrom", filter.valid_on.is_some()),
            ("groupCode", filter.group_code.is_some()),
            // The order shows the day too.
            ("validTo", true),
        ],
    )?;
    let end = date_key(Column::ValidTo, |row: &Model| row.valid_to.into());
    let order = Order::by_id(Column::Id, |row: &Model| row.id).then_by(end).descending(descending);
    Ok(Listing {
        of: "HealthInsuranceCard",
        subject: |row| row.person_id,
        select: filtered(filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        // Of the group, if any, and the last day.
        order: order.by_one_index(filter.valid_on.is_none()),
    })
}

fn filtered(filter: &CardFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(from) = filter.ends_from {
        select = select.filter(Column::ValidTo.gte(from));
    }
    if let Some(to) = filter.ends_to {
        select = select.filter(Column::ValidTo.lte(to));
    }
    if let Some(day) = filter.valid_on {
        select = select.filter(contains_day(Column::ValidFrom, Column::ValidTo, day));
    }
    if let Some(group) = &filter.group_code {
        select = select.filter(Column::GroupCode.eq(group));
    }
    select
}

children! {
    /// The cards of a person, the newest first.
    OF_PERSON of Some("HealthInsuranceCard"), by PersonId person_id, sorted by [ValidTo valid_to day], descending true,
    holding Holding {
        condition: |day| Column::ValidFrom.lte(day).and(Column::ValidTo.gte(day)),
        row: |row, day| row.valid_from <= day && day <= row.valid_to,
    }
}

/// A work list of persons, made from the cards they have or lack on a day.
fn persons(caller: &Caller, unit: Option<&str>, wanted: SimpleExpr) -> Result<Listing<person::Entity>> {
    Ok(Listing {
        of: "Person",
        subject: |row| row.id,
        select: person::Entity::find().filter(caller.reached_persons()).filter(wanted),
        places: caller.places(person::Column::UnitId, unit)?,
        order: Order::by_id(person::Column::Id, |row: &person::Model| row.id),
    })
}

/// Members of poor and near-poor households whom no card covers on a day: entitled but uncovered.
pub fn gaps(
    env: &Env,
    caller: &Caller,
    unit: Option<&str>,
    as_of: Option<NaiveDate>,
) -> Result<Listing<person::Entity>> {
    use household_member::Column as Member;
    caller.require("Query", "gaps")?;
    caller.require_filter("Household", "povertyClass")?;
    let day = as_of.unwrap_or_else(|| env.clock.today());
    let listed = Query::select()
        .column((household_member::Entity, Member::PersonId))
        .from(household_member::Entity)
        .inner_join(
            entity::household::Entity,
            Expr::col((entity::household::Entity, entity::household::Column::Id))
                .equals((household_member::Entity, Member::HouseholdId)),
        )
        .cond_where(
            Condition::all()
                .add(contains_day(Member::ValidFrom, Member::ValidTo, day))
                .add(crate::registry::households::of_class(&[PovertyClass::Poor, PovertyClass::NearPoor], day)),
        )
        .to_owned();
    let uncovered = Expr::exists(valid_card((person::Entity, person::Column::Id), day)).not();
    persons(caller, unit, person::Column::Id.in_subquery(listed).and(uncovered))
}

/// Persons whom two cards cover on the same day.
pub fn doubles(
    env: &Env,
    caller: &Caller,
    unit: Option<&str>,
    as_of: Option<NaiveDate>,
) -> Result<Listing<person::Entity>> {
    caller.require("Query", "overlaps")?;
    let day = as_of.unwrap_or_else(|| env.clock.today());
    let (one, other) = (Alias::new("one"), Alias::new("other"));
    let twice = Query::select()
        .column((one.clone(), Column::PersonId))
        .from_as(Entity, one.clone())
        .join_as(
            sea_orm::JoinType::InnerJoin,
            Entity,
            other.clone(),
            Expr::col((one.clone(), Column::PersonId))
                .equals((other.clone(), Column::PersonId))
                .and(Expr::col((one.clone(), Column::Id)).lt(Expr::col((other.clone(), Column::Id)))),
        )
        .cond_where(contains_day_of(one.clone(), Column::ValidFrom, Column::ValidTo, day))
        .cond_where(contains_day_of(other, Column::ValidFrom, Column::ValidTo, day))
        .and_where(Expr::col((one, Column::PersonId)).equals((person::Entity, person::Column::Id)))
        .to_owned();
    persons(caller, unit, Expr::exists(twice))
}

/// A card of the person that a column of the outer statement names, valid on a day.
pub(super) fn valid_card(person: impl IntoColumnRef, day: NaiveDate) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .cond_where(contains_day(Column::ValidFrom, Column::ValidTo, day))
        .and_where(Expr::col((Entity, Column::PersonId)).equals(person))
        .to_owned()
}
