//! Administrative units: which unit a code means on a day, what lies above and within it.
//!
//! A code alone names no territory: 3,316 of the 3,321 communes of today bear a code that another unit bore until
//! 30/06/2025. So every look-up takes a day, or says that it means the newest bearer.

pub mod codes;
pub mod list;
pub mod load;
mod merge;
pub mod name;
pub mod scope;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{
    administrative_unit::{Column, Entity, Model},
    codes::{Area, UnitLevel},
    unit_scope,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    db::{among, among_keys, contains_day},
    domain::period::Period,
    domain::text::{after_prefix, fold},
};

/// Codes in one statement, well below what either database binds.
const CODES: usize = 10_000;

/// The level a code belongs to, by its length.
pub fn level_of(code: &str) -> Option<UnitLevel> {
    [UnitLevel::Province, UnitLevel::District, UnitLevel::Commune]
        .into_iter()
        .find(|level| list::code_length(*level) == code.len())
}

/// Rural or urban as the type of the commune says: xã is rural, phường and thị trấn are urban. A special zone (đặc
/// khu) is an island and counts as rural.
pub fn area_of(commune: &Model) -> Area {
    area_of_kind(&commune.kind)
}

/// The same by the type alone, in lower case.
pub fn area_of_kind(kind: &str) -> Area {
    match kind {
        "phường" | "thị trấn" => Area::Urban,
        _ => Area::Rural,
    }
}

/// Whether the unit is in force on a day.
pub fn is_valid_on(unit: &Model, on: NaiveDate) -> bool {
    Period::new(unit.valid_from, unit.valid_to).contains(on)
}

/// The unit that bears a code on a day; without a day the one that bears it now or bore it last.
pub async fn find(conn: &impl ConnectionTrait, code: &str, on: Option<NaiveDate>) -> Result<Option<Model>, DbErr> {
    let Some(level) = level_of(code) else { return Ok(None) };
    let mut query = Entity::find().filter(Column::Code.eq(code)).filter(Column::Level.eq(level));
    if let Some(on) = on {
        query = query.filter(valid_on(on));
    }
    query.order_by_desc(Column::ValidFrom).one(conn).await
}

/// The unit of a key.
pub async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(conn).await
}

/// The units of many keys.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Model>, DbErr> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CODES) {
        let units = Entity::find().filter(among(conn, Column::Id, ids.iter().copied())).all(conn).await?;
        found.extend(units.into_iter().map(|unit| (unit.id, unit)));
    }
    Ok(found)
}

/// The commune that bears a code on a day.
pub async fn commune_on(conn: &impl ConnectionTrait, code: &str, on: NaiveDate) -> Result<Option<Model>, DbErr> {
    if level_of(code) != Some(UnitLevel::Commune) {
        return Ok(None);
    }
    find(conn, code, Some(on)).await
}

/// The same for many codes and days with one statement; a pair without a commune is left out.
pub async fn communes_on(
    conn: &impl ConnectionTrait,
    wanted: &[(String, NaiveDate)],
) -> Result<HashMap<(String, NaiveDate), Model>, DbErr> {
    let codes: Vec<&str> = wanted.iter().map(|(code, _)| code.as_str()).collect::<HashSet<_>>().into_iter().collect();
    let mut bearers: HashMap<String, Vec<Model>> = HashMap::with_capacity(codes.len());
    for codes in codes.chunks(CODES) {
        let units = Entity::find()
            .filter(Column::Level.eq(UnitLevel::Commune))
            .filter(among(conn, Column::Code, codes.iter().copied()))
            .all(conn)
            .await?;
        for unit in units {
            bearers.entry(unit.code.clone()).or_default().push(unit);
        }
    }
    let on = |(code, day): &(String, NaiveDate)| {
        let unit = bearers.get(code)?.iter().find(|unit| is_valid_on(unit, *day))?;
        Some(((code.clone(), *day), unit.clone()))
    };
    Ok(wanted.iter().filter_map(on).collect())
}

/// The units above, the nearest first.
pub async fn ancestors(conn: &impl ConnectionTrait, unit: &Model) -> Result<Vec<Model>, DbErr> {
    let mut above = Vec::with_capacity(2);
    let mut next = unit.parent_id;
    while let Some(id) = next {
        let Some(parent) = by_id(conn, id).await? else { break };
        next = parent.parent_id;
        above.push(parent);
    }
    Ok(above)
}

/// The units right below that are in force on a day (without one: all of them), by code.
pub async fn children(conn: &impl ConnectionTrait, parent: Uuid, on: Option<NaiveDate>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find().filter(Column::ParentId.eq(parent));
    if let Some(on) = on {
        query = query.filter(valid_on(on));
    }
    query.order_by_asc(Column::Code).all(conn).await
}

/// Every commune in force on a day, by code.
pub async fn communes(conn: &impl ConnectionTrait, on: NaiveDate) -> Result<Vec<Model>, DbErr> {
    let communes = Entity::find().filter(Column::Level.eq(UnitLevel::Commune)).filter(valid_on(on));
    communes.order_by_asc(Column::Code).all(conn).await
}

/// Whether a unit lies within the area of another (see [`scope`]); each lies within its own.
pub async fn lies_within(conn: &impl ConnectionTrait, unit: Uuid, area: Uuid) -> Result<bool, DbErr> {
    Ok(unit_scope::Entity::find_by_id((area, unit)).one(conn).await?.is_some())
}

/// Units whose name begins with the text, with or without the type before it, in any spelling of accents, by name.
pub async fn search(
    conn: &impl ConnectionTrait,
    text: &str,
    on: Option<NaiveDate>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let text = fold(text);
    let mut names = Condition::any().add(starts_with(&text));
    if let Some((_, bare)) = name::split_folded(&text) {
        names = names.add(starts_with(bare));
    }
    let mut query = Entity::find().filter(names);
    if let Some(on) = on {
        query = query.filter(valid_on(on));
    }
    query.order_by_asc(Column::NameFolded).order_by_asc(Column::Id).limit(limit).all(conn).await
}

fn valid_on(on: NaiveDate) -> Condition {
    contains_day(Column::ValidFrom, Column::ValidTo, on)
}

/// A range instead of LIKE, which only a binary collation serves by index.
fn starts_with(prefix: &str) -> Condition {
    Condition::all().add(Column::NameFolded.gte(prefix)).add(Column::NameFolded.lt(after_prefix(prefix)))
}

#[cfg(test)]
mod tests;

/// The keys of all units that bear or bore a code.
pub async fn ids_of_codes(conn: &impl ConnectionTrait, codes: &[&str]) -> Result<HashMap<String, Vec<Uuid>>, DbErr> {
    let mut found: HashMap<String, Vec<Uuid>> = HashMap::new();
    if codes.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(String, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::Code, Column::Id])
        .filter(among_keys(conn, Column::Code, codes.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    for (code, id) in rows {
        found.entry(code).or_default().push(id);
    }
    Ok(found)
}

/// Every unit within the area of another.
pub async fn within(conn: &impl ConnectionTrait, area: Uuid) -> Result<HashSet<Uuid>, DbErr> {
    let ids: Vec<Uuid> = unit_scope::Entity::find()
        .select_only()
        .column(unit_scope::Column::WithinId)
        .filter(unit_scope::Column::UnitId.eq(area))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids.into_iter().collect())
}

/// The statement that reads the keys of all units in the area of the unit that bears a code, or of one that bore it; a key
/// may come twice. The code is looked up within the statement, so a filter by unit costs no statement of its own.
pub fn area_of_code(code: &str) -> SelectStatement {
    let bearers =
        Query::select().column(Column::Id).from(Entity).and_where(Expr::col(Column::Code).eq(code)).to_owned();
    Query::select()
        .column(unit_scope::Column::WithinId)
        .from(unit_scope::Entity)
        .and_where(Expr::col(unit_scope::Column::UnitId).in_subquery(bearers))
        .to_owned()
}
