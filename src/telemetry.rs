//! Logs and metrics of the process. Neither carries tokens, bodies or personal numbers.

use std::{sync::OnceLock, time::Duration};

use axum::http::Method;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::Targets,
    layer::{Filter, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::config::{Log, LogFormat};

/// Counts requests by method, route and status.
pub const REQUESTS: &str = "http_requests_total";

/// Counts errors of GraphQL answers by code: one answer may hold several beside data, and its status is 200 then.
pub const GRAPHQL_ERRORS: &str = "graphql_errors_total";

/// Seconds until the head of the answer, by method, route and status.
pub const DURATION: &str = "http_request_duration_seconds";

/// Connections open now.
pub const CONNECTIONS: &str = "http_connections";

/// WebSocket connections open now.
pub const SOCKETS: &str = "http_websockets";

/// Upper bounds of the duration histogram, in seconds.
const BOUNDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Why logs or metrics cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The directives cannot be read.
    #[error("log.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The process has a log already.
    #[error("the log is set up already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Begins the log of the process on standard error, so that standard output stays for what a command prints. A panic
/// is an event of it too, with its place; its words may quote data and are for the debug level.
pub fn init_log(log: &Log) -> Result<(), TelemetryError> {
    let filter = filter(&log.filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, "panic");
        tracing::debug!(said = panic.payload_as_str().unwrap_or("-"), "panic");
    }));
    Ok(())
}

/// Directives that name targets and levels alone are looked up once for each place that logs; those that name spans are asked
/// at every step of every request.
fn filter(directives: &str) -> Result<Box<dyn Filter<Registry> + Send + Sync>, TelemetryError> {
    match directives.parse::<Targets>() {
        Ok(targets) => Ok(Box::new(targets)),
        Err(_) => Ok(Box::new(EnvFilter::try_new(directives)?)),
    }
}

/// The metrics of the process, begun by whoever asks first.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(begin_metrics).clone()
}

fn begin_metrics() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = match builder.set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BOUNDS) {
        Ok(builder) => builder,
        Err(_empty) => PrometheusBuilder::new(),
    };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder holds the metrics of this process");
    }
    metrics::describe_counter!(REQUESTS, "Requests by method, route and status.");
    metrics::describe_counter!(GRAPHQL_ERRORS, "Errors in GraphQL answers by code.");
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "Time until the head of the answer.");
    metrics::describe_gauge!(CONNECTIONS, "Connections open now.");
    metrics::describe_gauge!(SOCKETS, "WebSockets open now.");
    handle
}

/// Folds the samples of the histograms every few seconds, so that they do not pile up where nobody scrapes. Never
/// ends: spawn it.
pub async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// Counts one request.
pub fn count_request(method: &'static str, route: &str, status: u16, elapsed: Duration) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!(REQUESTS, &labels).increment(1);
    metrics::histogram!(DURATION, &labels).record(elapsed.as_secs_f64());
}

/// Counts one error of a GraphQL answer.
pub fn count_graphql_error(code: &'static str) {
    metrics::counter!(GRAPHQL_ERRORS, "code" => code).increment(1);
}

/// The method as a label; what a caller made up is `OTHER`, so that callers cannot make series.
pub fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
