//! A result on its way out, and the HTTP answer it becomes.

use async_graphql::{Response as Body, ServerError, Value};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use super::{errors, negotiate::Media};
use crate::{
    error::Error,
    graphql::{document::Refusal, written},
    messages::Lang,
};

/// A result, or the refusal of a request before it ran (which has no `data`).
pub(super) struct Reply {
    body: Body,
    /// The status of a refusal.
    refused: Option<u16>,
    /// Whether the request was refused by the rules of HTTP, before there was a document.
    by_http: bool,
    retry_after: Option<u64>,
}

impl Reply {
    /// The result of an execution whose errors have been polished. One that failed before its first field is a refusal.
    pub(super) fn of(body: Body) -> Self {
        let unrun = |error: &ServerError| error.path.is_empty();
        let refused = matches!(body.data, Value::Null) && !body.errors.is_empty() && body.errors.iter().all(unrun);
        let refused = refused.then(|| body.errors.first().map_or(400, errors::status_of));
        Self { body, refused, by_http: false, retry_after: None }
    }

    /// A document, an operation or a caller that is refused.
    pub(super) fn refused(refusal: &Refusal, lang: Lang) -> Self {
        Self {
            body: Body::from_errors(vec![errors::refusal(refusal, lang)]),
            refused: Some(refusal.error.status()),
            by_http: false,
            retry_after: refusal.error.seconds_to_retry(),
        }
    }

    /// A request that is not well formed.
    pub(super) fn rejected(error: Error, lang: Lang) -> Self {
        Self { by_http: true, ..Self::refused(&Refusal::from(error), lang) }
    }

    /// Whether the operation was refused before it ran.
    pub(super) fn is_refusal(&self) -> bool {
        self.refused.is_some()
    }

    /// The errors, for a protocol that sends a refusal's errors alone.
    pub(super) fn errors(&self) -> &[ServerError] {
        &self.body.errors
    }

    /// The result as JSON.
    pub(super) fn json(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(1024);
        text.push(b'{');
        if self.refused.is_none() {
            text.extend_from_slice(b"\"data\":");
            written::write(&self.body.data, &mut text);
        }
        if !self.body.errors.is_empty() {
            entry("errors", &self.body.errors, &mut text);
        }
        if !self.body.extensions.is_empty() {
            entry("extensions", &self.body.extensions, &mut text);
        }
        text.push(b'}');
        text
    }

    /// The HTTP answer. By `application/json` a well-formed request has status 200 whatever became of it, as clients of
    /// that type expect, unless the caller must authenticate, wait or come again.
    pub(super) fn answer(self, media: Media, lang: Lang) -> Response {
        let status = match self.refused {
            None => 200,
            Some(400 | 403 | 404 | 409 | 422) if media == Media::Json && !self.by_http => 200,
            Some(status) => status,
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !self.body.errors.is_empty() {
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.extend(self.body.http_headers);
        response
    }
}

/// Writes an entry of the result.
fn entry(name: &str, value: &impl Serialize, text: &mut Vec<u8>) {
    if text.len() > 1 {
        text.push(b',');
    }
    text.extend_from_slice(format!("\"{name}\":").as_bytes());
    written::scalar(value, text);
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_slice::<&RawValue>(&self.json()).map_err(S::Error::custom)?.serialize(serializer)
    }
}
