//! Who might be meant by rows that mean nobody known: persons of the same name in the sender's area.

use std::collections::HashSet;

use entity::{codes::IdentifierKind, person, person_identifier};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef,
    prelude::Uuid,
};

use crate::{
    access::{Caller, Reach, policy},
    db::among,
    domain::{personal_id::mask, text},
    error::Result,
    exchange::kind::Suggestion,
};

/// A name as it was sent, with the year of birth where it was.
pub type Named<'a> = (&'a str, Option<i16>);

/// Most persons suggested for one row.
const MOST: usize = 3;

/// Persons of the names that stand in the waiting rows of a chunk.
#[derive(Debug, Default)]
pub struct Suggestions {
    namesakes: Vec<Namesake>,
    /// Who does not reach everybody in the area must know name and year of birth to be told of anyone.
    needs_year: bool,
}

#[derive(Debug)]
struct Namesake {
    id: Uuid,
    full_name: String,
    name_folded: String,
    birth_year: i16,
    personal_id: Option<String>,
}

impl Suggestions {
    /// Looks up the names of rows that wait.
    pub async fn load(conn: &impl ConnectionTrait, caller: &Caller, waiting: Vec<Named<'_>>) -> Result<Self> {
        let needs_year = policy::table().reach(caller.actor.role, "Person") != Reach::Area;
        let told = waiting.into_iter().filter(|(_, year)| !needs_year || year.is_some());
        let names: HashSet<String> = told.map(|(name, _)| text::fold(name)).collect();
        if names.is_empty() {
            return Ok(Self::default());
        }
        let rows: Vec<(Uuid, String, String, i16, Option<String>)> = person::Entity::find()
            .select_only()
            .columns([person::Column::Id])
            .columns([person::Column::FullName, person::Column::NameFolded])
            .column(person::Column::BirthYear)
            .column(person_identifier::Column::Value)
            .join(JoinType::LeftJoin, to_personal_id())
            .filter(among(conn, person::Column::NameFolded, names))
            .filter(caller.within(person::Column::UnitId))
            .limit(1000)
            .into_tuple()
            .all(conn)
            .await?;
        let namesakes = rows.into_iter().map(|(id, full_name, name_folded, birth_year, personal_id)| Namesake {
            id,
            full_name,
            name_folded,
            birth_year,
            personal_id,
        });
        Ok(Self { namesakes: namesakes.collect(), needs_year })
    }

    /// Those of a name, and of the year of birth where it was sent.
    pub fn of(&self, sent: Option<Named<'_>>) -> Vec<Suggestion> {
        let Some((name, year)) = sent.filter(|(_, year)| !self.needs_year || year.is_some()) else { return Vec::new() };
        let folded = text::fold(name);
        let is_meant = |one: &&Namesake| one.name_folded == folded && year.is_none_or(|year| one.birth_year == year);
        self.namesakes.iter().filter(is_meant).take(MOST).map(Suggestion::from).collect()
    }
}

impl From<&Namesake> for Suggestion {
    fn from(one: &Namesake) -> Self {
        Self {
            person_id: one.id,
            full_name: one.full_name.clone(),
            birth_year: one.birth_year,
            personal_id: one.personal_id.as_deref().map(mask),
        }
    }
}

fn to_personal_id() -> RelationDef {
    let mut relation: RelationDef = person::Entity::belongs_to(person_identifier::Entity)
        .from(person::Column::Id)
        .to(person_identifier::Column::PersonId)
        .into();
    relation.on_condition = Some(std::sync::Arc::new(|_, _| {
        Condition::all().add(person_identifier::Column::Kind.eq(IdentifierKind::PersonalId))
    }));
    relation
}
