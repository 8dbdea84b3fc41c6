//! `kill -9` under a stream of pushes, also after the disk was full: what was acknowledged is there exactly once, and nothing is
//! half there.

mod full;
mod ledger;
pub mod process;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ansinh::{
    access::{Role, Scope},
    clock::{Clock, Ids},
    db::Db,
    identity::clients::{self, NewClient},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::{
    ledger::{Acknowledged, Ledger},
    process::Process,
};
use crate::harness::{
    Client,
    database::{prepare, sqlite_url},
    people::{Person, card, disbursement},
    postgres::Server,
};

/// How often the process is killed.
const KILLS: u64 = 10;

/// Rows in one push.
const ROWS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_survive_being_killed_on_sqlite() {
    let home = tempfile::tempdir().unwrap();
    let url = sqlite_url(&home.path().join("ansinh.db"));
    survives(home.path(), &url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_survive_being_killed_on_postgres() {
    let home = tempfile::tempdir().unwrap();
    let server = tokio::task::spawn_blocking(Server::durable).await.unwrap();
    server.administer("CREATE DATABASE crash TEMPLATE template0").await;
    survives(home.path(), &server.database("crash")).await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

async fn survives(home: &Path, url: &str) {
    prepare(url).await;
    let mut process = Process::start(home, url).await;
    let [labour, bank, health] = register(url, process.base()).await;
    let people = households(&labour.signed_in().await).await;
    let senders = [bank.signed_in().await, health.signed_in().await];
    let stream = Arc::new(Stream { people, stop: AtomicBool::new(false), repeats: AtomicUsize::new(0) });

    let mut streams = JoinSet::new();
    for number in 0..4 {
        streams.spawn(Arc::clone(&stream).run(number, senders[number % 2].clone()));
    }
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(120 + 53 * kill)).await;
        process.kill();
        Ledger::read(url).await.assert_whole();
        process = Process::start(home, url).await;
    }
    stream.stop.store(true, Ordering::SeqCst);
    let acknowledged: Vec<Acknowledged> = streams.join_all().await.into_iter().flatten().collect();
    process.terminate().await;

    let ledger = Ledger::read(url).await;
    ledger.assert_whole();
    ledger.assert_holds_exactly(&acknowledged);
    assert!(acknowledged.len() >= 10, "too few pushes to tell: {}", acknowledged.len());
    assert!(stream.repeats.load(Ordering::SeqCst) > 0, "no push was cut");
}

/// What the senders share.
struct Stream {
    people: Vec<Person>,
    stop: AtomicBool,
    repeats: AtomicUsize,
}

impl Stream {
    /// Sends push after push; one that was not acknowledged is sent again under its key until it is.
    async fn run(self: Arc<Self>, number: usize, sender: Client) -> Vec<Acknowledged> {
        let (kind, row): (_, fn(&str, &Person) -> Value) = match number % 2 {
            0 => ("loan-disbursements", disbursement),
            _ => ("health-insurance-cards", card),
        };
        let mut acknowledged = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let key = format!("{number}-{}", acknowledged.len());
            let reference = |i: usize| format!("{key}-{i}");
            let references: Vec<String> = (0..ROWS).map(reference).collect();
            let rows = references.iter().zip(self.people.iter().cycle()).map(|(name, person)| row(name, person));
            let body = json!({ "records": rows.collect::<Vec<_>>() });
            let answer = loop {
                match send(&sender, kind, &key, &body).await {
                    Some(answer) => break answer,
                    None => self.repeats.fetch_add(1, Ordering::SeqCst),
                };
                tokio::time::sleep(Duration::from_millis(40)).await;
            };
            assert_eq!(answer["accepted"], ROWS, "{answer}");
            acknowledged.push(Acknowledged::new(&sender.name, kind, &key, &answer));
        }
        acknowledged
    }
}

/// The answer, or none where the connection broke or the service says that it cannot answer now.
async fn send(sender: &Client, kind: &str, key: &str, body: &Value) -> Option<Value> {
    let request = sender.request(Method::POST, &format!("/v1/{kind}")).header("idempotency-key", key).json(body);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.ok()?;
    match status {
        200 => Some(serde_json::from_str(&text).unwrap()),
        // The push of a process that was killed may still hold its key for an instant on PostgreSQL.
        409 if text.contains("IDEMPOTENCY_KEY_RUNNING") => None,
        503 | 507 => None,
        _ => panic!("{status} {text}"),
    }
}

async fn register(url: &str, base: &str) -> [Client; 3] {
    let db = Db::connect(url, 2).await.unwrap();
    let (clock, ids) = (Clock::system(), Ids::random(Clock::system()));
    let mut made = Vec::new();
    for role in [Role::Labour, Role::PolicyBank, Role::Health] {
        let name = role.as_str().to_owned();
        let client_id = Some(name.clone());
        let scopes = Scope::ALL.to_vec();
        let new = NewClient { client_id, name: name.clone(), role, unit: None, scopes, jwks: None };
        let added = clients::add(db.write(), &clock, &ids, new).await.unwrap();
        made.push(Client::new(base, &name, added.secret.as_deref().unwrap()));
    }
    db.close().await.unwrap();
    made.try_into().unwrap()
}

/// Some households of one person each.
async fn households(labour: &Client) -> Vec<Person> {
    let people: Vec<Person> = (0..).take(ROWS).map(|i| Person::new("Hoàng Văn Tú", "MALE", 1980, i)).collect();
    let roll = people.iter().enumerate().map(|(i, person)| {
        json!({
            "reference": format!("R{i}"), "householdCode": format!("H{i}"), "unitCode": "01969",
            "registeredOn": "2020-01-01",
            "members": [{
                "personalId": person.personal_id, "fullName": person.name, "birthYear": person.born, "sex": person.sex,
                "relation": "HEAD",
            }],
        })
    });
    let answer = labour.push_records("households", &roll.collect::<Vec<_>>()).await.expect(200);
    assert_eq!(answer.json["accepted"], ROWS);
    people
}
