use axum::{
    Json,
    body::{Body, Bytes},
    extract::Path,
    http::StatusCode,
    routing::{get, post},
};
use serde_json::Value;
use tower::ServiceExt;

use super::*;
use crate::{
    config::{Config, Layers},
    messages::Fault,
    rest::context::RequestContext,
};

fn limits() -> Limits {
    Limits {
        body: 1024,
        body_rate: 100,
        request_timeout: Duration::from_millis(200),
        ..Config::from_layers(Layers::default()).unwrap().limits
    }
}

fn router() -> Router {
    let slow = get(std::future::pending::<()>).layer(middleware::from_fn_with_state(Duration::from_secs(1), within));
    let fault = || Error::faulty(vec![Fault::at("amount", Code::Required)]);
    around(
        Router::new()
            .route("/json", post(|Json(body): Json<Value>| async { Json(body) }))
            .route("/count", post(|body: Bytes| async move { body.len().to_string() }))
            .route("/number/{n}", get(|Path(n): Path<u8>| async move { n.to_string() }))
            .route("/context", get(echo))
            .route("/fault", get(async move || fault()))
            .route("/secret", get(|| async { Error::unauthenticated("the token has expired") }))
            .route("/broken", get(|| async { Error::internal("password hunter2") }))
            .route("/panic", get(async || -> () { panic!("hunter2") }))
            .route("/limited", get(|| async { ([("ratelimit", "q")], Error::unavailable().retry_after(9)) }))
            .route("/foreign", get(|| async { (StatusCode::BAD_REQUEST, Json(serde_json::json!({"error": "x"}))) }))
            .route("/slow", slow),
        &limits(),
        Arc::new(Semaphore::new(8)),
    )
}

async fn echo(context: RequestContext) -> String {
    context.identify("bank-1");
    format!("{} {:?} {:?}", context.request_id, context.lang, context.purpose)
}

async fn send(request: Request) -> Response {
    router().oneshot(request).await.unwrap()
}

async fn asked(path: &str) -> Response {
    send(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn text(response: Response) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

/// The problem of an answer, after the checks that hold for every problem.
async fn problem(response: Response, status: u16, code: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.headers().contains_key("content-language"));
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(body["status"], status, "{body}");
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["requestId"], id, "{body}");
    assert_eq!(body["type"], "about:blank", "{body}");
    body
}

#[tokio::test]
async fn a_request_keeps_its_id_and_trace_and_learns_language_and_purpose() {
    let request = Request::get("/context")
        .header("x-request-id", "order-7")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("accept-language", "vi")
        .header("ansinh-purpose", "giám sát hộ nghèo".as_bytes())
        .body(Body::empty())
        .unwrap();

    let response = send(request).await;

    assert_eq!(response.headers()["x-request-id"], "order-7");
    let trace = response.headers()["traceparent"].to_str().unwrap();
    assert!(trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !trace.contains("00f067aa0ba902b7"));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(text(response).await, r#"order-7 Vi Some("giám sát hộ nghèo")"#);
}

#[tokio::test]
async fn a_request_id_that_could_forge_a_log_line_is_replaced() {
    for wrong in ["two words".to_owned(), "x".repeat(129), "đ".to_owned(), String::new()] {
        let request = Request::get("/context").header("x-request-id", wrong.as_bytes()).body(Body::empty()).unwrap();

        let response = send(request).await;

        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
    }
}

#[tokio::test]
async fn a_purpose_that_cannot_be_kept_is_refused() {
    for (wrong, code) in [("x".repeat(201).into_bytes(), "TOO_LONG"), (vec![0xff, 0xfe], "HEADER_NOT_UTF8")] {
        let request = Request::get("/context").header("ansinh-purpose", wrong).body(Body::empty()).unwrap();

        let body = problem(send(request).await, 400, "BAD_USER_INPUT").await;

        assert_eq!(body["errors"][0]["field"], "Ansinh-Purpose");
        assert_eq!(body["errors"][0]["code"], code);
    }
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    let unknown = problem(asked("/nowhere").await, 404, "NOT_FOUND").await;
    assert_eq!(unknown["reason"], "UNKNOWN_PATH");

    let response = asked("/json").await;
    assert_eq!(response.headers()["allow"], "POST");
    let wrong = problem(response, 405, "BAD_USER_INPUT").await;
    assert_eq!(wrong["reason"], "METHOD_NOT_ALLOWED");
    assert_eq!(wrong["detail"], "this path does not take GET; allowed: POST");
}

#[tokio::test]
async fn what_an_extractor_refuses_is_a_problem() {
    let post =
        |kind: &str, body: String| Request::post("/json").header("content-type", kind).body(Body::from(body)).unwrap();

    let kind = problem(send(post("text/csv", "a,b".to_owned())).await, 415, "BAD_USER_INPUT").await;
    assert_eq!(kind["detail"], "content type text/csv is not read here; send one of application/json");
    let large = problem(send(post("application/json", "1".repeat(2000))).await, 413, "PAYLOAD_TOO_LARGE").await;
    assert!(large["detail"].as_str().unwrap().contains("1024"), "{large}");
    problem(send(post("application/json", "{".to_owned())).await, 400, "BAD_USER_INPUT").await;
    problem(asked("/number/many").await, 400, "BAD_USER_INPUT").await;
}

#[tokio::test]
async fn faults_are_told_in_the_language_asked_for() {
    let request = Request::get("/fault").header("accept-language", "vi-VN").body(Body::empty()).unwrap();

    let response = send(request).await;

    assert_eq!(response.headers()["content-language"], "vi");
    let body = problem(response, 400, "BAD_USER_INPUT").await;
    assert_eq!(body["detail"], "yêu cầu không hợp lệ: amount: bắt buộc nhưng thiếu");
    assert_eq!(
        body["errors"],
        serde_json::json!([{ "field": "amount", "code": "REQUIRED", "message": "bắt buộc nhưng thiếu" }])
    );
    assert_eq!(body.get("reason"), None);
}

#[tokio::test]
async fn a_missing_and_a_bad_token_get_the_challenge_of_rfc_6750() {
    let without = asked("/secret").await;
    assert_eq!(without.headers()["www-authenticate"], r#"Bearer realm="ansinh""#);
    problem(without, 401, "UNAUTHENTICATED").await;

    let request = Request::get("/secret").header("authorization", "Bearer x").body(Body::empty()).unwrap();
    let with = send(request).await;
    assert_eq!(with.headers()["www-authenticate"], r#"Bearer realm="ansinh", error="invalid_token""#);
}

#[tokio::test]
async fn our_own_faults_and_panics_show_nothing() {
    for path in ["/broken", "/panic"] {
        let body = problem(asked(path).await, 500, "INTERNAL").await;

        assert!(!body.to_string().contains("hunter2"), "{body}");
    }
}

#[tokio::test]
async fn headers_set_beside_an_error_stay() {
    let response = asked("/limited").await;

    assert_eq!(response.headers()["ratelimit"], "q");
    assert_eq!(response.headers()["retry-after"], "9");
    problem(response, 503, "UNAVAILABLE").await;
}

#[tokio::test]
async fn an_error_answer_of_another_form_passes_as_it_is() {
    let response = asked("/foreign").await;

    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(text(response).await, r#"{"error":"x"}"#);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_told() {
    let late = asked("/slow").await;
    assert_eq!(late.headers()["retry-after"], "5");
    let body = problem(late, 503, "UNAVAILABLE").await;

    assert_eq!(body["reason"], "TIMED_OUT");
    assert_eq!(body["detail"], "the request took longer than 1 s; ask for less at a time");
}

#[tokio::test]
async fn a_body_that_falls_silent_ends() {
    let silent = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request =
        Request::post("/json").header("content-type", "application/json").body(Body::from_stream(silent)).unwrap();

    let told = problem(send(request).await, 408, "BAD_USER_INPUT").await;
    assert_eq!(told["reason"], "BODY_TOO_SLOW");
}

/// A byte every so often, for so many seconds.
fn dripping(every: Duration, seconds: f64) -> Body {
    let count = (seconds / every.as_secs_f64()).round();
    let bytes = futures_util::stream::unfold(0.0, move |sent| async move {
        tokio::time::sleep(every).await;
        (sent < count).then_some((Ok::<_, std::io::Error>("1"), sent + 1.0))
    });
    Body::from_stream(bytes)
}

#[tokio::test]
async fn a_body_that_drips_ends_however_often_it_gives_a_sign_of_life() {
    let post = |body| Request::post("/count").body(body).unwrap();
    let begun = std::time::Instant::now();

    let slow = send(post(dripping(Duration::from_millis(20), 10.0))).await;

    assert_eq!(problem(slow, 408, "BAD_USER_INPUT").await["reason"], "BODY_TOO_SLOW");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // Some hundred bytes a second where 100 are asked: longer than the 200 ms of a body that brings nothing.
    let steady = send(post(dripping(Duration::from_millis(1), 0.4))).await;
    assert_eq!((steady.status().as_u16(), &*text(steady).await), (200, "400"));
}

#[tokio::test]
async fn who_works_is_not_disturbed_and_who_comes_beyond_is_told_to_come_again() {
    let (limits, work) = (limits(), Arc::new(Semaphore::new(1)));
    let turn = Arc::new(Semaphore::new(0));
    let routes = {
        let turn = Arc::clone(&turn);
        let waits = move || {
            let turn = Arc::clone(&turn);
            async move { turn.acquire().await.map(drop).map_err(Error::internal) }
        };
        Router::new()
            .route("/livez", get(|| async { "ok" }))
            .route("/works", get(waits.clone()).post(move |_: Bytes| waits()))
    };
    let service = around(routes, &limits, Arc::clone(&work));
    let ask = |request| tokio::spawn(service.clone().oneshot(request));
    let post = |body| Request::post("/works").body(body).unwrap();
    // One whose body has not come yet takes no place.
    let (sender, sent) = tokio::sync::oneshot::channel::<()>();
    let late = ask(post(Body::from_stream(futures_util::stream::once(async { sent.await.map(|()| "a") }))));
    let first = ask(Request::get("/works").body(Body::empty()).unwrap());
    while work.available_permits() > 0 {
        tokio::task::yield_now().await;
    }

    for refused in [Request::get("/works").body(Body::empty()).unwrap(), post(Body::from("a"))] {
        let refused = ask(refused).await.unwrap().unwrap();
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(problem(refused, 503, "UNAVAILABLE").await["reason"], "OVERLOADED");
    }
    sender.send(()).unwrap();
    assert_eq!(problem(late.await.unwrap().unwrap(), 503, "UNAVAILABLE").await["reason"], "OVERLOADED");
    let health = ask(Request::get("/livez").body(Body::empty()).unwrap()).await.unwrap().unwrap();
    assert_eq!(health.status(), 200);

    turn.add_permits(9);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(ask(post(Body::from("a"))).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_path() {
    let metrics = crate::telemetry::metrics();

    asked("/number/001085012345").await;
    asked("/number/12").await;

    let figures = metrics.render();
    assert!(figures.contains(r#"http_requests_total{method="GET",route="/number/{n}",status="200"} 1"#), "{figures}");
    assert!(figures.contains("http_request_duration_seconds_bucket"));
    assert!(!figures.contains("001085012345"));
}

/// Collects what the log writes.
#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_of_the_log_names_route_and_client_but_no_path_query_or_token() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let logging = tracing::subscriber::set_default(subscriber);

    for path in ["/context?personalId=001085012345", "/number/001085012345", "/broken?q=001085012345"] {
        let request = Request::get(path)
            .header("authorization", "Bearer eyJhbGciOi")
            .header("x-request-id", "order-7")
            .body(Body::empty())
            .unwrap();
        send(request).await;
    }
    drop(logging);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let access: Vec<&Value> = events.iter().filter(|event| event["message"] == "request").collect();
    assert_eq!(access.len(), 3, "{text}");
    assert_eq!((&access[0]["route"], &access[0]["client"]), (&"/context".into(), &"bank-1".into()), "{text}");
    assert_eq!((&access[1]["route"], &access[1]["status"]), (&"/number/{n}".into(), &400.into()), "{text}");
    let failed: Vec<&Value> = events.iter().filter(|event| event["message"] == "request failed").collect();
    assert_eq!((failed.len(), &failed[0]["cause"]), (1, &"password hunter2".into()), "{text}");
    assert!(events.iter().all(|event| event["request_id"] == "order-7"), "{text}");
    assert!(!text.contains("001085012345") && !text.contains("eyJ"), "{text}");
}
