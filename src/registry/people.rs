//! Reading households with their people in one statement: memberships, persons, the number of each, and for a single
//! household their cards. What a question asks for together is found together, because for one household the way to the
//! database and back costs more than the rows.

use std::{cmp::Reverse, collections::HashSet};

use chrono::NaiveDate;
use entity::{
    by_place::{ByPlace, Cell, Columns},
    codes::{FamilyRelation, IdentifierKind},
    health_insurance_card, household,
    household_member::{self, Column, Model as Membership},
    person, person_identifier,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, QueryResult,
    sea_query::{
        Alias, CaseStatement, Expr, ExprTrait, Func, Order, Query, SelectStatement, SimpleExpr, WindowStatement,
    },
};
use uuid::Uuid;

use super::households::held_on;
use crate::{
    access::Caller,
    db::{among, with_limits},
    env::Env,
    error::Result,
    listing::children::{MOST_TOGETHER, Part, Place, bounded, first_of_each, most_of_short, no_cursor},
};

/// A member of a household.
#[derive(Clone, Debug)]
pub struct Member {
    /// The membership.
    pub membership: household_member::Model,
    /// The person.
    pub person: person::Model,
    /// The personal ID, where it was asked for and is known.
    pub personal_id: Option<String>,
}

/// Where a membership stands among those of its household: heads first, then as they joined.
pub fn place(membership: &Membership) -> Place {
    let since = membership.valid_from.unwrap_or(UNKNOWN).to_string();
    Place { keys: vec![u8::from(membership.relation != FamilyRelation::Head).to_string(), since], id: membership.id }
}

/// Stands for the first day of a membership that is not known: such members come last.
const UNKNOWN: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");

/// The members of many households, heads first; none where one of them has very many. A former member who has moved out of the
/// caller's area is not found.
pub async fn of_households(
    env: &Env,
    caller: &Caller,
    households: &[Uuid],
    numbers: bool,
) -> Result<Option<Vec<Member>>> {
    let (conn, most) = (env.db.read(), most_of_short(households.len()));
    let mut query = with_people(numbers);
    query
        .and_where(among(conn, Column::HouseholdId, households.iter().copied()))
        .cond_where(caller.within(person::Column::UnitId))
        .limit(most + 1);
    let rows = conn.query_all_raw(with_limits(conn.get_database_backend().build(&query))).await?;
    if rows.len() as u64 > most { Ok(None) } else { shown(caller, &rows, Columns::all(), numbers).map(Some) }
}

/// A part of the members of each of many households, with one more of each that has more.
pub async fn part_of_households(
    env: &Env,
    caller: &Caller,
    households: &[Uuid],
    numbers: bool,
    part: &Part,
) -> Result<Vec<Member>> {
    let conn = env.db.read();
    let mut window = WindowStatement::partition_by((household_member::Entity, Column::HouseholdId));
    for key in keys() {
        window.order_by_expr(key, Order::Asc);
    }
    let mut ranked = Query::select();
    ranked
        .column((household_member::Entity, Column::Id))
        .expr_window_as(Expr::cust("ROW_NUMBER()"), window, Alias::new("rank"))
        .from(household_member::Entity)
        .inner_join(person::Entity, to_person())
        .and_where(among(conn, Column::HouseholdId, households.iter().copied()))
        .cond_where(caller.within(person::Column::UnitId));
    if let Some(day) = part.on {
        ranked.cond_where(held_on(day));
    }
    if let Some(place) = &part.after {
        ranked.and_where(behind(place)?);
    }
    let first = first_of_each((Alias::new("rank"), Column::Id), ranked, part.first + 1);
    let mut query = with_people(numbers);
    query.and_where(Column::Id.in_subquery(first)).limit(MOST_TOGETHER + 1);
    let rows = bounded(conn.query_all(&query).await?)?;
    shown(caller, &rows, Columns::all(), numbers)
}

/// What members are sorted by.
fn keys() -> [SimpleExpr; 3] {
    let is_other = CaseStatement::new().case(Column::Relation.eq(FamilyRelation::Head), 0).finally(1);
    let since = Func::coalesce([Expr::col((household_member::Entity, Column::ValidFrom)), Expr::val(UNKNOWN)]);
    [is_other.into(), since.into(), Expr::col((household_member::Entity, Column::Id))]
}

fn behind(place: &Place) -> Result<SimpleExpr> {
    let wrong = || no_cursor(&place.cursor());
    let [is_other, since] = place.keys.as_slice() else { return Err(wrong()) };
    let is_other: i32 = is_other.parse().map_err(|_| wrong())?;
    let since: NaiveDate = since.parse().map_err(|_| wrong())?;
    Ok(Expr::tuple(keys()).gt(Expr::tuple([Expr::val(is_other), Expr::val(since), Expr::val(place.id)])))
}

/// The statement that reads members with their persons.
fn with_people(numbers: bool) -> SelectStatement {
    let mut query = Query::select();
    people(&mut query, Columns::all(), numbers).from(household_member::Entity).inner_join(person::Entity, to_person());
    if numbers {
        query.left_join(person_identifier::Entity, to_number());
    }
    query
}

/// A household with its people.
#[derive(Clone, Debug)]
pub struct Home {
    /// The household.
    pub household: household::Model,
    /// Its people; none where they have so many cards that they are to be read by themselves.
    pub people: Option<People>,
}

/// The people of a household.
#[derive(Clone, Debug)]
pub struct People {
    /// The members, heads first.
    pub members: Vec<Member>,
    /// Their cards, the newest first, where they were asked for.
    pub cards: Vec<health_insurance_card::Model>,
}

/// Most rows of one household with its people and their cards.
const MOST_AT_HOME: u64 = 1_000;

/// What is wanted of a household and its people.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Columns of the household.
    pub household: Columns<household::Model>,
    /// Columns of the persons.
    pub person: Columns<person::Model>,
    /// Whether their personal IDs too.
    pub numbers: bool,
    /// Their health-insurance cards, of these columns.
    pub cards: Option<Columns<health_insurance_card::Model>>,
}

/// One household by key, with its people.
pub async fn of_household(env: &Env, caller: &Caller, id: Uuid, wanted: Wanted) -> Result<Option<Home>> {
    use health_insurance_card::Column as Card;
    caller.require("Query", "household")?;
    let conn = env.db.together();
    let mut query = Query::select();
    let household = (household::Entity, household::Column::Id);
    people(&mut query, wanted.person, wanted.numbers)
        .expr(Expr::cust(wanted.household.selected()))
        .from(household::Entity)
        .left_join(
            household_member::Entity,
            Expr::col((household_member::Entity, Column::HouseholdId)).equals(household),
        )
        .left_join(person::Entity, to_person().add(caller.within(person::Column::UnitId)))
        .and_where(household::Column::Id.eq(id))
        .cond_where(caller.households());
    if wanted.numbers {
        query.left_join(person_identifier::Entity, to_number());
    }
    if let Some(cards) = wanted.cards {
        let of_person =
            Expr::col((health_insurance_card::Entity, Card::PersonId)).equals((person::Entity, person::Column::Id));
        query.expr(Expr::cust(cards.selected())).left_join(health_insurance_card::Entity, of_person);
    }
    let rows = conn.query_all(query.limit(MOST_AT_HOME + 1)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let behind_people = PERSON + wanted.person.count() + usize::from(wanted.numbers);
    let household = household::Model::by_place(first, behind_people, wanted.household)?;
    caller.disclose("Household", 1, [household.id]);
    if rows.len() as u64 > MOST_AT_HOME {
        return Ok(Some(Home { household, people: None }));
    }
    let behind_household = behind_people + wanted.household.count();
    let cards = match wanted.cards {
        Some(columns) => cards(caller, &rows, behind_household, columns)?,
        None => Vec::new(),
    };
    let members = shown(caller, &rows, wanted.person, wanted.numbers)?;
    Ok(Some(Home { household, people: Some(People { members, cards }) }))
}

/// The cards of joined rows, whose columns begin at a place. One of a person who stands twice is there once.
fn cards(
    caller: &Caller,
    rows: &[QueryResult],
    at: usize,
    columns: Columns<health_insurance_card::Model>,
) -> Result<Vec<health_insurance_card::Model>> {
    let mut seen = HashSet::new();
    let mut cards = Vec::with_capacity(rows.len());
    for row in rows {
        if Option::<Uuid>::cell(row, at)?.is_some_and(|id| seen.insert(id)) {
            cards.push(health_insurance_card::Model::by_place(row, at, columns)?);
        }
    }
    cards.sort_unstable_by_key(|card| Reverse((card.valid_to, card.id)));
    caller.disclose("HealthInsuranceCard", cards.len(), []);
    Ok(cards)
}

/// Where the columns of the person begin. Behind them stands the number, and then what a statement reads besides people.
const PERSON: usize = household_member::Model::COLUMNS.len();

fn people(query: &mut SelectStatement, person: Columns<person::Model>, numbers: bool) -> &mut SelectStatement {
    query.expr(Expr::cust(household_member::Model::SELECTED)).expr(Expr::cust(person.selected()));
    if numbers {
        query.expr(Expr::col((person_identifier::Entity, person_identifier::Column::Value)));
    }
    query
}

fn to_person() -> Condition {
    let person = (person::Entity, person::Column::Id);
    Condition::all().add(Expr::col((household_member::Entity, household_member::Column::PersonId)).equals(person))
}

fn to_number() -> Condition {
    use person_identifier::{Column, Entity};
    Condition::all()
        .add(Expr::col((Entity, Column::PersonId)).equals((person::Entity, person::Column::Id)))
        .add(Column::Kind.eq(IdentifierKind::PersonalId))
}

/// The member of a joined row, whose columns stand in the order of [`people`]; none where the household has no member in the
/// caller's area.
fn member(row: &QueryResult, columns: Columns<person::Model>, numbers: bool) -> Result<Option<Member>, DbErr> {
    if Option::<Uuid>::cell(row, PERSON)?.is_none() {
        return Ok(None);
    }
    let membership = household_member::Model::by_place(row, 0, Columns::all())?;
    let person = person::Model::by_place(row, PERSON, columns)?;
    let personal_id = if numbers { Cell::cell(row, PERSON + columns.count())? } else { None };
    Ok(Some(Member { membership, person, personal_id }))
}

/// The members, heads first, then as they joined, noted for the log. With cards beside them they stand in a row for each.
/// They are put in order here, because to sort wide rows costs the database as much as to find these few.
fn shown(caller: &Caller, rows: &[QueryResult], columns: Columns<person::Model>, numbers: bool) -> Result<Vec<Member>> {
    let found = rows.iter().map(|row| member(row, columns, numbers)).collect::<Result<Vec<_>, DbErr>>()?;
    let mut people: Vec<Member> = found.into_iter().flatten().collect();
    people.sort_unstable_by_key(|Member { membership, .. }| {
        (membership.relation != FamilyRelation::Head, membership.valid_from.unwrap_or(UNKNOWN), membership.id)
    });
    people.dedup_by_key(|member| member.membership.id);
    let persons: HashSet<Uuid> = people.iter().map(|member| member.person.id).collect();
    caller.disclose("Person", persons.len(), persons);
    Ok(people)
}
