//! Pages of other hosts: which may use the service from a browser, what they may send and what they may read.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::rest::{context, push::headers as push};

/// How long a browser may remember what it was told.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The layer of the pages that may; none where there are none, and browsers then keep every answer from other pages.
/// A token is sent in a header by the page itself, so no cookies are allowed.
pub fn layer(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::HEAD, Method::POST])
            .allow_headers(sent())
            .expose_headers(read())
            .max_age(REMEMBERED)
    })
}

/// Headers that a page may send, beyond those that need no leave.
fn sent() -> Vec<HeaderName> {
    let ours = push::OURS.iter().chain([&push::IDEMPOTENCY_KEY]);
    let ours = ours.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
    let usual = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, header::ACCEPT_LANGUAGE];
    ours.chain(usual).chain([header::ACCEPT, context::REQUEST_ID, context::TRACEPARENT]).collect()
}

/// Headers of answers that a page may read, beyond those that need no leave.
fn read() -> [HeaderName; 10] {
    [
        header::ALLOW,
        header::CONTENT_DISPOSITION,
        header::ETAG,
        header::RETRY_AFTER,
        header::WWW_AUTHENTICATE,
        HeaderName::from_static("idempotency-replayed"),
        HeaderName::from_static("ratelimit"),
        HeaderName::from_static("ratelimit-policy"),
        context::REQUEST_ID,
        context::TRACEPARENT,
    ]
}
