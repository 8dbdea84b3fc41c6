//! The messages of `graphql-transport-ws` and the ways to close it.

use std::borrow::Cow;

use async_graphql::ServerError;
use axum::extract::ws::CloseFrame;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::graphql::http::reply::Reply;

/// The name of the sub-protocol.
pub(super) const NAME: &str = "graphql-transport-ws";

/// Characters of an operation's id; a client uses a counter or a UUID.
const MAX_ID: usize = 128;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Heard {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong,
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

impl Heard {
    /// Reads a message.
    ///
    /// # Errors
    /// 4400 for anything that is none.
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        match serde_json::from_str(text) {
            Ok(Self::Subscribe { id, .. } | Self::Complete { id }) if id.is_empty() || id.len() > MAX_ID => {
                Err(Close::bad_message("an id has 1 to 128 characters"))
            }
            Ok(message) => Ok(message),
            Err(error) => Err(Close::bad_message(&error.to_string())),
        }
    }
}

/// What the service says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a Reply,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// How a connection ends: a code and a few words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    pub(super) const GOING_AWAY: Self = Self::new(1001, "Going away");
    pub(super) const SILENT: Self = Self::new(1001, "No sign of life");
    pub(super) const TOO_BIG: Self = Self::new(1009, "Message too big");
    pub(super) const BROKEN: Self = Self::new(1002, "Protocol error");
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// Clients come again after a while.
    pub(super) const TRY_LATER: Self = Self::new(1013, "Too many connections");
    /// The code that makes clients connect again with a new token.
    pub(super) const EXPIRED: Self = Self::new(4403, "Token expired or revoked");
    pub(super) const NO_PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub(super) const NO_INIT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const INIT_TWICE: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    pub(super) fn bad_message(why: &str) -> Self {
        Self { code: 4400, reason: format!("Invalid message: {why}").into() }
    }

    pub(super) fn duplicate(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }

    /// The frame; its reason must fit into a control frame (RFC 6455, 5.5: 125 bytes with the code).
    pub(super) fn frame(&self) -> CloseFrame {
        let mut end = self.reason.len().min(123);
        while !self.reason.is_char_boundary(end) {
            end -= 1;
        }
        CloseFrame { code: self.code, reason: self.reason[..end].into() }
    }
}
