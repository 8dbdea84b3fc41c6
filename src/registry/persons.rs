//! Reading persons: one, a page, and what belongs to many at once.

use entity::{
    codes::IdentifierKind,
    person::{Column, Entity, Model},
    person_identifier,
};
use sea_orm::{ColumnTrait, EntityTrait, Order as Direction, QueryFilter, QuerySelect, Select, sea_query::Query};
use uuid::Uuid;

use crate::{
    access::Caller,
    db::among,
    domain::{
        personal_id::PersonalId,
        text::{after_prefix, fold},
    },
    env::Env,
    error::{Error, Result},
    listing::{Listing, Order, children, text_key},
};

/// Which persons are wanted.
#[derive(Clone, Debug, Default)]
pub struct PersonFilter {
    /// In the area of the unit that bears or bore this code.
    pub unit: Option<String>,
    /// Whose name begins so, in any spelling of accents.
    pub search: Option<String>,
    /// Born in this year.
    pub birth_year: Option<i16>,
}

fn visible(caller: &Caller) -> Select<Entity> {
    Entity::find().filter(caller.persons())
}

/// One person by key.
pub async fn find(env: &Env, caller: &Caller, id: Uuid) -> Result<Option<Model>> {
    caller.require("Query", "person")?;
    let found = visible(caller).filter(Column::Id.eq(id)).one(env.db.read()).await?;
    Ok(shown(caller, found))
}

/// One person by personal ID.
pub async fn find_by_personal_id(env: &Env, caller: &Caller, id: &str) -> Result<Option<Model>> {
    caller.require("Query", "person")?;
    caller.require_filter("Person", "personalId")?;
    let id = PersonalId::parse(id).map_err(|message| Error::field("personalId", message))?;
    let named = Query::select()
        .column(person_identifier::Column::PersonId)
        .from(person_identifier::Entity)
        .and_where(person_identifier::Column::Kind.eq(IdentifierKind::PersonalId))
        .and_where(person_identifier::Column::Value.eq(id.as_str()))
        .to_owned();
    caller.ask("Person");
    let known = Entity::find().filter(Column::Id.in_subquery(named)).filter(caller.reaches_person());
    Ok(shown(caller, known.one(env.db.read()).await?))
}

fn shown(caller: &Caller, found: Option<Model>) -> Option<Model> {
    caller.disclose("Person", found.iter().len(), found.iter().map(|person| person.id));
    found
}

fn filtered(caller: &Caller, filter: &PersonFilter) -> Select<Entity> {
    let mut select = Entity::find().filter(caller.reached_persons());
    if let Some(search) = &filter.search {
        let prefix = fold(search);
        select = select.filter(Column::NameFolded.gte(&prefix)).filter(Column::NameFolded.lt(after_prefix(&prefix)));
    }
    if let Some(year) = filter.birth_year {
        select = select.filter(Column::BirthYear.eq(year));
    }
    select
}

/// Persons: by name when they are searched by name, else in the order of recording.
pub fn list(caller: &Caller, filter: &PersonFilter) -> Result<Listing<Entity>> {
    caller.require("Query", "persons")?;
    caller.require_filters(
        "Person",
        [
            ("unit", filter.unit.is_some()),
            ("fullName", filter.search.is_some()),
            ("birthYear", filter.birth_year.is_some()),
        ],
    )?;
    let by_id = Order::by_id(Column::Id, |row: &Model| row.id);
    Ok(Listing {
        of: "Person",
        subject: |row| row.id,
        select: filtered(caller, filter),
        places: caller.places(Column::UnitId, filter.unit.as_deref())?,
        order: match filter.search {
            Some(_) => by_id.then_by(text_key(Column::NameFolded, |row: &Model| row.name_folded.clone().into())),
            None => by_id,
        },
    })
}

/// Persons of keys that the caller reached through records it may see. Who has moved out of its area since is not found.
pub async fn by_ids(env: &Env, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Model>> {
    let conn = env.db.read();
    let keys = among(conn, Column::Id, ids.iter().copied());
    let found = Entity::find().filter(keys).filter(caller.within(Column::UnitId)).all(conn).await?;
    caller.disclose("Person", found.len(), found.iter().map(|person| person.id));
    Ok(found)
}

/// The numbers of one kind of many persons.
pub async fn numbers_of(env: &Env, kind: IdentifierKind, persons: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    use person_identifier::Column as Identifier;
    let conn = env.db.read();
    Ok(person_identifier::Entity::find()
        .select_only()
        .columns([Identifier::PersonId, Identifier::Value])
        .filter(among(conn, Identifier::PersonId, persons.iter().copied()))
        .filter(Identifier::Kind.eq(kind))
        .into_tuple()
        .all(conn)
        .await?)
}

/// All numbers of many persons.
pub async fn identifiers_of(env: &Env, persons: &[Uuid]) -> Result<Vec<person_identifier::Model>> {
    use person_identifier::Column as Identifier;
    let order = [(Identifier::Id, Direction::Asc)];
    children::<person_identifier::Entity>(env.db.read(), Identifier::PersonId, persons, &order).await
}
