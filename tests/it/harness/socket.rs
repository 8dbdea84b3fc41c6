//! A WebSocket of the GraphQL door.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// A connection that was acknowledged.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with a token.
    pub async fn open(base: &str, token: &str) -> Self {
        let url = format!("{}/graphql/ws", base.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let mut socket = Self(connect_async(request).await.unwrap().0);
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        socket.say(&json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    /// Asks one question; gives the first message that answers it.
    pub async fn ask(&mut self, id: &str, query: &str) -> Value {
        self.say(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
        let answer = self.hear().await;
        if answer["type"] == "next" {
            assert_eq!(self.hear().await["type"], "complete");
        }
        answer
    }

    /// Waits for the service to end the connection; its code and reason.
    pub async fn closed(mut self, patience: Duration) -> (u16, String) {
        let close = async {
            loop {
                if let Message::Close(Some(frame)) = self.0.next().await.unwrap().unwrap() {
                    return (frame.code.into(), frame.reason.to_string());
                }
            }
        };
        tokio::time::timeout(patience, close).await.expect("the connection stays open")
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
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
}
