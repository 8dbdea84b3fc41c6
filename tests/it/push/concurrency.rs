//! Pushes that meet: whatever comes at once, each row is stored once and nobody gets an error of ours.

use std::collections::HashMap;

use entity::{batch_record, codes::RecordStatus, health_insurance_card, loan, loan_disbursement, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp, both,
    client::Answer,
    people::{card, disbursement, with},
};

/// Pushes that are under way at the same time.
const AT_ONCE: usize = 8;

/// References they share.
const ROWS: usize = 300;

both! {
    async fn the_same_rows_at_once_are_stored_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows: Vec<Value> = (0..ROWS).map(|i| disbursement(&i.to_string(), household.head())).collect();

        let answers = at_once(&bank, "loan-disbursements", (0..AT_ONCE).map(|_| rows.clone())).await;

        assert_each_row_accepted_once(&answers);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, ROWS as u64);
        assert_eq!(app.count::<loan::Entity>().await, ROWS as u64);
        assert_batches_add_up(&app).await;
    }

    /// Each push holds its rows in another order, so that each waits for what the others have.
    async fn the_same_rows_in_any_order_at_once_are_stored_once(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows: Vec<Value> = (0..ROWS).map(|i| disbursement(&i.to_string(), household.head())).collect();
        let turned = |by: usize| {
            let mut rows = rows.clone();
            rows.rotate_left(by * ROWS / AT_ONCE);
            if by % 2 == 1 {
                rows.reverse();
            }
            rows
        };

        let answers = at_once(&bank, "loan-disbursements", (0..AT_ONCE).map(turned)).await;

        assert_each_row_accepted_once(&answers);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, ROWS as u64);
        assert_batches_add_up(&app).await;
    }

    async fn first_payments_of_one_contract_at_once_make_one_loan(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = |i: usize| vec![with(disbursement(&i.to_string(), household.head()), "contractNo", "HD-1")];

        let answers = at_once(&bank, "loan-disbursements", (0..AT_ONCE).map(row)).await;

        assert_each_row_accepted_once(&answers);
        assert_eq!(app.count::<loan::Entity>().await, 1);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, AT_ONCE as u64);
    }

    async fn the_same_household_from_two_offices_at_once_is_registered_once(app: TestApp) {
        let office = app.labour().await;
        let roll = |i: usize| {
            let household = |h: usize| {
                let member = json!({
                    "personalId": format!("0060800{h:05}"), "fullName": "Hoàng Văn Tú", "birthYear": 1980, "sex": "MALE",
                    "relation": "HEAD",
                });
                json!({
                    "reference": format!("{i} {h}"), "householdCode": format!("H{h}"), "unitCode": "01969",
                    "registeredOn": "2022-01-01", "members": [member],
                })
            };
            (0..10).map(household).collect()
        };

        let answers = at_once(&office, "households", (0..AT_ONCE).map(roll)).await;

        assert_each_row_accepted_once(&answers);
        assert_eq!(app.count::<person::Entity>().await, 10);
        assert_batches_add_up(&app).await;
    }

    async fn pushes_of_different_kinds_and_rows_do_not_disturb_each_other(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let (bank, health) = (app.bank("063").await, app.health("063").await);
        let loans = |push: usize| {
            (0..10).map(|i| disbursement(&format!("{push}-{i}"), household.head())).collect::<Vec<_>>()
        };
        let cards = |push: usize| (0..10).map(|i| card(&format!("{push}-{i}"), household.head())).collect::<Vec<_>>();

        let (paid, issued) = tokio::join!(
            at_once(&bank, "loan-disbursements", (0..AT_ONCE).map(loans)),
            at_once(&health, "health-insurance-cards", (0..AT_ONCE).map(cards)),
        );

        assert!(paid.iter().chain(&issued).all(|answer| answer.outcomes() == ["ACCEPTED"; 10]));
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 80);
        assert_eq!(app.count::<health_insurance_card::Entity>().await, 80);
        assert_batches_add_up(&app).await;
    }
}

/// Sends every push at once and waits for all answers, none of which may be an error.
async fn at_once(client: &Client, kind: &str, pushes: impl Iterator<Item = Vec<Value>>) -> Vec<Answer> {
    let sent = pushes.map(|rows| async move { client.push_records(kind, &rows).await });
    let answers = futures_util::future::join_all(sent).await;
    answers.into_iter().map(|answer| answer.expect(200)).collect()
}

#[track_caller]
fn assert_each_row_accepted_once(answers: &[Answer]) {
    let mut accepted: HashMap<String, usize> = HashMap::new();
    for row in answers.iter().flat_map(Answer::rows) {
        let status = row["status"].as_str().unwrap();
        assert!(["ACCEPTED", "DUPLICATE"].contains(&status), "{row}");
        *accepted.entry(row["reference"].to_string()).or_default() += usize::from(status == "ACCEPTED");
    }
    assert!(accepted.values().all(|times| *times == 1), "{accepted:?}");
}

/// The counters of every batch are the numbers of its rows.
pub async fn assert_batches_add_up(app: &TestApp) {
    let rows = batch_record::Entity::find().all(app.db().read()).await.unwrap();
    let batches = entity::batch::Entity::find()
        .filter(entity::batch::Column::Status.eq(entity::codes::BatchStatus::Completed))
        .all(app.db().read())
        .await
        .unwrap();
    for batch in batches {
        let of = |status| {
            let rows = rows.iter().filter(|row| row.batch_id == batch.id && row.status == status);
            i32::try_from(rows.count()).unwrap()
        };
        assert_eq!(batch.accepted, of(RecordStatus::Accepted));
        assert_eq!(batch.duplicate, of(RecordStatus::Duplicate));
        assert_eq!(batch.conflict, of(RecordStatus::Conflict));
        assert_eq!(batch.unmatched, of(RecordStatus::Unmatched));
        assert_eq!(batch.rejected, of(RecordStatus::Rejected));
    }
}
