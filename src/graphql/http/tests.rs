//! The door over a small schema, through a real socket.

mod documents;
mod events;
mod harness;
mod page;
mod requests;
mod results;
mod sockets;
