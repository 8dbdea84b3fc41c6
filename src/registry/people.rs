//! Reading households with their people: memberships, persons and the number of each, in one statement.

use std::collections::HashSet;

use entity::{
    codes::{FamilyRelation, IdentifierKind},
    household, household_member, person, person_identifier,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    Order as Direction, QueryResult,
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
    columns::<household::Entity>(people(&mut query, numbers), HOUSEHOLD)
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

/// Prefixes of the columns of a joined row.
const HOUSEHOLD: &str = "h_";
const MEMBERSHIP: &str = "m_";
const PERSON: &str = "p_";
const NUMBER: &str = "number";

fn people(query: &mut SelectStatement, numbers: bool) -> &mut SelectStatement {
    columns::<household_member::Entity>(query, MEMBERSHIP);
    columns::<person::Entity>(query, PERSON);
    if numbers {
        query.expr_as(Expr::col((person_identifier::Entity, person_identifier::Column::Value)), NUMBER);
    }
    query
}

fn columns<'q, E: EntityTrait>(query: &'q mut SelectStatement, prefix: &str) -> &'q mut SelectStatement {
    for column in E::Column::iter() {
        query.expr_as(Expr::col(column.as_column_ref()), format!("{prefix}{}", column.as_str()));
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

/// The member of a joined row; none where the household has no member in the caller's area.
fn member(row: &QueryResult, numbers: bool) -> Result<Option<Member>, DbErr> {
    let Some(person) = person::Model::from_query_result_optional(row, PERSON)? else { return Ok(None) };
    let membership = household_member::Model::from_query_result(row, MEMBERSHIP)?;
    let personal_id = if numbers { row.try_get("", NUMBER)? } else { None };
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
