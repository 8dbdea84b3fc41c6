use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

#[tokio::test]
async fn a_refused_document_is_400_without_data_and_200_by_the_legacy_type() {
    let server = Server::start().await;
    let cases = [
        ("{", "BAD_USER_INPUT"),
        ("{ nothing }", "BAD_USER_INPUT"),
        ("query a($id: ID!) { hello }", "BAD_USER_INPUT"),
        ("{ ...a } fragment a on Query { ...a }", "BAD_USER_INPUT"),
        ("query a { hello } query b { hello }", "BAD_USER_INPUT"),
        ("{ node(id: \"x\") { id } }", "BAD_USER_INPUT"),
    ];
    for (query, code) in cases {
        let strict = server.strict(query).await;
        let legacy = server.query(query, &[]).await;
        assert_eq!((strict.status, strict.code().as_str()), (400, code), "{query} {}", strict.text);
        assert!(strict.json().get("data").is_none(), "{}", strict.text);
        assert_eq!((legacy.status, legacy.code().as_str()), (200, code), "{query}");
        assert!(legacy.json().get("data").is_none());
    }
}

#[tokio::test]
async fn a_fragment_bomb_does_no_harm() {
    let server = Server::start().await;
    let mut bomb = String::from("{...f0}");
    for level in 0..28 {
        write!(bomb, "fragment f{level} on Query{{...f{0} ...f{0}}}", level + 1).unwrap();
    }
    bomb.push_str("fragment f28 on Query{hello}");

    let start = Instant::now();
    let answers = futures_util::future::join_all((0..50).map(|_| server.strict(&bomb))).await;

    assert!(answers.iter().all(|answer| answer.status == 400 && answer.code() == "TOO_COMPLEX"), "{}", answers[0].text);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_refusal_speaks_the_callers_language_and_points_at_the_place() {
    let server = Server::start().await;

    let answer = server.query("{\n  loan { amount } }", &[("accept-language", "vi-VN,en;q=0.3")]).await;
    let error = &answer.json()["errors"][0];

    assert_eq!(error["message"], "vai trò bank không được phép đọc Loan.amount");
    assert_eq!(error["locations"], json!([{ "line": 2, "column": 10 }]));
    assert_eq!(error["extensions"], json!({ "code": "FORBIDDEN" }));
    assert_eq!(answer.header("content-language"), "vi");
    assert_eq!(server.strict("{ loan { amount } }").await.status, 403);
}

#[tokio::test]
async fn a_missing_variable_is_named() {
    let server = Server::start().await;

    let answer = server.strict("query a($id: Int!) { node(id: $id) { id } }").await;

    assert_eq!(answer.json()["errors"][0]["extensions"]["errors"][0]["field"], "variables.id");
    assert_eq!(answer.reason(), "VARIABLE_REQUIRED");
}

#[tokio::test]
async fn a_stranger_is_told_to_authenticate() {
    let server = Server::start().await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = server.query("{ hello }", &[("authorization", ""), ("accept", accept)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="ansinh""#);
    }
}

#[tokio::test]
async fn closed_introspection_says_so_wherever_it_hides() {
    let server = Server::start().await;
    let blind = [("authorization", "Bearer blind"), ("accept", "application/graphql-response+json")];

    for query in
        ["{ __schema { types { name } } }", "{ ...a } fragment a on Query { t: __type(name: \"Loan\") { name } }"]
    {
        let answer = server.query(query, &blind).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "INTROSPECTION_DISABLED"));
        assert_eq!(server.strict(query).await.status, 200);
    }
    assert_eq!(server.query("{ __typename }", &blind).await.json(), json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn errors_are_few_and_short() {
    let server = Server::start().await;
    let many = (0..100).map(|n| format!("x{n}")).collect::<Vec<_>>().join(" ");

    let flood = server.strict(&format!("{{ loan {{ {many} }} }}")).await;
    let long = server.strict(&format!("{{ {} }}", "y".repeat(120))).await;
    let deep = server.strict(&format!("{{ hello(name: {}) }}", "1".repeat(1_000))).await;

    assert_eq!(flood.json()["errors"].as_array().unwrap().len(), 20);
    assert_eq!(flood.json()["extensions"]["errorsOmitted"], 80);
    assert!(!long.text.contains(&"y".repeat(65)) && long.text.contains(&"y".repeat(64)), "{}", long.text);
    assert!(deep.text.len() < 500, "{}", deep.text);
}

#[tokio::test]
async fn suggestions_can_be_turned_off() {
    let server = Server::start().await;
    let silent = Server::with(Settings { suggestions: false, ..Settings::default() }, TestGate::default()).await;

    assert!(server.strict("{ helo }").await.text.contains("Did you mean"));
    let answer = silent.strict("{ helo }").await;
    assert!(!answer.text.contains("hello"), "{}", answer.text);
}

#[tokio::test]
async fn a_document_sent_again_takes_other_variables_and_other_callers() {
    let server = Server::start().await;
    let query = "query a($n: String!) { hello(name: $n) who }";
    let ask = |name: &str| json!({ "query": query, "variables": { "n": name } }).to_string();

    let first = server.post(ask("An"), &[]).await;
    let second = server.post(ask("Bình"), &[("authorization", "Bearer office")]).await;
    let missing = server.strict(query).await;
    let stranger = server.post(ask("An"), &[("authorization", "")]).await;

    assert_eq!(first.json()["data"], json!({ "hello": "xin chào An", "who": "bank" }));
    assert_eq!(second.json()["data"], json!({ "hello": "xin chào Bình", "who": "office" }));
    assert_eq!((missing.status, stranger.status), (400, 401));
}
