//! What the door withstands with the real schema behind it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{code, send};
use crate::harness::{TestApp, both};

/// Each fragment spreads the next one twice: 2³⁰ fields in a kilobyte.
fn bomb() -> String {
    let fragments: Vec<String> = (0..30).map(|i| format!("fragment f{i} on Query{{...f{0} ...f{0}}}", i + 1)).collect();
    format!("{{...f0}} {} fragment f30 on Query{{viewer{{role}}}}", fragments.join(" "))
}

both! {
    async fn a_fragment_bomb_is_refused_and_fifty_leave_the_service_alive(app: TestApp) {
        let labour = app.labour().await;

        let bomb = bomb();
        let answer = send(&labour, &bomb).await;
        let fifty = (0..50).map(|_| send(&labour, &bomb));
        let alive = async {
            let asked = Instant::now();
            app.get("/livez").await.expect(200);
            asked.elapsed()
        };
        let (answers, waited) = tokio::join!(join_all(fifty), alive);

        assert_eq!(code(&answer), "TOO_COMPLEX", "{}", answer.text);
        assert!(answers.iter().all(|answer| code(answer) == "TOO_COMPLEX"));
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }

    async fn a_stranger_learns_nothing(app: TestApp) {
        let stranger = app.stranger();
        for query in ["{ viewer { role } }", "{ __schema { types { name } } }", "{ households { totalCount } }"] {
            let answer = send(&stranger, query).await;
            assert_eq!((answer.status, code(&answer)), (401, "UNAUTHENTICATED"), "{}", answer.text);
        }
    }

    async fn a_page_of_everything_is_too_complex(app: TestApp) {
        let labour = app.labour().await;
        let deep = "{ households(first: 500) { edges { node { members { person { household { members { person {
            household { code members { person { fullName } } } } } } } } } } } }";
        assert_eq!(code(&send(&labour, deep).await), "TOO_COMPLEX");
    }

    async fn a_document_that_was_answered_before_is_no_less_strict_about_variables(app: TestApp) {
        let labour = app.labour().await;
        let query = |name: &str| format!(
            "query {name}($filter: HouseholdFilter, $first: Int) {{ households(filter: $filter, first: $first) {{
                nodes {{ code members {{ person {{ household {{ members {{ person {{ fullName }} }} }} }} }} }} }} }}"
        );
        let with = async |name: &str, variables: &Value| {
            let answer = labour.post("/graphql", &json!({ "query": query(name), "variables": variables })).await;
            (answer.status, answer.json)
        };
        let good = with("Known", &json!({ "filter": { "povertyClass": ["POOR"] }, "first": 1 })).await;
        assert!(good.1.get("errors").is_none(), "{good:?}");

        for (place, variables) in [
            json!({ "filter": { "povertyClasses": ["POOR"] } }),
            json!({ "filter": { "povertyClass": ["RICH"] } }),
            json!({ "filter": { "povertyClass": "POOR", "unit": 5 } }),
            json!({ "first": "1" }),
            json!({ "first": 1.5 }),
            json!({ "first": 500 }),
        ]
        .iter()
        .enumerate()
        {
            let fresh = with(&format!("Fresh{place}"), variables).await;
            let known = with("Known", variables).await;
            assert!(fresh.1.get("errors").is_some(), "{variables} {fresh:?}");
            assert_eq!(fresh.1["errors"][0]["message"], known.1["errors"][0]["message"], "{variables}");
            assert_eq!(fresh.0, known.0, "{variables}");
        }
        assert_eq!(with("Known", &json!({ "filter": { "povertyClass": ["POOR"] }, "first": 1 })).await, good);
    }
}
