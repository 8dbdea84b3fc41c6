//! For operators: whether the process lives, whether it can serve, and its figures.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use futures_util::{FutureExt, future::BoxFuture};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Longest that one check may take; a check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

type Probe = dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// Something the process needs in order to serve, and how to find out whether it is there.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Arc<Probe>,
}

impl Check {
    /// A named check. Why it failed goes to the log, not to whoever asks.
    pub fn new<F, Fut, E>(name: &'static str, probe: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let probe = move || probe().map(|done| done.map_err(|error| error.to_string())).boxed();
        Self { name, probe: Arc::new(probe) }
    }

    async fn run(&self, patience: Duration) -> CheckResult {
        let outcome = match tokio::time::timeout(patience, (self.probe)()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("no answer in {patience:?}")),
        };
        if let Err(reason) = &outcome {
            tracing::warn!(check = self.name, reason, "not ready");
        }
        CheckResult { name: self.name, ok: outcome.is_ok() }
    }
}

/// Whether one thing that the process needs is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckResult {
    /// What was checked: `database`, `storage`, `migrations`, `keys`.
    pub name: &'static str,
    /// Whether it is there.
    pub ok: bool,
}

/// Whether the process can serve.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether every check is well.
    pub ready: bool,
    /// The checks one by one.
    pub checks: Vec<CheckResult>,
}

#[derive(Clone)]
struct Ops {
    checks: Arc<[Check]>,
    metrics: PrometheusHandle,
}

/// The three routes, with the checks that make up readiness. None asks for a token: keep them inside the network.
pub fn routes<S: Clone + Send + Sync + 'static>(checks: Vec<Check>, metrics: PrometheusHandle) -> OpenApiRouter<S> {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(render_metrics))
        .with_state(Ops { checks: checks.into(), metrics })
}

/// Tells whether the process lives.
///
/// Touches nothing else, so that a slow database does not get the process restarted.
#[utoipa::path(get, path = "/livez", operation_id = "getLiveness", tag = "operations", responses((status = 200, description = "It lives", body = str)))]
async fn livez() -> &'static str {
    "ok\n"
}

/// Tells whether the process can serve.
///
/// Its database, room to store, its migrations, its keys.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "operations", responses(
    (status = 200, description = "It can serve", body = Readiness),
    (status = 503, description = "One of the checks failed", body = Readiness),
))]
async fn readyz(State(ops): State<Ops>) -> (StatusCode, Json<Readiness>) {
    let checks = futures_util::future::join_all(ops.checks.iter().map(|check| check.run(PATIENCE))).await;
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, checks }))
}

/// Gives the figures of the process.
///
/// In the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "operations", responses(
    (status = 200, description = "Figures", body = String, content_type = "text/plain"),
))]
async fn render_metrics(State(ops): State<Ops>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], ops.metrics.render())
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request, response::Response};
    use tower::ServiceExt;

    use super::*;

    async fn get(path: &str, checks: Vec<Check>) -> Response {
        let router: Router = routes(checks, crate::telemetry::metrics()).into();
        router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(response: Response) -> String {
        String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn all_checks_well_is_ready() {
        let response = get("/readyz", vec![Check::new("database", || async { Ok::<_, String>(()) })]).await;

        assert_eq!(response.status(), 200);
        assert_eq!(text(response).await, r#"{"ready":true,"checks":[{"name":"database","ok":true}]}"#);
    }

    #[tokio::test]
    async fn a_failed_check_is_told_by_name_without_its_reason() {
        let response = get("/readyz", vec![Check::new("database", || async { Err("password of root refused") })]).await;

        assert_eq!(response.status(), 503);
        assert_eq!(text(response).await, r#"{"ready":false,"checks":[{"name":"database","ok":false}]}"#);
    }

    #[tokio::test]
    async fn a_check_that_is_stuck_has_failed() {
        let stuck = Check::new("keys", std::future::pending::<Result<(), String>>);

        assert!(!stuck.run(Duration::from_millis(20)).await.ok);
    }

    #[tokio::test]
    async fn liveness_asks_nothing_else_and_metrics_are_text() {
        crate::telemetry::count_request("GET", "/test", 200, Duration::from_millis(3));

        assert_eq!(get("/livez", vec![]).await.status(), 200);
        let figures = get("/metrics", vec![]).await;
        assert_eq!(figures.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        text(figures).await;
    }
}
