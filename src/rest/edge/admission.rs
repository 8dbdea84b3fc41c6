//! Which requests are carried out: no more at the same time than the service can work on; further ones are told at once
//! to come again. Health is answered in any case.

use std::sync::Arc;

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

use super::{
    arriving::{Arriving, Outcome},
    pace::Pace,
};
use crate::{config::Limits, error::Error, rest::context, server::Seat};

/// A request that the server took in only to refuse it; it is among the extensions of the request.
#[derive(Clone, Debug)]
pub struct Refused(pub Error);

/// What admission goes by.
#[derive(Debug)]
pub(super) struct Admission {
    pace: Pace,
    /// Places for requests at work.
    work: Arc<Semaphore>,
    /// Those of health, which nobody else can take.
    health: Arc<Semaphore>,
}

impl Admission {
    pub(super) fn new(limits: &Limits, work: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { pace: Pace::new(limits), work, health: Arc::new(Semaphore::new(limits.requests)) })
    }
}

/// The middleware. A request with a body counts as at work when its body is here: who sends slowly takes nobody's
/// place.
pub(super) async fn admit(State(admission): State<Arc<Admission>>, mut request: Request, next: Next) -> Response {
    let work = if context::is_health(request.uri().path()) { &admission.health } else { &admission.work };
    let refused = request.extensions_mut().remove::<Refused>().map(|Refused(error)| error);
    if request.body().is_end_stream() {
        if let Some(error) = refused {
            return error.into_response();
        }
        let Ok(_place) = work.try_acquire() else { return super::overloaded().into_response() };
        return next.run(request).await;
    }
    let seat = request.extensions().get::<Arc<Seat>>().map(Arc::clone);
    let outcome = Outcome::new(admission.pace, Arc::clone(work));
    let request = request.map(|body| Body::new(Arriving::new(body, seat, Arc::clone(&outcome))));
    // A request that is refused is dropped with its body, which is then drained.
    match refused.or_else(|| (work.available_permits() == 0).then(super::overloaded)) {
        Some(error) => error.into_response(),
        None => outcome.answer(next.run(request).await),
    }
}
