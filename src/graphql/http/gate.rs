//! What the door asks of the rest of the service.

use std::{future::Future, time::Duration};

use async_graphql::{Request, Response};
use axum::http::{Extensions, HeaderMap};
use futures_util::future::BoxFuture;

use crate::{
    error::Error,
    graphql::document::{Inspection, Refusal},
};

/// Authentication, rights and audit, as the door needs them.
pub trait Gate: Clone + Send + Sync + 'static {
    /// What is kept of a request between admission and settlement, such as what it read.
    type Visit: Send + Sync + 'static;

    /// Decides whether the caller may run the operation, once for its whole document, and puts into the request what
    /// its resolvers need (the caller, loaders). A [`Lang`](crate::messages::Lang) is in the request's data already.
    fn admit(
        &self,
        caller: &Extensions,
        inspection: &Inspection,
        request: Request,
    ) -> impl Future<Output = Result<(Request, Self::Visit), Refusal>> + Send;

    /// Whether the caller may ask for the schema itself.
    fn introspection(&self, caller: &Extensions) -> bool;

    /// Who speaks on a WebSocket: called once for each connection with the payload of `connection_init` (`null` when
    /// there is none), the extensions and the headers of the handshake. An error closes the connection with 4403.
    fn connect(
        &self,
        payload: serde_json::Value,
        caller: Extensions,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Extensions, Error>> + Send;

    /// The client that [`connect`](Gate::connect) has found; all its tokens share a limit of sockets.
    fn client(&self, caller: &Extensions) -> String;

    /// How long the caller's token remains good; streams end then. `None` when it does not end.
    fn expires_in(&self, caller: &Extensions) -> Option<Duration>;

    /// Resolves when the caller's token is taken back before its end; streams end then too.
    fn revoked(&self, caller: &Extensions) -> BoxFuture<'static, ()> {
        let _ = caller;
        Box::pin(std::future::pending())
    }

    /// Counts a request, or an operation on a connection that carries many, before anything of it is read.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    fn count(&self, caller: &Extensions) -> Result<(), Error> {
        let _ = caller;
        Ok(())
    }

    /// Called with each result before it leaves, as the last chance to keep it: an error takes its place. A
    /// subscription settles each of its events.
    fn settle(&self, visit: &Self::Visit, response: &mut Response) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (visit, response);
        async { Ok(()) }
    }
}
