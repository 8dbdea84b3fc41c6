//! Reading households with their people: memberships, persons and the number of each, in one statement.

use std::collections::HashSet;

use entity::{
    codes::{FamilyRelation, IdentifierKind},
    household, household_member, person, person_identifier,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, IdenStatic, Iterable, Order as Direction,
    QueryResult,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{access::Caller, db::among, env::Env, error::Result};

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

/// The members of many households, heads first. A former member who has moved out of the caller's area is not found.
pub async fn of_households(env: &Env, caller: &Caller, households: &[Uuid], numbers: bool) -> Result<Vec<Member>> {
    use household_member::Column as Membership;
    let conn = env.db.read();
    let mut query = Query::select();
    people(&mut query, numbers)
        .from(household_member::Entity)
        .inner_join(person::Entity, to_person())
        .and_where(among(conn, Membership::HouseholdId, households.iter().copied()))
        .cond_where(caller.within(person::Column::UnitId));
    if numbers {
        query.left_join(person_identifier::Entity, to_number());
    }
    let rows = conn.query_all(in_order(&mut query)).await?;
    shown(caller, &rows, numbers)
}

/// One household by key, with its members.
pub async fn of_household(
    env: &Env,
    caller: &Caller,
    id: Uuid,
    numbers: bool,
) -> Result<Option<(household::Model, Vec<Member>)>> {
    use household_member::Column as Membership;
    caller.require("Query", "household")?;
    let conn = env.db.read();
    let mut query = Query::select();
    let to_members = Expr::col((household_member::Entity, Membership::HouseholdId))
        .equals((household::Entity, household::Column::Id));
    household_columns(people(&mut query, numbers))
        .from(household::Entity)
        .left_join(household_member::Entity, to_members)
        .left_join(person::Entity, to_person().add(caller.within(person::Column::UnitId)))
        .and_where(household::Column::Id.eq(id))
        .cond_where(caller.households());
    if numbers {
        query.left_join(person_identifier::Entity, to_number());
    }
    let rows = conn.query_all(in_order(&mut query)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let household = household::Model::from_query_result(first, HOUSEHOLD)?;
    caller.disclose("Household", 1, [household.id]);
    Ok(Some((household, shown(caller, &rows, numbers)?)))
}

/// Prefix of the columns of the household in a row that has them; they stand last.
const HOUSEHOLD: &str = "h_";

fn people(query: &mut SelectStatement, numbers: bool) -> &mut SelectStatement {
    use household_member::Column as Membership;
    use person::Column as Person;
    let of_membership = [Membership::Id, Membership::HouseholdId, Membership::PersonId, Membership::Relation];
    query.exprs(of_membership.map(|column| Expr::col(column.as_column_ref())));
    query.exprs([Membership::ValidFrom, Membership::ValidTo].map(|column| Expr::col(column.as_column_ref())));
    let of_person = [Person::Id, Person::UnitId, Person::FullName, Person::NameFolded, Person::BirthDate];
    query.exprs(of_person.map(|column| Expr::col(column.as_column_ref())));
    let of_person = [Person::BirthYear, Person::Sex, Person::EthnicityCode, Person::CreatedAt, Person::UpdatedAt];
    query.exprs(of_person.map(|column| Expr::col(column.as_column_ref())));
    if numbers {
        query.expr(Expr::col((person_identifier::Entity, person_identifier::Column::Value)));
    }
    query
}

fn household_columns(query: &mut SelectStatement) -> &mut SelectStatement {
    for column in household::Column::iter() {
        query.expr_as(Expr::col(column.as_column_ref()), format!("{HOUSEHOLD}{}", column.as_str()));
    }
    query
}

fn in_order(query: &mut SelectStatement) -> &SelectStatement {
    use household_member::Column as Membership;
    query
        .order_by((household_member::Entity, Membership::ValidFrom), Direction::Asc)
        .order_by((household_member::Entity, Membership::Id), Direction::Asc)
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
/// caller's area. By place, since a page has hundreds of rows and looking up each column by its name costs as much as
/// reading it.
fn member(row: &QueryResult, numbers: bool) -> Result<Option<Member>, DbErr> {
    let Some(id) = row.try_get_by_index(6)? else { return Ok(None) };
    let membership = household_member::Model {
        id: row.try_get_by_index(0)?,
        household_id: row.try_get_by_index(1)?,
        person_id: row.try_get_by_index(2)?,
        relation: row.try_get_by_index(3)?,
        valid_from: row.try_get_by_index(4)?,
        valid_to: row.try_get_by_index(5)?,
    };
    let person = person::Model {
        id,
        unit_id: row.try_get_by_index(7)?,
        full_name: row.try_get_by_index(8)?,
        name_folded: row.try_get_by_index(9)?,
        birth_date: row.try_get_by_index(10)?,
        birth_year: row.try_get_by_index(11)?,
        sex: row.try_get_by_index(12)?,
        ethnicity_code: row.try_get_by_index(13)?,
        created_at: row.try_get_by_index(14)?,
        updated_at: row.try_get_by_index(15)?,
    };
    let personal_id = if numbers { row.try_get_by_index(16)? } else { None };
    Ok(Some(Member { membership, person, personal_id }))
}

/// The members, heads first, noted for the log. A person who left one household and joined another stands twice and is
/// shown once.
fn shown(caller: &Caller, rows: &[QueryResult], numbers: bool) -> Result<Vec<Member>> {
    let found = rows.iter().map(|row| member(row, numbers)).collect::<Result<Vec<_>, DbErr>>()?;
    let mut people: Vec<Member> = found.into_iter().flatten().collect();
    people.sort_by_key(|member| member.membership.relation != FamilyRelation::Head);
    let persons: HashSet<Uuid> = people.iter().map(|member| member.person.id).collect();
    caller.disclose("Person", persons.len(), persons);
    Ok(people)
}
