//! Short questions that meet go as one statement, and each gets the answer to its own. PostgreSQL alone, but for the last: SQLite
//! answers each by itself.

use std::time::Duration;

use ansinh::access::Role;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde_json::json;

use crate::harness::{TestApp, both, database::Backend};

/// Asks with some values, and gives the first column of each row.
async fn ask(app: &TestApp, sql: &str, values: Vec<Value>) -> Result<Vec<i64>, DbErr> {
    let db = app.db();
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    let rows = db.together().query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Lets crowds meet until a statement was shared; each of them must be answered as the check says.
async fn crowds<F: Future<Output = ()>>(app: &TestApp, each: impl Fn(i64) -> F) {
    const CROWD: i64 = 40;
    for _ in 0..200 {
        let before = app.db().statements();
        join_all((0..CROWD).map(&each)).await;
        if app.db().statements() - before < CROWD as u64 {
            return;
        }
    }
    panic!("no statement was ever shared");
}

async fn postgres() -> TestApp {
    TestApp::configured(Backend::Postgres, &[("database.pool", "4")]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_gets_its_own_rows_in_their_order() {
    let app = postgres().await;
    let sql = "SELECT $1 * 100 + g FROM generate_series(1::int8, $2) g WHERE '$1' <> '' ORDER BY g DESC";
    crowds(&app, async |asker| {
        let rows = ask(&app, sql, vec![asker.into(), (asker % 4).into()]).await.unwrap();
        let own: Vec<i64> = (1..=asker % 4).rev().map(|row| asker * 100 + row).collect();
        assert_eq!(rows, own);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_another_number_of_rows_gets_it() {
    let app = postgres().await;
    let sql = "SELECT $1 + g FROM generate_series(1::int8, 9) g ORDER BY g LIMIT $2";
    crowds(&app, async |asker| {
        let limit = asker.unsigned_abs() % 2 + 1;
        let rows = ask(&app, sql, vec![asker.into(), limit.into()]).await.unwrap();
        assert_eq!(rows, (1..=asker % 2 + 1).map(|row| asker + row).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_fails_by_anothers_values() {
    let app = postgres().await;
    let sql = "SELECT 12 / $1 FROM generate_series(1::int8, 2)";
    crowds(&app, async |asker| {
        // One of a statement fails, and all of it with it; the other statements do not.
        let divisor = asker % 40;
        let rows = ask(&app, sql, vec![divisor.into()]).await;
        assert_eq!(rows.ok(), (divisor > 0).then(|| vec![12 / divisor.max(1); 2]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_shared_goes_alone() {
    let app = postgres().await;
    let sql = "SELECT coalesce($1, -1)";
    crowds(&app, async |asker| {
        let value = (asker % 3 > 0).then_some(asker);
        assert_eq!(ask(&app, sql, vec![value.into()]).await.unwrap(), [value.unwrap_or(-1)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_up_takes_nobodys_answer_along() {
    let app = postgres().await;
    let sql = "SELECT $1 + g FROM generate_series(1::int8, 3) g";
    crowds(&app, async |asker| {
        let answer = ask(&app, sql, vec![asker.into()]);
        if asker % 3 == 0 {
            // Long enough for some to lead others, too short for most.
            let _ = tokio::time::timeout(Duration::from_micros(300 * asker.unsigned_abs() / 3), answer).await;
        } else {
            assert_eq!(answer.await.unwrap(), [asker + 1, asker + 2, asker + 3]);
        }
    })
    .await;
    assert_eq!(ask(&app, sql, vec![7_i64.into()]).await.unwrap(), [8, 9, 10], "the turn was given back");
}

/// Where a statement takes long, nobody waits for it to be shared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_behind_a_long_question() {
    let app = postgres().await;
    let sql = "SELECT 1::int8 FROM pg_sleep($1)";
    let long = ask(&app, sql, vec![3.0.into()]);
    let short = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::time::timeout(Duration::from_millis(2_500), ask(&app, sql, vec![0.0.into()])).await
    };

    let (long, short) = tokio::join!(long, short);

    assert_eq!(long.unwrap(), [1]);
    assert_eq!(short.expect("it went alone").unwrap(), [1]);
}

both! {
    async fn many_who_ask_at_once_see_each_their_own_area(app: TestApp) {
        let mut households = Vec::new();
        for place in 0..24 {
            let commune = ["01969", "00001"][place % 2];
            households.push(app.household().in_commune(commune).poor(2022).create().await);
        }
        let offices = [app.client(Role::Labour, Some("063")).await, app.client(Role::Labour, Some("001")).await];
        let asked = |place: usize, office: usize| {
            let (household, client) = (&households[place], &offices[office]);
            let document = format!(r#"{{ household(id: "{}") {{ code members {{ person {{ personalId }} }} }} }}"#, household.id);
            async move {
                let answer = client.post("/graphql", &json!({ "query": document })).await.expect(200);
                let own = json!({ "code": household.code, "members": [{ "person": { "personalId": household.head().personal_id } }] });
                let expected = if place % 2 == office { own } else { json!(null) };
                assert_eq!(answer.json["data"]["household"], expected, "{}", answer.text);
            }
        };

        for _ in 0..5 {
            join_all((0..48).map(|ask| asked(ask / 2, ask % 2))).await;
        }
    }
}
