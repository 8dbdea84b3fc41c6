//! The layers around all routes: what holds for every request, whichever door it came through.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutBody};

use crate::{
    config::Limits,
    error::{Class, Error},
    messages::{Code, Message},
};

/// Puts the edge around the routes of the application: request ids, language, log and metrics, problems for every
/// error, panics caught, ordinary bodies limited, silent bodies ended. Apply it last.
///
/// A route that takes more than an ordinary body states its own `DefaultBodyLimit`; time limits are the routes' own
/// ([`within`]), because a push may rightly take longer than a look-up.
pub fn around(router: Router, limits: &Limits) -> Router {
    let inner = router
        .fallback(|| async { Error::new(Class::NotFound, Code::UnknownPath) })
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(limits.request_timeout, end_silent_bodies))
        .layer(middleware::from_fn(super::context::tell_route));
    // A router adds the `Allow` of a 405 outside its own layers, so what renders the 405 stands around the router.
    Router::new().fallback_service(inner).layer(middleware::from_fn_with_state(limits.body, super::context::context))
}

/// Middleware that answers 503 `TIMED_OUT` when a handler takes longer than this to begin its answer; its work is
/// dropped, so a transaction in it rolls back. Use: `.layer(from_fn_with_state(limits.request_timeout, within))`.
pub async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Result<Response, Error> {
    let late = || Error::new(Class::Unavailable, Message::new(Code::TimedOut).with("seconds", limit.as_secs()));
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| late())
}

/// A body that sends nothing for this long ends with an error, so that nobody holds a connection by sending slowly
/// nothing at all. A body that keeps coming may take as long as its route allows. What a refusal left unread is drained.
async fn end_silent_bodies(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    next.run(request.map(|body| Body::new(leftover::Drained::new(Body::new(TimeoutBody::new(limit, body)))))).await
}

/// The hook of [`crate::telemetry`] has told the log where; what was said may quote data, so it is not repeated.
fn panicked(_said: Box<dyn Any + Send>) -> Response {
    Error::internal("a handler panicked").into_response()
}

mod leftover;
#[cfg(test)]
mod tests;
