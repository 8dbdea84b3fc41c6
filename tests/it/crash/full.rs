//! A disk that runs full and is given room again.

use std::time::Duration;

use ansinh::db::Db;
use entity::{batch, loan_disbursement};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{Ledger, Process, ROWS, households, ledger::Acknowledged, register};
use crate::harness::{
    Client, TestApp,
    client::Answer,
    database::{Backend, prepare, sqlite_url},
    people::{Person, disbursement},
};

/// Pushes that find no room: the second commit that failed made the driver lose count of its transactions.
const REFUSED: usize = 12;

/// Room that is kept to be given back: it must hold what comes afterwards.
const ROOM: &str = "CREATE TABLE room AS SELECT zeroblob(4194304) AS filling";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_about_a_full_disk_is_stored_on_sqlite() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ansinh.db");
    let url = sqlite_url(&file);
    prepare(&url).await;
    execute(&url, ROOM).await;
    let most = (std::fs::metadata(&file).unwrap().len() >> 20) + 2;
    let process = Process::start_within(home.path(), &url, most).await;
    let [labour, bank, health] = register(&url, process.base()).await;
    let people = households(&labour.signed_in().await).await;
    let (bank, health) = (bank.signed_in().await, health.signed_in().await);
    let mut sender = Sender { bank, people, sent: 0, acknowledged: Vec::new() };

    let mut refused = 0;
    while refused < REFUSED {
        let answer = sender.push().await;
        if answer.status != 200 {
            let answer = answer.expect(507);
            assert_eq!((answer.header("retry-after"), &answer.json["reason"]), ("60", &json!("STORAGE_FULL")));
            refused += 1;
        }
    }
    assert!(sender.acknowledged.len() > 3, "there was no room from the beginning");
    let ready = health.get("/readyz").await.expect(503);
    let failed = ready.json["checks"].as_array().unwrap().iter().find(|check| check["ok"] == false).unwrap();
    assert_eq!(failed["name"], "storage");

    // Beside the process, which may not; what is freed are pages inside the file, and the whole log of writes.
    execute(&url, "DROP TABLE room; PRAGMA wal_checkpoint(TRUNCATE)").await;
    until_ready(&health).await;
    for _ in 0..20 {
        sender.push().await.expect(200);
    }
    process.kill();

    let ledger = Ledger::read(&url).await;
    ledger.assert_whole();
    ledger.assert_holds_exactly(&sender.acknowledged);
}

/// A commit that fails, which only the database knows of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_room_acknowledges_nothing_on_postgres() {
    let app = TestApp::on(Backend::Postgres).await;
    let household = app.household().poor(2022).create().await;
    let bank = app.bank("063").await;
    let db = app.db().write();
    let full = "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$; \
                CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON batch DEFERRABLE INITIALLY DEFERRED \
                FOR EACH ROW EXECUTE FUNCTION no_room()";
    db.execute_unprepared(full).await.unwrap();
    let before = app.count::<batch::Entity>().await;

    for (number, key) in [(0, None), (1, Some("k1")), (2, None), (3, Some("k2"))] {
        let body = json!({ "records": [disbursement(&format!("D{number}"), household.head())] });
        let answer = match key {
            Some(key) => bank.push_under(key, "loan-disbursements", &body).await,
            None => bank.push("loan-disbursements", &body).await,
        };
        assert_eq!(answer.expect(507).header("retry-after"), "60");
    }
    assert_eq!(app.count::<batch::Entity>().await, before);
    assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);

    db.execute_unprepared("DROP TRIGGER no_room ON batch").await.unwrap();
    bank.push_records("loan-disbursements", &[disbursement("D0", household.head())]).await.expect(200);
    assert_eq!(app.count::<loan_disbursement::Entity>().await, 1);
    app.get("/readyz").await.expect(200);
}

/// The bank, push after push.
struct Sender {
    bank: Client,
    people: Vec<Person>,
    sent: usize,
    acknowledged: Vec<Acknowledged>,
}

impl Sender {
    async fn push(&mut self) -> Answer {
        let key = format!("full-{}", self.sent);
        self.sent += 1;
        let rows = self.people.iter().enumerate().map(|(i, person)| disbursement(&format!("{key}-{i}"), person));
        let body = json!({ "records": rows.collect::<Vec<Value>>() });
        let answer = self.bank.push_under(&key, "loan-disbursements", &body).await;
        if answer.status == 200 {
            assert_eq!(answer.json["accepted"], ROWS, "{}", answer.text);
            self.acknowledged.push(Acknowledged::new(&self.bank.name, "loan-disbursements", &key, &answer.json));
        }
        answer
    }
}

async fn execute(url: &str, sql: &str) {
    let db = Db::connect(url, 1).await.unwrap();
    db.write().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

async fn until_ready(client: &Client) {
    for _ in 0..100 {
        if client.get("/readyz").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not ready although there is room");
}
