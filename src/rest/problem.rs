//! How an error goes out: RFC 9457 problem details with a stable code, in the caller's language.
//!
//! A handler returns `Result<_, Error>`. The answer keeps its error among its extensions until the request leaves
//! through [`super::context`], which knows language and request id and renders it. Answers that the framework makes by
//! itself (unknown path, wrong method, a body that an extractor refused) are given an error there and go the same way.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, response::Parts},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{Class, Error},
    messages::{Code, Fault, Lang, Message},
};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Header that says that an answer is the first one to the same `Idempotency-Key`.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Most bytes of an answer of the framework that are read as its explanation.
const EXPLANATION: usize = 4096;

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` tells the problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The phrase of the status.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong and what helps, in the language asked for.
    pub detail: String,
    /// The class of the error; made for programs to branch on.
    pub code: Class,
    /// A nearer code, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<Code>,
    /// Finds the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
    /// The push that is refused; it can be looked up at `/v1/batches/{batchId}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub batch_id: Option<uuid::Uuid>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field, or, without a field, with the whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Path of the field in the caller's own terms, as `members.2.personalId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// Stable code.
    pub code: Code,
    /// What is wrong and what helps, in the language asked for.
    pub message: String,
}

impl FieldProblem {
    fn of(fault: &Fault, lang: Lang) -> Self {
        Self { field: fault.field.clone(), code: fault.message.code, message: fault.message.text(lang) }
    }
}

/// An error with what the edge knows about the request.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What went wrong.
    pub error: Error,
    /// The caller's language.
    pub lang: Lang,
    /// Finds the request in the log.
    pub request_id: Option<String>,
    /// Whether the caller sent credentials, which RFC 6750 wants told apart.
    pub credentials: bool,
}

impl Problem {
    /// The body alone.
    pub fn body(&self) -> ProblemBody {
        let class = self.error.class();
        let nearer = self.error.message().code;
        let title = StatusCode::from_u16(self.error.status()).ok().and_then(|status| status.canonical_reason());
        ProblemBody {
            kind: "about:blank",
            title: title.unwrap_or("Error"),
            status: self.error.status(),
            detail: self.detail(),
            code: class,
            reason: (nearer != class.code()).then_some(nearer),
            request_id: self.request_id.clone(),
            batch_id: self.error.batch_id(),
            errors: self.error.faults().iter().map(|fault| FieldProblem::of(fault, self.lang)).collect(),
        }
    }

    /// The sentence; where it quotes its first fault, the quotation is in the caller's language as well.
    fn detail(&self) -> String {
        let message = self.error.message();
        let Some(first) = self.error.faults().first().filter(|_| message.code == Code::BadUserInput) else {
            return message.text(self.lang);
        };
        let text = first.message.text(self.lang);
        let quoted = first.field.as_ref().map_or_else(|| text.clone(), |field| format!("{field}: {text}"));
        message.clone().with("reason", quoted).text(self.lang)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let status = StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.lang.tag()));
        if let Some(seconds) = self.error.seconds_to_retry() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.error.is_replayed() {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = if self.credentials {
                r#"Bearer realm="ansinh", error="invalid_token""#
            } else {
                r#"Bearer realm="ansinh""#
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(self.error);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> axum::response::Response {
        Problem { error: self, lang: Lang::En, request_id: None, credentials: false }.into_response()
    }
}

/// What the edge knows about a request when its answer comes back.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The method of the request.
    pub method: Method,
    /// Its content type.
    pub content_type: Option<String>,
    /// Whether it carried credentials.
    pub credentials: bool,
    /// Bytes that an ordinary body may have.
    pub body_limit: usize,
    /// The caller's language.
    pub lang: Lang,
    /// The id of the request.
    pub request_id: String,
}

/// Turns an error into its problem: the error that a handler returned, or one made for a refusal of the framework.
/// Other headers of the answer stay, as `Allow`. An answer that is no error of ours passes as it is.
pub(super) async fn render(response: axum::response::Response, asked: &Asked) -> axum::response::Response {
    let held = response.extensions().get::<Error>().cloned();
    if held.is_none() && !is_refusal(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let error = match held {
        Some(error) => error,
        None => explained(&parts, &explanation(body).await, asked),
    };
    let request_id = Some(asked.request_id.clone());
    let problem = Problem { error, lang: asked.lang, request_id, credentials: asked.credentials };
    let (ours, body) = problem.into_response().into_parts();
    parts.status = ours.status;
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &ours.headers {
        parts.headers.insert(name, value.clone());
    }
    parts.extensions.extend(ours.extensions);
    Response::from_parts(parts, body)
}

/// A refusal of the framework is told by its missing or plain-text content type; every door of ours sets another.
fn is_refusal<B>(response: &Response<B>) -> bool {
    let plain = match response.headers().get(header::CONTENT_TYPE) {
        Some(kind) => kind.as_bytes().starts_with(b"text/plain"),
        None => true,
    };
    plain && (response.status().is_client_error() || response.status().is_server_error())
}

async fn explanation(body: Body) -> String {
    let bytes = axum::body::to_bytes(body, EXPLANATION).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn explained(parts: &Parts, text: &str, asked: &Asked) -> Error {
    let status = parts.status;
    let invalid = |message: Message| Error::invalid(message).with_status(status.as_u16());
    match status {
        StatusCode::NOT_FOUND => Error::new(Class::NotFound, Code::UnknownPath),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = parts.headers.get(header::ALLOW).and_then(|allow| allow.to_str().ok()).unwrap_or("-");
            invalid(Message::new(Code::MethodNotAllowed).with("method", &asked.method).with("allowed", allowed))
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let allowed = text.rsplit_once("`Content-Type: ").and_then(|(_, rest)| rest.split('`').next());
            invalid(
                Message::new(Code::UnsupportedMediaType)
                    .with("found", asked.content_type.as_deref().unwrap_or("-"))
                    .with("allowed", allowed.unwrap_or("application/json")),
            )
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::new(Class::PayloadTooLarge, Message::new(Code::PayloadTooLarge).with("limit", asked.body_limit))
        }
        StatusCode::UNAUTHORIZED => Error::unauthenticated(text),
        StatusCode::SERVICE_UNAVAILABLE => Error::unavailable(),
        _ if status.is_server_error() => Error::internal(format!("{status}: {text}")),
        _ => {
            let reason = if text.is_empty() { status.canonical_reason().unwrap_or("-") } else { text };
            invalid(Message::new(Code::BadUserInput).with("reason", reason))
        }
    }
}
