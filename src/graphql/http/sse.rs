//! Results as server-sent events: `next` for each, then `complete` (graphql-sse, distinct connections mode).

use std::{convert::Infallible, time::Duration};

use async_graphql::Executor;
use axum::{
    body::Body,
    http::{Extensions, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};

use super::{Door, Gate, reply::Reply, run::Admitted};
use crate::{error::Error, messages::Lang};

/// The results of an operation, until it ends, the caller's token does, or the service shuts down.
pub(super) fn stream<S: Executor, G: Gate>(
    door: Door<S, G>,
    admitted: Admitted<G::Visit>,
    caller: &Extensions,
    lang: Lang,
) -> Response {
    let keep_alive = door.0.settings.keep_alive;
    let closing = door.0.closing.clone().cancelled_owned();
    let expiry = end_of_token(&door.0.gate, caller);
    let results = Box::pin(door.results(admitted));
    let replies = stream::unfold(Some((results, expiry)), move |state| async move {
        let (mut results, mut expiry) = state?;
        tokio::select! {
            biased;
            () = &mut expiry => Some((Reply::refused(&expired().into(), lang), None)),
            reply = results.next() => reply.map(|reply| (reply, Some((results, expiry)))),
        }
    });
    answer(replies.take_until(closing), keep_alive)
}

/// A stream of one result.
pub(super) fn one(reply: Reply) -> Response {
    answer(stream::once(async { reply }), Duration::from_secs(15))
}

/// Resolves when the caller's token is no longer good: at its end, or when it is taken back.
pub(super) fn end_of_token<G: Gate>(gate: &G, caller: &Extensions) -> BoxFuture<'static, ()> {
    let (time, revoked) = (gate.expires_in(caller), gate.revoked(caller));
    Box::pin(async move {
        match time {
            Some(time) => drop(tokio::time::timeout(time, revoked).await),
            None => revoked.await,
        }
    })
}

fn expired() -> Error {
    Error::unauthenticated("the token has expired or was taken back")
}

fn answer(replies: impl Stream<Item = Reply> + Send + 'static, keep_alive: Duration) -> Response {
    // JSON as it is written here has no line breaks, so each event has one line of data.
    let next = replies.map(|reply| Bytes::from([&b"event: next\ndata: "[..], &reply.json(), b"\n\n"].concat()));
    // Without its empty data a browser's `EventSource` would not deliver the event.
    let complete = stream::once(async { Bytes::from_static(b"event: complete\ndata: \n\n") });
    let events = Box::pin(next.chain(complete));
    let kept_alive = stream::unfold(events, move |mut events| async move {
        let event = match tokio::time::timeout(keep_alive, events.next()).await {
            Ok(event) => event?,
            Err(_) => Bytes::from_static(b":\n\n"),
        };
        Some((Ok::<_, Infallible>(event), events))
    });
    // Without the last header an nginx in front holds events back until its buffer is full.
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
    ];
    (headers, Body::from_stream(kept_alive)).into_response()
}
