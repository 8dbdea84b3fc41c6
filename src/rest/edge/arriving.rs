//! A body on its way in.
//!
//! It comes in pieces as the network brought them, and a piece of one byte may hold on to the whole buffer that it was
//! read into. Nobody in the service acts on half a body, so pieces are gathered into chunks here, and whoever collects
//! them holds about as much as was sent.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    leftover,
    pace::{Pace, Watch},
};
use crate::{error::Error, server::Seat};

/// Bytes that are gathered before they are passed on.
const CHUNK: usize = 16 << 10;

/// A body that is gathered, watched for its pace, and gets its request a place among those at work when it is whole.
pub(super) struct Arriving {
    /// None when it has ended, or has been given up.
    body: Option<Body>,
    gathered: BytesMut,
    watch: Watch,
    seat: Option<Arc<Seat>>,
    request: Arc<Outcome>,
}

/// What became of a request while its body came.
pub(super) struct Outcome {
    pace: Pace,
    work: Arc<Semaphore>,
    place: OnceLock<OwnedSemaphorePermit>,
    fault: OnceLock<Error>,
}

/// Why a body ends early. The middleware knows more and answers.
#[derive(Debug)]
struct GivenUp;

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was given up")
    }
}

impl std::error::Error for GivenUp {}

impl Outcome {
    pub(super) fn new(pace: Pace, work: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { pace, work, place: OnceLock::new(), fault: OnceLock::new() })
    }

    /// The answer to the request. A handler whose body was given up knows only that it broke off.
    pub(super) fn answer(&self, response: Response) -> Response {
        match self.fault.get() {
            Some(fault) if !response.status().is_success() => fault.clone().into_response(),
            _ => response,
        }
    }

    fn fail(&self, fault: Error) -> axum::Error {
        let _ = self.fault.set(fault);
        axum::Error::new(GivenUp)
    }

    fn begin(&self) -> Result<(), axum::Error> {
        let place = Arc::clone(&self.work).try_acquire_owned().map_err(|_| self.fail(super::overloaded()))?;
        let _ = self.place.set(place);
        Ok(())
    }
}

impl Arriving {
    pub(super) fn new(body: Body, seat: Option<Arc<Seat>>, request: Arc<Outcome>) -> Self {
        let watch = Watch::new(request.pace);
        Self { body: Some(body), gathered: BytesMut::new(), watch, seat, request }
    }

    /// The body is whole; what is left of it goes out.
    fn end(&mut self, rest: Bytes) -> Option<Result<Frame<Bytes>, axum::Error>> {
        self.body = None;
        if let Some(seat) = &self.seat {
            seat.is_at_work();
        }
        if let Err(error) = self.request.begin() {
            return Some(Err(error));
        }
        (!rest.is_empty()).then(|| Ok(Frame::data(rest)))
    }

    fn received(&mut self, bytes: usize) {
        self.watch.moved(bytes);
        if let Some(seat) = &self.seat {
            seat.received(bytes);
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        while let Some(body) = &mut self.body {
            let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) else {
                ready!(self.watch.poll_late(context));
                self.body = None;
                let late = self.request.fail(self.request.pace.too_slow());
                return Poll::Ready(Some(Err(late)));
            };
            let is_last = body.is_end_stream();
            let data = match frame.transpose() {
                // Nobody asks for trailers.
                Ok(frame) => frame.map(|frame| frame.into_data().unwrap_or_default()),
                Err(error) => {
                    self.body = None;
                    return Poll::Ready(Some(Err(error)));
                }
            };
            let Some(data) = data else {
                let rest = std::mem::take(&mut self.gathered).freeze();
                return Poll::Ready(self.end(rest));
            };
            self.received(data.len());
            if is_last && self.gathered.is_empty() {
                // Most bodies come whole; these are not copied.
                return Poll::Ready(self.end(data));
            }
            self.gathered.extend_from_slice(&data);
            if is_last || self.gathered.len() >= CHUNK {
                let chunk = std::mem::take(&mut self.gathered).freeze();
                return Poll::Ready(if is_last { self.end(chunk) } else { Some(Ok(Frame::data(chunk))) });
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let gathered = self.gathered.len() as u64;
        let rest = self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + gathered);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + gathered);
        }
        hint
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(rest) = self.body.take() {
            leftover::drain(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use http_body_util::BodyExt;

    use super::*;
    use crate::config::{Config, Layers};

    /// Whoever holds a piece of a buffer holds all of it, as with what is read from a connection.
    struct Buffer {
        bytes: Vec<u8>,
        _counted: Arc<()>,
    }

    impl AsRef<[u8]> for Buffer {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }

    fn arriving(body: Body) -> Arriving {
        let limits = Config::from_layers(Layers::default()).unwrap().limits;
        Arriving::new(body, None, Outcome::new(Pace::new(&limits), Arc::new(Semaphore::new(1))))
    }

    #[tokio::test]
    async fn a_body_in_single_bytes_holds_on_to_none_of_the_buffers_they_came_in() {
        let buffers = Arc::new(());
        let held = Arc::clone(&buffers);
        let sent: Vec<u8> = (b'a'..=b'z').cycle().take(50_000).collect();
        let bytes = stream::iter(sent.clone()).map(move |byte| {
            let buffer = Buffer { bytes: vec![byte; 8192], _counted: Arc::clone(&held) };
            Ok::<_, std::io::Error>(Bytes::from_owner(buffer).slice(..1))
        });

        let mut chunks: Vec<Bytes> = Vec::new();
        let mut body = arriving(Body::from_stream(bytes));
        while let Some(frame) = body.frame().await {
            chunks.push(frame.unwrap().into_data().unwrap());
        }

        drop(body);
        assert_eq!(Arc::strong_count(&buffers), 1, "a buffer is still held");
        assert!(chunks.len() <= 50_000 / CHUNK + 1, "{} chunks", chunks.len());
        assert!(chunks.concat() == sent);
    }

    #[tokio::test]
    async fn a_body_that_comes_whole_is_not_copied() {
        let sent = Bytes::from(vec![b'x'; 100]);

        let body = arriving(Body::from(sent.clone())).collect().await.unwrap().to_bytes();

        assert_eq!(body.as_ptr(), sent.as_ptr());
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_ends_with_its_error() {
        let broken = [Ok("half"), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];

        let body = arriving(Body::from_stream(stream::iter(broken))).collect().await;

        assert!(body.is_err());
    }
}
