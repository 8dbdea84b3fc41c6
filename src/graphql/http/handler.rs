//! `POST /graphql` and `GET /graphql`.

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{
    Door, Gate, graphiql,
    negotiate::{Accepted, Media, check_body_type},
    params::Params,
    reply::{CHALLENGE_AGAIN, Reply},
    run::{Carries, timed_out},
    sse,
};
use crate::{
    error::{Class, Error},
    graphql::document::Refusal,
    messages::{Code, Lang, Message},
};

/// Runs the operation in the body.
pub(super) async fn post<S: Executor, G: Gate>(State(door): State<Door<S, G>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let lang = language(&parts.headers);
    let accepted = Accepted::of(&parts.headers);
    let media = match accepted.best(false) {
        Ok(media) => media,
        Err(error) => return Reply::rejected(error, lang).answer(Media::Json, lang),
    };
    if let Err(error) = door.0.gate.count(&parts.extensions) {
        return Reply::rejected(error, lang).answer(plain(media), lang);
    }
    let read = async {
        check_body_type(&parts.headers)?;
        Params::from_body(&read(&door, &parts, body).await?)
    };
    match read.await {
        Ok(params) => {
            let answer = run(door, &parts.extensions, params, (media, &accepted), true, lang).await;
            challenging(answer, &parts.headers)
        }
        Err(error) => Reply::rejected(error, lang).answer(plain(media), lang),
    }
}

/// Runs the query in the URL, or gives a browser its page.
pub(super) async fn get<S: Executor, G: Gate>(State(door): State<Door<S, G>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let lang = language(&parts.headers);
    let accepted = Accepted::of(&parts.headers);
    match accepted.best(door.0.settings.graphiql) {
        Ok(Media::Page) => graphiql::page(),
        Ok(media) => match counted(&door, &parts) {
            Ok(params) => {
                let answer = run(door, &parts.extensions, params, (media, &accepted), false, lang).await;
                challenging(answer, &parts.headers)
            }
            Err(error) => Reply::rejected(error, lang).answer(plain(media), lang),
        },
        Err(error) => Reply::rejected(error, lang).answer(Media::Json, lang),
    }
}

/// The query of a URL, once it is counted.
fn counted<S, G: Gate>(door: &Door<S, G>, parts: &Parts) -> Result<Params, Error> {
    door.0.gate.count(&parts.extensions)?;
    Params::from_url(parts.uri.query().unwrap_or_default())
}

/// The schema as a file, for tools that do not introspect.
pub(super) async fn schema<S: Executor, G: Gate>(State(door): State<Door<S, G>>, request: Request) -> Response {
    if !door.0.gate.introspection(request.extensions()) {
        let lang = language(request.headers());
        let closed = Error::new(Class::Forbidden, Code::IntrospectionDisabled);
        return Reply::rejected(closed, lang).answer(Media::Json, lang);
    }
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, door.0.sdl.clone()).into_response()
}

/// Says which methods there are.
pub(super) async fn other_method(method: Method, headers: HeaderMap) -> Response {
    let lang = language(&headers);
    let method: String = method.as_str().chars().take(16).collect();
    let message = Message::new(Code::MethodNotAllowed).with("method", method).with("allowed", "GET, POST");
    let error = Error::new(Class::BadUserInput, message).with_status(405);
    with_allow(Reply::rejected(error, lang).answer(Media::Json, lang), "GET, HEAD, POST")
}

async fn run<S: Executor, G: Gate>(
    door: Door<S, G>,
    caller: &Extensions,
    params: Params,
    (media, accepted): (Media, &Accepted),
    changes: bool,
    lang: Lang,
) -> Response {
    let carries = Carries { changes, streams: accepted.events() };
    let admitted = match door.admit(caller, params, carries, lang).await {
        Ok(admitted) => admitted,
        // A stream reports as its event what is wrong with the document, as graphql-sse has it. It does not begin for who may not
        // have it, or while there is nothing to be had.
        Err(refusal) if media == Media::Events && is_of_document(&refusal) => {
            return sse::one(Reply::refused(&refusal, lang));
        }
        Err(refusal) => {
            // Instead of a stream too the status says what happened.
            let media = if media == Media::Events { Media::Response } else { media };
            let answer = Reply::refused(&refusal, lang).answer(media, lang);
            return if answer.status() == 405 { with_allow(answer, "POST") } else { answer };
        }
    };
    if media == Media::Events || admitted.operation == OperationType::Subscription {
        return sse::stream(door, admitted, caller, lang);
    }
    door.once(admitted).await.answer(media, lang)
}

async fn read<S, G>(door: &Door<S, G>, parts: &Parts, body: Body) -> Result<Bytes, Error> {
    let limit = door.0.settings.body_limit;
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|declared| declared > limit as u64) {
        return Err(too_large(limit));
    }
    let patience = door.0.settings.time_limit;
    match tokio::time::timeout(patience, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(error)) => Err(Error::invalid(Code::BodyIncomplete).caused_by(error)),
        Err(_) => Err(timed_out(patience).with_status(408)),
    }
}

/// Whether a refusal is about what is asked for, and not about who asks or when.
fn is_of_document(refusal: &Refusal) -> bool {
    matches!(refusal.error.class(), Class::BadUserInput | Class::TooComplex | Class::NotFound | Class::Conflict)
}

/// The answer, which tells who sent a token that it was not accepted.
fn challenging(mut answer: Response, request: &HeaderMap) -> Response {
    if answer.status() == StatusCode::UNAUTHORIZED && request.contains_key(header::AUTHORIZATION) {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE_AGAIN));
    }
    answer
}

fn too_large(limit: usize) -> Error {
    Error::new(Class::PayloadTooLarge, Message::new(Code::PayloadTooLarge).with("limit", limit))
}

/// What refuses a request that is not well formed: an event stream begins only with a well-formed one.
fn plain(media: Media) -> Media {
    if media == Media::Response { Media::Response } else { Media::Json }
}

fn with_allow(answer: Response, allowed: &'static str) -> Response {
    ([(header::ALLOW, HeaderValue::from_static(allowed))], answer).into_response()
}

pub(super) fn language(headers: &HeaderMap) -> Lang {
    Lang::negotiate(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}
