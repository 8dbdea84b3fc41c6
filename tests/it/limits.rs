//! How much one client may ask for, and how little is sent again.

use ansinh::access::{Role, Scope};
use chrono::TimeDelta;
use entity::audit_entry;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::harness::{
    Client, TestApp, both,
    client::{Answer, form},
    database::Backend,
    people::{disbursement, with},
    socket::Socket,
};

const NO_BATCH: &str = "/v1/batches/01812345-0000-7000-8000-000000000000";

/// A service where each client may make one request a second.
struct Slow(TestApp);

impl Slow {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::configured(backend, &[("limits.rate", "1")]).await)
    }
}

both! {
    async fn requests_over_the_rate_are_refused_until_it_allows_more(slow: Slow) {
        let app = slow.0;
        let (bank, other) = (app.bank("063").await, app.bank("06").await);

        let first = bank.get(NO_BATCH).await.expect(404);
        for _ in 1..60 {
            bank.get(NO_BATCH).await.expect(404);
        }
        let refused = bank.get(NO_BATCH).await.expect(429);
        let pushed = bank.push("loan-disbursements", &json!({ "records": [{}] })).await.expect(429);
        let asked = bank.post("/graphql", &json!({ "query": "{ viewer { clientId } }" })).await.expect(429);

        assert_eq!(first.header("ratelimit-policy"), "\"client\";q=60;w=60");
        assert_eq!(first.header("ratelimit"), "\"client\";r=59;t=1");
        for refused in [&refused, &pushed, &asked] {
            assert_eq!(refused.header("ratelimit"), "\"client\";r=0;t=60", "{}", refused.text);
            assert_eq!(refused.header("retry-after"), "1");
        }
        assert_eq!(refused.json["code"], "RATE_LIMITED");
        assert_eq!(asked.json["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{}", asked.text);
        other.get(NO_BATCH).await.expect(404);
        app.clock.advance(TimeDelta::seconds(2));
        bank.get(NO_BATCH).await.expect(404);
        let asked = bank.post("/graphql", &json!({ "query": "{ viewer { clientId } }" })).await.expect(200);
        assert_eq!(asked.header("ratelimit"), "\"client\";r=0;t=60");
        bank.get(NO_BATCH).await.expect(429);
    }

    async fn each_operation_on_a_socket_counts(slow: Slow) {
        let app = slow.0;
        let bank = app.bank("063").await;
        let mut socket = Socket::open(&app.base, bank.token()).await;

        for number in 0..60 {
            let answer = socket.ask(&number.to_string(), "{ viewer { clientId } }").await;
            assert_eq!(answer["payload"]["data"]["viewer"]["clientId"], bank.name, "{answer}");
        }
        let refused = socket.ask("more", "{ viewer { clientId } }").await;

        assert_eq!(refused["type"], "error", "{refused}");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
        bank.get(NO_BATCH).await.expect(429);
    }

    async fn where_nobody_is_limited_nothing_is_said_of_it(app: TestApp) {
        assert_eq!(app.bank("063").await.get(NO_BATCH).await.header("ratelimit-policy"), "\"client\";q=180000;w=60");
        let free = TestApp::configured(Backend::Sqlite, &[("limits.rate", "0")]).await;
        let answer = free.bank("063").await.get(NO_BATCH).await.expect(404);
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""));
    }

    async fn a_name_that_no_client_can_bear_is_refused_and_not_counted(app: TestApp) {
        let long = "x".repeat(30_000);
        let fail = |name: String| {
            let fields = [("grant_type", "client_credentials"), ("client_id", &*name), ("client_secret", "wrong")];
            Answer::of(form(app.stranger().request(Method::POST, "/oauth/token"), &fields))
        };

        for _ in 0..12 {
            fail(long.clone()).await.expect(401);
            fail("No Client".to_owned()).await.expect(401);
        }
        for _ in 0..10 {
            fail("nobody".to_owned()).await.expect(401);
        }
        let refused = fail("nobody".to_owned()).await.expect(429);

        assert_eq!(refused.header("retry-after"), "6");
        app.register("nobody", Role::PolicyBank, None, &Scope::ALL).await.signed_in().await;
    }

    async fn an_answer_that_is_given_again_says_so(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let good = json!({ "records": [disbursement("A", household.head())] });
        let bad = json!({ "records": [with(disbursement("B", household.head()), "amount", 0)], "atomic": true });

        let first = bank.push_under("good", "loan-disbursements", &good).await.expect(200);
        let again = bank.push_under("good", "loan-disbursements", &good).await.expect(200);
        let refused = bank.push_under("bad", "loan-disbursements", &bad).await.expect(422);
        let refused_again = bank.push_under("bad", "loan-disbursements", &bad).await.expect(422);
        let other = bank.push_under("good", "loan-disbursements", &bad).await.expect(422);

        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        assert_eq!(first.json, again.json);
        assert_eq!(refused.header("idempotency-replayed"), "");
        assert_eq!(refused_again.header("idempotency-replayed"), "true", "{}", refused_again.text);
        assert_eq!(other.header("idempotency-replayed"), "", "a key used with another body is refused anew");
    }

    async fn what_has_not_changed_is_not_sent_again(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let pushed = bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);
        let batch = pushed.header("location").to_owned();
        let paths = [
            "/openapi.json", "/docs/swagger-ui.css", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server",
            &batch, &format!("{batch}/results"), "/v1/loan-disbursements",
        ];

        for path in paths {
            let first = bank.get(path).await.expect(200);
            let tag = first.header("etag").to_owned();
            assert!(tag.len() > 10, "{path}");
            let head = Answer::of(bank.request(Method::HEAD, path)).await.expect(200);
            assert_eq!(head.header("etag"), tag, "{path}");
            for (held, status) in [(tag.as_str(), 304), (&format!("\"x\", W/{tag}"), 304), ("*", 304), ("\"x\"", 200)] {
                let answer = ask_holding(&bank, path, held).await.expect(status);
                assert_eq!(answer.header("etag"), tag, "{path} {held}");
                assert_eq!(answer.text.is_empty(), status == 304, "{path} {held}");
            }
        }
        bank.push_records("loan-disbursements", &[disbursement("B", household.head())]).await.expect(200);
        let before = bank.get(&batch).await.header("etag").to_owned();
        ask_holding(&bank, "/v1/loan-disbursements", &before).await.expect(200);
    }

    async fn that_records_have_not_changed_is_logged_as_they_would_be(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        bank.push_records("loan-disbursements", &[disbursement("A", household.head())]).await.expect(200);

        let first = bank.get("/v1/loan-disbursements").await.expect(200);
        ask_holding(&bank, "/v1/loan-disbursements", first.header("etag")).await.expect(304);

        let entries = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("GET /v1/loan-disbursements"));
        let entries = entries.all(app.db().read()).await.unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].subjects, entries[1].subjects);
        assert_eq!(entries[0].record_count, entries[1].record_count);
    }
}

async fn ask_holding(client: &Client, path: &str, tag: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("if-none-match", tag)).await
}
