//! `Idempotency-Key`: the same push sent again gets the first answer again.

use entity::{batch, loan_disbursement};
use serde_json::json;

use crate::harness::{
    TestApp, both,
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
