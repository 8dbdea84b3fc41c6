//! Finding whom the rows of a push mean: a handful of statements for a whole chunk. What lies outside the sender's area is
//! unknown to it.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use chrono::NaiveDate;
use entity::{
    by_place::Cell,
    codes::{IdentifierKind, PovertyClass},
    household, household_member, household_review, person, person_identifier,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryResult, QuerySelect, QueryTrait,
    RelationDef, prelude::Uuid,
};

use super::standing::{ClassPeriod, Standing};
use crate::{
    access::Caller,
    db::among_keys,
    domain::{period::Period, personal_id::PersonalId, text},
    error::Result,
    messages::{Code, Message},
};

/// A person as a row needs it.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    /// Key.
    pub id: Uuid,
    /// Commune of registration.
    pub unit_id: Uuid,
    /// Folded name.
    pub name_folded: String,
    /// Year of birth.
    pub birth_year: i16,
    memberships: Vec<Membership>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Membership {
    household: KnownHousehold,
    period: Period,
}

/// A household as a row needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownHousehold {
    /// Key.
    pub id: Uuid,
    /// Commune of registration.
    pub unit_id: Uuid,
}

impl KnownPerson {
    /// The household the person belonged to on a day.
    pub fn household_on(&self, day: NaiveDate) -> Option<KnownHousehold> {
        self.memberships
            .iter()
            .find(|membership| membership.period.contains(day))
            .map(|membership| membership.household)
    }

    /// Doubts about the name and year of birth that were sent with the number.
    pub fn doubts(&self, full_name: Option<&str>, birth_year: Option<i16>) -> Vec<Message> {
        let mut doubts = Vec::new();
        if full_name.is_some_and(|name| text::fold(name) != self.name_folded) {
            doubts.push(Code::NameDiffers.into());
        }
        if birth_year.is_some_and(|year| year != self.birth_year) {
            doubts.push(Code::BirthYearDiffers.into());
        }
        doubts
    }
}

/// What is known of the persons and households that a chunk of rows names.
#[derive(Debug, Default)]
pub struct Matches {
    persons: HashMap<String, KnownPerson>,
    households: HashMap<String, Vec<KnownHousehold>>,
    classes: HashMap<Uuid, Vec<ClassPeriod>>,
}

impl Matches {
    /// Looks up all persons and households of a chunk, with the reviews of their households.
    pub async fn load<'a>(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        personal_ids: impl IntoIterator<Item = &'a PersonalId>,
        household_codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let matches = Self::of_persons(conn, caller, personal_ids).await?;
        matches.with_households(conn, caller, household_codes).await?.with_reviews(conn).await
    }

    /// Looks up all persons of a chunk with their households and the reviews of these.
    pub async fn of_persons<'a>(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        personal_ids: impl IntoIterator<Item = &'a PersonalId>,
    ) -> Result<Self> {
        let ids: HashSet<&str> = personal_ids.into_iter().map(PersonalId::as_str).collect();
        let mut matches = Self::default();
        for row in persons(conn, caller, &ids).await? {
            matches.note(&row)?;
        }
        Ok(matches)
    }

    /// Notes a row of [`persons`]: a person with one of its households and one of the reviews of that, each of them once.
    fn note(&mut self, row: &QueryResult) -> std::result::Result<(), DbErr> {
        let number: String = Cell::cell(row, 0)?;
        let person = match self.persons.entry(number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(fresh) => fresh.insert(KnownPerson {
                id: Cell::cell(row, 1)?,
                unit_id: Cell::cell(row, 2)?,
                name_folded: Cell::cell(row, 3)?,
                birth_year: Cell::cell(row, 4)?,
                memberships: Vec::new(),
            }),
        };
        let (Some(id), Some(unit_id)) = (Cell::cell(row, 5)?, Cell::cell(row, 6)?) else { return Ok(()) };
        let household = KnownHousehold { id, unit_id };
        let membership =
            Membership { household, period: Period { from: Cell::cell(row, 7)?, to: Cell::cell(row, 8)? } };
        if !person.memberships.contains(&membership) {
            person.memberships.push(membership);
        }
        let Some(class) = Cell::cell(row, 9)? else { return Ok(()) };
        let (decided_on, from, to) = (Cell::cell(row, 10)?, Cell::cell(row, 11)?, Cell::cell(row, 12)?);
        let periods = self.classes.entry(id).or_default();
        let period = ClassPeriod { class, decided_on, from, to };
        if !periods.contains(&period) {
            periods.push(period);
        }
        Ok(())
    }

    /// Looks up more households by their code.
    pub async fn with_households<'a>(
        mut self,
        conn: &impl ConnectionTrait,
        caller: &Caller,
        codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let codes: HashSet<&str> = codes.into_iter().collect();
        for (code, household) in households(conn, caller, &codes).await? {
            self.households.entry(code).or_default().push(household);
        }
        Ok(self)
    }

    /// Looks up the reviews of the households that are known by their code.
    pub async fn with_reviews(mut self, conn: &impl ConnectionTrait) -> Result<Self> {
        let ids = self.households.values().flatten().map(|household| household.id).collect();
        self.classes.extend(classes(conn, ids).await?);
        Ok(self)
    }

    /// Whether a number alone tells the household of a day, so that its code need not be looked up.
    pub fn tells_household(&self, id: Option<&PersonalId>, day: NaiveDate) -> bool {
        let person = id.and_then(|id| self.persons.get(id.as_str()));
        person.is_some_and(|person| person.household_on(day).is_some())
    }

    /// The person of a number, or why the row must wait.
    pub fn person(&self, id: &PersonalId) -> Result<&KnownPerson, Message> {
        self.persons.get(id.as_str()).ok_or_else(|| Code::UnknownPerson.into())
    }

    /// The household of a code, or why the row must wait.
    pub fn household(&self, code: &str, unit_ids: Option<&[Uuid]>) -> Result<KnownHousehold, Message> {
        let all = self.households.get(code).map_or(&[][..], Vec::as_slice);
        let mut of_unit =
            all.iter().filter(|household| unit_ids.is_none_or(|units| units.contains(&household.unit_id)));
        match (of_unit.next(), of_unit.next()) {
            (Some(household), None) => Ok(*household),
            (Some(_), Some(_)) => Err(Code::AmbiguousHousehold.into()),
            (None, _) => Err(Code::UnknownHousehold.into()),
        }
    }

    /// The persons known by their number.
    pub fn person_ids(&self) -> Vec<Uuid> {
        self.persons.values().map(|person| person.id).collect()
    }

    /// The households known, whether by their code or by a member.
    pub fn household_ids(&self) -> Vec<Uuid> {
        let of_persons = self.persons.values().flat_map(|person| &person.memberships).map(|m| m.household.id);
        let of_codes = self.households.values().flatten().map(|household| household.id);
        let all: HashSet<Uuid> = of_persons.chain(of_codes).collect();
        all.into_iter().collect()
    }

    /// What a household is on a day.
    pub fn standing(&self, household: KnownHousehold, day: NaiveDate) -> Standing {
        Standing::on(day, self.classes.get(&household.id).map_or(&[][..], Vec::as_slice))
    }
}

/// Persons, households and reviews in one statement: a short push waits for the way to the database more than for the rows.
async fn persons(conn: &impl ConnectionTrait, caller: &Caller, ids: &HashSet<&str>) -> Result<Vec<QueryResult>> {
    use household_review::Column as Review;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let question = person_identifier::Entity::find()
        .select_only()
        .column(person_identifier::Column::Value)
        .columns([person::Column::Id, person::Column::UnitId])
        .columns([person::Column::NameFolded, person::Column::BirthYear])
        .column_as(household::Column::Id, "of_household")
        .column_as(household::Column::UnitId, "of_unit")
        .columns([household_member::Column::ValidFrom, household_member::Column::ValidTo])
        .columns([Review::DecidedClass, Review::DecidedOn, Review::ValidFrom, Review::ValidTo])
        .join(JoinType::InnerJoin, to_person())
        .join(JoinType::LeftJoin, to_member())
        .join(JoinType::LeftJoin, to_household())
        .join(JoinType::LeftJoin, to_review())
        .filter(person_identifier::Column::Kind.eq(IdentifierKind::PersonalId))
        .filter(among_keys(conn, person_identifier::Column::Value, ids.iter().copied()))
        .filter(caller.holds(person::Column::UnitId))
        .into_query();
    Ok(conn.query_all(&question).await?)
}

async fn households(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    codes: &HashSet<&str>,
) -> Result<Vec<(String, KnownHousehold)>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, Uuid, Uuid)> = household::Entity::find()
        .select_only()
        .columns([household::Column::Code, household::Column::Id, household::Column::UnitId])
        .filter(among_keys(conn, household::Column::Code, codes.iter().copied()))
        .filter(caller.holds(household::Column::UnitId))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(code, id, unit_id)| (code, KnownHousehold { id, unit_id })).collect())
}

async fn classes(conn: &impl ConnectionTrait, households: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<ClassPeriod>>> {
    use household_review::Column;
    if households.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, PovertyClass, Option<NaiveDate>, NaiveDate, NaiveDate)> = household_review::Entity::find()
        .select_only()
        .columns([Column::HouseholdId, Column::DecidedClass, Column::DecidedOn, Column::ValidFrom, Column::ValidTo])
        .filter(among_keys(conn, Column::HouseholdId, households))
        .into_tuple()
        .all(conn)
        .await?;
    let mut found: HashMap<Uuid, Vec<ClassPeriod>> = HashMap::new();
    for (household_id, class, decided_on, from, to) in rows {
        found.entry(household_id).or_default().push(ClassPeriod { class, decided_on, from, to });
    }
    Ok(found)
}

fn to_person() -> RelationDef {
    person_identifier::Entity::belongs_to(person::Entity)
        .from(person_identifier::Column::PersonId)
        .to(person::Column::Id)
        .into()
}

fn to_member() -> RelationDef {
    person::Entity::belongs_to(household_member::Entity)
        .from(person::Column::Id)
        .to(household_member::Column::PersonId)
        .into()
}

fn to_household() -> RelationDef {
    household_member::Entity::belongs_to(household::Entity)
        .from(household_member::Column::HouseholdId)
        .to(household::Column::Id)
        .into()
}

fn to_review() -> RelationDef {
    household::Entity::belongs_to(household_review::Entity)
        .from(household::Column::Id)
        .to(household_review::Column::HouseholdId)
        .into()
}
