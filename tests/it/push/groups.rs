//! Short pushes that share a transaction: each fares and is told as if it had come alone.

use std::{collections::HashMap, time::Duration};

use ansinh::db::Transaction;
use entity::{
    audit_entry, batch, batch_record, change_event,
    codes::{AuditOutcome, RecordStatus},
    loan, loan_disbursement,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::concurrency::assert_batches_add_up;
use crate::harness::{
    Client, TestApp, both,
    client::Answer,
    people::{Person, disbursement, with},
};

/// Pushes that are sent at the same time.
const PUSHES: usize = 16;

both! {
    async fn pushes_that_meet_share_a_transaction_and_keep_what_is_theirs(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let before = app.db().statements();

        let answers = while_writes_wait(&app, at_once(&bank, (0..PUSHES).map(|i| disbursement(&i.to_string(), household.head())))).await;

        let sent = app.db().statements() - before;
        assert!(sent < 8 * PUSHES as u64, "{sent} statements for {PUSHES} pushes");
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.outcomes() == ["ACCEPTED"]));
        assert_eq!(app.count::<loan_disbursement::Entity>().await, PUSHES as u64);
        assert_batches_add_up(&app).await;
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::ClientId.eq(&bank.name));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert_eq!(entries.len(), PUSHES);
        for answer in &answers {
            let batch_id: uuid::Uuid = answer.json["id"].as_str().unwrap().parse().unwrap();
            let own: Vec<_> = entries.iter().filter(|entry| entry.batch_id == Some(batch_id)).collect();
            assert_eq!(own.len(), 1, "one entry a push");
            assert_eq!((own[0].outcome, own[0].record_count), (AuditOutcome::Done, 1));
            assert_eq!(own[0].request_id, answer.header("x-request-id"));
            let events = change_event::Entity::find().filter(change_event::Column::BatchId.eq(batch_id));
            let mut events: Vec<_> =
                events.all(app.db().read()).await.unwrap().into_iter().map(|event| event.subject).collect();
            events.sort_unstable();
            assert_eq!(events, ["Loan", "LoanDisbursement"]);
            let told = bank.get(&format!("/v1/batches/{batch_id}")).await.expect(200);
            assert_eq!(told.json, answer.json);
        }
    }

    async fn one_reference_in_many_pushes_is_stored_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |i: usize| with(disbursement("A", household.head()), "amount", 1_000_000 * (1 + i % 2));

        let answers = while_writes_wait(&app, at_once(&bank, (0..PUSHES).map(row))).await;

        let mut counts: HashMap<String, usize> = HashMap::new();
        for answer in &answers {
            *counts.entry(answer.clone().expect(200).outcomes()[0].to_owned()).or_default() += 1;
        }
        let half = PUSHES / 2;
        let expected = [("ACCEPTED", 1), ("DUPLICATE", half - 1), ("CONFLICT", half)];
        assert_eq!(counts, expected.map(|(status, count)| (status.to_owned(), count)).into());
        let record = |answer: &Answer| answer.rows()[0]["id"].clone();
        assert!(answers.iter().all(|answer| record(answer) == record(&answers[0])), "all name the one that is stored");
        assert_batches_add_up(&app).await;
    }

    async fn a_refused_row_does_not_speak_for_one_of_the_same_reference_in_another_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |i: usize| {
            let programme = if i.is_multiple_of(2) { "no_such_programme" } else { "loan_poor" };
            with(disbursement("A", household.head()), "programme", programme)
        };

        let answers = while_writes_wait(&app, at_once(&bank, (0..PUSHES).map(row))).await;

        let of = |status| answers.iter().filter(|answer| answer.outcomes() == [status]).count();
        assert_eq!(of("ACCEPTED"), 1);
        assert_eq!(of("DUPLICATE"), PUSHES / 2 - 1);
        // What came before the payment was stored is refused for its programme, what came after for its reference.
        assert_eq!(of("REJECTED") + of("CONFLICT"), PUSHES / 2);
    }

    async fn payments_of_one_new_contract_by_two_banks_make_one_loan(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let (district, province) = (app.bank("063").await, app.bank("06").await);
        let row = |who: &'static str| {
            let head = household.head();
            move |i: usize| with(disbursement(&format!("{who}{i}"), head), "contractNo", "HD-1")
        };

        let (first, second) = while_writes_wait(&app, async {
            tokio::join!(
                at_once(&district, (0..PUSHES).map(row("d"))),
                at_once(&province, (0..PUSHES).map(row("p"))),
            )
        })
        .await;

        assert!(first.iter().chain(&second).all(|answer| answer.outcomes() == ["ACCEPTED"]));
        assert_eq!(app.count::<loan::Entity>().await, 1);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 2 * PUSHES as u64);
        assert_batches_add_up(&app).await;
    }

    async fn a_push_that_fails_harms_no_other(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        refuse_to_store(&app, "7").await;

        let answers = while_writes_wait(&app, at_once(&bank, (0..PUSHES).map(|i| disbursement(&i.to_string(), household.head())))).await;

        for (i, answer) in answers.iter().enumerate() {
            if i == 7 {
                assert_eq!(answer.status, 500, "{}", answer.text);
            } else {
                assert_eq!(answer.clone().expect(200).outcomes(), ["ACCEPTED"]);
            }
        }
        assert_eq!(app.count::<loan_disbursement::Entity>().await, PUSHES as u64 - 1);
        assert_batches_add_up(&app).await;
    }

    async fn a_push_that_has_to_wait_for_another_transaction_holds_up_no_other(app: TestApp) {
        if app.db().backend() != DbBackend::Postgres {
            // SQLite has one writer; what waits for it waits together.
            return;
        }
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let other = app.db().begin().await.unwrap();
        under_way(&other, &bank, "7").await;
        let send = |i: usize| {
            let (bank, row) = (&bank, disbursement(&i.to_string(), household.head()));
            async move { bank.push_records("loan-disbursements", &[row]).await }
        };

        let others = futures_util::future::join_all((0..PUSHES).filter(|i| *i != 7).map(send));
        let release = async {
            let answers = tokio::time::timeout(Duration::from_secs(20), others).await.unwrap();
            other.rollback().await.unwrap();
            answers
        };
        let (waited, answers) = tokio::join!(send(7), release);

        assert!(answers.iter().chain([&waited]).all(|answer| answer.outcomes() == ["ACCEPTED"]));
        assert_batches_add_up(&app).await;
    }

    async fn every_outcome_and_key_keeps_its_push(app: TestApp) {
        let household = app.household().not_poor(2022).create().await;
        let bank = app.bank("063").await;
        let stranger = Person::new("Ai Đó", "MALE", 1990, 999_999);
        let body = |i: usize| {
            let reference = i.to_string();
            let row = match i % 4 {
                0 => disbursement(&reference, household.head()),
                1 => disbursement(&reference, &stranger),
                2 => with(disbursement(&reference, household.head()), "amount", 0),
                _ => with(disbursement(&reference, household.head()), "termMonths", 240),
            };
            json!({ "declaredCount": 1 + usize::from(i % 8 == 7), "records": [row] })
        };
        let send = |i: usize| {
            let (bank, body) = (&bank, body(i));
            async move { bank.push_under(&format!("key-{i}"), "loan-disbursements", &body).await }
        };

        let answers = while_writes_wait(&app, futures_util::future::join_all((0..PUSHES).map(send))).await;

        for (i, answer) in answers.iter().enumerate() {
            if i % 8 == 7 {
                assert_eq!(answer.status, 422, "a wrong control total refuses its own push alone: {}", answer.text);
                continue;
            }
            let expected = ["ACCEPTED", "UNMATCHED", "REJECTED", "ACCEPTED"][i % 4];
            assert_eq!(answer.clone().expect(200).outcomes(), [expected]);
            assert_eq!(answer.codes(0, "findings").contains(&"TERM_ABOVE_LIMIT"), i % 4 == 3);
            assert_eq!(send(i).await.json, answer.json, "the key finds the same answer");
        }
        assert_batches_add_up(&app).await;
    }
}

/// Sends each row as a push of its own, all at once.
async fn at_once(client: &Client, rows: impl Iterator<Item = Value>) -> Vec<Answer> {
    let sent = rows.map(|row| async move { client.push_records("loan-disbursements", &[row]).await });
    futures_util::future::join_all(sent).await
}

/// Holds back all writes until what is sent meanwhile has lined up.
async fn while_writes_wait<T>(app: &TestApp, sent: impl Future<Output = T>) -> T {
    let lock = hold_writes(app).await;
    let release = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        lock.rollback().await.unwrap();
    };
    tokio::join!(sent, release).0
}

async fn hold_writes(app: &TestApp) -> Transaction {
    // On SQLite it is the one writer.
    let lock = app.db().begin().await.unwrap();
    if app.db().backend() == DbBackend::Postgres {
        lock.execute_unprepared("LOCK TABLE batch IN EXCLUSIVE MODE").await.unwrap();
    }
    lock
}

/// A row of the same reference that another transaction has not yet committed.
async fn under_way(txn: &Transaction, client: &Client, reference: &str) {
    let batch = batch::Entity::find().one(txn).await.unwrap().expect("somebody has pushed before");
    let row = batch_record::Model {
        batch_id: batch.id,
        // No row of that push stands there.
        position: i32::MAX,
        client_id: client.name.clone(),
        kind: "loan-disbursements".to_owned(),
        reference: Some(reference.to_owned()),
        content_hash: None,
        status: RecordStatus::Accepted,
        record_id: None,
        errors: None,
    };
    batch_record::Entity::insert(batch_record::ActiveModel::from(row)).exec_without_returning(txn).await.unwrap();
}

/// Makes the database fail on one reference.
async fn refuse_to_store(app: &TestApp, reference: &str) {
    let statements = if app.db().backend() == DbBackend::Postgres {
        vec![
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END'"
                .to_owned(),
            format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON loan_disbursement FOR EACH ROW WHEN (NEW.reference = \
                 '{reference}') EXECUTE FUNCTION refuse()"
            ),
        ]
    } else {
        vec![format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON loan_disbursement WHEN NEW.reference = '{reference}' BEGIN SELECT \
             RAISE(ABORT, 'refused'); END"
        )]
    };
    for statement in statements {
        app.db().write().execute_unprepared(&statement).await.unwrap();
    }
}
