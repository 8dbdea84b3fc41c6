//! From parameters to results, whatever they travel by.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_graphql::{Executor, Request, Response, Value, parser::types::OperationType};
use axum::http::Extensions;
use futures_util::{FutureExt, Stream, StreamExt, future::Either, stream};

use super::{Door, Gate, errors, kept::Read, params::Params, reply::Reply};
use crate::{
    error::{Class, Error},
    graphql::{
        document::{Inspection, Refusal, inspect, operation, place, sort},
        unfinished::Unfinished,
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
    /// Whether the library has validated the document before.
    proven: bool,
    visit: Visit<V>,
}

/// What is kept of an operation while it runs.
struct Visit<V> {
    read: Arc<Read>,
    operation_name: Option<String>,
    lang: Lang,
    unfinished: Unfinished,
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
        self.check_scalars(&read, &params)?;
        let proven = read.proven.load(Ordering::Relaxed)
            && self.0.types.fit(&read.document, params.operation_name.as_deref(), &params.variables);
        let (operation_name, unfinished) = (params.operation_name.clone(), Unfinished::default());
        let mut request = params.into_request().data(lang).data(unfinished.clone());
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
        let visit = Visit { read, operation_name, lang, unfinished, of_gate };
        Ok(Admitted { request, operation, proven, visit })
    }

    /// The library looks into a scalar only when a resolver takes it, so that a day that is none would be an error of a field. The
    /// records of a push are not looked into: what is wrong with one is its own outcome.
    fn check_scalars(&self, read: &Read, params: &Params) -> Result<(), Error> {
        let operation = operation(&read.document, params.operation_name.as_deref());
        let Some(operation) = operation.filter(|operation| operation.ty == OperationType::Query) else { return Ok(()) };
        let faults = self.0.types.faults(operation, &params.variables);
        if faults.is_empty() { Ok(()) } else { Err(Error::faulty(faults)) }
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
        let Admitted { request, visit, proven, .. } = admitted;
        let lang = visit.lang;
        let work = async {
            let response = if proven {
                self.0.proven.execute(request).await
            } else {
                let response = self.0.schema.execute(request).await;
                visit.read.proven.fetch_or(response.is_ok(), Ordering::Relaxed);
                response
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
        let Response { data, errors, extensions, .. } = &mut response;
        let document = &visit.read.document;
        let Some(operation) = operation(document, visit.operation_name.as_deref()) else {
            return Reply::of(response);
        };
        // A field of a mutation that was carried out stays so, whatever the next one does.
        let is_done = operation.ty == OperationType::Mutation && !matches!(data, Value::Null);
        if !errors.is_empty() {
            written::unfold(data);
            place(data, errors, document, operation, &self.0.types);
        }
        sort(data, document, operation, &self.0.types);
        visit.unfinished.tell(extensions);
        let of_input = errors::polish(&mut response, visit.lang, &self.0.settings);
        if of_input && !is_done {
            // Nothing of what was read meanwhile leaves.
            return Reply::unfit(response);
        }
        match self.0.gate.settle(&visit.of_gate, &mut response).await {
            Ok(()) if is_done => Reply::done(response),
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
