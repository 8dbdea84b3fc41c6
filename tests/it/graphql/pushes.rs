//! Pushes by mutation: the same pipeline as REST.

use serde_json::{Value, json};

use super::code;
use crate::harness::{
    Client, TestApp, both,
    client::Answer,
    people::{disbursement, with},
};

const RECORD: &str = "mutation($input: RecordLoanDisbursementsInput!) { recordLoanDisbursements(input: $input) {
    id status accepted duplicate conflict unmatched rejected amount
    results { index status reference findings { code } errors { code field message } } } }";

async fn push(client: &Client, input: &Value) -> Answer {
    client.post("/graphql", &json!({ "query": RECORD, "variables": { "input": input } })).await
}

both! {
    async fn a_push_by_mutation_and_one_by_rest_know_each_other(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = disbursement("A", household.head());

        let first = push(&bank, &json!({ "records": [row], "declaredCount": 1, "declaredAmount": 50_000_000 })).await;
        let second = bank.push_records("loan-disbursements", &[row]).await.expect(200);

        let batch = &first.json["data"]["recordLoanDisbursements"];
        assert_eq!((&batch["accepted"], &batch["amount"]), (&json!(1), &json!(50_000_000)), "{}", first.text);
        assert_eq!(second.outcomes(), ["DUPLICATE"]);
    }

    async fn each_row_gets_its_own_outcome(app: TestApp) {
        let household = app.household().not_poor(2022).create().await;
        let bank = app.bank("063").await;
        let good = disbursement("A", household.head());
        let rows = [
            good.clone(),
            with(disbursement("B", household.head()), "amount", 0),
            with(disbursement("C", household.head()), "disbursedOn", "2022-02-30"),
            good,
        ];

        let answer = push(&bank, &json!({ "records": rows })).await;

        let results = answer.json["data"]["recordLoanDisbursements"]["results"].as_array().unwrap().clone();
        let outcomes: Vec<&str> = results.iter().map(|row| row["status"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["ACCEPTED", "REJECTED", "REJECTED", "DUPLICATE"]);
        assert_eq!(results[0]["findings"][0]["code"], "NOT_ON_POOR_LIST");
        assert_eq!(results[1]["errors"][0]["code"], "AMOUNT_NOT_POSITIVE");
        assert_eq!((&results[2]["errors"][0]["code"], &results[2]["errors"][0]["field"]), (&json!("NOT_A_DATE"), &json!("disbursedOn")));
    }

    async fn control_totals_and_atomic_refuse_the_whole_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let row = disbursement("A", household.head());

        let wrong = push(&bank, &json!({ "records": [row], "declaredAmount": 1 })).await;
        let bad = with(disbursement("B", household.head()), "amount", 0);
        let atomic = push(&bank, &json!({ "records": [row, bad], "atomic": true })).await;

        assert_eq!((code(&wrong), code(&atomic)), ("BAD_USER_INPUT", "BAD_USER_INPUT"), "{} {}", wrong.text, atomic.text);
        assert_eq!(app.count::<entity::loan_disbursement::Entity>().await, 0);
    }

    async fn a_key_gets_the_first_answer_again(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let input = json!({ "idempotencyKey": "k-1", "records": [disbursement("A", household.head())] });

        let first = push(&bank, &input).await;
        let second = push(&bank, &input).await;
        let other = push(&bank, &json!({ "idempotencyKey": "k-1", "records": [disbursement("B", household.head())] })).await;

        assert_eq!(first.json, second.json);
        assert_eq!(code(&other), "CONFLICT", "{}", other.text);
    }

    async fn only_the_agency_of_a_kind_may_push_it(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let health = app.health("063").await;

        let answer = push(&health, &json!({ "records": [disbursement("A", household.head())] })).await;

        assert_eq!(code(&answer), "FORBIDDEN");
        assert_eq!(app.count::<entity::loan_disbursement::Entity>().await, 0);
    }
}
