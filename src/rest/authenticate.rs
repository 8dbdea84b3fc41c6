//! From the bearer token of a request (RFC 6750) to the caller that services are handed.

use axum::{
    extract::{FromRef, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::context::RequestContext;
use crate::{
    access::Caller,
    error::{Class, Error, Result},
    identity::Identity,
};

/// Lets a request with a good token pass, with its [`Caller`] among the extensions; refuses all others with 401.
pub async fn authenticate(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match caller(&identity, &parts).await {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => refused(error, &parts.headers),
    }
}

/// The caller of a request.
pub async fn caller(identity: &Identity, parts: &Parts) -> Result<Caller> {
    let actor = identity.authenticate(bearer(&parts.headers)?).await?;
    let (request_id, purpose) = circumstances(identity, parts);
    if let Some(context) = parts.extensions.get::<RequestContext>() {
        context.identify(&actor.client_id);
    }
    Ok(Caller::new(actor, &request_id, purpose.as_deref()))
}

/// The caller that a token names, where it does not come in a header of the request itself.
pub async fn caller_of_token(identity: &Identity, token: &str, context: Option<&RequestContext>) -> Result<Caller> {
    let actor = identity.authenticate(token).await?;
    let context = context.cloned().unwrap_or_else(RequestContext::internal);
    context.identify(&actor.client_id);
    Ok(Caller::new(actor, &context.request_id, context.purpose.as_deref()))
}

/// When a token ends, which a connection that outlives requests must know; none where the token does not say.
#[derive(Clone, Copy, Debug)]
pub struct TokenEnd(pub Option<DateTime<Utc>>);

impl TokenEnd {
    /// Reads the end of a token that was verified before.
    pub fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims = payload.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
        let end = claims.and_then(|claims| claims.get("exp")?.as_i64());
        Self(end.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Identity: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = caller(&Identity::from_ref(state), parts).await;
        let caller = caller.map_err(|error| refused(error, &parts.headers))?;
        // One request is one caller: what it discloses is noted in one place.
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// The token of the `Authorization` header. Tokens in a form or a query are not read: they end up in logs.
fn bearer(headers: &HeaderMap) -> Result<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let first = given.next().ok_or_else(|| Error::unauthenticated("the Authorization header is missing"))?;
    let malformed = || Error::unauthenticated("the Authorization header must be: Bearer, a space, the token");
    if given.next().is_some() {
        return Err(Error::unauthenticated("the Authorization header stands twice"));
    }
    let (scheme, token) = first.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    let token = token.trim_matches(' ');
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !scheme.eq_ignore_ascii_case("bearer") || !is_token {
        return Err(malformed());
    }
    Ok(token)
}

/// Id of the request and the purpose that the caller states, as the edge read them; where a router stands without its
/// edge, as the headers say them.
fn circumstances(identity: &Identity, parts: &Parts) -> (String, Option<String>) {
    if let Some(context) = parts.extensions.get::<RequestContext>() {
        return (context.request_id.to_string(), context.purpose.as_deref().map(str::to_owned));
    }
    let text = |name: &str| {
        let value = parts.headers.get(name)?;
        let value = std::str::from_utf8(value.as_bytes()).ok()?.trim();
        let is_good = !value.is_empty() && value.len() <= 200 && !value.contains(char::is_control);
        is_good.then(|| value.to_owned())
    };
    let request_id = text("x-request-id").unwrap_or_else(|| identity.ids().next().to_string());
    (request_id, text("ansinh-purpose"))
}

/// The answer to a request that did not get in. A 401 names the scheme, and says that the token is bad only where one
/// was sent (RFC 6750, 3).
fn refused(error: Error, headers: &HeaderMap) -> Response {
    let is_401 = error.class() == Class::Unauthenticated;
    let mut response = error.into_response();
    if is_401 {
        let was_sent = headers.contains_key(header::AUTHORIZATION);
        let challenge =
            if was_sent { "Bearer realm=\"ansinh\", error=\"invalid_token\"" } else { "Bearer realm=\"ansinh\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}
