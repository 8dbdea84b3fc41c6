use std::time::Instant;

use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};

use super::*;
use crate::config::{Config, Layers};

/// A server on a port of its own, with what stops it.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Stopped>,
}

async fn start(limits: Limits) -> Running {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/slow", get(|| tokio::time::sleep(Duration::from_millis(400))))
        .route("/never", get(std::future::pending::<()>))
        .route("/echo", get(|upgrade: axum::extract::WebSocketUpgrade| async { upgrade.on_upgrade(echo) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let task =
        tokio::spawn(async move { serve(router, listener, &limits, async { stopped.await.unwrap_or(()) }).await });
    Running { address, stop, task }
}

async fn echo(mut socket: axum::extract::ws::WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

fn limits() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(300),
        shutdown_timeout: Duration::from_secs(5),
        ..Config::from_layers(Layers::default()).unwrap().limits
    }
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap_or_default();
    text
}

fn asking(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[tokio::test]
async fn a_head_that_is_never_finished_is_cut_after_its_time() {
    let server = start(limits()).await;
    let begun = Instant::now();

    let half = futures_util::future::join_all(
        (0..50).map(|_| async { rest(send(server.address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await).await }),
    )
    .await;

    assert_eq!(half.len(), 50);
    assert!(half.iter().all(|answer| !answer.contains("200")));
    assert!((300..3000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_kept_connection_is_closed_when_idle_too_long() {
    let server = start(limits()).await;

    let answer = rest(send(server.address, &asking("/")).await).await;

    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_connection_over_the_cap_waits_for_a_place() {
    let server = start(Limits { connections: 1, header_timeout: Duration::from_secs(5), ..limits() }).await;
    let first = send(server.address, &asking("/slow")).await;
    let begun = Instant::now();

    let second = send(server.address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let mut waiting = Box::pin(rest(second));
    assert!(tokio::time::timeout(Duration::from_millis(600), &mut waiting).await.is_err());
    drop(first);
    let answer = waiting.await;

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(begun.elapsed() > Duration::from_millis(600));
}

#[tokio::test]
async fn a_stop_lets_accepted_requests_finish_and_takes_no_more() {
    let server = start(limits()).await;
    let accepted = send(server.address, &asking("/slow")).await;
    let idle = send(server.address, &asking("/")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;

    server.stop.send(()).unwrap();

    let answer = rest(accepted).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    rest(idle).await;
    assert_eq!(server.task.await.unwrap().cut, 0);
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_request_that_never_finishes_is_cut_after_the_time_to_stop() {
    let server = start(Limits { shutdown_timeout: Duration::from_millis(200), ..limits() }).await;
    let stuck = send(server.address, &asking("/never")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;

    server.stop.send(()).unwrap();

    assert_eq!(server.task.await.unwrap().cut, 1);
    assert_eq!(rest(stuck).await, "");
}

#[tokio::test]
async fn a_websocket_works_and_outlives_the_time_for_heads() {
    let server = start(limits()).await;
    let url = format!("ws://{}/echo", server.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;

    socket.send("xin chào".into()).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();

    assert_eq!(answer.into_text().unwrap(), "xin chào");
}

#[tokio::test]
async fn a_head_that_is_too_large_or_no_http_is_refused() {
    let server = start(limits()).await;
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(100_000));

    assert!(rest(send(server.address, &large).await).await.starts_with("HTTP/1.1 431"));
    assert!(rest(send(server.address, "hello\r\n\r\n").await).await.starts_with("HTTP/1.1 400"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_peer_that_reads_nothing_gives_its_place_back() {
    let server = start(Limits { connections: 1, request_timeout: Duration::from_secs(1), ..limits() }).await;
    let _unread = send(server.address, &asking("/large")).await;

    let next = send(server.address, &asking("/")).await;
    let answer = tokio::time::timeout(Duration::from_secs(20), rest(next)).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
