//! A database that falls silent, as behind a network that swallows all, or that is held up by somebody else. PostgreSQL alone:
//! SQLite is in the same process.

use std::time::{Duration, Instant};

use entity::loan_disbursement;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::harness::{
    Client, TestApp, TestDatabase,
    client::Answer,
    database::Backend,
    people::{Person, disbursement},
    proxy::Proxy,
};

/// Longest that anything may take while the database is silent.
const TOLD_WITHIN: Duration = Duration::from_secs(15);

/// How soon all is well after the database answers again.
const WELL_WITHIN: Duration = Duration::from_secs(5);

const QUERY: &str = "{ households(first: 1) { nodes { code members { relation } } } }";

struct World {
    app: TestApp,
    proxy: Proxy,
    bank: Client,
    labour: Client,
    health: Client,
    borrower: Person,
}

impl World {
    async fn new(flags: &[(&str, &str)]) -> Self {
        let database = TestDatabase::on(Backend::Postgres).await;
        let proxy = Proxy::before(&database.url).await;
        let app = TestApp::by_way_of(&proxy.url, database, flags).await;
        let household = app.household().poor(2022).create().await;
        let (bank, labour, health) = (app.bank("063").await, app.labour().await, app.health("063").await);
        Self { bank, labour, health, borrower: household.head().clone(), app, proxy }
    }

    async fn pay(&self, reference: &str) -> Answer {
        self.bank.push_records("loan-disbursements", &[disbursement(reference, &self.borrower)]).await
    }

    async fn pay_under_key(&self, reference: &str) -> Answer {
        let body = json!({ "records": [disbursement(reference, &self.borrower)] });
        self.bank.push_under(reference, "loan-disbursements", &body).await
    }

    async fn covered(&self) -> Answer {
        let body = json!({ "personalIds": [self.borrower.personal_id], "asOf": "2022-06-15" });
        self.health.post("/v1/insurance-coverage/query", &body).await
    }

    /// One of each thing that waits for the database, all at once.
    async fn everything(&self, name: &str) -> Vec<(&'static str, u16)> {
        let query = json!({ "query": QUERY });
        let (short, keyed) = (format!("{name}-short"), format!("{name}-keyed"));
        let (list, pushed, under_key, covered, graphql, ready) = tokio::join!(
            self.labour.get("/v1/households"),
            self.pay(&short),
            self.pay_under_key(&keyed),
            self.covered(),
            self.labour.post("/graphql", &query),
            self.app.get("/readyz"),
        );
        let graphql = match &graphql.json["errors"][0]["extensions"]["code"] {
            code if code == "UNAVAILABLE" => 503,
            code if code.is_null() => graphql.status,
            other => panic!("{other}"),
        };
        vec![
            ("list", list.status),
            ("push", pushed.status),
            ("push under a key", under_key.status),
            ("coverage", covered.status),
            ("graphql", graphql),
            ("readyz", ready.status),
        ]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_are_told_while_the_database_is_silent_and_served_soon_after() {
    let world = World::new(&[("database.pool", "4")]).await;
    assert!(world.everything("before").await.iter().all(|(_, status)| *status == 200));

    world.proxy.swallow();
    for round in 0..3 {
        let name = format!("silent-{round}");
        let told = join_all((0..3).map(|_| timeout(TOLD_WITHIN, world.everything(&name)))).await;
        for answers in told {
            let answers = answers.expect("everybody is told in time");
            assert!(answers.iter().all(|(_, status)| matches!(status, 503 | 409)), "round {round}: {answers:?}");
        }
    }
    let told = world.pay("told").await.expect(503);
    assert_ne!(told.header("retry-after"), "");

    world.proxy.pass();
    sleep(WELL_WITHIN).await;
    let well = timeout(WELL_WITHIN, world.everything("silent-0")).await.expect("nobody waits any more");
    assert!(well.iter().all(|(_, status)| *status == 200), "{well:?}");
    // Stored once, whether the silence cut off the push or only its answer.
    assert_eq!(world.app.count::<loan_disbursement::Entity>().await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_database_does_not_keep_the_process_from_ending() {
    let mut world = World::new(&[("limits.shutdown_timeout_s", "2")]).await;
    world.proxy.swallow();
    let (bank, row) = (world.bank.clone(), disbursement("W1", &world.borrower));
    let waiting = tokio::spawn(async move { bank.push_records("loan-disbursements", &[row]).await });
    sleep(Duration::from_millis(200)).await;

    let begun = Instant::now();
    // Connections cannot say farewell; that is no reason to stay.
    let _ = world.app.stop().await;

    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    waiting.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_somebody_locks_holds_up_no_read_for_longer_than_its_limit() {
    let world = World::new(&[("limits.request_timeout_s", "20")]).await;
    let locker = world.app.db().begin().await.unwrap();
    locker.execute_unprepared("LOCK TABLE audit_entry").await.unwrap();

    let begun = Instant::now();
    let told = join_all((0..4).map(|_| world.labour.get("/v1/households"))).await;

    assert!(told.iter().all(|answer| answer.status == 503), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    locker.rollback().await.unwrap();
    sleep(WELL_WITHIN).await;
    world.labour.get("/v1/households").await.expect(200);
}
