//! The layers around all routes: what holds for every request, whichever door it came through.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use self::pace::{Pace, Watch};
pub use self::{admission::Refused, cors::layer as cors};
use crate::{
    config::Limits,
    error::{Class, Error},
    messages::{Code, Message},
};

/// Seconds after which a request that took too long may be sent again.
pub const AFTER_TIMEOUT: u64 = 5;

/// Puts the edge around the routes of the application: request ids, language, log and metrics, problems for every
/// error, panics caught, ordinary bodies limited, slow bodies ended, no more requests at once than `work` has places.
/// Apply it last, but for [`cors`].
///
/// A route that takes more than an ordinary body states its own `DefaultBodyLimit`; time limits are the routes' own
/// ([`within`]), because a push may rightly take longer than a look-up.
pub fn around(router: Router, limits: &Limits, work: Arc<Semaphore>) -> Router {
    let admission = admission::Admission::new(limits, work);
    let inner = router
        .fallback(|| async { Error::new(Class::NotFound, Code::UnknownPath) })
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(admission, admission::admit))
        .layer(middleware::from_fn(super::context::tell_route));
    // A router adds the `Allow` of a 405 outside its own layers, so what renders the 405 stands around the router.
    Router::new().fallback_service(inner).layer(middleware::from_fn_with_state(limits.body, super::context::context))
}

/// Middleware that answers 503 `TIMED_OUT` when a handler takes longer than this to begin its answer; its work is
/// dropped, so a transaction in it rolls back. Use: `.layer(from_fn_with_state(limits.request_timeout, within))`.
pub async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Result<Response, Error> {
    let late = || {
        let message = Message::new(Code::TimedOut).with("seconds", limit.as_secs());
        Error::new(Class::Unavailable, message).retry_after(AFTER_TIMEOUT)
    };
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| late())
}

/// What is told to those for whom there is no place now.
pub fn overloaded() -> Error {
    Error::new(Class::Unavailable, Code::Overloaded).retry_after(1)
}

/// The hook of [`crate::telemetry`] has told the log where; what was said may quote data, so it is not repeated.
fn panicked(_said: Box<dyn Any + Send>) -> Response {
    Error::internal("a handler panicked").into_response()
}

mod admission;
mod arriving;
mod cors;
mod leftover;
mod pace;
#[cfg(test)]
mod tests;
