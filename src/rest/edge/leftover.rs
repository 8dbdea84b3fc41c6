//! What is left of a body when its request is answered early, as a refusal of its size or its sender.
//!
//! A connection that is closed while its peer is still sending is reset, and the reset overtakes the answer: the peer
//! would learn of a broken pipe and not of the reason. So the rest is read and thrown away, up to a bound.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use http_body_util::BodyExt;

/// Most bytes that are thrown away; a peer that sends more is cut.
const MOST: u64 = 64 << 20;

/// Longest that throwing away may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the rest on a task of its own.
pub(super) fn drain(rest: Body) {
    if !rest.is_end_stream()
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        runtime.spawn(tokio::time::timeout(PATIENCE, discard(rest)));
    }
}

async fn discard(mut body: Body) {
    let mut discarded = 0;
    while let Some(Ok(frame)) = body.frame().await {
        discarded += frame.data_ref().map_or(0, |data| data.len() as u64);
        if discarded > MOST {
            break;
        }
    }
}
