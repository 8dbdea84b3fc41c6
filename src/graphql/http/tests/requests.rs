use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;

use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

const STRICT: (&str, &str) = ("accept", "application/graphql-response+json");

/// A body that does not say how long it is.
fn streaming(chunks: impl Stream<Item = Vec<u8>> + Send + Sync + 'static) -> reqwest::Body {
    let frames = chunks.map(|chunk| Ok::<_, std::io::Error>(Frame::data(Bytes::from(chunk))));
    reqwest::Body::wrap(StreamBody::new(frames))
}

#[tokio::test]
async fn the_media_type_is_the_one_asked_for() {
    let server = Server::start().await;
    let cases = [
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        ("application/*", "application/json; charset=utf-8"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("application/json;q=0.9, application/graphql-response+json;q=0.5", "application/json; charset=utf-8"),
        ("application/json, application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        ("text/html, */*;q=0.1", "application/json; charset=utf-8"),
    ];
    for (accept, expected) in cases {
        let answer = server.query("{ hello }", &[("accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{accept}");
        assert_eq!(answer.json(), json!({ "data": { "hello": "xin chào " } }));
    }
}

#[tokio::test]
async fn a_type_that_cannot_be_given_is_406() {
    let server = Server::start().await;
    for accept in ["image/png", "application/json;q=0", "application/json;q=x"] {
        let answer = server.query("{ hello }", &[("accept", accept)]).await;
        assert_eq!((answer.status, answer.reason().as_str()), (406, "NOT_ACCEPTABLE"), "{accept}");
    }
}

#[tokio::test]
async fn only_json_in_utf_8_is_read() {
    let server = Server::start().await;
    let bad = [
        "",
        "text/plain",
        "application/json; charset=iso-8859-1",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ];
    for content_type in bad {
        let answer = server.query("{ hello }", &[("content-type", content_type)]).await;
        assert_eq!((answer.status, answer.reason().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{content_type}");
    }
    let compressed = server.query("{ hello }", &[("content-encoding", "gzip")]).await;
    assert_eq!(compressed.status, 415);
    for content_type in ["application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        assert_eq!(server.query("{ hello }", &[("content-type", content_type)]).await.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_400_whatever_the_media_type() {
    let server = Server::start().await;
    let cases = [
        ("", "NOT_JSON"),
        ("{ \"not a JSON", "NOT_JSON"),
        ("{}", "REQUIRED"),
        ("{\"query\": null}", "REQUIRED"),
        ("{\"query\": 1}", "WRONG_TYPE"),
        ("{\"query\": \"{hello}\", \"variables\": []}", "WRONG_TYPE"),
        ("{\"query\": \"{hello}\", \"variables\": \"{}\"}", "WRONG_TYPE"),
        ("{\"query\": \"{hello}\", \"operationName\": 7}", "WRONG_TYPE"),
        ("{\"query\": \"{hello}\", \"extensions\": false}", "WRONG_TYPE"),
        ("{\"query\": \"{hello}\", \"query\": \"{who}\"}", "NOT_JSON"),
        ("[{\"query\": \"{hello}\"}]", "BATCH_REFUSED"),
        ("\"{hello}\"", "WRONG_TYPE"),
    ];
    for (body, reason) in cases {
        for accept in ["application/json", "application/graphql-response+json"] {
            let answer = server.post(body.to_owned(), &[("accept", accept)]).await;
            assert_eq!((answer.status, answer.reason().as_str()), (400, reason), "{body} {}", answer.text);
            assert!(answer.json().get("data").is_none());
        }
    }
    let latin1 = server.post(b"{\"query\": \"\xe9\"}".to_vec(), &[]).await;
    assert_eq!((latin1.status, latin1.reason().as_str()), (400, "NOT_UTF8"));
}

#[tokio::test]
async fn nulls_unknown_members_and_a_byte_order_mark_do_no_harm() {
    let server = Server::start().await;
    let body = "\u{feff}{\"query\": \"{hello}\", \"variables\": null, \"operationName\": \"\", \"extensions\": {\"a\": 1}, \"id\": 1}";

    let answer = server.post(body, &[]).await;

    assert_eq!(answer.json(), json!({ "data": { "hello": "xin chào " } }));
}

#[tokio::test]
async fn a_large_body_is_413_declared_or_not() {
    let server = Server::with(Settings { body_limit: 1_000, ..Settings::default() }, TestGate::default()).await;
    let large = format!("{{\"query\": \"{{hello}}\", \"extensions\": {{\"x\": \"{}\"}}}}", "x".repeat(2_000));
    let chunks: Vec<_> = large.as_bytes().chunks(100).map(<[u8]>::to_vec).collect();

    let declared = server.post(large, &[]).await;
    let streamed = server.post(streaming(stream::iter(chunks)), &[]).await;

    assert_eq!((declared.status, declared.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    assert_eq!((streamed.status, streamed.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let settings = Settings { time_limit: Duration::from_millis(100), ..Settings::default() };
    let server = Server::with(settings, TestGate::default()).await;

    let answer = server.post(streaming(stream::pending()), &[]).await;

    assert_eq!((answer.status, answer.reason().as_str()), (408, "TIMED_OUT"));
}

#[tokio::test]
async fn a_get_runs_queries_only() {
    let server = Server::start().await;
    let json = "application/json";

    let query =
        server.get("?query=query+a($n:String){hello(name:$n)}&operationName=a&variables={\"n\":\"b\"}", json).await;
    let mutation = server.get("?query=mutation{record(amount:1)}", json).await;
    let strict = server.get("?query=mutation{record(amount:1)}", STRICT.1).await;

    assert_eq!(query.json()["data"]["hello"], "xin chào b");
    assert_eq!(
        (mutation.status, mutation.header("allow"), mutation.reason().as_str()),
        (405, "POST", "MUTATION_OVER_GET")
    );
    assert_eq!(strict.status, 405);
    for bad in
        ["", "?query=", "?query={hello}&query={who}", "?query={hello}&variables=x", "?query={hello}&variables=[]"]
    {
        let answer = server.get(bad, STRICT.1).await;
        assert_eq!(answer.status, 400, "{bad} {}", answer.text);
    }
}

#[tokio::test]
async fn other_methods_are_405() {
    let server = Server::start().await;

    let answer = server.send(server.client.put(server.url()).body("{}")).await;

    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST"));
    assert_eq!(answer.reason(), "METHOD_NOT_ALLOWED");
}
