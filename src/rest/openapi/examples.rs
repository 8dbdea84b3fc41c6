//! An example for every request and every answer, which tests send and validate.

use serde_json::{Value, json};

use crate::{
    exchange::{
        format::{
            Format, object,
            write::{csv_header, csv_record},
        },
        shape::columns_of,
    },
    kinds::{self, Kind},
};

/// A record of a kind as it is pushed.
pub(super) fn record(slug: &str) -> Value {
    match slug {
        "households" => json!({
            "reference": "roll-2022-0417", "householdCode": "01969-0417", "unitCode": "01969", "registeredOn": "2022-01-01",
            "village": "Nà Ít", "residenceType": "RURAL",
            "members": [
                {"personalId": "006080004171", "fullName": "Hoàng Văn Tú", "birthYear": 1980, "sex": "MALE", "relation": "HEAD"},
                {"fullName": "Hoàng Thị Mai", "birthDate": "2015-03-08", "sex": "FEMALE", "ethnicityCode": "02", "relation": "CHILD"},
            ],
        }),
        "household-reviews" => json!({
            "reference": "review-2022-0417", "householdCode": "01969-0417", "year": 2022, "area": "RURAL", "scoreB1": 130,
            "scoreB2": 30, "deprivations": ["employment", "toilet"], "decidedClass": "POOR", "decisionNo": "1234/QĐ-UBND",
            "decidedOn": "2021-12-20",
        }),
        "loan-disbursements" => json!({
            "reference": "VD22-001", "contractNo": "HD22-VD-001", "personalId": "006080004171", "programme": "loan_poor",
            "amount": 50_000_000, "disbursedOn": "2022-06-01", "termMonths": 60, "annualRatePercent": 6.6,
            "groupCode": "TK-01969-09", "purpose": "nuôi trâu", "fullName": "Hoàng Văn Tú", "birthYear": 1980,
        }),
        "health-insurance-cards" => json!({
            "reference": "card-2022-0417", "personalId": "006080004171", "cardNo": "HN2060080004171", "groupCode": "HN",
            "benefitLevel": 2, "validFrom": "2022-01-01", "validTo": "2022-12-31",
        }),
        "education-subsidies" => json!({
            "reference": "subsidy-2022-0417", "personalId": "006080004171", "programme": "education_learning_cost",
            "schoolYear": "2021-2022", "semester": 2, "months": 5, "monthlyRate": 150_000, "amount": 750_000,
            "paidOn": "2022-05-31",
        }),
        "electricity-supports" => json!({
            "reference": "electricity-2022-2-0417", "householdCode": "01969-0417", "year": 2022, "quarter": 2, "kwh": 90,
            "amount": 165_000, "group": "POOR", "paidOn": "2022-06-20",
        }),
        _ => json!({"reference": "1"}),
    }
}

/// The record as it is told back.
fn told(kind: &Kind) -> Value {
    let is_told = |name: &str| kind.told.iter().any(|told| told.name == name);
    let mut told = json!({"id": RECORD, "recordedAt": INSTANT});
    for (name, mut value) in record(kind.slug).as_object().cloned().unwrap_or_default() {
        for nested in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            nested.retain(|inner, _| is_told(&format!("{name}.{inner}")));
        }
        if is_told(&name) {
            told[name] = value;
        }
    }
    told
}

const BATCH: &str = "01819e2c-6c00-7a3b-9d52-3f1f6f6f0001";
const RECORD: &str = "01819e2c-6c00-7a3b-9d52-3f1f6f6f0002";
const INSTANT: &str = "2022-06-30T02:00:00Z";

fn row(kind: &str) -> Value {
    json!({
        "index": 0, "reference": record(kind)["reference"], "status": "ACCEPTED", "id": RECORD,
        "findings": [{"code": "NO_REVIEW", "message": "no review is known for the household on 2022-06-01"}],
        "errors": [], "suggestions": [],
    })
}

fn batch(kind: &str) -> Value {
    json!({
        "id": BATCH, "kind": kind, "status": "COMPLETED", "receivedAt": INSTANT, "received": 1, "accepted": 1,
        "duplicate": 0, "conflict": 0, "unmatched": 0, "rejected": 0, "amount": record(kind)["amount"].as_i64().unwrap_or(0),
        "results": [row(kind)],
    })
}

/// The problem of a status.
pub(super) fn problem(status: &str) -> Value {
    let told = |title: &str, code: &str, reason: Option<&str>, detail: &str| {
        let status: u16 = status.parse().unwrap_or_default();
        let mut body = json!({
            "type": "about:blank", "title": title, "status": status, "detail": detail, "code": code,
            "requestId": "01819e2c-6c00-7a3b-9d52-3f1f6f6f0003",
        });
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        body
    };
    match status {
        "400" => {
            let mut body = told(
                "Bad Request",
                "BAD_USER_INPUT",
                None,
                "the request is not valid: dryRun: unknown parameter; allowed: -",
            );
            body["errors"] =
                json!([{"field": "dryRun", "code": "UNKNOWN_PARAMETER", "message": "unknown parameter; allowed: -"}]);
            body
        }
        "401" => told("Unauthorized", "UNAUTHENTICATED", None, "no valid access token: the token has expired"),
        "403" => told("Forbidden", "FORBIDDEN", None, "your role health may not use Query.loans"),
        "404" => told("Not Found", "NOT_FOUND", None, "batch not found"),
        "406" => told(
            "Not Acceptable",
            "BAD_USER_INPUT",
            Some("NOT_ACCEPTABLE"),
            "none of the types asked for can be given; ask for one of application/json, application/x-ndjson, text/csv",
        ),
        "408" => told(
            "Request Timeout",
            "BAD_USER_INPUT",
            Some("BODY_TOO_SLOW"),
            "the body came too slowly: beyond 30 s of waiting it must bring 10240 bytes a second; nothing was stored; send it \
             again with the same Idempotency-Key",
        ),
        "409" => told(
            "Conflict",
            "CONFLICT",
            Some("IDEMPOTENCY_KEY_RUNNING"),
            "the push with this Idempotency-Key is still running; ask again shortly",
        ),
        "413" => told(
            "Payload Too Large",
            "PAYLOAD_TOO_LARGE",
            None,
            "the body is larger than 1048576 bytes; split it into several pushes",
        ),
        "415" => told(
            "Unsupported Media Type",
            "BAD_USER_INPUT",
            Some("UNSUPPORTED_CHARSET"),
            "text in windows-1258 is not read here; save and send it as UTF-8 (in Excel: CSV UTF-8)",
        ),
        "422" => {
            let mut body = told(
                "Unprocessable Entity",
                "BAD_USER_INPUT",
                Some("CONTROL_COUNT_MISMATCH"),
                "declaredCount is 2, 1 records were received; nothing was stored",
            );
            body["batchId"] = BATCH.into();
            body
        }
        "429" => told("Too Many Requests", "RATE_LIMITED", None, "too many requests; try again in 2 s"),
        "500" => told("Internal Server Error", "INTERNAL", None, "internal error; the request id finds it in the log"),
        "507" => told(
            "Insufficient Storage",
            "UNAVAILABLE",
            Some("STORAGE_FULL"),
            "the service has no room to store anything; nothing was stored; try again later",
        ),
        _ => told("Service Unavailable", "UNAVAILABLE", None, "the service cannot answer now; try again later"),
    }
}

/// Puts the examples into an operation.
pub(super) fn add(operation: &mut Value) {
    let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
    for (place, example) in of(&name) {
        if let Some(media) = operation.pointer_mut(&place) {
            media["example"] = example;
        }
    }
}

/// Where in an operation an example stands, and the example.
fn of(operation: &str) -> Vec<(String, Value)> {
    for kind in kinds::ALL {
        if operation == kind.mutation {
            return push(&kind);
        }
        if operation == super::lists::name(&kind) {
            return list(&kind);
        }
    }
    let answer = |media: &str, example: Value| vec![(in_answer(media), example)];
    let json = |example: Value| answer("application/json", example);
    let loans = "loan-disbursements";
    match operation {
        "getBatch" => json(batch(loans)),
        "listBatchResults" => json(json!({"results": [row(loans)], "next": null})),
        "getBatchErrors" => answer(
            "text/csv",
            json!(
                "index,reference,status,code,field,message\r\n0,VD22-001,REJECTED,REQUIRED,amount,required and missing\r\n"
            ),
        ),
        "queryInsuranceCoverage" => vec![
            (
                in_body("application/json"),
                json!({"personalIds": ["006080004171"], "asOf": "2022-06-15", "purpose": "admission to hospital"}),
            ),
            (
                in_answer("application/json"),
                json!({"asOf": "2022-06-15", "results": [{
                    "personalId": "006080004171", "covered": true, "cardNo": "HN2060080004171", "validFrom": "2022-01-01",
                    "validTo": "2022-12-31", "reason": "COVERED",
                }]}),
            ),
        ],
        "issueToken" => vec![
            (
                in_body("application/x-www-form-urlencoded"),
                json!({"grant_type": "client_credentials", "scope": "exchange.read", "client_id": "bank-063", "client_secret": "…"}),
            ),
            (
                in_answer("application/json"),
                json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…", "token_type": "Bearer", "expires_in": 900, "scope": "exchange.read"}),
            ),
        ],
        "getKeys" => json(json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }]})),
        "getServerMetadata" => json(json!({
            "issuer": "https://ansinh.example", "token_endpoint": "https://ansinh.example/oauth/token",
            "jwks_uri": "https://ansinh.example/.well-known/jwks.json", "scopes_supported": ["exchange.read", "exchange.write"],
            "response_types_supported": [], "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["EdDSA", "ES256"],
            "service_documentation": "https://ansinh.example/docs",
        })),
        "getLiveness" => answer("text/plain", json!("ok\n")),
        "getReadiness" => json(json!({"ready": true, "checks": [{"name": "database", "ok": true}]})),
        "getMetrics" => answer("text/plain", json!("# TYPE http_requests_total counter\n")),
        _ => Vec::new(),
    }
}

fn push(kind: &Kind) -> Vec<(String, Value)> {
    let record = record(kind.slug);
    let body = json!({"records": [record], "declaredCount": 1});
    vec![
        (in_body(Format::Json.media_type()), body),
        (in_body(Format::Ndjson.media_type()), format!("{record}\n").into()),
        (in_body(Format::Csv.media_type()), table(kind, &record).into()),
        (in_answer(Format::Json.media_type()), batch(kind.slug)),
    ]
}

fn list(kind: &Kind) -> Vec<(String, Value)> {
    let told = told(kind);
    let lines = format!("{told}\n");
    let page = json!({"records": [told], "pageInfo": {"endCursor": "MDE4MTllMmM", "hasNextPage": false}});
    vec![(in_answer(Format::Json.media_type()), page), (in_answer(Format::Ndjson.media_type()), lines.into())]
}

/// The record as a table.
fn table(kind: &Kind, record: &Value) -> String {
    let columns = columns_of(kind.shape);
    let mut out = String::new();
    csv_header(&mut out, &columns.columns(), false);
    // An example is an object; a test reads it.
    csv_record(&mut out, &columns, &object(record.to_string().as_bytes()).unwrap_or_default());
    out
}

fn in_body(media: &str) -> String {
    format!("/requestBody/content/{}", media.replace('/', "~1"))
}

fn in_answer(media: &str) -> String {
    format!("/responses/200/content/{}", media.replace('/', "~1"))
}
