//! What an operator may turn.

use std::time::Duration;

use serde::Deserialize;

use crate::graphql::document::Limits;

/// Settings of the GraphQL door. Times are in milliseconds in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Limits of a document.
    pub limits: Limits,
    /// Documents kept once read, so that a repeat need not be read again; 0 keeps none.
    pub kept_documents: usize,
    /// Bytes of a request's body, and of a WebSocket message.
    pub body_limit: usize,
    /// Time for a query, and for a body to arrive.
    #[serde(rename = "time_limit_ms", deserialize_with = "milliseconds")]
    pub time_limit: Duration,
    /// Time for a mutation, which may carry a whole push.
    #[serde(rename = "mutation_time_limit_ms", deserialize_with = "milliseconds")]
    pub mutation_time_limit: Duration,
    /// Errors in one answer; the rest are counted in its extension `errorsOmitted`.
    pub max_errors: usize,
    /// Whether errors about unknown names suggest the ones that exist.
    pub suggestions: bool,
    /// Whether a browser that opens `/graphql` gets GraphiQL.
    pub graphiql: bool,
    /// Time for a WebSocket's `connection_init` to arrive.
    #[serde(rename = "init_time_limit_ms", deserialize_with = "milliseconds")]
    pub init_time_limit: Duration,
    /// Operations at once on one WebSocket.
    pub max_subscriptions: usize,
    /// WebSocket connections of clients that are known, at once.
    pub sockets: usize,
    /// Of these, how many one client may have.
    pub sockets_per_client: usize,
    /// Origins whose pages may open a WebSocket, beside that of the host asked.
    pub origins: Vec<String>,
    /// How often a WebSocket or event stream shows that it lives; a peer silent for three of them is given up.
    #[serde(rename = "keep_alive_ms", deserialize_with = "milliseconds")]
    pub keep_alive: Duration,
    /// Time for a WebSocket's peer to take one message.
    #[serde(rename = "send_time_limit_ms", deserialize_with = "milliseconds")]
    pub send_time_limit: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            kept_documents: 512,
            body_limit: 1024 * 1024,
            time_limit: Duration::from_secs(10),
            mutation_time_limit: Duration::from_mins(1),
            max_errors: 20,
            suggestions: true,
            graphiql: true,
            init_time_limit: Duration::from_secs(5),
            max_subscriptions: 50,
            sockets: 512,
            sockets_per_client: 64,
            origins: Vec::new(),
            keep_alive: Duration::from_secs(15),
            send_time_limit: Duration::from_secs(10),
        }
    }
}

fn milliseconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}
