//! How many connections may be open: in all, and of one client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::gauge;

use crate::{graphql::http::Settings, telemetry};

/// The sockets of clients that are known. Before that they count among the connections of their peer.
pub(in crate::graphql::http) struct Sockets {
    most: usize,
    per_client: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    count: usize,
    clients: HashMap<String, usize>,
}

/// One that is open.
pub(super) struct Socket {
    sockets: Arc<Sockets>,
    client: String,
}

impl Sockets {
    pub(in crate::graphql::http) fn new(settings: &Settings) -> Arc<Self> {
        let (most, per_client) = (settings.sockets, settings.sockets_per_client);
        Arc::new(Self { most, per_client, open: Mutex::default() })
    }

    /// Whether there is no room, whoever asks.
    pub(super) fn are_full(&self) -> bool {
        self.open().count >= self.most
    }

    /// One more of this client; none when there is no room.
    pub(super) fn take(self: &Arc<Self>, client: String) -> Option<Socket> {
        let mut open = self.open();
        let own = open.clients.get(&client).copied().unwrap_or_default();
        if open.count >= self.most || own >= self.per_client {
            return None;
        }
        open.count += 1;
        open.clients.insert(client.clone(), own + 1);
        gauge!(telemetry::SOCKETS).increment(1);
        Some(Socket { sockets: Arc::clone(self), client })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        gauge!(telemetry::SOCKETS).decrement(1);
        let mut open = self.sockets.open();
        open.count -= 1;
        if let Some(own) = open.clients.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                open.clients.remove(&self.client);
            }
        }
    }
}
