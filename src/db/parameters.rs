//! The parameters of a statement as its text names them, `$1` and so on. PostgreSQL only.

use sea_orm::{DbBackend, Statement, Value};

/// The statement with its limits in the text. For a limit that it does not know PostgreSQL plans as if a tenth of all rows were
/// wanted, finds the plan for each one that it knows cheaper, and so may plan anew for every page, which takes about as long as to
/// read fifty rows. Clients keep to one or two lengths of a page, each of which is a text now.
pub fn with_limits(statement: Statement) -> Statement {
    let has_limits = statement.values.iter().flat_map(|values| &values.0).any(|value| limit(value).is_some());
    if has_limits { rewritten(statement, |number, _| format!("${number}")) } else { statement }
}

/// The same with all other values out of the planner's sight, so that it plans once for all of them. Arrays stay in it, because
/// `ANY((SELECT …))` is another question.
pub(super) fn unseen(statement: Statement) -> Statement {
    rewritten(statement, |number, value| match value {
        Value::Array(..) => format!("${number}"),
        _ => format!("(SELECT ${number})"),
    })
}

fn rewritten(statement: Statement, name: impl Fn(usize, &Value) -> String) -> Statement {
    let Some(values) = statement.values.as_ref().filter(|_| statement.db_backend == DbBackend::Postgres) else {
        return statement;
    };
    let mut kept = Vec::with_capacity(values.0.len());
    let mut names = Vec::with_capacity(values.0.len());
    for value in &values.0 {
        names.push(if let Some(limit) = limit(value) {
            limit.to_string()
        } else {
            kept.push(value.clone());
            name(kept.len(), value)
        });
    }
    let mut sql = String::with_capacity(statement.sql.len() + 10 * kept.len());
    match renamed(&mut sql, &statement.sql, &names) {
        Some(()) => Statement::from_sql_and_values(DbBackend::Postgres, sql, kept),
        None => statement,
    }
}

/// A number of rows: only limits are bound as unsigned.
fn limit(value: &Value) -> Option<u64> {
    match value {
        Value::BigUnsigned(limit) => *limit,
        _ => None,
    }
}

/// Writes the text with `$1` and so on called otherwise; what stands in quotes stays.
pub(super) fn renamed(sql: &mut String, text: &str, names: &[String]) -> Option<()> {
    let mut rest = text;
    let mut quote = None;
    while let Some(at) = rest.find(['$', '\'', '"']) {
        let (before, from) = rest.split_at(at);
        sql.push_str(before);
        let sign = from.chars().next()?;
        rest = from.get(1..)?;
        if sign == '$' && quote.is_none() {
            let digits = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
            let (number, behind) = rest.split_at(digits);
            sql.push_str(names.get(number.parse::<usize>().ok()?.checked_sub(1)?)?);
            rest = behind;
        } else {
            sql.push(sign);
            quote = match quote {
                None if sign != '$' => Some(sign),
                Some(open) if open == sign => None,
                other => other,
            };
        }
    }
    sql.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_stand_in_the_text_and_the_rest_is_numbered_anew() {
        let sql = "SELECT \"a$1\" FROM (SELECT a FROM t WHERE a = $1 AND b <> '$2' LIMIT $2) q WHERE c = $3 OR d = $1 LIMIT $4";
        let values: Vec<Value> = vec!["x".into(), 51_u64.into(), 7_i64.into(), 51_u64.into()];
        let statement = with_limits(Statement::from_sql_and_values(DbBackend::Postgres, sql, values));

        assert_eq!(
            statement.sql,
            "SELECT \"a$1\" FROM (SELECT a FROM t WHERE a = $1 AND b <> '$2' LIMIT 51) q WHERE c = $2 OR d = $1 LIMIT 51"
        );
        assert_eq!(statement.values.unwrap().0, ["x".into(), Value::from(7_i64)]);
    }

    #[test]
    fn the_planner_sees_no_value() {
        let sql = "SELECT a FROM t WHERE (a, b) < ($1, $2) AND c = ANY($3) LIMIT $4";
        let values: Vec<Value> = vec!["x".into(), 7_i64.into(), vec![1, 2].into(), 51_u64.into()];
        let statement = unseen(Statement::from_sql_and_values(DbBackend::Postgres, sql, values));

        assert_eq!(statement.sql, "SELECT a FROM t WHERE (a, b) < ((SELECT $1), (SELECT $2)) AND c = ANY($3) LIMIT 51");
        assert_eq!(statement.values.unwrap().0, ["x".into(), Value::from(7_i64), vec![1, 2].into()]);
    }

    #[test]
    fn what_has_no_limit_stays_as_it_is() {
        let values: Vec<Value> = vec!["x".into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT a FROM t WHERE a = $1", values);

        assert_eq!(with_limits(statement.clone()), statement);
    }
}
