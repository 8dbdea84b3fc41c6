//! From the bearer token of a request (RFC 6750) to the caller that services are handed.

use std::time::Duration;

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

/// The token of a connection that outlives requests, as an `Authorization` header has it.
#[derive(Clone)]
pub struct HeldToken(HeaderValue);

impl HeldToken {
    /// The token that came in a header of its own.
    pub fn of_header(headers: &HeaderMap) -> Option<Self> {
        headers.get(header::AUTHORIZATION).cloned().map(Self)
    }

    /// A token that came by itself.
    pub fn of_token(token: &str) -> Option<Self> {
        HeaderValue::from_str(&format!("Bearer {token}")).ok().map(Self)
    }

    /// When it ends; none where it does not say.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        let payload = self.0.to_str().ok()?.split('.').nth(1)?;
        let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        DateTime::from_timestamp(claims.get("exp")?.as_i64()?, 0)
    }

    /// Resolves when the token is refused, as after its client or its key was revoked.
    pub async fn refused(self, identity: Identity) {
        loop {
            tokio::time::sleep(WATCHED).await;
            let token =
                self.0.to_str().ok().and_then(|text| text.split_once(' ')).map_or("", |(_, token)| token.trim());
            if identity.authenticate(token).await.is_err_and(|error| error.class() == Class::Unauthenticated) {
                return;
            }
        }
    }
}

/// How often a connection that outlives requests looks whether its token still holds.
const WATCHED: Duration = Duration::from_secs(2);

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
