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
    graphql::{document::Refusal, unfinished, written},
    messages::Lang,
};

/// What a 401 asks for (RFC 6750, 3).
const CHALLENGE: &str = r#"Bearer realm="ansinh""#;

/// The same where a token was sent and is not accepted.
pub(super) const CHALLENGE_AGAIN: &str = r#"Bearer realm="ansinh", error="invalid_token""#;

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
    /// The result of an execution whose errors have been polished. One that failed before its first field is a refusal, and so
    /// is one that has nothing to show because of faults of ours: a client that looks at the status alone must see an outage.
    pub(super) fn of(body: Body) -> Self {
        let unrun = |error: &ServerError| error.path.is_empty();
        if matches!(body.data, Value::Null) && !body.errors.is_empty() && body.errors.iter().all(unrun) {
            return Self::failed(body);
        }
        let ours = |error: &ServerError| errors::status_of(error) >= 500;
        if is_empty(&body.data) && !body.errors.is_empty() && body.errors.iter().all(ours) {
            return Self::failed(body);
        }
        Self::done(body)
    }

    /// The result of an execution that did something, whatever its errors.
    pub(super) fn done(body: Body) -> Self {
        Self { body, refused: None, by_http: false, retry_after: None }
    }

    /// An operation whose arguments are not what they should be, which shows when a resolver takes them: the request is at fault
    /// and not a field, so nothing is answered.
    pub(super) fn unfit(mut body: Body) -> Self {
        body.errors.retain(|error| errors::status_of(error) < 500);
        Self::failed(body)
    }

    /// Errors without data: none of them is that of a field, and the same is said once.
    fn failed(mut body: Body) -> Self {
        let mut said: Vec<ServerError> = Vec::new();
        for mut error in std::mem::take(&mut body.errors) {
            error.path.clear();
            let is_same =
                |said: &&mut ServerError| said.message == error.message && said.extensions == error.extensions;
            match said.iter_mut().find(is_same) {
                Some(said) => said.locations.append(&mut error.locations),
                None => said.push(error),
            }
        }
        let status = said.iter().map(errors::status_of).max().unwrap_or(400);
        let retry_after = said.iter().filter_map(errors::seconds_to_retry).max().filter(|_| status >= 500);
        body.errors = said;
        body.extensions.remove(unfinished::EXTENSION);
        Self { body, refused: Some(status), by_http: false, retry_after }
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
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.extend(self.body.http_headers);
        response
    }
}

/// Whether a result shows nothing: none of its fields has a value.
fn is_empty(data: &Value) -> bool {
    match data {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(|value| matches!(value, Value::Null)),
        _ => false,
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
