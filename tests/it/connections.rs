//! Connections that are kept between single statements stand in nobody's way. PostgreSQL alone: SQLite reads and writes by ways of their
//! own.

use std::time::Duration;

use entity::loan_disbursement;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};

use crate::harness::{
    TestApp,
    client::lines,
    database::Backend,
    people::{disbursement, with},
};

const PATIENCE: Duration = Duration::from_secs(5);

async fn read(app: &TestApp, sql: &str) -> bool {
    let db = app.db();
    db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_gets_the_connections_that_who_reads_kept() {
    let app = TestApp::configured(Backend::Postgres, &[("database.pool", "4")]).await;
    let all = join_all((0..8).map(|_| read(&app, "SELECT pg_sleep(0.05)::text"))).await;
    assert!(all.iter().all(|done| *done));

    let writers = join_all((0..4).map(|_| app.db().begin()));
    let writers = tokio::time::timeout(PATIENCE, writers).await.expect("all four connections are free to write");
    assert!(writers.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_connection_gets_it_before_those_who_come_later() {
    let app = TestApp::configured(Backend::Postgres, &[("database.pool", "2")]).await;
    let writer = app.db().begin().await.unwrap();
    let slow = "SELECT pg_sleep(0.2)::text";
    let (_, waited) = tokio::join!(read(&app, slow), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let waits = tokio::time::timeout(PATIENCE, read(&app, slow));
        let others = async {
            loop {
                read(&app, "SELECT 1").await;
            }
        };
        tokio::select! { waited = waits => waited, () = others => unreachable!("others never end") }
    });
    assert_eq!(waited, Ok(true), "the connection of the first goes to who waits");
    drop(writer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_fails_or_is_given_up_harms_no_later_one() {
    let app = TestApp::configured(Backend::Postgres, &[("database.pool", "2")]).await;
    assert!(!read(&app, "SELECT 1/0").await);
    let given_up = tokio::time::timeout(Duration::from_millis(50), read(&app, "SELECT pg_sleep(1)::text")).await;
    assert!(given_up.is_err());
    for _ in 0..6 {
        assert!(read(&app, "SELECT 'still here'").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_database_ended_are_replaced() {
    let app = TestApp::configured(Backend::Postgres, &[("database.pool", "2")]).await;
    assert!(read(&app, "SELECT 1").await);
    // Each is waited for, since an idle one may hear of it late on a busy machine.
    let ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    read(&app, ended).await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(read(&app, "SELECT 1").await);
    }
    // Each connection that is gone may cost one question; whoever asks again is answered.
    assert!(answers.iter().filter(|answered| !**answered).count() <= 2, "{answers:?}");
    assert_eq!(answers.last(), Some(&true));
}

/// Each push holds a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_pushes_do_with_as_many_connections_as_they_are() {
    for pool in [1, 2] {
        let app = TestApp::configured(Backend::Postgres, &[("database.pool", &pool.to_string())]).await;
        let household = app.household().poor(2022).create().await;
        let banks = [app.bank("063").await, app.bank("06").await];
        let body = |bank: usize| {
            let reference = |i: usize| format!("{bank}-{i}");
            let rows: Vec<_> =
                (0..2_300).map(|i| with(disbursement(&reference(i), household.head()), "amount", 1)).collect();
            lines(&rows)
        };
        let pushes = banks.iter().take(pool).enumerate();
        let pushes = pushes.map(|(place, bank)| bank.push_ndjson("loan-disbursements", body(place), &[]));

        let answers = tokio::time::timeout(4 * PATIENCE, join_all(pushes)).await.expect("nobody waits for anybody");

        for answer in answers {
            assert_eq!(answer.expect(200).json["accepted"], 2_300, "pool of {pool}");
        }
    }
}

/// What is written by one statement goes over connections that are kept: an entry of a read, a short push.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_pushes_go_on_after_the_database_ended_its_connections() {
    let app = TestApp::configured(Backend::Postgres, &[("database.pool", "4")]).await;
    let household = app.household().poor(2022).create().await;
    let (bank, labour) = (app.bank("063").await, app.labour().await);
    let ask = || async { labour.get("/v1/households").await.status };
    let pay = async |reference: &str| {
        let row = disbursement(reference, household.head());
        bank.push_records("loan-disbursements", &[row]).await
    };
    let all_at_once = join_all((0..8).map(|_| ask())).await;
    assert_eq!(all_at_once, [200; 8]);
    pay("before").await.expect(200);

    // Each is waited for, since an idle one may hear of it late on a busy machine.
    let ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    read(&app, ended).await;

    // Each connection that is gone may cost one answer, which says to come again; no payment is lost or stored twice.
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(pay("after").await.status);
        answers.push(ask().await);
    }
    assert!(answers.iter().all(|status| matches!(status, 200 | 503)), "{answers:?}");
    assert!(answers.iter().filter(|status| **status == 503).count() <= 4, "{answers:?}");
    assert_eq!(answers[8..], [200; 4]);
    assert_eq!(app.count::<loan_disbursement::Entity>().await, 2);
}
