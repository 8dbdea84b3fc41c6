//! Questions that are wrong: the coverage query, pages of results.

use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both! {
    async fn each_wrong_coverage_question_names_its_field(app: TestApp) {
        let health = app.health("063").await;
        let many = vec!["006080000001"; 10_001];
        let table = [
            (json!({}), "personalIds"),
            (json!({ "personalIds": [] }), "personalIds"),
            (json!({ "personalIds": "006080000001" }), "personalIds"),
            (json!({ "personalIds": many }), "personalIds"),
            (json!({ "personalIds": ["06080000001"] }), "personalIds.0"),
            (json!({ "personalIds": ["006080000001", "x"] }), "personalIds.1"),
            (json!({ "personalIds": [6_080_000_001_u64] }), "personalIds.0"),
            (json!({ "personalIds": [null] }), "personalIds.0"),
            (json!({ "personalIds": ["006080000001"], "asOf": "30/06/2022" }), "asOf"),
            (json!({ "personalIds": ["006080000001"], "asOf": "2022-02-30" }), "asOf"),
            (json!({ "personalIds": ["006080000001"], "on": "2022-06-30" }), "on"),
            (json!({ "personalIds": ["006080000001"], "purpose": 5 }), "purpose"),
        ];
        for (body, field) in table {
            let answer = health.post("/v1/insurance-coverage/query", &body).await.expect(400);

            assert_eq!(answer.json["code"], "BAD_USER_INPUT", "{field}");
            assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
        }
    }

    async fn a_question_that_is_no_json_object_is_refused(app: TestApp) {
        let health = app.health("063").await;
        let twice = r#"{"personalIds": ["006080000001"], "personalIds": []}"#;

        for body in ["", "null", "[]", "{", twice, "{\"personalIds\": [\"\u{0}\"]}"] {
            let answer = health.push_raw("insurance-coverage/query", "application/json", body.into(), &[]).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        }
        let plain = health.push_raw("insurance-coverage/query", "text/plain", b"{}".to_vec(), &[]).await;
        assert_eq!(plain.status, 415);
    }

    async fn wrong_parameters_of_a_page_are_named(app: TestApp) {
        let bank = app.bank("063").await;
        let pushed = bank.push_records("loan-disbursements", &[json!({ "reference": "A" })]).await.expect(200);
        let path = format!("/v1/batches/{}/results", pushed.json["id"].as_str().unwrap());

        for (query, field) in [("first=0", "first"), ("first=x", "first"), ("after=-1", "after"), ("page=2", "page")] {
            let answer = bank.get(&format!("{path}?{query}")).await.expect(400);
            assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
        }
    }

    async fn what_is_no_key_is_not_found(app: TestApp) {
        let bank = app.bank("063").await;

        for id in ["1", "x", "%00", "..%2f..%2fetc", "01812345-0000-7000-8000-000000000000", "%ff"] {
            let answer = bank.get(&format!("/v1/batches/{id}")).await;
            assert!([400, 404].contains(&answer.status), "{id}: {} {}", answer.status, answer.text);
            assert_ne!(answer.json["code"], Value::Null, "{id}");
        }
    }

    async fn a_wrong_method_says_which_are_right(app: TestApp) {
        let bank = app.bank("063").await;

        let answer = bank.get("/v1/insurance-coverage/query").await.expect(405);

        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(answer.json["reason"], "METHOD_NOT_ALLOWED");
    }
}
