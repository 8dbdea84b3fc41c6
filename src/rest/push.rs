//! `POST /v1/{kind}`: receives a push of any kind.

pub mod headers;

use axum::{Extension, Router, body::Body, extract::State, http::HeaderMap, response::Response, routing::post};
use tracing::Instrument;

use super::{batches::answer::answered, context::RequestContext};
use crate::{
    access::Caller,
    app::App,
    error::{Error, Result},
    exchange::{
        batches::{self, BatchAnswer},
        push::Push,
        spool,
    },
    kinds::{self, Kind},
};

/// A route for each kind. They are documented from the kinds, in [`super::openapi`].
pub fn routes() -> Router<App> {
    kinds::ALL
        .into_iter()
        .fold(Router::new(), |router, kind| router.route(&kind.path(), post(receive).layer(Extension(kind))))
}

async fn receive(
    State(app): State<App>,
    Extension(kind): Extension<Kind>,
    Extension(caller): Extension<Caller>,
    context: RequestContext,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let answer = take(&app, kind, caller, &headers, body).await?;
    Ok(answered(&answer, context.lang))
}

/// Rights come first: nobody's body is read who may not push it.
async fn take(app: &App, kind: Kind, caller: Caller, headers: &HeaderMap, body: Body) -> Result<BatchAnswer> {
    caller.require("Mutation", kind.mutation)?;
    let format = headers::format(headers)?;
    let envelope = headers::envelope(headers)?;
    let announced = headers::content_length(headers);
    let received = spool::receive(body.into_data_stream(), format, announced, app.config.limits.push_body).await?;
    let push = Push { source: received.source, envelope, body_hash: received.hash, dry_run: false };
    let env = app.env.clone();
    // On a task of its own: a client that hangs up after the last byte must not stop its push half-way.
    let work = async move {
        let answer = kind.push(&env, &caller, &push).await?;
        batches::disclose(&caller, answer.results.as_deref().unwrap_or_default());
        Ok(answer)
    };
    app.work.spawn(work.in_current_span()).await.map_err(Error::internal)?
}
