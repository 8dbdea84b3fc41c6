//! Bodies that are too large, and connections that break off.

use std::time::Duration;

use entity::batch;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::assert_nothing_stored;
use crate::harness::{
    TestApp, both,
    client::lines,
    database::Backend,
    people::disbursement,
    wire::{begin, head, read_all},
};

/// A service that takes pushes of a megabyte, and gives up on a silent body after a second.
struct Narrow(TestApp);

impl Narrow {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::configured(backend, &[("limits.push_body", "1048576"), ("limits.request_timeout_s", "1")]).await)
    }
}

both! {
    async fn a_body_of_fifty_megabytes_is_refused_where_it_is_too_large(app: Narrow) {
        let app = app.0;
        let bank = app.bank("063").await;
        let health = app.health("063").await;
        let fifty = vec![b' '; 50 << 20];

        let push = bank.push_raw("loan-disbursements", "application/json", fifty.clone(), &[]).await.expect(413);
        let question = health.push_raw("insurance-coverage/query", "application/json", fifty, &[]).await.expect(413);

        for answer in [push, question] {
            assert_eq!(answer.json["code"], "PAYLOAD_TOO_LARGE", "{}", answer.text);
            assert!(answer.json["detail"].as_str().unwrap().contains("1048576"), "{}", answer.text);
        }
        assert_nothing_stored(&app).await;
        assert_eq!(app.get("/livez").await.status, 200);
    }

    async fn fifty_megabytes_of_nonsense_are_refused_by_their_first_fault(app: TestApp) {
        let bank = app.bank("063").await;
        let mut body = br#"{"records": ["#.to_vec();
        body.resize(50 << 20, b'x');

        let answer = bank.push_raw("loan-disbursements", "application/json", body, &[]).await.expect(400);

        assert_eq!(answer.json["reason"], "NOT_JSON", "{}", answer.text);
        assert_nothing_stored(&app).await;
    }

    async fn a_push_whose_connection_breaks_leaves_nothing(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&(0..50).map(|i| disbursement(&i.to_string(), household.head())).collect::<Vec<_>>());
        let before = app.count::<batch::Entity>().await;

        for sent in [0, 1, body.len() / 2, body.len() - 1] {
            let mut stream = begin(&app, &bank, body.len()).await;
            stream.write_all(&body.as_bytes()[..sent]).await.unwrap();
            stream.flush().await.unwrap();
            drop(stream);
        }

        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(app.count::<batch::Entity>().await, before);
        assert_nothing_stored(&app).await;
        let answer = bank.push_ndjson("loan-disbursements", body, &[]).await.expect(200);
        assert_eq!(answer.json["accepted"], 50);
    }

    async fn a_body_that_ends_early_is_told_so(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&[disbursement("A", household.head()), disbursement("B", household.head())]);

        // Chunked, with whole lines so far, and the last chunk missing.
        let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
        let head = head(&bank, "transfer-encoding: chunked");
        let half = body.split_inclusive('\n').next().unwrap();
        let chunk = format!("{head}{:x}\r\n{half}\r\n", half.len());
        stream.write_all(chunk.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = read_all(&mut stream).await;

        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert_nothing_stored(&app).await;
    }

    async fn a_body_that_falls_silent_is_given_up(app: Narrow) {
        let app = app.0;
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&[disbursement("A", household.head())]);

        let mut stream = begin(&app, &bank, body.len()).await;
        stream.write_all(&body.as_bytes()[..body.len() / 2]).await.unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(10), read_all(&mut stream)).await.unwrap();

        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("BODY_TOO_SLOW"), "{answer}");
        assert_nothing_stored(&app).await;
    }

    /// Whoever hangs up after the last byte has pushed; only the answer is lost, and the next try gets it.
    async fn a_client_that_does_not_wait_for_the_answer_has_pushed(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = lines(&(0..300).map(|i| disbursement(&i.to_string(), household.head())).collect::<Vec<_>>());

        let mut stream = begin(&app, &bank, body.len()).await;
        stream.write_all(body.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(stream);

        let again = bank.push_ndjson("loan-disbursements", body, &[]).await.expect(200);
        assert_eq!(again.json["accepted"].as_i64().unwrap() + again.json["duplicate"].as_i64().unwrap(), 300);
        assert_eq!(app.count::<entity::loan_disbursement::Entity>().await, 300);
    }

    async fn a_head_that_is_no_http_is_refused(app: TestApp) {
        for head in ["hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1/loan-disbursements HTTP/1.1\r\ncontent-length: -1\r\n\r\n"] {
            let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = tokio::time::timeout(Duration::from_secs(5), read_all(&mut stream)).await.unwrap();
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{head}: {answer}");
        }
        assert_eq!(app.get("/livez").await.status, 200);
    }
}
