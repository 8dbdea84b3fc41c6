use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;

use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

#[tokio::test]
async fn a_field_that_fails_is_part_of_a_result() {
    let server = Server::start().await;

    let answer = server.strict("{ hello absent }").await;
    let error = &answer.json()["errors"][0];

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], json!({ "hello": "xin chào ", "absent": null }));
    assert_eq!(error["path"], json!(["absent"]));
    assert_eq!(
        (&error["message"], &error["extensions"]),
        (&json!("household not found"), &json!({ "code": "NOT_FOUND" }))
    );
}

#[tokio::test]
async fn a_failure_that_reaches_the_root_leaves_null_data() {
    let server = Server::start().await;

    let answer = server.strict("{ required }").await;

    assert_eq!((answer.status, answer.json()["data"].is_null()), (200, true));
    assert!(answer.json().as_object().unwrap().contains_key("data"));
}

#[tokio::test]
async fn null_stands_where_a_failed_field_belongs() {
    let server = Server::start().await;

    let only = server.strict("{ absent }").await;
    let nested =
        server.strict("{ shelves { inner { ...s maybe m: maybe } } } fragment s on Shelf { number sound }").await;
    let lists = server.strict("{ shelves { number maybe } hello }").await;
    let root = server.strict("{ hello shelves { sound } }").await;

    assert_eq!(only.json()["data"], json!({ "absent": null }));
    let whole = json!({ "inner": { "number": 0, "sound": 1, "maybe": null, "m": null } });
    assert_eq!(nested.json()["data"], json!({ "shelves": [whole, { "inner": null }, { "inner": null }] }));
    assert_eq!(lists.json()["data"]["shelves"][1], json!({ "number": 1, "maybe": null }));
    assert!(root.json()["data"].is_null(), "{}", root.text);
}

#[tokio::test]
async fn faults_are_listed_in_the_callers_language() {
    let server = Server::start().await;

    let answer = server.query("{ faulty lang }", &[("accept-language", "vi")]).await;

    assert_eq!(answer.json()["data"]["lang"], "vi");
    assert_eq!(
        answer.json()["errors"][0]["extensions"],
        json!({
            "code": "BAD_USER_INPUT",
            "reason": "NOT_A_DATE",
            "errors": [{
                "code": "NOT_A_DATE",
                "field": "records.0.paidOn",
                "message": "2022-02-30 không phải ngày có thật; hãy viết YYYY-MM-DD",
            }],
        })
    );
}

#[tokio::test]
async fn our_own_faults_show_nothing_of_themselves() {
    let server = Server::start().await;
    for field in ["broken", "leaky", "undecided", "panics"] {
        let answer = server.strict(&format!("{{ {field} }}")).await;
        assert_eq!(answer.code(), "INTERNAL", "{field} {}", answer.text);
        assert!(!answer.text.contains("secret") && !answer.text.contains("Atomic"), "{}", answer.text);
        assert_eq!(answer.status, 500, "{field}");
        assert!(answer.json().get("data").is_none(), "{}", answer.text);
        let part = server.strict(&format!("{{ hello {field} }}")).await;
        assert_eq!(part.status, if field == "panics" { 500 } else { 200 }, "{field} {}", part.text);
    }
}

#[tokio::test]
async fn an_answer_that_an_outage_leaves_empty_is_none() {
    let server = Server::start().await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let with = [("accept", accept)];
        for query in ["{ lost }", "{ a: lost b: lost c: lost }", "mutation { lose }"] {
            let answer = server.query(query, &with).await;
            let errors = answer.json()["errors"].as_array().unwrap().clone();
            assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{query} {}", answer.text);
            assert!(answer.json().get("data").is_none() && errors[0].get("path").is_none(), "{}", answer.text);
        }
        let part = server.query("{ hello lost absent }", &with).await;
        assert_eq!(
            (part.status, &part.json()["data"]),
            (200, &json!({ "hello": "xin chào ", "lost": null, "absent": null }))
        );
        let mixed = server.query("{ lost absent }", &with).await;
        assert_eq!((mixed.status, &mixed.json()["data"]), (200, &json!({ "lost": null, "absent": null })));
        let done = server.query("mutation { record(amount: 1) lose }", &with).await;
        assert_eq!((done.status, done.json()["data"].is_null()), (200, true), "what was recorded stays: {}", done.text);
    }
}

#[tokio::test]
async fn fields_stand_in_the_order_of_the_query_whichever_is_ready_first() {
    let server = Server::start().await;

    let answer = server
        .strict("{ a: later(ms: 40) ...more loan { id } } fragment more on Query { b: later(ms: 20) c: hello }")
        .await;

    assert_eq!(answer.text, r#"{"data":{"a":40,"b":20,"c":"xin chào ","loan":{"id":1}}}"#);
}

#[tokio::test]
async fn an_argument_that_cannot_be_read_is_a_fault_of_the_request() {
    let server = Server::start().await;
    for query in ["{ small(n: 70000) }", "{ hello small(n: 70000) }", "mutation { small(n: 70000) }"] {
        let strict = server.strict(query).await;
        let legacy = server.query(query, &[]).await;
        assert_eq!((strict.status, strict.code().as_str()), (400, "BAD_USER_INPUT"), "{query} {}", strict.text);
        assert!(strict.json().get("data").is_none(), "{}", strict.text);
        assert_eq!((legacy.status, legacy.json()), (200, strict.json()));
    }
    let done = server.strict("mutation { record(amount: 1) small(n: 70000) }").await;
    assert_eq!((done.status, done.code().as_str()), (200, "BAD_USER_INPUT"), "what was recorded stays: {}", done.text);
}

#[tokio::test]
async fn a_fixed_text_is_the_callers_business() {
    let server = Server::start().await;

    let answer = server.strict("{ fixed }").await;

    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(answer.json()["errors"][0]["message"], "first and last cannot both be given");
}

#[tokio::test]
async fn an_error_that_slipped_past_the_wrapper_keeps_its_code() {
    let server = Server::start().await;

    let answer = server.strict("{ careless }").await;

    assert_eq!((answer.code().as_str(), answer.reason().as_str()), ("CONFLICT", "IDEMPOTENCY_KEY_RUNNING"));
}

#[tokio::test]
async fn what_takes_too_long_is_ended() {
    let settings = Settings { time_limit: Duration::from_millis(50), ..Settings::default() };
    let server = Server::with(settings, TestGate::default()).await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = server.query("{ slow }", &[("accept", accept)]).await;
        assert_eq!(
            (answer.status, answer.code().as_str(), answer.reason().as_str()),
            (503, "UNAVAILABLE", "TIMED_OUT")
        );
    }
}

#[tokio::test]
async fn a_result_is_settled_before_it_leaves() {
    let server = Server::start().await;

    let kept = server.strict("{ hello }").await;
    let lost = server.query("{ hello }", &[("authorization", "Bearer unlogged")]).await;

    assert_eq!(kept.status, 200);
    assert_eq!((lost.status, lost.code().as_str(), lost.header("retry-after")), (503, "UNAVAILABLE", "1"));
    assert!(!lost.text.contains("chào"));
    assert_eq!(server.gate.settled.load(Ordering::SeqCst), 2);
}
