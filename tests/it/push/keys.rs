//! `Idempotency-Key`: the same push sent again gets the first answer again.

use entity::{batch, loan_disbursement};
use serde_json::json;

use crate::harness::{
    Client, TestApp, both,
    people::{Person, disbursement, with},
};

both! {
    async fn the_first_answer_is_given_again_also_after_a_restart(mut app: TestApp) {
        let household = app.household().not_poor(2022).create().await;
        let bank = app.bank("063").await;
        let head = household.head();
        let stranger = Person { name: head.name.clone(), ..Person::new("", "MALE", head.born, 999_999) };
        // One row of every outcome, with several findings, and errors and suggestions to remember.
        let body = json!({ "records": [
            with(with(disbursement("doubtful", head), "termMonths", 240), "fullName", "Ai Khác"),
            with(with(disbursement("waits", &stranger), "fullName", head.name.clone()), "birthYear", head.born),
            with(disbursement("refused", head), "amount", 0),
            disbursement("doubtful", head),
        ]});

        let first = bank.push_under("day-1", "loan-disbursements", &body).await.expect(200);
        let again = bank.push_under("day-1", "loan-disbursements", &body).await.expect(200);
        app.restart().await;
        let after = app.bank("063").await.push_under("day-1", "loan-disbursements", &body).await.expect(200);

        assert_eq!(first.outcomes(), ["ACCEPTED", "UNMATCHED", "REJECTED", "CONFLICT"]);
        assert_eq!(first.codes(0, "findings"), ["NOT_ON_POOR_LIST", "NAME_DIFFERS", "TERM_ABOVE_LIMIT"]);
        assert_eq!(first.json, again.json);
        assert_eq!(first.json, after.json);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 1);
    }

    async fn a_key_with_another_body_or_kind_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head())] });
        bank.push_under("day-1", "loan-disbursements", &body).await.expect(200);

        let other = json!({ "records": [disbursement("B", household.head())] });
        let refused = bank.push_under("day-1", "loan-disbursements", &other).await.expect(422);

        assert_eq!(refused.json["code"], "CONFLICT", "{}", refused.text);
        assert_eq!(refused.json["reason"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 1);
    }

    async fn keys_belong_to_their_client(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let body = |reference| json!({ "records": [disbursement(reference, household.head())] });

        app.bank("063").await.push_under("day-1", "loan-disbursements", &body("A")).await.expect(200);
        let other = app.bank("06").await.push_under("day-1", "loan-disbursements", &body("B")).await.expect(200);

        assert_eq!(other.outcomes(), ["ACCEPTED"]);
    }

    async fn a_refused_push_is_refused_again_under_its_key(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head())], "declaredCount": 2 });

        let first = bank.push_under("day-1", "loan-disbursements", &body).await.expect(422);
        let again = bank.push_under("day-1", "loan-disbursements", &body).await.expect(422);

        assert_eq!(first.json["reason"], "CONTROL_COUNT_MISMATCH", "{}", first.text);
        assert_eq!((&first.json["reason"], &first.json["detail"]), (&again.json["reason"], &again.json["detail"]));
        assert_eq!(app.count::<batch::Entity>().await, 3, "two of the labour office and one refusal");
    }

    async fn a_corrected_push_under_the_key_of_a_refused_one_is_a_new_attempt(mut app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let line = format!("{}\n", disbursement("A", household.head()));
        let push = async |bank: &Client, headers: &[(&str, &str)]| {
            let headers = [&[("idempotency-key", "day-1")], headers].concat();
            bank.push_ndjson("loan-disbursements", line.clone(), &headers).await
        };

        let first = push(&bank, &[("ansinh-declared-amount", "1")]).await.expect(422);
        let second = push(&bank, &[("ansinh-declared-amount", "2")]).await.expect(422);
        let again = push(&bank, &[("ansinh-declared-amount", "2")]).await.expect(422);
        app.restart().await;
        let bank = app.bank("063").await;
        let corrected = push(&bank, &[("ansinh-declared-amount", "50000000")]).await.expect(200);
        let repeated = push(&bank, &[("ansinh-declared-amount", "50000000")]).await.expect(200);
        let reused = push(&bank, &[("ansinh-declared-amount", "1")]).await.expect(422);
        let without = push(&bank, &[]).await.expect(422);

        assert!(second.json["detail"].as_str().unwrap().starts_with("declaredAmount is 2 "), "{}", second.text);
        assert_eq!(second.json["batchId"], again.json["batchId"], "the same refusal, not another");
        assert_ne!(second.json["batchId"], first.json["batchId"]);
        assert_eq!(corrected.outcomes(), ["ACCEPTED"]);
        assert_eq!(corrected.json, repeated.json);
        assert_eq!((&reused.json["reason"], &without.json["reason"]), (&json!("IDEMPOTENCY_KEY_REUSED"), &json!("IDEMPOTENCY_KEY_REUSED")));
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 1);
        // What was refused can still be looked up.
        for refused in [&first, &second] {
            let path = format!("/v1/batches/{}", refused.json["batchId"].as_str().unwrap());
            assert_eq!(bank.get(&path).await.expect(200).json["status"], "REFUSED");
        }
    }

    async fn a_corrected_body_takes_the_key_over_and_another_kind_does_not(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let labour = app.labour().await;
        let body = |count| json!({ "records": [disbursement("A", household.head())], "declaredCount": count, "idempotencyKey": "k" });

        bank.push("loan-disbursements", &body(2)).await.expect(422);
        let corrected = bank.push("loan-disbursements", &body(1)).await.expect(200);
        labour.push_under("k", "households", &json!({ "records": [{}], "declaredCount": 2 })).await.expect(422);
        let kind = labour.push_under("k", "household-reviews", &json!({ "records": [{}] })).await.expect(422);

        assert_eq!(corrected.outcomes(), ["ACCEPTED"]);
        assert_eq!(kind.json["reason"], "IDEMPOTENCY_KEY_REUSED", "{}", kind.text);
    }

    async fn corrections_at_once_under_a_refused_key_are_one_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let records: Vec<_> = (0..50).map(|i| disbursement(&format!("{i}"), household.head())).collect();
        let body = |count: i32| json!({ "records": records, "declaredCount": count });
        bank.push_under("day-1", "loan-disbursements", &body(51)).await.expect(422);

        let (wrong, right) = (body(52), body(50));
        let pushes = (0..8).map(|i| bank.push_under("day-1", "loan-disbursements", if i % 2 == 0 { &right } else { &wrong }));
        let answers = futures_util::future::join_all(pushes).await;

        let mut stored: Vec<String> =
            answers.iter().filter(|answer| answer.status == 200).map(|answer| answer.json["id"].to_string()).collect();
        stored.dedup();
        assert!(stored.len() <= 1, "{stored:?}");
        assert!(answers.iter().all(|answer| [200, 409, 422].contains(&answer.status)));
        bank.push_under("day-1", "loan-disbursements", &right).await;
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 50);
    }

    async fn control_data_belong_to_the_key(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let line = format!("{}\n", disbursement("A", household.head()));
        let push = async |name: &'static str, value: &'static str| {
            let headers = [("idempotency-key", "day-1"), (name, value)];
            bank.push_ndjson("loan-disbursements", line.clone(), &headers).await
        };
        push("ansinh-declared-count", "1").await.expect(200);

        for (name, value) in [("ansinh-declared-count", "2"), ("ansinh-atomic", "true"), ("ansinh-declared-amount", "50000000")] {
            let answer = push(name, value).await.expect(422);
            assert_eq!(answer.json["reason"], "IDEMPOTENCY_KEY_REUSED", "{name}: {}", answer.text);
        }
        push("ansinh-declared-count", "1").await.expect(200);
    }

    async fn eight_at_once_under_one_key_are_one_push(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let records: Vec<_> = (0..50).map(|i| disbursement(&format!("{i}"), household.head())).collect();
        let body = json!({ "records": records });

        let pushes = (0..8).map(|_| bank.push_under("day-1", "loan-disbursements", &body));
        let answers = futures_util::future::join_all(pushes).await;

        let mut ids: Vec<String> = Vec::new();
        for answer in answers {
            match answer.status {
                200 => ids.push(answer.json["id"].to_string()),
                409 => {
                    assert_eq!(answer.json["reason"], "IDEMPOTENCY_KEY_RUNNING", "{}", answer.text);
                    assert!(!answer.header("retry-after").is_empty());
                }
                status => panic!("{status} {}", answer.text),
            }
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 50);
    }

    async fn a_malformed_key_is_refused(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head())] });

        for key in ["", "two words", &"k".repeat(201)] {
            let answer = bank.push_under(key, "loan-disbursements", &body).await.expect(400);
            assert_eq!(answer.json["errors"][0]["field"], "Idempotency-Key", "{}", answer.text);
        }
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);
    }
}
