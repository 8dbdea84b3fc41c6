use std::time::Duration;

use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

const EVENTS: (&str, &str) = ("accept", "text/event-stream");

#[tokio::test]
async fn a_subscription_is_a_stream_of_events() {
    let server = Server::start().await;

    let answer = server.query("subscription { ticks(upto: 2) }", &[EVENTS]).await;

    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    let next = |n: i32| format!("event: next\ndata: {{\"data\":{{\"ticks\":{n}}}}}\n\n");
    assert_eq!(answer.text, format!("{}{}event: complete\ndata: \n\n", next(0), next(1)));
}

#[tokio::test]
async fn a_query_is_a_stream_of_one() {
    let server = Server::start().await;

    let post = server.query("{ hello }", &[EVENTS]).await;
    let get = server.get("?query={hello}", EVENTS.1).await;
    let mutation = server.get("?query=mutation{record(amount:1)}", EVENTS.1).await;

    assert_eq!(post.text, "event: next\ndata: {\"data\":{\"hello\":\"xin chào \"}}\n\nevent: complete\ndata: \n\n");
    assert_eq!(get.text, post.text);
    assert!(mutation.text.contains("MUTATION_OVER_GET"), "{}", mutation.text);
}

#[tokio::test]
async fn a_refusal_is_an_event_and_a_malformed_request_a_status() {
    let server = Server::start().await;

    let refused = server.query("subscription { nothing }", &[EVENTS]).await;
    let malformed = server.post("{}", &[EVENTS]).await;

    assert_eq!(refused.status, 200);
    assert!(refused.text.starts_with("event: next\ndata: {\"errors\":"), "{}", refused.text);
    assert!(refused.text.ends_with("event: complete\ndata: \n\n"));
    assert_eq!(malformed.status, 400);
}

#[tokio::test]
async fn a_subscription_needs_a_stream() {
    let server = Server::start().await;

    let answer = server.query("subscription { ticks(upto: 1) }", &[("accept", "application/json")]).await;

    assert_eq!((answer.status, answer.reason().as_str()), (406, "SUBSCRIPTION_TRANSPORT"));
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let gate = TestGate { token_life: Some(Duration::from_millis(50)), ..TestGate::default() };
    let server = Server::with(Settings::default(), gate).await;

    let answer = server.query("subscription { never }", &[EVENTS]).await;

    assert!(answer.text.starts_with("event: next\ndata: {\"data\":{\"never\":1}}\n\n"), "{}", answer.text);
    assert!(answer.text.contains("UNAUTHENTICATED") && answer.text.ends_with("event: complete\ndata: \n\n"));
}

#[tokio::test]
async fn a_stream_ends_when_the_service_does() {
    let server = Server::start().await;
    let closing = server.closing.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        closing.cancel();
    });

    let answer = server.query("subscription { never }", &[EVENTS]).await;

    assert!(answer.text.ends_with("event: complete\ndata: \n\n"), "{}", answer.text);
}

#[tokio::test]
async fn a_stream_that_panics_ends_without_a_detail() {
    let server = Server::start().await;

    let answer = server.query("subscription { boom }", &[EVENTS]).await;

    assert!(answer.text.contains("INTERNAL") && !answer.text.contains("secret"), "{}", answer.text);
}

#[tokio::test]
async fn silence_is_filled() {
    let settings = Settings { keep_alive: Duration::from_millis(10), ..Settings::default() };
    let gate = TestGate { token_life: Some(Duration::from_millis(200)), ..TestGate::default() };
    let server = Server::with(settings, gate).await;

    let answer = server.query("subscription { never }", &[EVENTS]).await;

    assert!(answer.text.matches("\n:").count() > 2, "{}", answer.text);
}
