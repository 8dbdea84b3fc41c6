//! Serves the router over HTTP/1.1 within limits that `axum::serve` does not have: slow heads are cut, idle and
//! surplus connections go, health is answered also then, and a stop lets accepted requests finish.

mod host;
mod seats;
mod stream;

use std::{collections::VecDeque, convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    http::StatusCode,
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::gauge;
use tokio::{
    net::{TcpListener, TcpStream},
    task::AbortHandle,
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub use self::seats::Seat;
use self::{seats::Seats, stream::Stream};
use crate::{
    config::Limits,
    rest::{
        context,
        edge::{self, Pace, Refused},
    },
    telemetry,
};

/// Most bytes of the head of a request.
const HEAD: usize = 64 << 10;

/// How long accepting rests after the system refused it, as when file handles have run out.
const REST: Duration = Duration::from_millis(200);

/// Connections without a place that are heard at once.
const LOBBY: usize = 64;

/// How long the head of a request may take on one of them.
const LOBBY_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of the longest answer that is taken for sent when it has been given to the connection.
const SHORT: u64 = 64 << 10;

/// How the server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Connections whose request was not answered in time and that were cut.
    pub cut: usize,
    /// Until when what is left to do may take.
    pub until: Instant,
}

/// Serves until `shutdown` is done; then accepts no more, lets accepted requests finish for at most
/// `limits.shutdown_timeout` and cuts the rest.
///
/// `limits.header_timeout` bounds the head of each request and so the idle time between two. Of `limits.connections`,
/// one peer has at most `limits.connections_per_peer`; where none is left, the one that keeps the service waiting
/// longest goes. Where all are at work, a new one is heard all the same: health is answered, anything else is told with
/// 503 to come again, by the layers of [`edge::around`]. A peer that takes nothing of its answer for
/// `limits.request_timeout` (on Linux), or less than `limits.body_rate` for longer, is cut. Upgrades (WebSocket) work; an upgraded connection keeps its place as long as
/// its handler keeps the [`Seat`], and ends with the process, unless its handler watches the same signal. Handlers find
/// the peer in `ConnectInfo<SocketAddr>`.
pub async fn serve(
    router: Router,
    listener: TcpListener,
    limits: &Limits,
    shutdown: impl Future<Output = ()>,
) -> Stopped {
    let server = Server {
        router,
        seated: protocol(limits.header_timeout, true),
        unseated: protocol(limits.header_timeout.min(LOBBY_TIMEOUT), false),
        pace: Pace::new(limits),
        unread: limits.request_timeout,
        seats: Seats::new(limits),
        stopping: CancellationToken::new(),
        cutting: CancellationToken::new(),
        open: TaskTracker::new(),
    };
    let mut lobby = Lobby::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            (stream, peer) = accept(&listener) => match server.seats.take(peer.ip()) {
                Some(seat) => drop(server.spawn(stream, peer, Some(seat))),
                None => lobby.enter(server.spawn(stream, peer, None)),
            },
        }
    }
    drop(listener);
    server.stop(limits.shutdown_timeout).await
}

/// The next connection. Errors of a single connection are its peer's; when the system has run out of something, trying
/// again at once would only burn time.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Connections without a place. Each is heard once; the eldest goes when there are too many, so that those who say at
/// once what they want are heard however many say nothing.
#[derive(Default)]
struct Lobby(VecDeque<AbortHandle>);

impl Lobby {
    fn enter(&mut self, connection: AbortHandle) {
        self.0.retain(|other| !other.is_finished());
        if self.0.len() >= LOBBY
            && let Some(eldest) = self.0.pop_front()
        {
            eldest.abort();
        }
        self.0.push_back(connection);
    }
}

struct Server {
    router: Router,
    /// How connections are served that have a place.
    seated: http1::Builder,
    /// And those that have none.
    unseated: http1::Builder,
    /// How slowly a peer may take its answers.
    pace: Pace,
    /// How long sent bytes may wait for their peer.
    unread: Duration,
    seats: Arc<Seats>,
    stopping: CancellationToken,
    cutting: CancellationToken,
    open: TaskTracker,
}

impl Server {
    fn spawn(&self, stream: TcpStream, peer: SocketAddr, seat: Option<Arc<Seat>>) -> AbortHandle {
        if let Err(error) = self.tune(&stream) {
            tracing::debug!(%error, "socket options");
        }
        let (router, seat_of_requests) = (self.router.clone(), seat.clone());
        let service = service_fn(move |request| answer(router.clone(), peer, seat_of_requests.clone(), request));
        let protocol = if seat.is_some() { &self.seated } else { &self.unseated };
        let connection =
            protocol.serve_connection(TokioIo::new(Stream::new(stream, self.pace)), service).with_upgrades();
        let (stopping, cutting) = (self.stopping.clone(), self.cutting.clone());
        let task = self.open.spawn(async move {
            let _counted = Counted::one();
            let mut lost = pin!(async {
                match &seat {
                    Some(seat) => seat.lost().await,
                    None => std::future::pending().await,
                }
            });
            let mut connection = pin!(connection);
            let mut asked_to_stop = false;
            loop {
                tokio::select! {
                    biased;
                    done = &mut connection => {
                        if let Err(error) = done {
                            tracing::debug!(%error, "connection ended");
                        }
                        break;
                    }
                    () = cutting.cancelled() => break,
                    () = &mut lost => {
                        tracing::debug!(%peer, "gave its place to another");
                        break;
                    }
                    () = stopping.cancelled(), if !asked_to_stop => {
                        asked_to_stop = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        });
        task.abort_handle()
    }

    /// Answers leave at once; a peer that takes nothing of an answer for long loses its connection, because hyper itself
    /// would wait for it for ever.
    fn tune(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(stream).set_tcp_user_timeout(Some(self.unread))?;
        Ok(())
    }

    async fn stop(self, patience: Duration) -> Stopped {
        tracing::info!(open = self.open.len(), "stopping: no new connections");
        self.stopping.cancel();
        self.open.close();
        let until = Instant::now() + patience;
        let drained = tokio::time::timeout_at(until, self.open.wait()).await.is_ok();
        let cut = if drained { 0 } else { self.open.len() };
        if cut > 0 {
            tracing::warn!(cut, seconds = patience.as_secs(), "requests did not finish in time");
        }
        self.cutting.cancel();
        self.open.wait().await;
        Stopped { cut, until }
    }
}

/// Counts a connection while it is open, however it ends.
struct Counted;

impl Counted {
    fn one() -> Self {
        gauge!(telemetry::CONNECTIONS).increment(1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(telemetry::CONNECTIONS).decrement(1);
    }
}

fn protocol(header_timeout: Duration, keep_alive: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_header_size(HEAD).keep_alive(keep_alive);
    builder
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    seat: Option<Arc<Seat>>,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let is_heard = seat.is_some() || context::is_health(request.uri().path());
    let refused = host::check(&request).err().or_else(|| (!is_heard).then(edge::overloaded));
    if let Some(error) = refused {
        request.extensions_mut().insert(Refused(error));
    }
    if let Some(seat) = &seat {
        if request.body().is_end_stream() {
            seat.is_at_work();
        } else {
            seat.awaits();
        }
        request.extensions_mut().insert(Arc::clone(seat));
    }
    let response = router.oneshot(request).await?;
    if let Some(seat) = &seat
        && is_soon_sent(&response)
    {
        seat.awaits();
    }
    Ok(response)
}

/// Whether nothing but the next request will be awaited shortly, which is not so of a long answer, of one that has no
/// known end, and of an upgrade.
fn is_soon_sent(response: &Response) -> bool {
    let is_short = response.body().size_hint().exact().is_some_and(|bytes| bytes <= SHORT);
    is_short && response.status() != StatusCode::SWITCHING_PROTOCOLS
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A token that is cancelled when the process is told to stop: by SIGTERM or by Ctrl-C. Long-lived answers
/// (subscriptions) watch a clone of it to say goodbye.
pub fn termination() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let told = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        told.cancel();
    });
    Ok(token)
}

#[cfg(test)]
mod tests;
