//! How an error reads in a GraphQL answer: `message`, `extensions.code` (one of the contract's ten),
//! `extensions.reason` (the nearer code) and `extensions.errors` (`[{code, field, message}]`).

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use serde_json::json;

use super::Settings;
use crate::{
    error::{Class, Error},
    graphql::document::Refusal,
    messages::{Code, Lang, Message},
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
        if error.class() == Class::Internal {
            tracing::error!(%cause, code = error.message().code.as_str(), "a GraphQL operation failed");
        } else {
            tracing::debug!(%cause, code = error.message().code.as_str(), "a GraphQL operation was refused");
        }
    }
}

/// Makes the errors of a result fit to leave: each with a code, ours in the caller's language, none with a detail that
/// is nobody's business, not too many and not too long.
pub(super) fn polish(response: &mut Response, lang: Lang, settings: &Settings) {
    let omitted = response.errors.len().saturating_sub(settings.max_errors);
    if omitted > 0 {
        response.errors.truncate(settings.max_errors);
        response.extensions.insert("errorsOmitted".to_owned(), Value::from(omitted));
    }
    for error in &mut response.errors {
        polish_one(error, lang, settings);
    }
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

/// Whether the library refused a document by one of its own limits.
fn is_limit(message: &str) -> bool {
    ["Query is too complex", "Query is nested too deep", "The recursion depth of", "The number of directives on"]
        .iter()
        .any(|beginning| message.starts_with(beginning))
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

/// The status of the code that an error carries.
pub(super) fn status_of(error: &ServerError) -> u16 {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    let Some(Value::String(code)) = code else { return 400 };
    match Code::parse(code) {
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
