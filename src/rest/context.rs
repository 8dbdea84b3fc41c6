//! What is known about a request from its first byte to its answer: id, trace, language and purpose.
//!
//! The middleware here is the outermost of the HTTP door. It leaves one line in the log for each request and counts
//! it; paths appear as the route that matched, because a path may hold a person's number.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    problem::{self, Asked},
    rates,
    trace::TraceParent,
};
use crate::{
    error::Error,
    identity::rates::Standing,
    messages::{Code, Fault, Lang, Message},
};

/// Header with the id of a request, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Header that says why personal data are read; it goes into the audit entry.
pub const PURPOSE: HeaderName = HeaderName::from_static("ansinh-purpose");

/// Header of W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Most characters of a request id that a caller may choose.
const LONGEST_ID: usize = 128;

/// Most characters of a purpose.
const LONGEST_PURPOSE: usize = 200;

/// Routes that machines ask every few seconds; their lines are for the debug level.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Whether a path is one of health and figures, which are answered also when nothing else can be.
pub fn is_health(path: &str) -> bool {
    QUIET.contains(&path)
}

/// What is known about one request. Cheap to clone; every handler can extract it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The caller's `X-Request-Id`, or a UUIDv7 of ours.
    pub request_id: Arc<str>,
    /// The language of the answer.
    pub lang: Lang,
    /// Why the caller asks, where it says so.
    pub purpose: Option<Arc<str>>,
    /// The trace it belongs to.
    pub traceparent: TraceParent,
    /// When its head was read.
    pub started: Instant,
    learnt: Arc<Learnt>,
}

/// What is learnt of a request while it is answered.
#[derive(Debug, Default)]
struct Learnt {
    client: OnceLock<String>,
    standing: OnceLock<Standing>,
}

impl RequestContext {
    /// A context for work that no request asked for, as the command line does.
    pub fn internal() -> Self {
        Self::of(&HeaderMap::new())
    }

    /// Names the client, once it is known, for the log. The first name stays.
    pub fn identify(&self, client_id: impl Into<String>) {
        let _ = self.learnt.client.set(client_id.into());
    }

    /// Says how the client stands with its rate of requests, for the answer.
    pub(super) fn stands(&self, standing: Standing) {
        let _ = self.learnt.standing.set(standing);
    }

    /// The client, where it is known.
    pub fn client(&self) -> Option<&str> {
        self.learnt.client.get().map(String::as_str)
    }

    fn of(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let chosen = text(&REQUEST_ID).filter(|id| is_request_id(id)).map(Arc::from);
        Self {
            request_id: chosen.unwrap_or_else(|| Arc::from(Uuid::now_v7().to_string())),
            lang: Lang::negotiate(text(&header::ACCEPT_LANGUAGE)),
            purpose: None,
            traceparent: TraceParent::continue_from(text(&TRACEPARENT)),
            started: Instant::now(),
            learnt: Arc::default(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::internal("the route stands outside the edge"))
    }
}

/// The middleware: see the module. `body_limit` is told to callers whose ordinary body was too large.
pub(super) async fn context(State(body_limit): State<usize>, mut request: Request, next: Next) -> Response {
    let mut context = RequestContext::of(request.headers());
    let asked = asked(&request, &context, body_limit);
    let answered = match purpose(request.headers()) {
        Err(refused) => refused.into_response(),
        Ok(purpose) => {
            context.purpose = purpose;
            request.extensions_mut().insert(context.clone());
            let trace_id = context.traceparent.trace_id();
            // Below the level of the usual log, because it is entered at every step of every request; what fails is logged with
            // its request id in any case.
            let span = tracing::debug_span!("request", request_id = %context.request_id, trace_id);
            next.run(request).instrument(span).await
        }
    };
    let mut response = problem::render(answered, &asked).await;
    set_headers(response.headers_mut(), &context);
    log_cause(&response, &context);
    log_access(&response, &context, &asked);
    response
}

/// Middleware within the router that tells the one around it which route matched.
pub(super) async fn tell_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

fn asked(request: &Request, context: &RequestContext, body_limit: usize) -> Asked {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    Asked {
        method: request.method().clone(),
        content_type: content_type.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned()),
        credentials: request.headers().contains_key(header::AUTHORIZATION),
        body_limit,
        lang: context.lang,
        request_id: context.request_id.to_string(),
    }
}

fn is_request_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn purpose(headers: &HeaderMap) -> Result<Option<Arc<str>>, Error> {
    let Some(value) = headers.get(&PURPOSE) else { return Ok(None) };
    let fault = |message: Message| Error::faulty(vec![Fault::at("Ansinh-Purpose", message)]);
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| fault(Code::HeaderNotUtf8.into()))?.trim();
    if text.chars().count() > LONGEST_PURPOSE {
        return Err(fault(Message::new(Code::TooLong).with("limit", LONGEST_PURPOSE)));
    }
    if text.chars().any(char::is_control) {
        return Err(fault(Code::ControlCharacter.into()));
    }
    Ok((!text.is_empty()).then(|| Arc::from(text)))
}

/// Ids for the caller, and what keeps a browser from guessing, storing or framing. A page that loads scripts states
/// its own policy; everything else may load nothing.
fn set_headers(headers: &mut HeaderMap, context: &RequestContext) {
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(trace) = HeaderValue::from_str(&context.traceparent.to_string()) {
        headers.insert(TRACEPARENT, trace);
    }
    if let Some(standing) = context.learnt.standing.get() {
        rates::tell(headers, *standing);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if page { "frame-ancestors 'none'" } else { "default-src 'none'; frame-ancestors 'none'" };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
}

/// The one place where the cause of an error of ours is told, and to whom: the log.
fn log_cause(response: &Response, context: &RequestContext) {
    let Some(error) = response.extensions().get::<Error>().filter(|error| error.status() >= 500) else { return };
    let Some(cause) = error.cause() else { return };
    let mut chain = cause.to_string();
    let mut source = cause.source();
    while let Some(deeper) = source {
        chain.push_str(": ");
        chain.push_str(&deeper.to_string());
        source = deeper.source();
    }
    tracing::error!(request_id = %context.request_id, status = error.status(), cause = chain, "request failed");
}

fn log_access(response: &Response, context: &RequestContext, asked: &Asked) {
    let route = response.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let elapsed = context.started.elapsed();
    let method = crate::telemetry::method_label(&asked.method);
    let status = response.status().as_u16();
    crate::telemetry::count_request(method, route, status, elapsed);
    let ms = elapsed.as_secs_f64() * 1000.0;
    let client = context.client().unwrap_or("-");
    let trace_id = context.traceparent.trace_id();
    if QUIET.contains(&route) {
        tracing::debug!(method, route, status, ms, request_id = %context.request_id, trace_id, client, "request");
    } else {
        tracing::info!(method, route, status, ms, request_id = %context.request_id, trace_id, client, "request");
    }
}
