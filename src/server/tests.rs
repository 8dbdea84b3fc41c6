use std::time::Instant;

use axum::{Extension, routing::get};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Semaphore, oneshot},
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
    let routes = Router::new()
        .route("/", get(|| async { "hello" }).post(|body: String| async { body }))
        .route("/livez", get(|| async { "ok" }))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/slow", get(|| tokio::time::sleep(Duration::from_millis(400))))
        .route("/never", get(std::future::pending::<()>))
        .route("/echo", get(upgrade));
    let service = edge::around(routes, &limits, Arc::new(Semaphore::new(limits.requests)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let task =
        tokio::spawn(async move { serve(service, listener, &limits, async { stopped.await.unwrap_or(()) }).await });
    Running { address, stop, task }
}

/// A handler that keeps the place of its connection.
async fn upgrade(Extension(seat): Extension<Arc<Seat>>, upgrade: axum::extract::WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| {
        echo(socket).await;
        drop(seat);
    })
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

/// The same, after which the connection is closed.
fn asking_once(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
}

/// The head of a body that never comes.
const PROMISE: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";

/// The status of the answer to one question.
async fn status(address: SocketAddr, path: &str) -> String {
    rest(send(address, &asking_once(path)).await).await.chars().skip("HTTP/1.1 ".len()).take(3).collect()
}

#[tokio::test]
async fn a_connection_over_the_cap_is_told_to_come_again_and_health_is_answered() {
    let server = start(Limits { connections: 1, header_timeout: Duration::from_secs(5), ..limits() }).await;
    let first = send(server.address, &asking("/never")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;

    let refused = rest(send(server.address, &asking("/")).await).await;

    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(refused.contains(r#""reason":"OVERLOADED""#), "{refused}");
    assert_eq!(status(server.address, "/livez").await, "200");
    drop(first);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(status(server.address, "/").await, "200");
}

#[tokio::test]
async fn a_peer_over_its_share_leaves_the_places_of_others() {
    let server = start(Limits { connections: 3, connections_per_peer: 2, ..limits() }).await;
    let _busy = [send(server.address, &asking("/never")).await, send(server.address, &asking("/never")).await];
    tokio::time::sleep(Duration::from_millis(50)).await;

    assert_eq!(status(server.address, "/").await, "503");

    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(server.address).await.unwrap();
    other.write_all(asking_once("/").as_bytes()).await.unwrap();
    assert!(rest(other).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_that_send_slowly_keep_nobody_out() {
    let limits = Limits { connections: 20, header_timeout: Duration::from_mins(1), ..limits() };
    let server = start(Limits { request_timeout: Duration::from_mins(1), ..limits }).await;
    let mut slow = Vec::new();
    for turn in 0..200 {
        slow.push(send(server.address, if turn % 2 == 0 { PROMISE } else { "GET / HTTP/1.1\r\nX-Slow: " }).await);
    }
    // Whoever is new has a second to say what it wants.
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    for _ in 0..40 {
        assert_eq!(status(server.address, "/").await, "200");
        assert_eq!(status(server.address, "/livez").await, "200");
    }
}

#[tokio::test]
async fn a_thousand_silent_connections_do_not_hide_health() {
    let server = start(Limits { connections: 1, header_timeout: Duration::from_mins(1), ..limits() }).await;
    let _busy = send(server.address, &asking("/never")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(send(server.address, "").await);
    }

    assert_eq!(status(server.address, "/livez").await, "200");
}

#[tokio::test]
async fn a_websocket_keeps_its_place_among_the_connections() {
    let server = start(Limits { connections: 1, ..limits() }).await;
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{}/echo", server.address)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;

    assert_eq!(status(server.address, "/").await, "503");

    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(status(server.address, "/").await, "200");
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let server = start(limits()).await;
    for head in ["Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n", "", "Host: a b\r\n"] {
        let answer = rest(send(server.address, &format!("GET /livez HTTP/1.1\r\n{head}\r\n")).await).await;

        assert!(answer.starts_with("HTTP/1.1 400"), "{head:?}: {answer}");
        assert!(answer.contains(r#""field":"Host""#), "{head:?}: {answer}");
    }
    let old = rest(send(server.address, "GET /livez HTTP/1.0\r\n\r\n").await).await;
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
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

#[tokio::test]
async fn a_peer_that_reads_slowly_is_cut() {
    let limits = Limits { request_timeout: Duration::from_secs(1), body_rate: 1 << 30, ..limits() };
    let server = start(limits).await;
    let mut reading = send(server.address, &asking("/large")).await;
    let mut taken = 0;
    let mut part = vec![0; 256 << 10];

    while let Ok(length) = reading.read(&mut part).await
        && length > 0
    {
        taken += length;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    assert!(taken < 60 << 20, "{taken} bytes were sent");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_peer_that_reads_nothing_gives_its_place_back() {
    let server = start(Limits { connections: 1, request_timeout: Duration::from_secs(1), ..limits() }).await;
    let _unread = send(server.address, &asking("/large")).await;

    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(status(server.address, "/").await, "503");

    let answered = async {
        while status(server.address, "/").await != "200" {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), answered).await.unwrap();
}
