//! What is left of a body when its request is answered early, as a refusal of its size or its sender.
//!
//! A connection that is closed while its peer is still sending is reset, and the reset overtakes the answer: the peer
//! would learn of a broken pipe and not of the reason. So the rest is read and thrown away, up to a bound.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// Most bytes that are thrown away; a peer that sends more is cut.
const MOST: u64 = 64 << 20;

/// Longest that throwing away may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that is read to its end although its handler did not.
pub(super) struct Drained(Body);

impl Drained {
    /// Watches over a body.
    pub(super) fn new(body: Body) -> Self {
        Self(body)
    }
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut self.0);
        if !rest.is_end_stream()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(tokio::time::timeout(PATIENCE, discard(rest)));
        }
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
