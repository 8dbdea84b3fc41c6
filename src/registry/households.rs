//! Reading households: one, a page, and what belongs to many at once.

use chrono::NaiveDate;
use entity::{
    codes::{FamilyRelation, PovertyClass},
    household::{self, Column, Entity, Model},
    household_member, household_review,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::{all, among, contains_day},
    domain::text::{after_prefix, fold},
    env::Env,
    error::Result,
    listing::{Listing, Order, children::MOST_TOGETHER, text_key},
};

/// Which households are wanted.
#[derive(Clone, Debug, Default)]
pub struct HouseholdFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Of one of these classes.
    pub poverty_class: Vec<PovertyClass>,
    /// Whose head's name begins so, in any spelling of accents.
    pub search: Option<String>,
}

/// How households are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HouseholdOrder {
    /// By their code.
    #[default]
    Code,
    /// In the order of recording.
    Recorded,
}

fn visible(caller: &Caller) -> Select<Entity> {
    Entity::find().filter(caller.households())
}

/// One household by key.
pub async fn find(env: &Env, caller: &Caller, id: Uuid) -> Result<Option<Model>> {
    caller.require("Query", "household")?;
    let found = visible(caller).filter(Column::Id.eq(id)).one(env.db.read()).await?;
    Ok(shown(caller, found))
}

/// One household by its local code; none where several in the caller's area bear it.
pub async fn find_by_code(env: &Env, caller: &Caller, code: &str) -> Result<Option<Model>> {
    caller.require("Query", "household")?;
    caller.ask("Household");
    let known = Entity::find().filter(Column::Code.eq(code)).filter(caller.reaches_household());
    let mut found = known.limit(2).all(env.db.read()).await?;
    let only = if found.len() == 1 { found.pop() } else { None };
    Ok(shown(caller, only))
}

fn shown(caller: &Caller, found: Option<Model>) -> Option<Model> {
    caller.disclose("Household", found.iter().len(), found.iter().map(|household| household.id));
    found
}

fn filtered(caller: &Caller, filter: &HouseholdFilter, as_of: NaiveDate) -> Result<Select<Entity>> {
    let mut select = Entity::find().filter(caller.reached_households());
    if !filter.poverty_class.is_empty() {
        caller.require_filter("Household", "povertyClass")?;
        select = select.filter(of_class(&filter.poverty_class, as_of));
    }
    if let Some(search) = &filter.search {
        caller.require_filter("Household", "headName")?;
        let prefix = fold(search);
        select =
            select.filter(Column::HeadNameFolded.gte(&prefix)).filter(Column::HeadNameFolded.lt(after_prefix(&prefix)));
    }
    Ok(select)
}

/// Households whose review that governs a day gave one of the classes.
pub(crate) fn of_class(classes: &[PovertyClass], as_of: NaiveDate) -> SimpleExpr {
    use household_review::Column as Review;
    let reviewed = Query::select()
        .column(Review::HouseholdId)
        .from(household_review::Entity)
        .cond_where(contains_day(Review::ValidFrom, Review::ValidTo, as_of))
        .and_where(Review::DecidedClass.is_in(classes.iter().copied()))
        .and_where(Expr::col((household_review::Entity, Review::HouseholdId)).equals((household::Entity, Column::Id)))
        .to_owned();
    Expr::exists(reviewed)
}

/// Households by code or in the order of recording; classes are those of a day, today by default.
pub fn list(
    env: &Env,
    caller: &Caller,
    filter: &HouseholdFilter,
    as_of: Option<NaiveDate>,
    (order, descending): (HouseholdOrder, bool),
) -> Result<Listing<Entity>> {
    caller.require("Query", "households")?;
    caller.require_filters("Household", [("unit", filter.unit.is_some()), ("code", order == HouseholdOrder::Code)])?;
    let by_id = Order::by_id(Column::Id, |row: &Model| row.id).descending(descending);
    Ok(Listing {
        of: "Household",
        subject: |row| row.id,
        select: filtered(caller, filter, as_of.unwrap_or_else(|| env.clock.today()))?,
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        order: match order {
            HouseholdOrder::Code => by_id.then_by(text_key(Column::Code, |row: &Model| row.code.clone().into())),
            HouseholdOrder::Recorded => by_id,
        },
    })
}

/// Households of keys that the caller reached through records it may see.
pub async fn by_ids(env: &Env, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Model>> {
    let found =
        visible(caller).filter(among(env.db.read(), Column::Id, ids.iter().copied())).all(env.db.read()).await?;
    caller.disclose("Household", found.len(), found.iter().map(|household| household.id));
    Ok(found)
}

/// The memberships of many households that hold on a day, heads first.
pub async fn members_of(env: &Env, households: &[Uuid], day: NaiveDate) -> Result<Vec<household_member::Model>> {
    use household_member::Column as Member;
    if households.is_empty() {
        return Ok(Vec::new());
    }
    let conn = env.db.read();
    let select = household_member::Entity::find()
        .filter(among(conn, Member::HouseholdId, households.iter().copied()))
        .filter(held_on(day))
        .order_by_asc(Member::ValidFrom)
        .order_by_asc(Member::Id);
    let mut found: Vec<household_member::Model> = all(conn, &select.into_query()).await?;
    found.sort_by_key(|member| member.relation != FamilyRelation::Head);
    Ok(found)
}

/// The households in which many persons are on a day, each with the person; of one who is in several, the newest last.
pub async fn homes_of(env: &Env, persons: &[Uuid], day: NaiveDate) -> Result<Vec<(Uuid, Uuid)>> {
    use household_member::Column as Member;
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let conn = env.db.read();
    Ok(household_member::Entity::find()
        .select_only()
        .columns([Member::PersonId, Member::HouseholdId])
        .filter(among(conn, Member::PersonId, persons.iter().copied()))
        .filter(held_on(day))
        .order_by_asc(Member::ValidFrom)
        .order_by_asc(Member::Id)
        .limit(MOST_TOGETHER)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Memberships that hold on a day.
pub(super) fn held_on(day: NaiveDate) -> Condition {
    use household_member::Column as Member;
    Condition::all()
        .add(Condition::any().add(Member::ValidFrom.is_null()).add(Member::ValidFrom.lte(day)))
        .add(Condition::any().add(Member::ValidTo.is_null()).add(Member::ValidTo.gte(day)))
}
