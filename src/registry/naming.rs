//! How records that are told back name their commune, household and person: by the codes and numbers of the wire. One
//! look-up for a page, none where nothing of it is told.

use std::collections::HashMap;

use entity::{codes::IdentifierKind, person};
use uuid::Uuid;

use super::{households, persons};
use crate::{access::Caller, env::Env, error::Result, exchange::raw::Cell, units};

/// Codes by key.
#[derive(Clone, Debug, Default)]
pub struct Codes(HashMap<Uuid, String>);

impl Codes {
    /// The code as a field tells it; nothing where the record lies outside the caller's area.
    pub fn cell(&self, id: impl Into<Option<Uuid>>) -> Cell {
        id.into().and_then(|id| self.0.get(&id)).into()
    }
}

/// A person with the numbers that name it.
#[derive(Clone, Debug)]
pub struct Named {
    /// The person.
    pub person: person::Model,
    numbers: Vec<(IdentifierKind, String)>,
}

impl Named {
    /// A number of the person.
    pub fn number(&self, kind: IdentifierKind) -> Option<&String> {
        self.numbers.iter().find(|(held, _)| *held == kind).map(|(_, number)| number)
    }
}

/// Persons by key.
#[derive(Clone, Debug, Default)]
pub struct People(HashMap<Uuid, Named>);

impl People {
    /// A person.
    pub fn get(&self, id: impl Into<Option<Uuid>>) -> Option<&Named> {
        self.0.get(&id.into()?)
    }

    /// The personal ID of a person as a field tells it.
    pub fn personal_id(&self, id: impl Into<Option<Uuid>>) -> Cell {
        self.get(id).and_then(|named| named.number(IdentifierKind::PersonalId)).into()
    }
}

/// The codes of units, where they are wanted.
pub async fn units(env: &Env, wanted: bool, ids: impl Iterator<Item = Uuid>) -> Result<Codes> {
    let ids = keys(wanted, ids);
    let found = units::by_ids(env.db.read(), &ids).await?;
    Ok(Codes(found.into_iter().map(|(id, unit)| (id, unit.code)).collect()))
}

/// The codes of households within the caller's reach, where they are wanted.
pub async fn households(env: &Env, caller: &Caller, wanted: bool, ids: impl Iterator<Item = Uuid>) -> Result<Codes> {
    let ids = keys(wanted, ids);
    if ids.is_empty() {
        return Ok(Codes::default());
    }
    let found = households::by_ids(env, caller, &ids).await?;
    Ok(Codes(found.into_iter().map(|household| (household.id, household.code)).collect()))
}

/// Persons with their numbers, where they are wanted.
pub async fn people(env: &Env, caller: &Caller, wanted: bool, ids: impl Iterator<Item = Uuid>) -> Result<People> {
    let ids = keys(wanted, ids);
    if ids.is_empty() {
        return Ok(People::default());
    }
    let mut numbers: HashMap<Uuid, Vec<(IdentifierKind, String)>> = HashMap::new();
    for held in persons::identifiers_of(env, &ids).await? {
        numbers.entry(held.person_id).or_default().push((held.kind, held.value));
    }
    let found = persons::by_ids(env, caller, &ids).await?;
    let named = |person: person::Model| {
        let numbers = numbers.remove(&person.id).unwrap_or_default();
        (person.id, Named { person, numbers })
    };
    Ok(People(found.into_iter().map(named).collect()))
}

fn keys(wanted: bool, ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = if wanted { ids.collect() } else { Vec::new() };
    ids.sort_unstable();
    ids.dedup();
    ids
}
