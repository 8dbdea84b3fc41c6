use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::harness::{Server, TestGate};
use crate::graphql::http::Settings;

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(server: &Server, protocol: &str) -> Self {
        let mut request = format!("ws://{}/graphql/ws", server.at).into_client_request().unwrap();
        request.headers_mut().insert("accept-language", "vi".parse().unwrap());
        if !protocol.is_empty() {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        Self(connect_async(request).await.unwrap().0)
    }

    /// Connected, and acknowledged.
    async fn open(server: &Server) -> Self {
        let mut client = Self::connect(server, "graphql-transport-ws").await;
        client.say(json!({ "type": "connection_init", "payload": { "token": "bank" } })).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn say(&mut self, message: Value) {
        self.text(message.to_string()).await;
    }

    async fn text(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn closed(&mut self) -> (u16, String) {
        let close = async {
            loop {
                if let Message::Close(Some(frame)) = self.0.next().await.unwrap().unwrap() {
                    return (frame.code.into(), frame.reason.to_string());
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), close).await.unwrap()
    }
}

#[tokio::test]
async fn operations_run_side_by_side() {
    let server = Server::start().await;
    let mut client = Client::open(&server).await;

    client.subscribe("a", "subscription { never }").await;
    assert_eq!(client.hear().await, json!({ "id": "a", "type": "next", "payload": { "data": { "never": 1 } } }));
    client.subscribe("b", "{ hello who lang }").await;
    let result = json!({ "data": { "hello": "xin chào ", "who": "bank", "lang": "vi" } });
    assert_eq!(client.hear().await, json!({ "id": "b", "type": "next", "payload": result }));
    assert_eq!(client.hear().await, json!({ "id": "b", "type": "complete" }));
    client.subscribe("c", "subscription { ticks(upto: 2) }").await;
    for n in 0..2 {
        assert_eq!(client.hear().await["payload"]["data"]["ticks"], n);
    }
    assert_eq!(client.hear().await, json!({ "id": "c", "type": "complete" }));
}

#[tokio::test]
async fn a_completed_id_may_be_used_again() {
    let server = Server::start().await;
    let mut client = Client::open(&server).await;

    client.subscribe("a", "subscription { never }").await;
    client.hear().await;
    client.say(json!({ "id": "a", "type": "complete" })).await;
    client.subscribe("a", "mutation { record(amount: 3) }").await;

    assert_eq!(client.hear().await["payload"]["data"]["record"], 3);
    assert_eq!(client.hear().await, json!({ "id": "a", "type": "complete" }));
}

#[tokio::test]
async fn a_refusal_ends_its_operation_alone() {
    let server = Server::start().await;
    let mut client = Client::open(&server).await;

    for (query, code) in
        [("{ nothing }", "BAD_USER_INPUT"), ("{", "BAD_USER_INPUT"), ("{ loan { amount } }", "FORBIDDEN")]
    {
        client.subscribe("a", query).await;
        let error = client.hear().await;
        assert_eq!(
            (&error["type"], &error["payload"][0]["extensions"]["code"]),
            (&json!("error"), &json!(code)),
            "{error}"
        );
    }
    client.say(json!({ "id": "a", "type": "subscribe", "payload": { "query": 1 } })).await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["reason"], "WRONG_TYPE");
    client.subscribe("a", "subscription { refused }").await;
    assert_eq!(client.hear().await["payload"]["errors"][0]["message"], "không tìm thấy lần gửi");
    assert_eq!(client.hear().await["type"], "complete");
    client.subscribe("a", "subscription { boom }").await;
    assert_eq!(client.hear().await["payload"]["data"]["boom"], 0);
    let error = client.hear().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL");
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test]
async fn a_ping_is_answered_before_and_after_the_beginning() {
    let server = Server::start().await;
    let mut client = Client::connect(&server, "graphql-transport-ws").await;

    client.say(json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    client.say(json!({ "type": "connection_init", "payload": { "token": "bank" } })).await;
    client.hear().await;
    client.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
}

#[tokio::test]
async fn each_fault_has_its_close_code() {
    let server = Server::start().await;
    let init = r#"{"type":"connection_init","payload":{"token":"bank"}}"#;
    let never = r#"{"type":"subscribe","id":"a","payload":{"query":"subscription{never}"}}"#;
    let long_id = format!(r#"{{"type":"subscribe","id":"{}","payload":{{}}}}"#, "x".repeat(200));
    let cases: [(&[&str], u16); 11] = [
        (&["not json"], 4400),
        (&[r#"{"type":"connection_init","payload":7}"#], 4400),
        (&[r#"{"type":"start"}"#], 4400),
        (&[r#"{"payload":{}}"#], 4400),
        (&[never], 4401),
        (&[r#"{"type":"connection_init"}"#], 4403),
        (&[init, init], 4429),
        (&[init, never, never], 4409),
        (&[init, r#"{"type":"subscribe"}"#], 4400),
        (&[init, r#"{"type":"subscribe","id":"","payload":{}}"#], 4400),
        (&[init, &long_id], 4400),
    ];
    for (messages, code) in cases {
        let mut client = Client::connect(&server, "graphql-transport-ws").await;
        for message in messages {
            client.text(*message).await;
        }
        assert_eq!(client.closed().await.0, code, "{messages:?}");
    }
    let mut client = Client::open(&server).await;
    client.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(client.closed().await.0, 4400);
    assert_eq!(Client::connect(&server, "").await.closed().await.0, 4406);
}

#[tokio::test]
async fn a_message_too_big_is_1009() {
    let server = Server::with(Settings { body_limit: 10_000, ..Settings::default() }, TestGate::default()).await;
    let mut client = Client::open(&server).await;

    // The server may close before it has read all of it.
    let _ = client.0.send(Message::text("x".repeat(50_000))).await;

    assert_eq!(client.closed().await.0, 1009);
}

#[tokio::test]
async fn silence_is_closed() {
    let settings = Settings { init_time_limit: Duration::from_millis(50), ..Settings::default() };
    let server = Server::with(settings, TestGate::default()).await;

    let mut client = Client::connect(&server, "graphql-transport-ws").await;

    assert_eq!(client.closed().await, (4408, "Connection initialisation timeout".to_owned()));
}

#[tokio::test]
async fn a_connection_ends_with_its_token_and_with_the_service() {
    let gate = TestGate { token_life: Some(Duration::from_millis(50)), ..TestGate::default() };
    let short = Server::with(Settings::default(), gate).await;
    let server = Server::start().await;
    let mut waiting = Client::open(&server).await;

    assert_eq!(Client::open(&short).await.closed().await, (4403, "Token expired or revoked".to_owned()));
    server.closing.cancel();
    assert_eq!(waiting.closed().await.0, 1001);
}

#[tokio::test]
async fn operations_at_once_are_limited() {
    let server = Server::with(Settings { max_subscriptions: 2, ..Settings::default() }, TestGate::default()).await;
    let mut client = Client::open(&server).await;
    for id in ["a", "b"] {
        client.subscribe(id, "subscription { never }").await;
        client.hear().await;
    }

    client.subscribe("c", "{ hello }").await;

    let error = client.hear().await;
    assert_eq!(
        (&error["id"], &error["payload"][0]["extensions"]["reason"]),
        (&json!("c"), &json!("TOO_MANY_SUBSCRIPTIONS"))
    );
    client.say(json!({ "id": "a", "type": "complete" })).await;
    client.subscribe("c", "{ hello }").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_given_up() {
    let settings = Settings { keep_alive: Duration::from_millis(20), ..Settings::default() };
    let server = Server::with(settings, TestGate::default()).await;
    let mut client = Client::open(&server).await;

    // Not reading, the client answers no ping either.
    tokio::time::sleep(Duration::from_millis(300)).await;

    assert_eq!(client.closed().await, (1001, "No sign of life".to_owned()));
}

#[tokio::test]
async fn a_plain_request_is_told_to_upgrade() {
    let server = Server::start().await;

    let answer = server.send(server.client.get(format!("{}/ws", server.url()))).await;

    assert_eq!((answer.status, answer.header("upgrade")), (426, "websocket"));
}

/// The status of a handshake with more headers.
async fn handshake(server: &Server, headers: &[(&'static str, &str)]) -> u16 {
    let mut request = format!("ws://{}/graphql/ws", server.at).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((_, answer)) => answer.status().as_u16(),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_page_of_another_host_opens_a_socket_only_where_it_is_listed() {
    let origins = vec!["https://app.example.vn".to_owned()];
    let server = Server::with(Settings { origins, ..Settings::default() }, TestGate::default()).await;
    let own = format!("http://{}", server.at);

    for (origins, status) in [
        (&[][..], 101),
        (&[("origin", &*own)], 101),
        (&[("origin", "https://app.example.vn")], 101),
        (&[("origin", "https://evil.example.vn")], 403),
        (&[("origin", "http://app.example.vn")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://app.example.vn"), ("origin", "https://evil.example.vn")], 403),
    ] {
        assert_eq!(handshake(&server, origins).await, status, "{origins:?}");
    }
}

#[tokio::test]
async fn a_client_has_its_share_of_sockets_and_gets_it_back() {
    let settings = Settings { sockets: 3, sockets_per_client: 2, ..Settings::default() };
    let server = Server::with(settings, TestGate::default()).await;
    let known = json!({ "type": "connection_init", "payload": { "token": "bank" } });
    let first = Client::open(&server).await;
    let _second = Client::open(&server).await;

    let mut third = Client::connect(&server, "graphql-transport-ws").await;
    third.say(known.clone()).await;
    assert_eq!(third.closed().await.0, 1013);
    let mut other = Client::connect(&server, "graphql-transport-ws").await;
    other.say(json!({ "type": "connection_init", "payload": { "token": "office" } })).await;
    assert_eq!(other.hear().await, json!({ "type": "connection_ack" }));
    assert_eq!(handshake(&server, &[]).await, 503, "all three are taken");

    drop(first);
    for attempt in 0.. {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if handshake(&server, &[]).await == 101 {
            break;
        }
        assert!(attempt < 100, "the place is not given back");
    }
    Client::open(&server).await;
}

#[tokio::test]
async fn operations_on_sockets_and_streams_share_the_places_of_requests() {
    let server = Server::with_places(Settings::default(), TestGate::default(), 0).await;
    let mut client = Client::open(&server).await;

    client.subscribe("a", "{ hello }").await;
    let refused = client.hear().await;
    client.subscribe("b", "subscription { ticks(upto: 1) }").await;

    assert_eq!(refused["payload"][0]["extensions"]["reason"], "OVERLOADED", "{refused}");
    assert_eq!(client.hear().await["payload"]["data"]["ticks"], 0, "a subscription waits, it does not work");
    let streamed = server.query("{ hello }", &[("accept", "text/event-stream")]).await;
    assert!(streamed.text.contains("OVERLOADED"), "{}", streamed.text);
}
