//! From parameters to results, whatever they travel by.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_graphql::{Executor, Request, Response, parser::types::OperationType};
use axum::http::Extensions;
use futures_util::{FutureExt, Stream, StreamExt, future::Either, stream};

use super::{Door, Gate, errors, kept::Read, params::Params, reply::Reply};
use crate::{
    error::{Class, Error},
    graphql::{
        document::{Inspection, Refusal, inspect, place},
        written,
    },
    messages::{Code, Lang, Message},
    rest::edge,
};

/// What a transport can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Carries {
    /// Operations that change something: not a GET, which others may repeat or prefetch.
    pub(super) changes: bool,
    /// More than one result.
    pub(super) streams: bool,
}

/// An operation that may run.
pub(super) struct Admitted<V> {
    request: Request,
    pub(super) operation: OperationType,
    /// The document, where the library has still to validate it.
    to_prove: Option<Arc<Read>>,
    visit: Visit<V>,
}

/// What is kept of an operation while it runs.
struct Visit<V> {
    query: String,
    operation_name: Option<String>,
    lang: Lang,
    of_gate: V,
}

impl<S: Executor, G: Gate> Door<S, G> {
    /// Measures the document, and asks the gate.
    pub(super) async fn admit(
        &self,
        caller: &Extensions,
        params: Params,
        carries: Carries,
        lang: Lang,
    ) -> Result<Admitted<G::Visit>, Refusal> {
        let key = self.0.kept.key(&params.query, params.operation_name.as_deref());
        let read = self.read(&params, key.as_deref())?;
        let inspection = &read.inspection;
        carried(inspection.operation, carries)?;
        check_variables(inspection, &params)?;
        let proven = read.proven.load(Ordering::Relaxed)
            && self.0.types.fit(&read.document, params.operation_name.as_deref(), &params.variables);
        let (query, operation_name) = (params.query.clone(), params.operation_name.clone());
        let mut request = params.into_request().data(lang);
        request.set_parsed_query(read.document.clone());
        let patience = self.0.settings.time_limit;
        let admitted = tokio::time::timeout(patience, self.0.gate.admit(caller, inspection, request)).await;
        let (request, of_gate) = admitted.map_err(|_| timed_out(patience))??;
        // After the gate, so that a stranger is told to authenticate and no more.
        if let Some(at) = inspection.introspection.filter(|_| !self.0.gate.introspection(caller)) {
            return Err(Refusal::at(Error::new(Class::Forbidden, Code::IntrospectionDisabled), at));
        }
        let operation = inspection.operation;
        if let Some(key) = key {
            self.0.kept.keep(key, Arc::clone(&read));
        }
        let visit = Visit { query, operation_name, lang, of_gate };
        Ok(Admitted { request, operation, to_prove: (!proven).then_some(read), visit })
    }

    fn read(&self, params: &Params, key: Option<&str>) -> Result<Arc<Read>, Refusal> {
        if let Some(read) = key.and_then(|key| self.0.kept.get(key)) {
            return Ok(read);
        }
        let (name, limits) = (params.operation_name.as_deref(), &self.0.settings.limits);
        Ok(Arc::new(Read::new(inspect(&params.query, name, &self.0.types, limits)?)))
    }

    /// Runs a query or mutation within its time.
    pub(super) async fn once(&self, admitted: Admitted<G::Visit>) -> Reply {
        let limit = match admitted.operation {
            OperationType::Mutation => self.0.settings.mutation_time_limit,
            _ => self.0.settings.time_limit,
        };
        let Admitted { request, visit, to_prove, .. } = admitted;
        let lang = visit.lang;
        let work = async {
            let response = match to_prove {
                None => self.0.proven.execute(request).await,
                Some(read) => {
                    let response = self.0.schema.execute(request).await;
                    read.proven.fetch_or(response.is_ok(), Ordering::Relaxed);
                    response
                }
            };
            self.settled(&visit, response).await
        };
        match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(panic)) => Reply::refused(&panicked(&*panic).into(), lang),
            Err(_) => Reply::refused(&timed_out(limit).into(), lang),
        }
    }

    /// Runs one that no HTTP request waits for, where there is a place for it.
    async fn in_turn(&self, admitted: Admitted<G::Visit>) -> Reply {
        match self.0.work.try_acquire() {
            Ok(_place) => self.once(admitted).await,
            Err(_) => Reply::refused(&edge::overloaded().into(), admitted.visit.lang),
        }
    }

    /// Runs any operation as the stream of its results.
    pub(super) fn results(self, admitted: Admitted<G::Visit>) -> impl Stream<Item = Reply> + Send + 'static {
        if admitted.operation != OperationType::Subscription {
            return Either::Left(stream::once(async move { self.in_turn(admitted).await }));
        }
        let Admitted { request, visit, .. } = admitted;
        let lang = visit.lang;
        let events = self.0.schema.execute_stream(request, None);
        let events = AssertUnwindSafe(events).catch_unwind();
        Either::Right(stream::unfold((self, visit, Box::pin(events)), move |(door, visit, mut events)| async move {
            let reply = match events.next().await? {
                Ok(response) => {
                    let settled = AssertUnwindSafe(door.settled(&visit, response)).catch_unwind().await;
                    settled.unwrap_or_else(|panic| Reply::refused(&panicked(&*panic).into(), lang))
                }
                Err(panic) => Reply::refused(&panicked(&*panic).into(), lang),
            };
            Some((reply, (door, visit, events)))
        }))
    }

    async fn settled(&self, visit: &Visit<G::Visit>, mut response: Response) -> Reply {
        let Response { data, errors, .. } = &mut response;
        if !errors.is_empty() {
            written::unfold(data);
            place(data, errors, &visit.query, visit.operation_name.as_deref(), &self.0.types);
        }
        errors::polish(&mut response, visit.lang, &self.0.settings);
        match self.0.gate.settle(&visit.of_gate, &mut response).await {
            Ok(()) => Reply::of(response),
            Err(error) => Reply::refused(&error.into(), visit.lang),
        }
    }
}

fn carried(operation: OperationType, carries: Carries) -> Result<(), Error> {
    match operation {
        OperationType::Mutation if !carries.changes => {
            Err(Error::new(Class::BadUserInput, Code::MutationOverGet).with_status(405))
        }
        OperationType::Subscription if !carries.streams => {
            let allowed = "Accept: text/event-stream, /graphql/ws";
            let message = Message::new(Code::SubscriptionTransport).with("allowed", allowed);
            Err(Error::new(Class::BadUserInput, message).with_status(406))
        }
        _ => Ok(()),
    }
}

/// The library looks at a variable only where it is used; a request without a required one is refused as a whole.
fn check_variables(inspection: &Inspection, params: &Params) -> Result<(), Refusal> {
    match inspection.required_variables.iter().find(|variable| !params.has_variable(&variable.name)) {
        None => Ok(()),
        Some(variable) => {
            let message = Message::new(Code::VariableRequired).with("type", &variable.ty);
            Err(Refusal::at(Error::field(format!("variables.{}", variable.name), message), variable.pos))
        }
    }
}

/// The error of an operation or body that took too long.
pub(super) fn timed_out(limit: Duration) -> Error {
    let message = Message::new(Code::TimedOut).with("seconds", limit.as_secs_f64());
    Error::new(Class::Unavailable, message).retry_after(edge::AFTER_TIMEOUT)
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown");
    Error::internal(format!("a resolver panicked: {text}"))
}
