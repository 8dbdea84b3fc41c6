//! What few can do to many: slow senders, senders of single bytes, more requests than can be worked on.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{
    TestApp, both,
    client::lines,
    database::Backend,
    people::disbursement,
    wire::{begin, read_all},
};

/// A service for two requests and forty connections at once, that waits for a body for two seconds and a second more
/// for each 200 bytes.
struct Small(TestApp);

impl Small {
    async fn on(backend: Backend) -> Self {
        let flags = [
            ("limits.connections", "40"),
            ("limits.requests", "2"),
            ("limits.request_timeout_s", "2"),
            ("limits.body_rate", "200"),
        ];
        Self(TestApp::configured(backend, &flags).await)
    }
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap()
}

/// The beginning of a form that is never finished.
const FORM: &str = "POST /oauth/token HTTP/1.1\r\nhost: ansinh.test\r\ncontent-length: 9000\r\n\
                    content-type: application/x-www-form-urlencoded\r\n\r\n";

both! {
    async fn a_form_that_drips_is_ended_and_says_why(app: Small) {
        let app = app.0;
        let begun = Instant::now();
        let mut stream = connect(&app).await;
        stream.write_all(FORM.as_bytes()).await.unwrap();
        let (mut from, mut to) = stream.split();
        let drip = async {
            while to.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        let mut answer = vec![0; 4096];
        let length = tokio::select! {
            length = from.read(&mut answer) => length.unwrap(),
            () = drip => 0,
        };

        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("BODY_TOO_SLOW"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    }

    /// A line of 8 KiB that takes longer than the time of a silent body, and is not slow.
    async fn a_push_that_comes_steadily_may_take_its_time(app: Small) {
        let app = app.0;
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let mut body = lines(&[disbursement("A", household.head())]);
        body.insert_str(0, &"\n".repeat(4_000));
        let mut stream = begin(&app, &bank, body.len()).await;
        for part in body.as_bytes().chunks(body.len() / 15) {
            stream.write_all(part).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }

        let answer = read_all(&mut stream).await;

        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    async fn slow_senders_keep_nobody_out(app: Small) {
        let app = app.0;
        let labour = app.labour().await;
        let mut slow = Vec::new();
        for _ in 0..100 {
            let mut stream = connect(&app).await;
            stream.write_all(FORM.as_bytes()).await.unwrap();
            slow.push(stream);
        }
        tokio::time::sleep(Duration::from_millis(1_200)).await;

        for _ in 0..10 {
            app.get("/livez").await.expect(200);
            app.get("/readyz").await.expect(200);
            labour.get("/v1/households").await.expect(200);
            labour.post("/graphql", &json!({ "query": "{ viewer { role } }" })).await.expect(200);
        }
    }

    async fn more_requests_than_can_be_worked_on_are_told_at_once_to_come_again(app: Small) {
        let app = app.0;
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows = |push: usize| (0..400).map(|i| disbursement(&format!("{push}-{i}"), household.head())).collect::<Vec<_>>();
        let push = async |number: usize| {
            let rows = rows(number);
            bank.push_records("loan-disbursements", &rows).await
        };

        let (answers, health) = tokio::join!(join_all((0..12).map(push)), async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            join_all((0..6).map(|_| app.get("/livez"))).await
        });

        assert!(health.iter().all(|answer| answer.status == 200));
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
        assert!(!refused.is_empty() && refused.len() < answers.len(), "{} refused", refused.len());
        for answer in refused {
            assert_eq!((answer.header("retry-after"), &answer.json["reason"]), ("1", &json!("OVERLOADED")));
        }
        assert!(answers.iter().filter(|answer| answer.status != 503).all(|answer| answer.json["accepted"] == 400));
        bank.push_records("loan-disbursements", &rows(99)).await.expect(200);
    }
}

/// Each byte in a packet of its own, so that the service reads it into a buffer of its own.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_in_single_bytes_cost_no_more_memory_than_others() {
    use crate::{crash::process::Process, harness::database::sqlite_url};

    const CONNECTIONS: usize = 60;
    const BYTES: usize = 500;
    let home = tempfile::tempdir().unwrap();
    let database = sqlite_url(&home.path().join("ansinh.db"));
    crate::harness::database::prepare(&database).await;
    let process = Process::start(home.path(), &database).await;
    let address = process.base().trim_start_matches("http://").to_owned();
    let heads = [
        "POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n",
    ];
    let before = process.memory();
    let mut streams = Vec::new();
    for head in heads.iter().cycle().take(CONNECTIONS) {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
        streams.push(stream);
    }
    for _ in 0..BYTES {
        for stream in &mut streams {
            stream.write_all(b"1\r\nx\r\n").await.unwrap();
        }
        // Time for it to read them.
        tokio::time::sleep(Duration::from_millis(4)).await;
    }

    let grown = process.memory().saturating_sub(before);

    // 30,000 buffers of 8 KiB would be 234.
    assert!(grown < 60, "{grown} MiB more for {} KiB", (CONNECTIONS * BYTES) >> 10);
}
