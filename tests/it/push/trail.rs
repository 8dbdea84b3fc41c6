//! What a push leaves for those who check it later: batch rows, change events, one entry in the log.

use std::collections::HashMap;

use entity::{
    audit_entry, batch, batch_record, change_event,
    codes::{
        AuditOutcome, Operation,
        RecordStatus::{Accepted, Rejected, Unmatched},
    },
    loan_disbursement,
};
use reqwest::Method;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::harness::{
    TestApp, both,
    client::Answer,
    people::{Person, disbursement, with},
};

both! {
    async fn the_database_takes_no_other_codes(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);

        for (table, column, code) in [
            ("batch", "status", "REFUSED"),
            ("batch_record", "status", "REJECTED"),
            ("change_event", "operation", "UPDATED"),
            ("audit_entry", "outcome", "REFUSED"),
        ] {
            let set = async |value: &str| {
                let change = format!("UPDATE {table} SET {column} = '{value}'");
                app.db().write().execute_unprepared(&change).await
            };
            assert!(set("OTHER").await.is_err(), "{table}.{column}");
            assert!(set(code).await.unwrap().rows_affected() > 0, "{table}.{column}");
        }
    }

    async fn each_accepted_row_has_its_batch_row_and_one_event(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows = [
            disbursement("A", household.head()),
            with(disbursement("B", household.head()), "contractNo", "HD-A"),
            with(disbursement("C", household.head()), "amount", "nothing"),
            disbursement("D", &Person::new("Ai Đó", "MALE", 1990, 999_999)),
        ];

        let answer = bank.push_records("loan-disbursements", &rows).await.expect(200);
        bank.push_records("loan-disbursements", &rows[..2]).await.expect(200);

        let batch_id: uuid::Uuid = answer.json["id"].as_str().unwrap().parse().unwrap();
        let kept = batch_record::Entity::find().filter(batch_record::Column::BatchId.eq(batch_id));
        let mut kept = kept.all(app.db().read()).await.unwrap();
        kept.sort_by_key(|row| row.position);
        let statuses: Vec<_> = kept.iter().map(|row| row.status).collect();
        assert_eq!(statuses, [Accepted, Accepted, Rejected, Unmatched]);
        let mut events: HashMap<String, Vec<change_event::Model>> = HashMap::new();
        let ours = change_event::Entity::find().filter(change_event::Column::BatchId.eq(batch_id));
        for event in ours.all(app.db().read()).await.unwrap() {
            assert_eq!(event.operation, Operation::Created);
            events.entry(event.subject.clone()).or_default().push(event);
        }
        assert_eq!(events["Loan"].len(), 1, "the second payment is of the same contract");
        let mut changed: Vec<_> = events["LoanDisbursement"].iter().map(|event| Some(event.record_id)).collect();
        let mut stored: Vec<_> = kept[..2].iter().map(|row| row.record_id).collect();
        changed.sort_unstable();
        stored.sort_unstable();
        assert_eq!(changed, stored);
        assert_eq!(events.len(), 2, "{events:?}");
        let loans = loan_disbursement::Entity::find().all(app.db().read()).await.unwrap();
        assert!(loans.iter().all(|row| row.batch_id == batch_id));
    }

    async fn a_push_is_one_entry_of_the_log(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head()), disbursement("B", household.head())] });
        let request = bank.request(Method::POST, "/v1/loan-disbursements").json(&body);
        let request = request.header("x-request-id", "req-7").header("ansinh-purpose", "giải ngân ngày 30/6");

        let answer = Answer::of(request).await.expect(200);

        let entries = audit_entry::Entity::find().filter(audit_entry::Column::ClientId.eq(&bank.name));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        let entry = &entries[0];
        assert_eq!(entry.action, "loan-disbursements.push");
        assert_eq!((entry.outcome, entry.record_count), (AuditOutcome::Done, 2));
        assert_eq!((entry.role.as_str(), entry.unit_code.as_deref()), ("policy_bank", Some("063")));
        assert_eq!((entry.request_id.as_str(), entry.purpose.as_deref()), ("req-7", Some("giải ngân ngày 30/6")));
        assert_eq!(entry.batch_id.unwrap().to_string(), answer.json["id"]);
        assert_eq!(entry.at, app.clock.now());
    }

    async fn a_refused_push_is_one_entry_too(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head())], "declaredCount": 5 });

        bank.push("loan-disbursements", &body).await.expect(422);

        let entries = audit_entry::Entity::find().filter(audit_entry::Column::ClientId.eq(&bank.name));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert_eq!(entries.len(), 1);
        // Nothing is stored; that the row is not refused tells that its person is known.
        assert_eq!(entries[0].disclosed, json!({ "LoanDisbursement": 0, "Person": 1 }));
        let events = change_event::Entity::find().filter(change_event::Column::Subject.eq("LoanDisbursement"));
        assert!(events.one(app.db().read()).await.unwrap().is_none());
    }

    /// On PostgreSQL numbers are handed out before commits: the transaction tells which are final for a reader of the feed.
    async fn entries_and_events_know_their_transaction(app: TestApp) {
        let household = app.household().create().await;
        let bank = app.bank("063").await;
        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);
        app.health("063").await.get("/v1/health-insurance-cards").await.expect(200);

        let events = change_event::Entity::find().all(app.db().read()).await.unwrap();
        let entries = audit_entry::Entity::find().all(app.db().read()).await.unwrap();

        let on_postgres = app.db().backend() == sea_orm::DbBackend::Postgres;
        assert!(!events.is_empty() && events.iter().all(|event| event.transaction_id.is_some() == on_postgres));
        assert!(!entries.is_empty() && entries.iter().all(|entry| entry.transaction_id.is_some() == on_postgres));
    }

    async fn suggestions_are_logged_as_persons_shown(app: TestApp) {
        let household = app.household().member("Lường Thị Đào", "FEMALE", 1985).create().await;
        let bank = app.bank("063").await;
        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);
        let nobody = Person::new("", "FEMALE", 1985, 777_777);

        let row = with(disbursement("B", &nobody), "fullName", "Lường Thị Đào");
        let answer = bank.push_records("loan-disbursements", &[with(row, "birthYear", 1985)]).await.expect(200);

        let shown: uuid::Uuid = answer.rows()[0]["suggestions"][0]["personId"].as_str().unwrap().parse().unwrap();
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::RequestId.eq(answer.header("x-request-id")));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert!(entries.iter().any(|entry| entry.subjects.chunks(16).any(|id| id == shown.as_bytes())), "{entries:?}");
    }

    async fn a_batch_keeps_the_hash_of_what_was_received(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;

        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);

        let kept = batch::Entity::find().filter(batch::Column::Kind.eq("loan-disbursements"));
        let kept = kept.one(app.db().read()).await.unwrap().unwrap();
        assert_eq!(kept.body_hash.len(), 32);
        assert_eq!((kept.received, kept.amount), (1, 50_000_000));
    }
}
