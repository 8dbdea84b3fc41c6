//! What an answer says of itself: its status, its form, its order, and in what words it refuses.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, code, send};
use crate::harness::{Client, TestApp, both, client::Answer, people::disbursement};

const STRICT: &str = "application/graphql-response+json";

async fn accepting(client: &Client, accept: &str, body: &Value) -> Answer {
    Answer::of(client.request(Method::POST, "/graphql").header("accept", accept).json(body)).await
}

both! {
    async fn a_database_that_is_gone_is_a_503_by_every_media_type(app: TestApp) {
        let household = app.household().create().await;
        let (labour, bank) = (app.labour().await, app.bank("063").await);
        app.db().close().await.unwrap();

        let query = json!({ "query": "{ households { nodes { code } } loans { totalCount } }" });
        let mutation = json!({ "query": "mutation($r: LoanDisbursementRecord!) { recordLoanDisbursements(input: { records: [$r] }) { id } }",
            "variables": { "r": disbursement("A", household.head()) } });
        let metric = |text: &str| text.lines().filter(|line| line.starts_with("graphql_errors_total"))
            .find(|line| line.contains("UNAVAILABLE")).and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).unwrap_or_default();
        let before = metric(&app.get("/metrics").await.text);
        for accept in [STRICT, "application/json"] {
            for (client, body) in [(&labour, &query), (&bank, &mutation)] {
                let answer = accepting(client, accept, body).await;
                assert_eq!((answer.status, code(&answer), answer.header("retry-after")), (503, "UNAVAILABLE", "1"), "{accept} {}", answer.text);
                assert!(answer.json.get("data").is_none(), "{}", answer.text);
                assert_eq!(answer.json["errors"].as_array().unwrap().len(), 1, "{}", answer.text);
            }
        }
        // What needs no database is answered, and what does is counted beside it.
        let part = accepting(&labour, STRICT, &json!({ "query": "{ viewer { role } household(id: \"01890000-0000-7000-8000-000000000000\") { code } }" })).await;
        assert_eq!((part.status, &part.json["data"]["viewer"]["role"]), (200, &json!("labour")), "{}", part.text);
        assert!(metric(&app.get("/metrics").await.text) >= before + 5);
    }

    async fn a_variable_that_is_no_day_is_a_fault_of_the_request(app: TestApp) {
        let labour = app.labour().await;
        let query = "query($d: Date, $f: LoanFilter, $n: Int) { households(asOf: $d, first: $n) { totalCount } loans(filter: $f) { totalCount } }";
        for (variables, field, reason) in [
            (json!({ "d": "2022-02-30" }), "variables.d", "NOT_A_DATE"),
            (json!({ "f": { "grantedOn": { "to": "30/06/2022" } } }), "variables.f.grantedOn.to", "DATE_FORMAT"),
            (json!({ "n": 3_000_000_000_u64 }), "variables.n", "NUMBER_RANGE"),
        ] {
            // Twice: a document that was answered before goes another way.
            for _ in 0..2 {
                let body = json!({ "query": query, "variables": variables });
                let strict = accepting(&labour, STRICT, &body).await;
                let legacy = accepting(&labour, "application/json", &body).await;

                let error = &strict.json["errors"][0];
                assert_eq!((strict.status, code(&strict)), (400, "BAD_USER_INPUT"), "{}", strict.text);
                assert_eq!((&error["extensions"]["reason"], &error["extensions"]["errors"][0]["field"]), (&json!(reason), &json!(field)));
                assert_eq!((legacy.status, &legacy.json), (200, &strict.json));
                assert!(strict.json.get("data").is_none(), "{}", strict.text);
                let good = json!({ "query": query, "variables": { "d": "2022-02-28" } });
                assert!(accepting(&labour, STRICT, &good).await.expect(200).json.get("errors").is_none());
            }
        }
        for literal in ["households(asOf: \"2022-02-30\") { totalCount }", "persons(filter: { birthYear: 70000 }) { totalCount }"] {
            let answer = accepting(&labour, STRICT, &json!({ "query": format!("{{ viewer {{ role }} {literal} }}") })).await;
            assert_eq!((answer.status, code(&answer), answer.json.get("data")), (400, "BAD_USER_INPUT", None), "{}", answer.text);
        }
        // In a record of a push it is the outcome of the row.
        let household = app.household().create().await;
        let row = crate::harness::people::with(disbursement("A", household.head()), "disbursedOn", "2022-02-30");
        let body = json!({ "query": "mutation($r: LoanDisbursementRecord!) { recordLoanDisbursements(input: { records: [$r] }) {
            results { status errors { code } } } }", "variables": { "r": row } });
        let answer = accepting(&app.bank("063").await, STRICT, &body).await.expect(200);
        let result = &answer.json["data"]["recordLoanDisbursements"]["results"][0];
        assert_eq!((&result["status"], &result["errors"][0]["code"]), (&json!("REJECTED"), &json!("NOT_A_DATE")), "{}", answer.text);
    }

    async fn whoever_is_not_let_in_is_told_so_in_one_form_and_before_a_stream_begins(app: TestApp) {
        let query = json!({ "query": "{ viewer { role } }" });
        let forged = app.labour().await.with_token(Some("e30.e30.e30"));
        for (client, challenge) in [
            (app.stranger(), r#"Bearer realm="ansinh""#),
            (forged.clone(), r#"Bearer realm="ansinh", error="invalid_token""#),
        ] {
            for (accept, given) in [
                (STRICT, "application/graphql-response+json; charset=utf-8"),
                ("application/json", "application/json; charset=utf-8"),
                ("text/event-stream", "application/graphql-response+json; charset=utf-8"),
            ] {
                let answer = accepting(&client, accept, &query).await;
                assert_eq!((answer.status, code(&answer)), (401, "UNAUTHENTICATED"), "{accept} {}", answer.text);
                assert_eq!((answer.header("content-type"), answer.header("www-authenticate")), (given, challenge), "{accept}");
                assert!(answer.json.get("data").is_none());
            }
        }
        let get = Answer::of(forged.request(Method::GET, "/graphql?query={viewer{role}}").header("accept", STRICT)).await;
        assert_eq!((get.status, code(&get)), (401, "UNAUTHENTICATED"), "{}", get.text);
        // What is wrong with the document itself is the one event of a stream.
        let labour = app.labour().await;
        let nothing = accepting(&labour, "text/event-stream", &json!({ "query": "{ nothing }" })).await;
        assert_eq!((nothing.status, nothing.header("content-type")), (200, "text/event-stream"));
        let forbidden = accepting(&app.health("063").await, "text/event-stream", &json!({ "query": "{ loans { totalCount } }" })).await;
        assert_eq!((forbidden.status, code(&forbidden)), (403, "FORBIDDEN"), "{}", forbidden.text);
    }

    async fn fields_come_in_the_order_of_the_query(app: TestApp) {
        let labour = app.labour().await;
        let fields = ["a: viewer { role }", "z: households { totalCount }", "m: programmes(kind: LOAN) { slug }",
            "b: persons { nodes { id } totalCount }", "y: loanSummary { turns }", "c: __typename", "x: povertyStandards { period }"];
        for turn in 0..fields.len() {
            let mut fields = fields;
            fields.rotate_left(turn);
            let asked: Vec<&str> = fields.iter().map(|field| &field[..1]).collect();
            let answer = send(&labour, &format!("query Q{turn} {{ {} }}", fields.join(" "))).await;
            let got: Vec<&str> = answer.text.split_once("\"data\":{").unwrap().1.match_indices("\":").filter_map(|(at, _)| {
                let before = &answer.text[..answer.text.find("\"data\":{").unwrap() + 8 + at];
                let depth = before.matches(['{', '[']).count() - before.matches(['}', ']']).count();
                (depth == 2).then(|| &before[before.rfind('"').unwrap() + 1..])
            }).collect();
            assert_eq!(got, asked, "{}", answer.text);
        }
    }

    async fn too_complex_says_what_was_found_and_what_is_allowed(app: TestApp) {
        let labour = app.labour().await;
        let query = "{ households(first: 500) { nodes { members { person { household { members { person { fullName } } } } } } } }";
        for _ in 0..2 {
            let answer = send(&labour, query).await;
            assert_eq!(code(&answer), "TOO_COMPLEX", "{}", answer.text);
            let message = answer.json["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("weight") && message.ends_with("allowed 20000"), "{message}");
        }
        let words = Answer::of(labour.request(Method::POST, "/graphql").header("accept-language", "vi").json(&json!({ "query": query }))).await;
        assert!(words.json["errors"][0]["message"].as_str().unwrap().starts_with("truy vấn quá lớn: trọng số "), "{}", words.text);
    }

    async fn a_unit_that_cannot_be_is_refused_by_both_doors(app: TestApp) {
        let (labour, health) = (app.labour().await, app.health("063").await);
        for (unit, reason) in [("zzz", "CODE_FORMAT"), ("1969", "CODE_FORMAT"), ("99999", "NO_SUCH_UNIT")] {
            let lists = ["households", "persons", "loans", "loanDisbursements", "electricitySupports"];
            let filtered = lists.map(|list| format!("{list}(filter: {{ unit: \"{unit}\" }}) {{ totalCount }}"));
            let sums = ["loanSummary", "educationSummary", "electricitySummary"];
            let summed = sums.map(|sum| format!("{sum}(filter: {{ unit: \"{unit}\" }}) {{ turns }}"));
            let others = [format!("gaps(unit: \"{unit}\") {{ totalCount }}"), format!("overlaps(unit: \"{unit}\") {{ totalCount }}"),
                format!("coverageSummary(unit: \"{unit}\") {{ persons }}")];
            for field in filtered.iter().chain(&summed).chain(&others) {
                let answer = send(&labour, &format!("{{ {field} }}")).await;
                let error = &answer.json["errors"][0]["extensions"];
                assert_eq!((code(&answer), &error["reason"], &error["errors"][0]["field"]), ("BAD_USER_INPUT", &json!(reason), &json!("unit")), "{field} {}", answer.text);
            }
            for path in ["households", "household-reviews", "loan-disbursements", "electricity-supports"] {
                let client = if path == "loan-disbursements" { app.bank("063").await } else { labour.clone() };
                let answer = client.get(&format!("/v1/{path}?unit={unit}")).await.expect(400);
                assert_eq!((&answer.json["errors"][0]["code"], &answer.json["errors"][0]["field"]), (&json!(reason), &json!("unit")), "{path} {}", answer.text);
            }
            let answer = health.get(&format!("/v1/health-insurance-cards?unit={unit}")).await.expect(400);
            assert_eq!(answer.json["errors"][0]["code"], reason, "{}", answer.text);
        }
        for unit in ["06", "19", "063", "01969"] {
            ask(&labour, &format!("{{ households(filter: {{ unit: \"{unit}\" }}) {{ totalCount }} }}")).await;
        }
        let year = send(&app.education("063").await, r#"{ educationSubsidies(filter: { schoolYear: "2021" }) { totalCount } }"#).await;
        assert_eq!(year.json["errors"][0]["extensions"]["reason"], "CODE_FORMAT", "{}", year.text);
        let kind = send(&health, r#"{ unmatchedRecords(kind: "cards") { totalCount } }"#).await;
        assert_eq!(kind.json["errors"][0]["extensions"]["reason"], "NOT_IN_LIST", "{}", kind.text);
    }

    async fn the_schema_is_served_as_a_file(app: TestApp) {
        let file = app.get("/schema.graphql").await.expect(200);
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(file.text, std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql")).unwrap());
        let page = Answer::of(app.stranger().request(Method::GET, "/graphql").header("accept", "text/html")).await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn an_operator_can_close_the_schema_and_the_page() {
    let closed = [("graphql.introspection", "false"), ("graphql.graphiql", "false")];
    let app = TestApp::configured(crate::harness::database::Backend::Sqlite, &closed).await;

    let file = app.get("/schema.graphql").await.expect(403);
    let page = Answer::of(app.stranger().request(Method::GET, "/graphql").header("accept", "text/html")).await;
    let asset = app.get("/graphql/assets/graphiql.js").await;

    assert_eq!(file.json["errors"][0]["extensions"]["reason"], "INTROSPECTION_DISABLED", "{}", file.text);
    assert_eq!((page.status, asset.status), (406, 404), "{}", page.text);
}
