//! Pushes that are refused as a whole leave nothing behind but the refusal.

use entity::{batch, batch_record, codes::BatchStatus, loan, loan_disbursement, unmatched_record};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    client::codes,
    people::{Person, disbursement, with},
};

both! {
    async fn control_totals_that_disagree_refuse_the_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let records = [disbursement("A", household.head()), disbursement("B", household.head())];
        let lines = records.each_ref().map(Value::to_string).join("\n");

        let count = json!({ "records": records, "declaredCount": 3 });
        let count = bank.push("loan-disbursements", &count).await.expect(422);
        let amount = json!({ "declaredAmount": 99_999_999, "records": records });
        let amount = bank.push("loan-disbursements", &amount).await.expect(422);
        let header = [("ansinh-declared-count", "1")];
        let header = bank.push_ndjson("loan-disbursements", lines.as_str(), &header).await.expect(422);

        assert_eq!(count.json["reason"], "CONTROL_COUNT_MISMATCH", "{}", count.text);
        assert_eq!(amount.json["reason"], "CONTROL_AMOUNT_MISMATCH", "{}", amount.text);
        assert_eq!(header.json["reason"], "CONTROL_COUNT_MISMATCH", "{}", header.text);
        assert_nothing_stored(&app).await;
        let fitting = [("ansinh-declared-count", "2"), ("ansinh-declared-amount", "100000000")];
        let fitting = bank.push_ndjson("loan-disbursements", lines, &fitting).await.expect(200);
        assert_eq!(fitting.outcomes(), ["ACCEPTED", "ACCEPTED"], "a refused push uses up no reference");
    }

    async fn the_control_amount_adds_up_what_was_sent_not_what_was_stored(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let stranger = Person::new("Ai Đó", "MALE", 1990, 999_999);
        let records = [disbursement("A", household.head()), disbursement("B", &stranger)];

        let body = json!({ "records": records, "declaredAmount": 100_000_000, "declaredCount": 2 });
        let answer = bank.push("loan-disbursements", &body).await.expect(200);
        let again = bank.push("loan-disbursements", &body).await.expect(200);

        assert_eq!(answer.outcomes(), ["ACCEPTED", "UNMATCHED"]);
        assert_eq!(answer.json["amount"], 50_000_000);
        assert_eq!(again.outcomes(), ["DUPLICATE", "DUPLICATE"]);
    }

    async fn one_refused_row_refuses_an_atomic_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let stranger = Person::new("Ai Đó", "MALE", 1990, 999_999);
        let good = disbursement("good", household.head());
        let bad = with(disbursement("bad", household.head()), "amount", -1);

        for (other, code) in [(bad, "AMOUNT_NOT_POSITIVE"), (disbursement("waits", &stranger), "UNKNOWN_PERSON")] {
            let body = json!({ "records": [good.clone(), other], "atomic": true });
            let answer = bank.push("loan-disbursements", &body).await.expect(422);

            assert_eq!(answer.json["reason"], "ATOMIC_REFUSED", "{}", answer.text);
            assert_eq!(codes(&answer.json["errors"]), [code]);
            assert!(answer.json["errors"][0]["field"].as_str().unwrap().starts_with("records.1"), "{}", answer.text);
        }
        assert_nothing_stored(&app).await;
    }

    async fn nothing_waits_of_a_push_that_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let stranger = Person::new("Ai Đó", "MALE", 1990, 999_999);
        let body = json!({ "records": [disbursement("good", household.head()), disbursement("waits", &stranger)], "atomic": true });

        let answer = bank.push("loan-disbursements", &body).await.expect(422);
        let path = format!("/v1/batches/{}", answer.json["batchId"].as_str().unwrap());
        let looked_up = bank.get(&path).await.expect(200);

        for text in [&answer.text, &looked_up.text, &bank.get(&format!("{path}/errors.csv")).await.text] {
            assert!(!text.contains("work list") && !text.contains("waits in"), "{text}");
        }
        let counts = ["received", "accepted", "duplicate", "conflict", "unmatched", "rejected", "amount"];
        assert_eq!(counts.map(|count| looked_up.json[count].as_i64().unwrap()), [2, 0, 0, 0, 0, 1, 0], "{}", looked_up.text);
        assert_eq!(looked_up.outcomes(), ["REJECTED"]);
        assert_nothing_stored(&app).await;
    }

    async fn an_atomic_push_of_good_rows_and_repeats_is_stored(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let records = [disbursement("A", household.head()), disbursement("B", household.head())];
        bank.push_records("loan-disbursements", &records[..1]).await.expect(200);

        let answer = bank.push("loan-disbursements", &json!({ "atomic": true, "records": records })).await.expect(200);

        assert_eq!(answer.outcomes(), ["DUPLICATE", "ACCEPTED"]);
    }

    async fn a_refusal_can_be_looked_up(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let bad = with(disbursement("bad", household.head()), "amount", -1);
        let body = json!({ "records": [disbursement("A", household.head()), bad], "atomic": true });

        bank.push("loan-disbursements", &body).await.expect(422);
        let kept = batch::Entity::find().order_by_desc(batch::Column::Received).one(app.db().read()).await.unwrap().unwrap();
        let looked_up = bank.get(&format!("/v1/batches/{}", kept.id)).await.expect(200);

        assert_eq!(kept.status, BatchStatus::Refused);
        assert_eq!(looked_up.json["status"], "REFUSED");
        assert_eq!((&looked_up.json["received"], &looked_up.json["accepted"]), (&json!(2), &json!(0)));
        assert_eq!(looked_up.json["refusal"]["code"], "ATOMIC_REFUSED", "{}", looked_up.text);
    }
}

async fn assert_nothing_stored(app: &TestApp) {
    assert_eq!(app.count::<loan::Entity>().await, 0);
    assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);
    assert_eq!(app.count::<unmatched_record::Entity>().await, 0);
    let rows = batch_record::Entity::find().all(app.db().read()).await.unwrap();
    assert!(rows.iter().filter(|row| row.kind == "loan-disbursements").all(|row| row.record_id.is_none()));
}
