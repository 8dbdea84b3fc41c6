//! Pages of other hosts: what a browser is told before it lets them send and read.

use reqwest::Method;
use serde_json::json;

use crate::harness::{TestApp, both, client::Answer, database::Backend};

const PAGE: &str = "https://app.example.vn";

/// The paths that a page asks: tokens, questions, records.
const PATHS: [&str; 4] = ["/oauth/token", "/graphql", "/v1/insurance-coverage/query", "/v1/households"];

/// A service that the pages of one host may use.
struct Listed(TestApp);

impl Listed {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::configured(backend, &[("cors.origins", PAGE)]).await)
    }
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    let request = app.stranger().request(Method::OPTIONS, path).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    Answer::of(request.header("access-control-request-headers", "authorization,idempotency-key")).await
}

both! {
    async fn a_page_that_is_listed_may_send_and_read_at_every_door(app: Listed) {
        let app = app.0;
        let labour = app.labour().await;
        for path in PATHS {
            let told = preflight(&app, path, PAGE).await.expect(200);
            assert_eq!(told.header("access-control-allow-origin"), PAGE, "{path}");
            let allowed = told.header("access-control-allow-headers").to_lowercase();
            for name in ["authorization", "content-type", "idempotency-key", "ansinh-purpose", "ansinh-atomic"] {
                assert!(allowed.split(',').any(|header| header == name), "{name}: {allowed}");
            }
            assert!(told.header("access-control-allow-methods").contains("POST"), "{path}");
        }

        let body = json!({ "query": "{ viewer { role } }" });
        let request = labour.request(Method::POST, "/graphql").header("origin", PAGE).json(&body);
        let answer = Answer::of(request).await.expect(200);
        let refused = Answer::of(app.stranger().request(Method::GET, "/v1/households").header("origin", PAGE)).await;

        for answer in [&answer, &refused.expect(401)] {
            assert_eq!(answer.header("access-control-allow-origin"), PAGE);
            assert!(answer.header("access-control-expose-headers").contains("x-request-id"));
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("origin")));
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
    }

    async fn a_page_that_is_not_listed_is_told_nothing(app: Listed) {
        let app = app.0;
        for origin in ["https://evil.example.vn", "http://app.example.vn", "https://app.example.vn.evil.vn", "null"] {
            for path in PATHS {
                let told = preflight(&app, path, origin).await;
                assert_eq!(told.header("access-control-allow-origin"), "", "{origin} {path}");
            }
            let answer = Answer::of(app.stranger().request(Method::GET, "/livez").header("origin", origin)).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        }
    }

    async fn nobody_is_listed_unless_the_operator_says_so(app: TestApp) {
        for path in PATHS {
            let told = preflight(&app, path, PAGE).await;
            assert!(told.status >= 400, "{path}: {}", told.status);
            assert_eq!(told.header("access-control-allow-origin"), "", "{path}");
        }
    }
}
