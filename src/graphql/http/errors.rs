//! How an error reads in a GraphQL answer: `message`, `extensions.code` (one of the contract's ten),
//! `extensions.reason` (the nearer code) and `extensions.errors` (`[{code, field, message}]`).

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use serde_json::json;

use super::Settings;
use crate::{
    error::{Class, Error},
    graphql::{document::Refusal, scalars},
    messages::{Code, Fault, Lang, Message},
};

/// Characters of one word that the library's errors may echo.
const ECHOED_WORD: usize = 64;
/// Characters of one of the library's errors.
const ECHOED_TEXT: usize = 1_000;

/// The error of a resolver. It has no `Display` on purpose: the library would turn anything that has into an error by
/// itself, and lose the code.
#[derive(Clone, Debug)]
pub struct ApiError(Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<ApiError> for async_graphql::Error {
    /// Speaks English until the door, which knows the caller's language, says it again from the source.
    fn from(ApiError(error): ApiError) -> Self {
        let (message, extensions) = present(&error, Lang::En);
        Self { message, source: Some(Arc::new(error)), extensions: Some(extensions) }
    }
}

/// A refusal as the single error of an answer.
pub(super) fn refusal(refusal: &Refusal, lang: Lang) -> ServerError {
    log(&refusal.error);
    crate::telemetry::count_graphql_error(refusal.error.class().code().as_str());
    ours(&refusal.error, refusal.at, lang)
}

fn ours(error: &Error, at: Option<Pos>, lang: Lang) -> ServerError {
    let (message, extensions) = present(error, lang);
    let mut answer = ServerError::new(message, at);
    answer.extensions = Some(extensions);
    answer
}

fn present(error: &Error, lang: Lang) -> (String, ErrorExtensionValues) {
    let class = error.class().code();
    let faults = error.faults();
    let mut message = error.message().clone();
    let mut nearer = message.code;
    if let (Some(first), true) = (faults.first(), nearer == class) {
        let text = first.message.text(lang);
        let text = first.field.as_ref().map_or_else(|| text.clone(), |field| format!("{field}: {text}"));
        message = Message::new(Code::BadUserInput).with("reason", text);
        nearer = first.message.code;
    }
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", class.as_str());
    if nearer != class {
        extensions.set("reason", nearer.as_str());
    }
    if !faults.is_empty() {
        let listed = faults.iter().map(
            |fault| json!({ "code": fault.message.code, "field": fault.field, "message": fault.message.text(lang) }),
        );
        extensions.set("errors", Value::from_json(listed.collect()).unwrap_or_default());
    }
    if let Some(seconds) = error.seconds_to_retry() {
        extensions.set("retryAfter", seconds);
    }
    (message.text(lang), extensions)
}

fn log(error: &Error) {
    if let Some(cause) = error.cause() {
        let code = error.message().code.as_str();
        match error.class() {
            Class::Internal => tracing::error!(%cause, code, "a GraphQL operation failed"),
            Class::Unavailable => tracing::warn!(%cause, code, "a GraphQL operation could not be answered"),
            _ => tracing::debug!(%cause, code, "a GraphQL operation was refused"),
        }
    }
}

/// Makes the errors of a result fit to leave: each with a code, ours in the caller's language, none with a detail that
/// is nobody's business, not too many and not too long. Says whether one is about an argument that the library could not read.
pub(super) fn polish(response: &mut Response, lang: Lang, settings: &Settings) -> bool {
    let of_input = response.errors.iter().any(is_of_input);
    let omitted = response.errors.len().saturating_sub(settings.max_errors);
    if omitted > 0 {
        response.errors.truncate(settings.max_errors);
        response.extensions.insert("errorsOmitted".to_owned(), Value::from(omitted));
    }
    for error in &mut response.errors {
        polish_one(error, lang, settings);
        crate::telemetry::count_graphql_error(code_of(error).map_or("-", Code::as_str));
    }
    of_input
}

/// Whether the library could not make a value of an argument: such an error has a place among the fields, but no resolver
/// brought it up.
fn is_of_input(error: &ServerError) -> bool {
    error.source.is_none() && !error.path.is_empty() && error.message.starts_with("Failed to parse \"")
}

fn polish_one(error: &mut ServerError, lang: Lang, settings: &Settings) {
    if let Some(source) = error.source::<Error>() {
        log(source);
        let (message, extensions) = present(source, lang);
        (error.message, error.extensions) = (message, Some(extensions));
        return;
    }
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return;
    }
    if let Some(message) = said(error) {
        let (message, extensions) = present(&Error::faulty(vec![Fault::whole(message)]), lang);
        (error.message, error.extensions) = (message, Some(extensions));
        return;
    }
    // A source means that a resolver let some other error through (a fixed text is no other error: it was written to be
    // read), and the library asks for data by its Rust type: both are our own faults, and their words are for the log.
    let leaks = error.source.is_some() && error.source::<&'static str>().is_none();
    let leaks = leaks || error.message.starts_with("Data `");
    if leaks {
        let internal = Error::internal(error.message.clone());
        log(&internal);
        let (message, extensions) = present(&internal, lang);
        (error.message, error.extensions) = (message, Some(extensions));
        return;
    }
    let code = if is_limit(&error.message) { Code::TooComplex } else { Code::BadUserInput };
    error.message = shortened(&error.message, settings.suggestions);
    error.extensions.get_or_insert_default().set("code", code.as_str());
}

/// What a scalar of ours said of its value.
fn said(error: &ServerError) -> Option<Message> {
    let said = error.extensions.as_ref()?.get(scalars::SAID)?.clone().into_json().ok()?;
    serde_json::from_value(said).ok()
}

/// Whether the library refused a document by one of its own limits. They lie behind ours, which say what they counted.
fn is_limit(message: &str) -> bool {
    ["The recursion depth of", "The number of directives on"].iter().any(|beginning| message.starts_with(beginning))
}

fn shortened(message: &str, suggestions: bool) -> String {
    let message = if suggestions { message } else { message.split(" Did you mean").next().unwrap_or_default() };
    let mut text = String::with_capacity(message.len().min(ECHOED_TEXT));
    let mut word = 0;
    for (index, char) in message.chars().enumerate() {
        if index == ECHOED_TEXT {
            text.push('…');
            break;
        }
        word = if char.is_alphanumeric() || char == '_' { word + 1 } else { 0 };
        if word <= ECHOED_WORD {
            text.push(char);
        } else if word == ECHOED_WORD + 1 {
            text.push('…');
        }
    }
    text
}

/// Seconds after which a repeat makes sense, where an error says so.
pub(super) fn seconds_to_retry(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

fn code_of(error: &ServerError) -> Option<Code> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Code::parse(code),
        _ => None,
    }
}

/// The status of an error: that of ours behind it, which may be nearer, else that of the code that it carries.
pub(super) fn status_of(error: &ServerError) -> u16 {
    if let Some(source) = error.source::<Error>() {
        return source.status();
    }
    match code_of(error) {
        Some(Code::Unauthenticated) => 401,
        Some(Code::Forbidden) => 403,
        Some(Code::NotFound) => 404,
        Some(Code::Conflict) => 409,
        Some(Code::PayloadTooLarge) => 413,
        Some(Code::RateLimited) => 429,
        Some(Code::Internal) => 500,
        Some(Code::Unavailable) => 503,
        _ => 400,
    }
}
