//! What operators see: readiness, figures, ids of requests, the document of the API.

use std::time::Duration;

use entity::loan_disbursement;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::harness::{
    TestApp, both,
    client::{Answer, lines},
    people::disbursement,
    wire::{begin, read_all},
};

both! {
    async fn a_whole_service_is_ready(app: TestApp) {
        let answer = app.get("/readyz").await.expect(200);

        assert_eq!(answer.json["ready"], true);
        let checks: Vec<_> = answer.json["checks"].as_array().unwrap().iter().map(|check| &check["name"]).collect();
        assert_eq!(checks, ["database", "storage", "migrations", "keys"]);
        app.get("/livez").await.expect(200);
    }

    async fn a_pending_change_makes_it_unready_but_alive(app: TestApp) {
        let undo = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
        app.db().write().execute_unprepared(undo).await.unwrap();

        let answer = app.get("/readyz").await.expect(503);

        let failed: Vec<_> = answer.json["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0]["name"], "migrations");
        app.get("/livez").await.expect(200);
    }

    async fn figures_count_requests_by_route_and_never_by_number(app: TestApp) {
        let bank = app.bank("063").await;
        bank.get("/v1/batches/006080000001").await.expect(404);

        let figures = app.get("/metrics").await.expect(200);

        assert!(figures.header("content-type").starts_with("text/plain"));
        assert!(figures.text.contains(r#"route="/v1/batches/{id}""#), "{}", figures.text);
        assert!(!figures.text.contains("006080000001"));
    }

    async fn every_answer_has_an_id_of_the_caller_or_of_ours(app: TestApp) {
        let ask = |id: &'static str| Answer::of(app.stranger().request(Method::GET, "/livez").header("x-request-id", id));

        assert_eq!(ask("bank-2022-06-30/7").await.header("x-request-id"), "bank-2022-06-30/7");
        for bad in ["two words", "", &"x".repeat(129)] {
            let id = Answer::of(app.stranger().request(Method::GET, "/livez").header("x-request-id", bad)).await;
            let id = id.header("x-request-id").to_owned();
            assert!(id != bad && id.parse::<uuid::Uuid>().is_ok(), "{id}");
        }
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let traced = Answer::of(app.stranger().request(Method::GET, "/livez").header("traceparent", parent)).await;
        assert!(traced.header("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    }

    async fn an_unknown_path_is_a_problem_in_the_language_asked_for(app: TestApp) {
        for (tag, word) in [("en", "nothing is at this path"), ("vi", "không có gì tại đường dẫn này")] {
            let request = app.stranger().request(Method::GET, "/v2/loans").header("accept-language", tag);
            let answer = Answer::of(request).await.expect(404);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(answer.json["detail"].as_str().unwrap().starts_with(word), "{}", answer.text);
        }
    }

    async fn the_document_names_every_kind_and_its_page_loads_nothing_from_elsewhere(app: TestApp) {
        let document = app.get("/openapi.json").await.expect(200);
        let page = app.get("/docs").await;
        let page = if page.status == 200 { page } else { app.get("/docs/").await.expect(200) };

        assert!(document.json["openapi"].as_str().unwrap().starts_with("3.1"));
        for kind in ansinh::kinds::ALL {
            assert_ne!(document.json["paths"][format!("/v1/{}", kind.slug)]["post"], Value::Null, "{}", kind.slug);
        }
        assert!(!page.text.contains("https://") && !page.text.contains("src=\"//"), "{}", page.text);
    }

    async fn accepted_requests_finish_when_it_is_told_to_stop(mut app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let rows: Vec<Value> = (0..50).map(|i| disbursement(&i.to_string(), household.head())).collect();
        let body = lines(&rows);
        let mut stream = begin(&app, &bank, body.len()).await;
        let (half, rest) = body.split_at(body.len() / 2);
        stream.write_all(half.as_bytes()).await.unwrap();
        let the_rest_comes_later = async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            stream.write_all(rest.as_bytes()).await.unwrap();
            read_all(&mut stream).await
        };
        tokio::time::sleep(Duration::from_millis(200)).await;

        let ((), answer) = tokio::join!(app.restart(), the_rest_comes_later);

        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""accepted":50"#), "{answer}");
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 50);
    }
}
