//! The trail of the doors: who asked is known before a handler runs, and what its answer shows is on disk before the
//! answer leaves.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use entity::codes::AuditOutcome;

use super::{
    authenticate::{self, HeldToken},
    rates,
};
use crate::{
    access::Caller,
    app::App,
    audit::{Entry, Recorder},
    env::Env,
    error::{Class, Error, Result},
};

/// Middleware of every route that asks for a token.
///
/// Puts the [`Caller`] among the extensions of the request, and counts the request against its rate. When the answer shows records, or refuses for want of a
/// right, it is held until its entry is on disk; where that fails, 503 goes out in its place. A handler that learns more
/// of the purpose leaves the changed caller in the extensions of its answer.
pub async fn trail(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match authenticate::caller(&app.identity, &parts).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    if let Err(error) = rates::count(&app.rates, &caller, parts.extensions.get()) {
        return error.into_response();
    }
    let route = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let action = format!("{} {route}", parts.method);
    parts.extensions.insert(caller.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let caller = response.extensions_mut().remove::<Caller>().unwrap_or(caller);
    match record(&app.env, &app.audit, &caller, &action, outcome_of(&response)).await {
        Ok(()) => response,
        Err(error) => error.into_response(),
    }
}

/// Why the token of a request is not accepted, for the door that answers in a form of its own.
#[derive(Clone, Debug)]
pub struct Unaccepted(pub Error);

/// Middleware of routes that some may use without a token, as the GraphQL door with its page: a caller who brings one is
/// known to the handler, who brings a bad one is known as [`Unaccepted`], and who has none passes as nobody. What is shown must
/// then be recorded by the route itself, with [`record`].
pub async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match authenticate::caller(&app.identity, &parts).await {
        Ok(caller) => {
            parts.extensions.insert(caller);
            // The answer may be a stream that lasts longer than the token.
            if let Some(held) = HeldToken::of_header(&parts.headers) {
                parts.extensions.insert(held);
            }
        }
        Err(error) => drop(parts.extensions.insert(Unaccepted(error))),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Writes the entry of what a caller was shown since the last one, or was refused; returns when it is on disk. An answer
/// that shows nothing leaves no entry, unless it is told to somebody who asked for one person: that there is none tells too.
///
/// # Errors
/// `UNAVAILABLE`; the answer must then not leave.
pub async fn record(
    env: &Env,
    recorder: &Recorder,
    caller: &Caller,
    action: &str,
    outcome: AuditOutcome,
) -> Result<()> {
    let disclosure = caller.take_disclosure();
    if outcome == AuditOutcome::Done && disclosure.counts.is_empty() {
        return Ok(());
    }
    let entry = Entry::new(env, caller, action, outcome, &disclosure);
    recorder.record(entry).await.map_err(|error| {
        if error.class() == Class::Unavailable { error } else { Error::unavailable().caused_by(error) }
    })
}

fn outcome_of(response: &Response) -> AuditOutcome {
    if response.status() == StatusCode::FORBIDDEN { AuditOutcome::Refused } else { AuditOutcome::Done }
}
