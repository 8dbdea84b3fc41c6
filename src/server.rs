//! Serves the router over HTTP/1.1 within limits that `axum::serve` does not have: slow heads are cut, idle and
//! surplus connections wait or go, and a stop lets accepted requests finish.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::gauge;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::{config::Limits, telemetry};

/// Most bytes of the head of a request.
const HEAD: usize = 64 << 10;

/// How long accepting rests after the system refused it, as when file handles have run out.
const REST: Duration = Duration::from_millis(200);

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
/// `limits.header_timeout` bounds the head of each request and so the idle time between two. When
/// `limits.connections` are open, others wait unaccepted. A peer that takes nothing of its answer for
/// `limits.request_timeout` is cut (Linux). Upgrades (WebSocket) work; an upgraded connection no longer
/// counts and ends with the process, unless its handler watches the same signal. Handlers find the peer in
/// `ConnectInfo<SocketAddr>`.
pub async fn serve(
    router: Router,
    listener: TcpListener,
    limits: &Limits,
    shutdown: impl Future<Output = ()>,
) -> Stopped {
    let server = Server {
        router,
        protocol: protocol(limits),
        unread: limits.request_timeout,
        places: Arc::new(Semaphore::new(limits.connections)),
        stopping: CancellationToken::new(),
        cutting: CancellationToken::new(),
        open: TaskTracker::new(),
    };
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            (stream, peer, place) = server.accept(&listener) => server.spawn(stream, peer, place),
        }
    }
    drop(listener);
    server.stop(limits.shutdown_timeout).await
}

struct Server {
    router: Router,
    protocol: http1::Builder,
    /// How long sent bytes may wait for their peer.
    unread: Duration,
    places: Arc<Semaphore>,
    stopping: CancellationToken,
    cutting: CancellationToken,
    open: TaskTracker,
}

impl Server {
    /// The next connection once there is a place for it. Errors of a single connection are its peer's; when the system
    /// has run out of something, trying again at once would only burn time.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { std::future::pending().await };
            match listener.accept().await {
                Ok((stream, peer)) => return (stream, peer, place),
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        if let Err(error) = self.tune(&stream) {
            tracing::debug!(%error, "socket options");
        }
        let router = self.router.clone();
        let service = service_fn(move |request| answer(router.clone(), peer, request));
        let connection = self.protocol.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let (stopping, cutting) = (self.stopping.clone(), self.cutting.clone());
        self.open.spawn(async move {
            gauge!(telemetry::CONNECTIONS).increment(1);
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
                    () = stopping.cancelled(), if !asked_to_stop => {
                        asked_to_stop = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
            gauge!(telemetry::CONNECTIONS).decrement(1);
            drop(place);
        });
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

fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_header_size(HEAD).keep_alive(true);
    builder
}

async fn answer(router: Router, peer: SocketAddr, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
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
