//! What SQLite makes of the look-up that every push begins with. It plans without knowing how large its tables are, so an empty
//! database tells what a full one will do.

use sea_orm::{ConnectionTrait, Statement, Value};

use crate::harness::{TestApp, database::Backend};

/// As many as a chunk of a push names: with few values SQLite chooses otherwise.
const CHUNK: usize = 1000;

/// Who bears some numbers, within an area: as `registry::matching` asks.
const BEARERS: &str = "SELECT i.value, p.id, p.name_folded, h.id FROM person_identifier i \
    JOIN person p ON i.person_id = p.id LEFT JOIN household_member m ON p.id = m.person_id \
    LEFT JOIN household h ON m.household_id = h.id WHERE i.kind = ? AND i.value IN (CHUNK) \
    AND p.unit_id IN (SELECT within_id FROM unit_scope WHERE unit_id = ?)";

/// The numbers of some persons, as `registry::persons` asks.
const NUMBERS: &str = "SELECT person_id, value FROM person_identifier WHERE person_id IN (CHUNK) AND kind = ?";

async fn plan(app: &TestApp, sql: &str, others: usize) -> Vec<String> {
    let sql = sql.replace("CHUNK", &vec!["?"; CHUNK].join(", "));
    let values = vec![Value::from("x"); CHUNK + others];
    let question = Statement::from_sql_and_values(app.db().backend(), format!("EXPLAIN QUERY PLAN {sql}"), values);
    let rows = app.db().read().query_all_raw(question).await.unwrap();
    rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_looked_up_by_themselves_and_not_under_each_person_of_an_area() {
    let app = TestApp::on(Backend::Sqlite).await;
    let steps = plan(&app, BEARERS, 2).await;
    assert!(steps[0].contains("uq_person_identifier_kind_value (kind=? AND value=?)"), "{steps:#?}");
    let steps = plan(&app, NUMBERS, 1).await;
    assert!(steps[0].contains("(person_id=? AND kind=?)"), "{steps:#?}");
}
