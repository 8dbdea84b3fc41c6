//! What became of a push, looked up later.

use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    people::{Person, disbursement, with},
};

both! {
    async fn a_push_is_looked_up_as_it_was_answered(app: TestApp) {
        let household = app.household().not_poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows = [
            disbursement("A", household.head()),
            with(disbursement("B", household.head()), "amount", 0),
            disbursement("C", &Person::new("Ai Đó", "MALE", 1990, 999_999)),
        ];

        let pushed = bank.push_records("loan-disbursements", &rows).await.expect(200);
        let looked_up = bank.get(pushed.header("location")).await.expect(200);

        assert_eq!(pushed.header("location"), format!("/v1/batches/{}", pushed.json["id"].as_str().unwrap()));
        assert_eq!(looked_up.json, pushed.json);
    }

    async fn a_push_of_another_client_is_not_found(app: TestApp) {
        let bank = app.bank("063").await;
        let pushed = bank.push_records("loan-disbursements", &[json!({})]).await.expect(200);
        let other = app.bank("06").await;

        for tail in ["", "/results", "/errors.csv"] {
            let path = format!("{}{tail}", pushed.header("location"));
            bank.get(&path).await.expect(200);
            let answer = other.get(&path).await.expect(404);
            assert_eq!(answer.json["code"], "NOT_FOUND");
        }
    }

    async fn results_come_page_by_page(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows: Vec<Value> = (0..7).map(|i| disbursement(&i.to_string(), household.head())).collect();
        let pushed = bank.push_records("loan-disbursements", &rows).await.expect(200);
        let path = format!("{}/results", pushed.header("location"));

        let mut seen = Vec::new();
        let mut query = "?first=3".to_owned();
        loop {
            let page = bank.get(&format!("{path}{query}")).await.expect(200);
            seen.extend(page.rows().clone());
            let Some(next) = page.json["next"].as_i64() else { break };
            query = format!("?first=3&after={next}");
        }

        assert_eq!(seen, *pushed.rows());
    }

    async fn a_long_push_is_answered_without_its_rows(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        // One row that is stored, and the same over and over.
        let body = format!("{}\n", disbursement("A", household.head())).repeat(10_001);

        let pushed = bank.push_ndjson("loan-disbursements", body, &[]).await.expect(200);

        assert_eq!((&pushed.json["accepted"], &pushed.json["duplicate"]), (&json!(1), &json!(10_000)));
        assert_eq!(pushed.json["results"], Value::Null);
        let url = pushed.json["resultsUrl"].as_str().unwrap();
        let last = bank.get(&format!("{url}?after=9990")).await.expect(200);
        assert_eq!((last.rows().len(), &last.json["next"]), (10, &Value::Null));
    }

    async fn errors_come_as_a_file_to_work_through(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows = [
            disbursement("A", household.head()),
            with(with(disbursement("B", household.head()), "amount", 0), "disbursedOn", "31/12/2022"),
            disbursement("C", &Person::new("Ai Đó", "MALE", 1990, 999_999)),
            with(disbursement("=cmd|' /C calc'!A0", household.head()), "amount", 0),
        ];
        let pushed = bank.push_records("loan-disbursements", &rows).await.expect(200);

        let file = bank.get(&format!("{}/errors.csv", pushed.header("location"))).await.expect(200);

        assert!(file.header("content-type").starts_with("text/csv"), "{}", file.header("content-type"));
        let mut lines = file.text.trim_start_matches('\u{feff}').lines();
        assert_eq!(lines.next(), Some("index,reference,status,code,field,message"));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 4, "{}", file.text);
        assert!(lines[0].starts_with("1,B,REJECTED,AMOUNT_NOT_POSITIVE,amount,"), "{}", lines[0]);
        assert!(lines[1].starts_with("1,B,REJECTED,DATE_FORMAT,disbursedOn,"), "{}", lines[1]);
        assert!(lines[2].starts_with("2,C,UNMATCHED,UNKNOWN_PERSON,"), "{}", lines[2]);
        assert!(!lines[3].contains(",=cmd"), "no formula for a spreadsheet to run: {}", lines[3]);
    }

    async fn an_answer_speaks_the_language_of_who_looks_it_up(app: TestApp) {
        let bank = app.bank("063").await;
        let pushed = bank.push_records("loan-disbursements", &[json!({ "reference": "A" })]).await.expect(200);

        let request = bank.request(reqwest::Method::GET, pushed.header("location")).header("accept-language", "vi");
        let answer = crate::harness::client::Answer::of(request).await.expect(200);

        assert_eq!(answer.rows()[0]["errors"][0]["message"], "bắt buộc nhưng thiếu");
    }
}
