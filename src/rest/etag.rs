//! Answers that are sent anew only where they have changed: `ETag` and `If-None-Match` (RFC 9110, 8.8.3 and 13.1.2).
//!
//! The tag is made of the bytes, so the answer is still made each time; what is saved is sending it. It stands within the
//! trail: a 304 tells that the records are as they were, and leaves the same entry as the records would.

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Longest answer that gets a tag, bytes. What is sent while it is read, as a file of errors, has none.
const LARGEST: u64 = 16 << 20;

/// Middleware of routes whose answers may be asked for again.
pub async fn conditional(request: Request, next: Next) -> Response {
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let held: Vec<HeaderValue> = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    let is_whole = response.body().size_hint().exact().is_some_and(|size| size <= LARGEST);
    if !asks || response.status() != StatusCode::OK || !is_whole {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(broken) => return Error::internal(broken).into_response(),
    };
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]));
    let is_held = holds(&held, &tag);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if !is_held {
        return Response::from_parts(parts, Body::from(body));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    forget_content(&mut parts.headers);
    Response::from_parts(parts, Body::empty())
}

/// Whether the asker holds the answer with that tag, weakly compared.
fn holds(held: &[HeaderValue], tag: &str) -> bool {
    let tags = held.iter().filter_map(|held| held.to_str().ok()).flat_map(|held| held.split(','));
    tags.map(str::trim).any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}

/// A 304 has no content, so it says nothing of its own.
fn forget_content(headers: &mut HeaderMap) {
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_LANGUAGE, header::CONTENT_DISPOSITION] {
        headers.remove(name);
    }
}
