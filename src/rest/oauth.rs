//! The token endpoint (RFC 6749, 7523), the published keys (RFC 7517) and the metadata (RFC 8414).

use std::{borrow::Cow, collections::HashMap, error::Error as _};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, Request, StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{context::RequestContext, etag};
use crate::{
    access::Scope,
    error::{Class, Error, Result},
    identity::{
        AccessToken, Algorithm, Identity, assertion,
        grant::{Proof, Refusal},
    },
};

/// Path of the token endpoint.
pub const TOKEN: &str = "/oauth/token";

/// Largest form that is read, bytes: an assertion and a few short fields.
const LARGEST_FORM: usize = 32 * 1024;

/// The routes of this file.
pub fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Identity: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(token))
        .routes(routes!(keys))
        .routes(routes!(metadata))
        .route_layer(from_fn(etag::conditional))
}

/// A token (RFC 6749, 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The access token, for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// Seconds until it ends.
    expires_in: i64,
    /// What it is for.
    scope: String,
}

impl From<AccessToken> for TokenAnswer {
    fn from(token: AccessToken) -> Self {
        Self { access_token: token.token, token_type: "Bearer", expires_in: token.expires_in, scope: token.scope }
    }
}

/// The form of a request for a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the form; it is read member by member, to refuse repeated ones")]
struct TokenForm {
    /// `client_credentials`.
    grant_type: String,
    /// Scopes separated by spaces; all that the client may have when it is left out.
    scope: Option<String>,
    /// The client (`client_secret_post`).
    client_id: Option<String>,
    /// Its secret (`client_secret_post`).
    client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` (`private_key_jwt`).
    client_assertion_type: Option<String>,
    /// The signed assertion (`private_key_jwt`).
    client_assertion: Option<String>,
}

/// An error of the token endpoint (RFC 6749, 5.2).
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenError {
    #[serde(skip)]
    status: u16,
    #[serde(skip)]
    retry_after: Option<u64>,
    /// Code of the standard.
    error: TokenErrorCode,
    /// What is wrong and what helps.
    error_description: Cow<'static, str>,
}

/// Codes of the token endpoint (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TokenErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidScope,
    UnsupportedGrantType,
    TemporarilyUnavailable,
    ServerError,
}

impl TokenError {
    fn new(status: u16, error: TokenErrorCode, error_description: impl Into<Cow<'static, str>>) -> Self {
        Self { status, retry_after: None, error, error_description: error_description.into() }
    }

    fn request(description: &'static str) -> Self {
        Self::new(400, TokenErrorCode::InvalidRequest, description)
    }

    fn client() -> Self {
        Self::new(401, TokenErrorCode::InvalidClient, "client authentication failed")
    }
}

impl From<Refusal> for TokenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InvalidClient => Self::client(),
            Refusal::TooManyFailures(seconds) => Self {
                retry_after: Some(seconds),
                ..Self::new(
                    429,
                    TokenErrorCode::TemporarilyUnavailable,
                    "too many failed attempts; wait before the next",
                )
            },
            Refusal::InvalidScope => {
                Self::new(400, TokenErrorCode::InvalidScope, "the scope is unknown or more than the client may have")
            }
            Refusal::Trouble(error) => Self::trouble(&error),
        }
    }
}

impl TokenError {
    fn trouble(error: &Error) -> Self {
        tracing::error!(cause = ?error.cause(), "no token could be issued");
        if error.class() == Class::Unavailable {
            let description = "the service cannot answer now; try again later";
            return Self {
                retry_after: error.seconds_to_retry().or(Some(1)),
                ..Self::new(503, TokenErrorCode::TemporarilyUnavailable, description)
            };
        }
        Self::new(500, TokenErrorCode::ServerError, "internal error; the request id finds it in the log")
    }
}

/// A request that was refused before it came here, in the form that the standard wants of this path.
pub(super) fn refused(error: &Error) -> Response {
    TokenError::new(400, TokenErrorCode::InvalidRequest, error.to_string()).into_response()
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"ansinh\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Gives an access token.
///
/// To a client that proves itself by its secret or its key (RFC 6749, RFC 7523).
#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "issueToken",
    tag = "identity",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer, description = "The token"),
        (status = 400, body = TokenError, description = "The request is malformed, or asks for what is not given"),
        (status = 401, body = TokenError, description = "The client did not prove itself", headers(("WWW-Authenticate" = String, description = "The scheme (RFC 7617)."))),
        (status = 408, body = TokenError, description = "The form came too slowly"),
        (status = 413, body = TokenError, description = "The form is too large"),
        (status = 429, body = TokenError, description = "The client failed too often", headers(("Retry-After" = u64, description = "Seconds after which a repeat makes sense."))),
        (status = 500, body = TokenError, description = "Our own fault"),
        (status = 503, body = TokenError, description = "The service cannot answer now", headers(("Retry-After" = u64, description = "Seconds after which a repeat makes sense."))),
    ),
)]
async fn token(State(identity): State<Identity>, request: Request<Body>) -> Response {
    let answer = match give(&identity, request).await {
        Ok(token) => Json(TokenAnswer::from(token)).into_response(),
        Err(error) => error.into_response(),
    };
    // RFC 6749, 5.1: neither token nor error may be kept by anyone on the way.
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], answer).into_response()
}

async fn give(identity: &Identity, request: Request<Body>) -> Result<AccessToken, TokenError> {
    let (parts, body) = request.into_parts();
    let form = read_form(&parts.headers, body).await?;
    let proof = proof(&parts.headers, &form)?;
    if let Some((context, client_id)) = parts.extensions.get::<RequestContext>().zip(proof.client_id()) {
        context.identify(client_id);
    }
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(TokenError::new(
                400,
                TokenErrorCode::UnsupportedGrantType,
                "grant_type must be client_credentials",
            ));
        }
        None => return Err(TokenError::request("grant_type is missing")),
    }
    Ok(identity.grant(&proof, form.get("scope").map(String::as_str)).await?)
}

/// Reads the form. A field without a value counts as left out, and none may stand twice (RFC 6749, 3.2).
async fn read_form(headers: &HeaderMap, body: Body) -> Result<HashMap<String, String>, TokenError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(TokenError::request("the body must be application/x-www-form-urlencoded"));
    }
    let body = to_bytes(body, LARGEST_FORM).await.map_err(|error| {
        let is_too_large = error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        let (status, why) = if is_too_large { (413, "the body is too large") } else { (400, "the body ended early") };
        TokenError { status, ..TokenError::request(why) }
    })?;
    let mut form = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(&body) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(TokenError::request("a field stands twice"));
        }
    }
    form.retain(|_, value| !value.is_empty());
    Ok(form)
}

/// The one way in which the client proves itself; two at once are refused (RFC 6749, 2.3).
fn proof(headers: &HeaderMap, form: &HashMap<String, String>) -> Result<Proof, TokenError> {
    let field = |name: &str| form.get(name).cloned();
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (authorization, more) = (given.next(), given.next());
    let ways = [authorization.is_some(), form.contains_key("client_secret"), form.contains_key("client_assertion")];
    if more.is_some() || ways.iter().filter(|way| **way).count() > 1 {
        return Err(TokenError::request("use one way of client authentication, not several"));
    }
    if let Some(authorization) = authorization {
        let (client_id, secret) = basic(authorization).ok_or_else(TokenError::client)?;
        if form.get("client_id").is_some_and(|named| *named != client_id) {
            return Err(TokenError::request("client_id differs from the client in the Authorization header"));
        }
        return Ok(Proof::Secret { client_id, secret });
    }
    if let Some(assertion) = field("client_assertion") {
        if form.get("client_assertion_type").map(String::as_str) != Some(assertion::TYPE) {
            return Err(TokenError::request("client_assertion_type must be that of RFC 7523"));
        }
        return Ok(Proof::Assertion { assertion, client_id: field("client_id") });
    }
    match (field("client_id"), field("client_secret")) {
        (Some(client_id), Some(secret)) => Ok(Proof::Secret { client_id, secret }),
        _ => Err(TokenError::client()),
    }
}

/// Client and secret of a `Basic` header (RFC 7617), each form-encoded before they were joined (RFC 6749, 2.3.1).
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (client_id, secret) = joined.split_once(':')?;
    Some((form_decoded(client_id), form_decoded(secret)))
}

/// One form-encoded value: `+` is a space, `%XX` a byte.
fn form_decoded(value: &str) -> String {
    // As the value of a form's only field; an `&` that was left unencoded belongs to the value.
    let field = format!("v={}", value.replace('&', "%26"));
    url::form_urlencoded::parse(field.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

/// Lists the public keys of this service.
///
/// As a JWK set (RFC 7517), with which its tokens are verified.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "getKeys",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer that you hold")),
    tag = "identity",
    responses(
        (status = 200, body = Value, description = "The keys (RFC 7517); a new key stands here before it signs", headers(("ETag" = String, description = "Names this content."))),
        (status = 304, description = "Unchanged since the answer whose ETag was sent"),
    ),
)]
async fn keys(State(identity): State<Identity>) -> Result<Response> {
    Ok(kept(json!({"keys": identity.published_keys().await?})))
}

/// Tells what the token endpoint can do.
///
/// The metadata of an authorization server (RFC 8414).
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    operation_id = "getServerMetadata",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer that you hold")),
    tag = "identity",
    responses(
        (status = 200, body = Value, description = "The metadata (RFC 8414)", headers(("ETag" = String, description = "Names this content."))),
        (status = 304, description = "Unchanged since the answer whose ETag was sent"),
    ),
)]
async fn metadata(State(identity): State<Identity>) -> Response {
    let config = identity.config();
    let issuer = &config.issuer;
    kept(json!({
        "issuer": issuer,
        "token_endpoint": config.token_endpoint(),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::as_str),
        "service_documentation": format!("{issuer}/docs"),
    }))
}

/// A document that others may keep for five minutes.
fn kept(document: Value) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(document)).into_response()
}
