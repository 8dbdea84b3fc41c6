//! Coverage of a unit on a day: members and insured by commune and class.

use chrono::NaiveDate;
use entity::{codes::PovertyClass, household, household_member, household_review};
use sea_orm::{
    Condition, FromQueryResult, StatementBuilder,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::cards::valid_card;
use crate::{
    access::{Caller, Grant},
    db::contains_day,
    env::Env,
    error::Result,
    summing::SMALLEST_CELL,
};

/// Members of one class in one commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageLine {
    /// The commune.
    pub unit_id: Uuid,
    /// Class of their households on the day; none where no review governs it.
    pub class: Option<PovertyClass>,
    /// Members; none where the cell is left out.
    pub persons: Option<i64>,
    /// Of them covered by a card on the day; none where the cell is left out.
    pub covered: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    unit_id: Uuid,
    class: Option<PovertyClass>,
    persons: i64,
    covered: i64,
}

/// Members and insured by commune and class, one statement.
pub async fn coverage(
    env: &Env,
    caller: &Caller,
    unit: Option<&str>,
    as_of: Option<NaiveDate>,
) -> Result<Vec<CoverageLine>> {
    let grant = caller.require("Query", "coverageSummary")?;
    let day = as_of.unwrap_or_else(|| env.clock.today());
    let conn = env.db.read();
    let statement = StatementBuilder::build(&select(caller, unit, day)?, &env.db.backend());
    let rows = Row::find_by_statement(statement).all(conn).await?;
    let hide = |row: &Row| grant == Grant::Suppressed && row.persons < SMALLEST_CELL;
    let line = |row: Row| {
        let shown = !hide(&row);
        CoverageLine {
            unit_id: row.unit_id,
            class: row.class,
            persons: shown.then_some(row.persons),
            covered: shown.then_some(row.covered),
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

fn select(caller: &Caller, unit: Option<&str>, day: NaiveDate) -> Result<SelectStatement> {
    use household_member::Column as Member;
    use household_review::Column as Review;
    let covered = CaseStatement::new()
        .case(Expr::exists(valid_card((household_member::Entity, Member::PersonId), day)), 1)
        .finally(0);
    let mut select = Query::select();
    select
        .column((household::Entity, household::Column::UnitId))
        .expr_as(Expr::col((household_review::Entity, Review::DecidedClass)), Alias::new("class"))
        .expr_as(Expr::col((household_member::Entity, Member::Id)).count(), Alias::new("persons"))
        .expr_as(Expr::expr(covered).sum().cast_as(Alias::new("BIGINT")), Alias::new("covered"))
        .from(household_member::Entity)
        .inner_join(
            household::Entity,
            Expr::col((household::Entity, household::Column::Id))
                .equals((household_member::Entity, Member::HouseholdId)),
        )
        .left_join(
            household_review::Entity,
            Condition::all()
                .add(
                    Expr::col((household_review::Entity, Review::HouseholdId))
                        .equals((household::Entity, household::Column::Id)),
                )
                .add(contains_day(Review::ValidFrom, Review::ValidTo, day)),
        )
        .cond_where(Condition::all().add(caller.within_places(household::Column::UnitId, unit)?).add(contains_day(
            Member::ValidFrom,
            Member::ValidTo,
            day,
        )))
        .group_by_col((household::Entity, household::Column::UnitId))
        .group_by_col((household_review::Entity, Review::DecidedClass));
    Ok(select)
}
