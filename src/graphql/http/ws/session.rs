//! One WebSocket connection: its first message says who speaks, then any number of operations run side by side.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::Executor;
use axum::{
    extract::ws::{Message, WebSocket},
    http::{Extensions, HeaderMap},
};
use futures_util::{StreamExt, future::BoxFuture};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, timeout},
};

use super::protocol::{Close, Heard, NAME, Said};
use crate::{
    error::{Class, Error},
    graphql::{
        document::Refusal,
        http::{Door, Gate, handler::language, params::Params, reply::Reply, run::Carries, sse::end_of_token},
    },
    messages::{Code, Lang, Message as Sentence},
    server::Seat,
};

/// Results that may wait for the peer to take them; an operation waits when there are more.
const WAITING: usize = 16;
/// Time for the peer to answer a close frame, so that it is not lost with what the peer had still sent.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves a connection until either side ends it.
pub(super) async fn serve<S: Executor, G: Gate>(
    door: Door<S, G>,
    socket: WebSocket,
    caller: Extensions,
    headers: HeaderMap,
) {
    let lang = language(&headers);
    let (report, reports) = mpsc::channel(WAITING);
    let running = HashMap::new();
    let mut session = Session { door, socket, caller: Arc::new(caller), lang, running, started: 0, report, reports };
    let close = session.run(headers).await.err();
    for operation in session.running.values() {
        operation.task.abort();
    }
    if let Some(close) = close {
        session.say_goodbye(&close).await;
    }
}

struct Session<S, G> {
    door: Door<S, G>,
    socket: WebSocket,
    caller: Arc<Extensions>,
    lang: Lang,
    running: HashMap<String, Running>,
    /// How many operations have been started. An id may be used again, its number never is.
    started: u64,
    report: mpsc::Sender<Report>,
    reports: mpsc::Receiver<Report>,
}

struct Running {
    number: u64,
    task: AbortHandle,
}

/// A result of an operation, or its end.
struct Report {
    id: String,
    number: u64,
    result: Option<Reply>,
}

impl<S: Executor, G: Gate> Session<S, G> {
    /// Ends with the close frame to be sent, or with `Ok` when the peer is gone.
    async fn run(&mut self, headers: HeaderMap) -> Result<(), Close> {
        if self.socket.protocol().is_none_or(|protocol| protocol != NAME) {
            return Err(Close::NO_PROTOCOL);
        }
        let patience = self.door.0.settings.init_time_limit;
        let closing = self.door.0.closing.clone();
        let payload = tokio::select! {
            payload = timeout(patience, self.init()) => payload.map_err(|_| Close::NO_INIT)??,
            () = closing.cancelled() => return Err(Close::GOING_AWAY),
        };
        let Some(payload) = payload else { return Ok(()) };
        let caller = Extensions::clone(&self.caller);
        let connected = timeout(patience, self.door.0.gate.connect(payload, caller, &headers)).await;
        let Ok(Ok(mut caller)) = connected else { return Err(Close::FORBIDDEN) };
        let client = self.door.0.gate.client(&caller);
        let _counted = self.door.0.sockets.take(client).ok_or(Close::TRY_LATER)?;
        // From here it counts among the sockets of its client, and no longer among the connections of its peer.
        caller.remove::<Arc<Seat>>();
        drop(headers);
        let expiry = end_of_token(&self.door.0.gate, &caller);
        self.caller = Arc::new(caller);
        self.say(&Said::ConnectionAck).await?;
        self.converse(expiry).await
    }

    /// The payload of `connection_init`; `None` when the peer leaves.
    async fn init(&mut self) -> Result<Option<Value>, Close> {
        while let Some(message) = self.socket.recv().await {
            let Some(text) = text_of(message)? else { continue };
            match Heard::read(&text)? {
                Heard::ConnectionInit { payload } => return Ok(Some(payload.map_or(Value::Null, Value::Object))),
                Heard::Ping { payload } => self.say(&Said::Pong { payload }).await?,
                Heard::Subscribe { .. } => return Err(Close::UNAUTHORIZED),
                Heard::Pong | Heard::Complete { .. } => {}
            }
        }
        Ok(None)
    }

    async fn converse(&mut self, mut expiry: BoxFuture<'static, ()>) -> Result<(), Close> {
        let closing = self.door.0.closing.clone();
        let keep_alive = self.door.0.settings.keep_alive;
        let mut beat = tokio::time::interval(keep_alive);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                () = closing.cancelled() => return Err(Close::GOING_AWAY),
                () = &mut expiry => return Err(Close::EXPIRED),
                message = self.socket.recv() => {
                    let Some(message) = message else { return Ok(()) };
                    heard = Instant::now();
                    if let Some(text) = text_of(message)? {
                        self.hear(&text).await?;
                    }
                }
                Some(report) = self.reports.recv() => self.pass_on(report).await?,
                _ = beat.tick() => {
                    if heard.elapsed() > keep_alive * 3 {
                        return Err(Close::SILENT);
                    }
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), Close> {
        match Heard::read(text)? {
            Heard::ConnectionInit { .. } => Err(Close::INIT_TWICE),
            Heard::Ping { payload } => self.say(&Said::Pong { payload }).await,
            Heard::Pong => Ok(()),
            Heard::Complete { id } => {
                if let Some(operation) = self.running.remove(&id) {
                    operation.task.abort();
                }
                Ok(())
            }
            Heard::Subscribe { id, .. } if self.running.contains_key(&id) => Err(Close::duplicate(&id)),
            Heard::Subscribe { id, payload } => self.subscribe(id, payload).await,
        }
    }

    async fn subscribe(&mut self, id: String, payload: Value) -> Result<(), Close> {
        let limit = self.door.0.settings.max_subscriptions;
        if self.running.len() >= limit {
            let message = Sentence::new(Code::TooManySubscriptions).with("limit", limit);
            let refusal = Refusal::from(Error::new(Class::TooComplex, message));
            let reply = Reply::refused(&refusal, self.lang);
            return self.say(&Said::Error { id: &id, payload: reply.errors() }).await;
        }
        self.started += 1;
        let number = self.started;
        let operation = operate(self.door.clone(), self.caller.clone(), payload, self.lang);
        let (report, name) = (self.report.clone(), id.clone());
        let task = tokio::spawn(async move {
            let mut results = std::pin::pin!(AssertUnwindSafe(operation).catch_unwind());
            while let Some(Ok(reply)) = results.next().await {
                if report.send(Report { id: name.clone(), number, result: Some(reply) }).await.is_err() {
                    return;
                }
            }
            // Fails only when the connection is gone already.
            let _ = report.send(Report { id: name, number, result: None }).await;
        });
        self.running.insert(id, Running { number, task: task.abort_handle() });
        Ok(())
    }

    /// Sends a result, unless the client has completed its operation meanwhile.
    async fn pass_on(&mut self, Report { id, number, result }: Report) -> Result<(), Close> {
        if self.running.get(&id).is_none_or(|running| running.number != number) {
            return Ok(());
        }
        match result {
            Some(reply) if reply.is_refusal() => {
                // An error ends the operation; no `complete` follows it.
                if let Some(operation) = self.running.remove(&id) {
                    operation.task.abort();
                }
                self.say(&Said::Error { id: &id, payload: reply.errors() }).await
            }
            Some(reply) => self.say(&Said::Next { id: &id, payload: &reply }).await,
            None => {
                self.running.remove(&id);
                self.say(&Said::Complete { id: &id }).await
            }
        }
    }

    async fn say(&mut self, said: &Said<'_>) -> Result<(), Close> {
        let text = serde_json::to_string(said).map_err(|error| {
            tracing::error!(%error, "a GraphQL result could not be written");
            Close::BROKEN
        })?;
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Close> {
        let sent = timeout(self.door.0.settings.send_time_limit, self.socket.send(message)).await;
        sent.map_err(|_| Close::SILENT)?.map_err(|_| Close::BROKEN)
    }

    async fn say_goodbye(&mut self, close: &Close) {
        let farewell = async {
            if self.socket.send(Message::Close(Some(close.frame()))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // A peer that does not answer is left all the same.
        let _ = timeout(FAREWELL, farewell).await;
    }
}

fn operate<S: Executor, G: Gate>(
    door: Door<S, G>,
    caller: Arc<Extensions>,
    payload: Value,
    lang: Lang,
) -> impl futures_util::Stream<Item = Reply> + Send + 'static {
    let carries = Carries { changes: true, streams: true };
    let admitted = async move {
        let counted = door.0.gate.count(&caller);
        let params = match counted.and_then(|()| Params::from_value(payload)) {
            Ok(params) => params,
            Err(error) => return Err(Reply::refused(&error.into(), lang)),
        };
        match door.admit(&caller, params, carries, lang).await {
            Ok(admitted) => Ok(door.results(admitted)),
            Err(refusal) => Err(Reply::refused(&refusal, lang)),
        }
    };
    futures_util::stream::once(admitted).flat_map(|admitted| match admitted {
        Ok(results) => results.left_stream(),
        Err(reply) => futures_util::stream::once(async { reply }).right_stream(),
    })
}

/// The text of a message; `None` for the frames that the transport answers by itself.
fn text_of(message: Result<Message, axum::Error>) -> Result<Option<axum::extract::ws::Utf8Bytes>, Close> {
    match message {
        Ok(Message::Text(text)) => Ok(Some(text)),
        Ok(Message::Binary(_)) => Err(Close::bad_message("a message is text")),
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => Ok(None),
        Err(error) => Err(match error.to_string() {
            text if text.contains("too long") || text.contains("Space limit") => Close::TOO_BIG,
            _ => Close::BROKEN,
        }),
    }
}
