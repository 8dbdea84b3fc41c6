//! GraphQL over HTTP (draft of the GraphQL foundation), server-sent events (graphql-sse, distinct connections) and
//! WebSocket (`graphql-transport-ws`). Who may ask for what is decided behind a [`Gate`]; what is asked for is decided
//! by the schema; this module only knows how to carry both.

mod errors;
mod gate;
mod graphiql;
mod handler;
mod kept;
mod negotiate;
mod params;
mod reply;
mod run;
mod settings;
mod sse;
mod ws;

use std::sync::Arc;

use async_graphql::Executor;
use axum::{Router, routing::get};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::document::TypeMap;
use crate::error::Error;

pub use errors::ApiError;
pub use gate::Gate;
pub use settings::Settings;

/// A schema behind its gate, ready to be served.
pub struct Door<S, G>(Arc<Inner<S, G>>);

struct Inner<S, G> {
    schema: S,
    /// The same without the validation of what has been validated before.
    proven: S,
    gate: G,
    sdl: String,
    types: TypeMap,
    settings: Settings,
    kept: kept::Kept,
    /// Ends the streams, which a server that shuts down would otherwise wait for.
    closing: CancellationToken,
    /// Places for what is at work, for operations that no HTTP request waits for.
    work: Arc<Semaphore>,
    sockets: Arc<ws::Sockets>,
}

impl<S, G> Clone for Door<S, G> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Executor, G: Gate> Door<S, G> {
    /// Puts a schema behind a gate. `proven` is the same schema with the library's fast validation, for documents that
    /// `schema` has run before; `sdl` is the printed schema (`schema.sdl()`); `closing` is cancelled when the
    /// service shuts down and ends subscriptions and WebSocket connections (close code 1001); `work` has the places of what
    /// may be at work at the same time, which an HTTP request has taken before it comes here.
    ///
    /// # Errors
    /// `Internal` when `sdl` is no schema.
    pub fn new(
        [schema, proven]: [S; 2],
        sdl: &str,
        gate: G,
        settings: Settings,
        closing: CancellationToken,
        work: Arc<Semaphore>,
    ) -> Result<Self, Error> {
        let types = TypeMap::parse(sdl).map_err(Error::internal)?;
        let kept = kept::Kept::new(settings.kept_documents);
        let sockets = ws::Sockets::new(&settings);
        let sdl = sdl.to_owned();
        Ok(Self(Arc::new(Inner { schema, proven, gate, sdl, types, settings, kept, closing, work, sockets })))
    }
}

/// The routes `/graphql`, `/graphql/ws`, `/graphql/assets/{file}` and `/schema.graphql`, to be merged into the service's router. What the
/// layers around them leave in the request's extensions is what the [`Gate`] sees of the caller; they must let callers
/// without a token through, because the page and its files are public and a WebSocket brings its token later.
pub fn router<S: Executor, G: Gate, T: Clone + Send + Sync + 'static>(door: Door<S, G>) -> Router<T> {
    let page = if door.0.settings.graphiql {
        Router::new().route("/graphql/assets/{file}", get(graphiql::asset))
    } else {
        Router::new()
    };
    page.route("/graphql", get(handler::get).post(handler::post).fallback(handler::other_method))
        .route("/graphql/ws", get(ws::upgrade))
        .route("/schema.graphql", get(handler::schema))
        .with_state(door)
}

#[cfg(test)]
mod tests;
