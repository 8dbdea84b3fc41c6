//! The REST door through the whole router, over SQLite, with tokens of its own identity.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
    response::Response,
};
use chrono::NaiveDate;
use entity::{audit_entry, batch, codes::AuditOutcome};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    access::{Actor, Area, Role, Scope},
    app::App,
    clock::{Clock, Ids},
    config::{Config, Layers},
    rules, units,
};

const DISBURSEMENTS: &str = "/v1/loan-disbursements";

struct Bench {
    app: App,
    router: Router,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("test.db").display());
        let mut flags =
            vec![("database.url".to_owned(), url), ("secret_key".to_owned(), format!("{}cd", "ab".repeat(31)))];
        flags.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::from_layers(Layers { flags, ..Layers::default() }).unwrap();
        let clock = Clock::from_fn(|| "2022-06-30T03:00:00Z".parse().unwrap());
        let ids = Ids::random(clock.clone());
        let db = crate::app::connect(&config.database).await.unwrap();
        db.migrate().await.unwrap();
        let units = "level,code,name,type,parent_code,valid_from,valid_to\n\
            province,06,Tỉnh Bắc Kạn,tỉnh,,,2025-06-30\ndistrict,063,Huyện Bạch Thông,huyện,06,,2025-06-30\n\
            commune,01975,Xã Vi Hương,xã,063,,2025-06-30\n";
        let successions = "from_level,from_code,to_level,to_code,kind,on\n";
        let loaded = units::load::load(&db, &ids, units.as_bytes(), successions.as_bytes()).await;
        loaded.unwrap_or_else(|error| panic!("{error} {:?}", error.faults()));
        rules::load::load_shipped(&db, &ids).await.unwrap();
        let app = App::start(config, clock, ids).await.unwrap();
        Self { router: app.router().unwrap(), app, _dir: dir }
    }

    async fn token(&self, role: Role) -> String {
        let unit = units::find(self.app.env.db.read(), "063", None).await.unwrap().unwrap();
        let area = Area::Unit { id: unit.id, code: unit.code };
        let actor = Actor { client_id: format!("test-{role}"), role, area, scopes: Scope::ALL.to_vec() };
        self.app.identity.issue(&actor).await.unwrap().token
    }

    async fn send(&self, role: Role, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {}", self.token(role).await));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn get(&self, role: Role, path: &str) -> Answer {
        self.send(role, Method::GET, path, &[], "").await
    }

    async fn push_csv(&self, headers: &[(&str, &str)], rows: &[&str]) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "text/csv"));
        let body = format!("reference,contractNo,personalId,programme,amount,disbursedOn\n{}\n", rows.join("\n"));
        self.send(Role::PolicyBank, Method::POST, DISBURSEMENTS, &headers, &body).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    async fn batches(&self) -> u64 {
        batch::Entity::find().count(self.app.env.db.read()).await.unwrap()
    }

    async fn trail(&self) -> Vec<audit_entry::Model> {
        audit_entry::Entity::find().order_by_asc(audit_entry::Column::Seq).all(self.app.env.db.read()).await.unwrap()
    }
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        Self { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
}

const UNKNOWN: &str = "R-1,HD-1,006090000001,loan_poor,50000000,2022-03-01";
const BROKEN: &str = "R-2,HD-2,6090000001,loan_poor,0,2022-02-30";

#[tokio::test]
async fn a_push_answers_each_row_and_can_be_looked_up() {
    let bench = Bench::start().await;

    let answer = bench.push_csv(&[("accept-language", "vi")], &[UNKNOWN, BROKEN]).await;

    let body = answer.json();
    assert_eq!(answer.status, 200, "{body}");
    assert_eq!(answer.headers["content-language"], "vi");
    let place = answer.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(place, format!("/v1/batches/{}", body["id"].as_str().unwrap()));
    let counts = ["received", "accepted", "duplicate", "conflict", "unmatched", "rejected", "amount"];
    assert_eq!(counts.map(|name| body[name].as_i64().unwrap()), [2, 0, 0, 0, 1, 1, 0]);
    assert_eq!((&body["kind"], &body["status"]), (&json!("loan-disbursements"), &json!("COMPLETED")));
    let rows = body["results"].as_array().unwrap();
    assert_eq!((&rows[0]["index"], &rows[0]["reference"]), (&json!(0), &json!("R-1")));
    assert_eq!(rows[0]["errors"][0]["code"], "UNKNOWN_PERSON");
    assert!(rows[0]["errors"][0]["message"].as_str().unwrap().contains("không"), "{rows:?}");
    assert_eq!((&rows[1]["status"], &rows[1]["id"]), (&json!("REJECTED"), &Value::Null));
    assert_eq!(rows[1]["errors"].as_array().unwrap().len(), 3);

    let english = bench.get(Role::PolicyBank, &place).await.json();
    assert_eq!(english["results"][0]["status"], "UNMATCHED");
    assert!(english["results"][0]["errors"][0]["message"].as_str().unwrap().starts_with("no person"));
    let page = bench.get(Role::PolicyBank, &format!("{place}/results?first=1")).await.json();
    assert_eq!((page["results"].as_array().unwrap().len(), &page["next"]), (1, &json!(0)));
    let page = bench.get(Role::PolicyBank, &format!("{place}/results?first=1&after=0")).await.json();
    assert_eq!((&page["results"][0]["index"], &page["next"]), (&json!(1), &Value::Null));
    let file = bench.get(Role::PolicyBank, &format!("{place}/errors.csv")).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.text.lines().count(), 5, "{}", file.text);
}

#[tokio::test]
async fn the_push_of_another_is_not_found() {
    let bench = Bench::start().await;
    let place = bench.push_csv(&[], &[UNKNOWN]).await.headers["location"].to_str().unwrap().to_owned();

    for path in [place.clone(), format!("{place}/results"), format!("{place}/errors.csv"), "/v1/batches/7".to_owned()] {
        assert_eq!(bench.get(Role::Labour, &path).await.json()["code"], "NOT_FOUND", "{path}");
    }
}

#[tokio::test]
async fn a_key_is_answered_alike_whether_it_stands_in_a_header_or_in_the_body() {
    let bench = Bench::start().await;
    let record = json!({"reference": "R-1", "contractNo": "HD-1", "personalId": "006090000001",
        "programme": "loan_poor", "amount": 50_000_000, "disbursedOn": "2022-03-01"});
    let body = json!({"records": [record], "idempotencyKey": "day-1"}).to_string();
    let json = ("content-type", "application/json");
    let push = |key: Option<&'static str>, body: String| {
        let bench = &bench;
        async move {
            let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().chain([json]).collect();
            bench.send(Role::PolicyBank, Method::POST, DISBURSEMENTS, &headers, &body).await.json()
        }
    };

    let first = push(None, body.clone()).await;
    let second = push(None, body.clone()).await;
    let third = push(Some("day-1"), body.clone()).await;
    let other = push(Some("day-1"), body.replace("HD-1", "HD-2")).await;
    let differing = push(Some("day-2"), body).await;

    assert!(first["id"].is_string(), "{first}");
    assert_eq!((&second, &third), (&first, &first));
    assert_eq!((&other["status"], &other["reason"]), (&json!(422), &json!("IDEMPOTENCY_KEY_REUSED")));
    assert_eq!(differing["errors"][0]["code"], "IDEMPOTENCY_KEYS_DIFFER", "{differing}");
    assert_eq!(bench.batches().await, 1);
}

#[tokio::test]
async fn control_totals_that_differ_refuse_the_push_and_name_it() {
    let bench = Bench::start().await;

    let refused = bench.push_csv(&[("ansinh-declared-count", "2")], &[UNKNOWN]).await;

    let body = refused.json();
    assert_eq!((refused.status.as_u16(), &body["reason"]), (422, &json!("CONTROL_COUNT_MISMATCH")), "{body}");
    let place = format!("/v1/batches/{}", body["batchId"].as_str().unwrap());
    let kept = bench.get(Role::PolicyBank, &place).await.json();
    assert_eq!((&kept["status"], &kept["refusal"]["code"]), (&json!("REFUSED"), &json!("CONTROL_COUNT_MISMATCH")));
}

#[tokio::test]
async fn a_body_that_is_too_large_or_of_another_kind_stores_nothing() {
    let bench = Bench::with(&[("limits.push_body", "1024")]).await;
    let push = |kind: &'static str, body: String| {
        let bench = &bench;
        async move { bench.send(Role::PolicyBank, Method::POST, DISBURSEMENTS, &[("content-type", kind)], &body).await }
    };

    let large = push("text/csv", "a".repeat(1025)).await;
    let sheet = push("application/pdf", String::new()).await;
    let total = bench.push_csv(&[("ansinh-declared-amount", "1,5")], &[UNKNOWN]).await;
    let unknown = bench.send(Role::PolicyBank, Method::POST, "/v1/loan-repaymentz", &[], "").await;

    assert_eq!((large.status.as_u16(), large.json()["code"].as_str()), (413, Some("PAYLOAD_TOO_LARGE")));
    assert!(large.json()["detail"].as_str().unwrap().contains("1024"));
    assert_eq!((sheet.status.as_u16(), sheet.json()["reason"].as_str()), (415, Some("UNSUPPORTED_MEDIA_TYPE")));
    assert_eq!(total.json()["errors"][0]["field"], "Ansinh-Declared-Amount");
    assert_eq!((unknown.status.as_u16(), unknown.json()["code"].as_str()), (404, Some("NOT_FOUND")));
    assert_eq!(bench.batches().await, 0);
}

#[tokio::test]
async fn who_may_not_push_is_refused_unread_and_on_the_trail() {
    let bench = Bench::start().await;
    // A body that fails when it is read.
    let unread = Body::from_stream(futures_util::stream::once(async { Err::<&str, _>(std::io::Error::other("read")) }));
    let token = bench.token(Role::Health).await;
    let request = Request::post(DISBURSEMENTS).header("authorization", format!("Bearer {token}"));

    let refused = bench.answer(request.body(unread).unwrap()).await;

    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("FORBIDDEN")));
    let trail = bench.trail().await;
    assert_eq!(trail.len(), 1);
    assert_eq!((trail[0].outcome, &*trail[0].action), (AuditOutcome::Refused, "POST /v1/loan-disbursements"));
    assert_eq!((&*trail[0].client_id, &trail[0].request_id), ("test-health", &header(&refused, "x-request-id")));
}

#[tokio::test]
async fn a_broken_connection_stores_nothing() {
    let bench = Bench::start().await;
    let token = bench.token(Role::PolicyBank).await;
    let parts =
        ["reference,contractNo,personalId,programme,amount,disbursedOn\n", UNKNOWN].map(|text| Ok(text.to_owned()));
    let broken = parts.into_iter().chain([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
    let request = Request::post(DISBURSEMENTS)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/csv");

    let answer = bench.answer(request.body(Body::from_stream(futures_util::stream::iter(broken))).unwrap()).await;

    assert_eq!((answer.status.as_u16(), answer.json()["reason"].as_str()), (400, Some("BODY_INCOMPLETE")));
    assert_eq!(bench.batches().await, 0);
}

#[tokio::test]
async fn coverage_is_asked_for_with_its_purpose_and_refused_to_the_bank() {
    let bench = Bench::start().await;
    let question = json!({"personalIds": ["006090000001"], "asOf": "2022-06-30", "purpose": "visit"}).to_string();
    let kind = ("content-type", "application/json");
    let path = "/v1/insurance-coverage/query";

    let answer = bench.send(Role::Health, Method::POST, path, &[kind], &question).await.json();
    let refused = bench.send(Role::PolicyBank, Method::POST, path, &[kind], &question).await;
    let form = bench.send(Role::Health, Method::POST, path, &[("content-type", "text/plain")], &question).await;

    let unknown = json!({"personalId": "006090000001", "covered": false, "cardNo": null, "validFrom": null,
        "validTo": null, "reason": "UNKNOWN_PERSON"});
    assert_eq!(answer, json!({"asOf": NaiveDate::from_ymd_opt(2022, 6, 30), "results": [unknown]}));
    assert_eq!(refused.status, 403);
    assert_eq!(form.status, 415);
}

#[tokio::test]
async fn what_cannot_be_logged_does_not_leave() {
    let bench = Bench::start().await;
    bench.app.env.db.write().execute_unprepared("DROP TABLE audit_entry").await.unwrap();

    let refused = bench.send(Role::Health, Method::POST, DISBURSEMENTS, &[("content-type", "text/csv")], "").await;

    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (503, Some("UNAVAILABLE")));
}

#[tokio::test]
async fn strangers_are_told_to_authenticate_and_operators_are_not() {
    let bench = Bench::start().await;
    let ask = |method: Method, path: &'static str| {
        let bench = &bench;
        async move { bench.answer(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await }
    };

    for (method, path) in [
        (Method::POST, DISBURSEMENTS),
        (Method::POST, "/v1/households"),
        (Method::GET, "/v1/batches/7"),
        (Method::POST, "/v1/insurance-coverage/query"),
    ] {
        let answer = ask(method, path).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (401, Some("UNAUTHENTICATED")), "{path}");
        assert!(header(&answer, "www-authenticate").starts_with("Bearer"));
    }
    for path in ["/livez", "/readyz", "/metrics", "/openapi.json", "/.well-known/jwks.json"] {
        assert_eq!(ask(Method::GET, path).await.status, 200, "{path}");
    }
    assert!(bench.trail().await.is_empty());
}

fn header(answer: &Answer, name: &str) -> String {
    answer.headers[name].to_str().unwrap().to_owned()
}
