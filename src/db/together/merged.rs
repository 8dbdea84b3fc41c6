//! One statement out of several that read alike.
//!
//! `SELECT … WHERE id = $1` becomes `SELECT q.*, a.n FROM unnest((SELECT $1)) WITH ORDINALITY a(p1, n), LATERAL (SELECT …
//! WHERE id = a.p1 OFFSET 0) q`: an array for each parameter, and with each row the number of the question that it answers.
//! `OFFSET 0` keeps the planner from taking the question apart, so that its plan is that of the question alone, carried out once for
//! each, in their order, with the rows of each in its own order. It cannot look into an array that is selected, so that it plans
//! once, and not for each number of questions.

use std::fmt::Write;

use sea_orm::{DbBackend, DbErr, QueryResult, Statement, Value};

use entity::by_place::Cell;

use crate::db::parameters::renamed;

/// Whether it can be merged: it has parameters, and none of them is an array or null.
pub(super) fn can_be(statement: &Statement) -> bool {
    let is_plain = |value: &Value| !matches!(value, Value::Array(..)) && *value != value.as_null();
    statement.values.as_ref().is_some_and(|values| !values.0.is_empty() && values.0.iter().all(is_plain))
}

/// The statement for one and for others; none where their values are not of the same types.
pub(super) fn statement(first: &Statement, others: Vec<Vec<Value>>) -> Option<Statement> {
    let own = &first.values.as_ref()?.0;
    let mut columns: Vec<Vec<Value>> = own.iter().map(|value| vec![value.clone()]).collect();
    for values in others {
        if values.len() != columns.len() {
            return None;
        }
        for (column, value) in columns.iter_mut().zip(values) {
            if column.first().map(Value::array_type) != Some(value.array_type()) {
                return None;
            }
            column.push(value);
        }
    }
    let names: Vec<_> = (1..=columns.len()).map(|number| format!("a.p{number}")).collect();
    let array = |column: Vec<Value>| Some(Value::Array(column.first()?.array_type(), Some(Box::new(column))));
    let arrays = columns.into_iter().map(array).collect::<Option<Vec<_>>>()?;
    let mut sql = String::with_capacity(first.sql.len() + 200);
    sql.push_str("SELECT q.*, a.n FROM unnest(");
    list(&mut sql, arrays.len(), "(SELECT $", ")")?;
    sql.push_str(") WITH ORDINALITY a(");
    list(&mut sql, arrays.len(), "p", "")?;
    sql.push_str(", n), LATERAL (");
    renamed(&mut sql, &first.sql, &names)?;
    sql.push_str(" OFFSET 0) q");
    Some(Statement::from_sql_and_values(DbBackend::Postgres, sql, arrays))
}

/// `$1, $2`
fn list(sql: &mut String, count: usize, before: &str, behind: &str) -> Option<()> {
    for place in 1..=count {
        let comma = if place == 1 { "" } else { ", " };
        write!(sql, "{comma}{before}{place}{behind}").ok()?;
    }
    Some(())
}

/// The rows of each question, by the number that stands last in each.
pub(super) fn parts(rows: Vec<QueryResult>, questions: usize) -> Result<Vec<Vec<QueryResult>>, DbErr> {
    let mut parts: Vec<Vec<QueryResult>> = (0..questions).map(|_| Vec::new()).collect();
    for row in rows {
        let last = row.try_as_pg_row().map_or(0, sea_orm::sqlx::Row::len).saturating_sub(1);
        let number = i64::cell(&row, last)?;
        let part = usize::try_from(number - 1).ok().and_then(|place| parts.get_mut(place));
        part.ok_or_else(|| DbErr::Type(format!("no question has the number {number}")))?.push(row);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(values: Vec<Value>) -> Statement {
        let sql = "SELECT a FROM t WHERE a = $1 AND c = $3 OR d = $2 LIMIT 5";
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    }

    fn values(a: &str, b: i32, c: i64) -> Vec<Value> {
        vec![a.into(), b.into(), c.into()]
    }

    #[test]
    fn parameters_become_columns() {
        let merged = statement(&question(values("x", 1, 7)), vec![values("y", 2, 8)]).unwrap();

        assert_eq!(
            merged.sql,
            "SELECT q.*, a.n FROM unnest((SELECT $1), (SELECT $2), (SELECT $3)) WITH ORDINALITY a(p1, p2, p3, n), LATERAL \
             (SELECT a FROM t WHERE a = a.p1 AND c = a.p3 OR d = a.p2 LIMIT 5 OFFSET 0) q"
        );
        let arrays = merged.values.unwrap().0;
        assert_eq!(arrays[0], Value::from(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(arrays[1..], [Value::from(vec![1, 2]), Value::from(vec![7_i64, 8])]);
    }

    #[test]
    fn what_is_not_alike_is_not_merged() {
        let one = question(values("x", 1, 7));
        assert!(statement(&one, vec![vec!["y".into(), 2_i64.into(), 8_i64.into()]]).is_none());
        assert!(statement(&one, vec![vec!["y".into()]]).is_none());

        assert!(can_be(&one));
        assert!(!can_be(&question(vec![None::<String>.into()])));
        assert!(!can_be(&question(vec![vec![1, 2].into()])));
        assert!(!can_be(&question(Vec::new())));
    }
}
