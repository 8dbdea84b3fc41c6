//! What a request carries beside its body is known, or the request is refused: on every path and method that there is.

use ansinh::access::{Grant, Role, policy};
use entity::{loan, loan_disbursement};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    TestApp, both,
    client::{Answer, codes},
    people::disbursement,
};

/// Method and path of every operation of the document, and of the doors beside it.
fn operations() -> Vec<(Method, String)> {
    let document = ansinh::rest::openapi::document();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "01819e2c-6c00-7a3b-9d52-3f1f6f6f0001");
        found.extend(
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase().parse().unwrap(), path.clone())),
        );
    }
    found.extend([
        (Method::HEAD, "/v1/loan-disbursements".to_owned()),
        (Method::GET, "/openapi.json".to_owned()),
        (Method::GET, "/graphql".to_owned()),
        (Method::POST, "/graphql".to_owned()),
        (Method::GET, "/graphql/ws".to_owned()),
    ]);
    found
}

both! {
    async fn an_unknown_parameter_is_refused_on_every_method_and_path(app: TestApp) {
        let bank = app.bank("063").await;

        for (method, path) in operations() {
            let answer = Answer::of(bank.request(method.clone(), &format!("{path}?dryRun=true"))).await;

            assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text);
            if method != Method::HEAD && path != "/oauth/token" {
                assert_eq!(codes(&answer.json["errors"]), ["UNKNOWN_PARAMETER"], "{method} {path}: {}", answer.text);
                assert_eq!(answer.json["errors"][0]["field"], "dryRun", "{method} {path}");
            }
        }
    }

    async fn an_unknown_header_of_ours_is_refused_on_every_method_and_path(app: TestApp) {
        let bank = app.bank("063").await;

        for (method, path) in operations() {
            let request = bank.request(method.clone(), &path).header("Ansinh-Dry-Rum", "true");
            let answer = Answer::of(request).await;

            assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text);
        }
        let twice = bank.request(Method::GET, "/v1/loan-disbursements");
        let twice = twice.header("ansinh-purpose", "a").header("ansinh-purpose", "b");
        let twice = Answer::of(twice).await.expect(400);
        assert_eq!(codes(&twice.json["errors"]), ["HEADER_TWICE"], "{}", twice.text);
    }

    async fn a_push_with_an_unknown_parameter_stores_nothing(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let body = json!({ "records": [disbursement("A", household.head())] });

        for path in ["loan-disbursements?dryRun=true", "loan-disbursements?atomic=true&atomic=true", "loan%2Ddisbursements?dryRun=1"] {
            let answer = bank.push(path, &body).await;
            assert!([400, 404].contains(&answer.status), "{path}: {}", answer.text);
        }

        assert_eq!(app.count::<loan::Entity>().await, 0);
        assert_eq!(app.count::<loan_disbursement::Entity>().await, 0);
    }

    async fn the_token_endpoint_refuses_in_the_form_of_its_standard(app: TestApp) {
        let bank = app.bank("063").await;
        let request = || bank.with_token(None).request(Method::POST, "/oauth/token?grant_type=client_credentials");
        let form = "application/x-www-form-urlencoded";

        let query = Answer::of(request().header("content-type", form).body("scope=exchange.read")).await.expect(400);
        let charset = bank.with_token(None).request(Method::POST, "/oauth/token");
        let charset = charset.header("content-type", format!("{form}; charset=utf-16")).body("grant_type=client_credentials");
        let charset = Answer::of(charset).await.expect(400);

        for answer in [query, charset] {
            assert_eq!(answer.json["error"], "invalid_request", "{}", answer.text);
            assert!(answer.json["error_description"].as_str().is_some_and(|text| !text.is_empty()));
        }
    }

    async fn a_body_that_says_it_is_not_utf_8_is_refused_at_every_door(app: TestApp) {
        let bank = app.bank("063").await;
        let household = app.household().poor(2022).create().await;
        let post = async |path: &str, kind: &str, body: &str| {
            Answer::of(bank.request(Method::POST, path).header("content-type", kind).body(body.to_owned())).await
        };
        let csv = "reference\nA\n";

        for (path, kind, body) in [
            ("/v1/loan-disbursements", "text/csv; charset=windows-1258", csv),
            ("/v1/loan-disbursements", "text/csv;charset=\"UTF-16LE\"", csv),
            ("/v1/loan-disbursements", "application/json; charset=latin1", r#"{"records": [{}]}"#),
            ("/v1/insurance-coverage/query", "application/json; Charset=iso-8859-1", r#"{"personalIds": ["006080000001"]}"#),
            ("/graphql", "application/json; charset=windows-1258", r#"{"query": "{ viewer { role } }"}"#),
        ] {
            let answer = post(path, kind, body).await.expect(415);
            assert_eq!(answer.json["reason"], "UNSUPPORTED_CHARSET", "{kind}: {}", answer.text);
            assert!(answer.json["detail"].as_str().unwrap().contains("UTF-8"), "{}", answer.text);
        }
        let body = json!({ "records": [disbursement("A", household.head())] }).to_string();
        for kind in ["application/json; charset=UTF-8", "application/json;charset=utf8", "application/json; charset=\"utf-8\""] {
            post("/v1/loan-disbursements", kind, &body).await.expect(200);
        }
    }

    async fn numbers_in_text_have_one_form(app: TestApp) {
        let household = app.household().poor(2022).create().await;
        let bank = app.bank("063").await;
        let id = &household.head().personal_id;
        let header = "reference,contractNo,personalId,programme,amount,disbursedOn,termMonths,annualRatePercent";
        let row = |reference: &str, amount: &str, term: &str, rate: &str| {
            format!("{reference},HD-{reference},{id},loan_poor,{amount},2022-03-15,{term},{rate}\n")
        };
        let csv = [
            row("A", "+5", "36", "6.6"),
            row("B", "007", "36", "6.6"),
            row("C", "5", "+36", "6.6"),
            row("D", "5", "036", "6.6"),
            row("E", "5", "36", "06.6"),
            row("F", "5", "36", "6."),
            row("007", "5", "36", "0.5"),
        ];

        let answer = bank.push_csv("loan-disbursements", format!("{header}\n{}", csv.concat()), &[]).await.expect(200);
        let json = json!([{"amount": "+5"}, {"amount": "007"}, {"amount": "50"}]);
        let json: Vec<Value> = json.as_array().unwrap().iter().enumerate().map(|(place, other)| {
            crate::harness::people::with(disbursement(&format!("J{place}"), household.head()), "amount", other["amount"].clone())
        }).collect();
        let json = bank.push_records("loan-disbursements", &json).await.expect(200);

        assert_eq!(answer.outcomes()[..6], ["REJECTED"; 6], "{}", answer.text);
        for (row, code) in ["NOT_AN_AMOUNT", "NOT_AN_AMOUNT", "NOT_A_NUMBER", "NOT_A_NUMBER", "NOT_A_NUMBER", "NOT_A_NUMBER"].iter().enumerate() {
            assert_eq!(answer.codes(row, "errors"), [*code]);
        }
        // A reference is a name: it keeps its zeros.
        assert_eq!((&answer.rows()[6]["status"], &answer.rows()[6]["reference"]), (&json!("ACCEPTED"), &json!("007")));
        assert_eq!(json.outcomes(), ["REJECTED", "REJECTED", "ACCEPTED"], "{}", json.text);
        for (name, value) in [("ansinh-declared-count", "01"), ("ansinh-declared-amount", "+5"), ("ansinh-declared-amount", "005")] {
            let answer = bank.push_csv("loan-disbursements", format!("{header}\n{}", csv[6]), &[(name, value)]).await.expect(400);
            assert_eq!(codes(&answer.json["errors"]), ["NOT_A_NUMBER"], "{}", answer.text);
        }
        for query in ["first=%2B5", "first=05", "unit=zzz"] {
            bank.get(&format!("/v1/loan-disbursements?{query}")).await.expect(400);
        }
    }

    async fn the_examples_of_the_document_are_taken(app: TestApp) {
        let document = ansinh::rest::openapi::document();
        for kind in ansinh::kinds::ALL {
            let may_push = |role: &Role| policy::table().grant(*role, "Mutation", kind.mutation) != Grant::None;
            let role = Role::ALL.into_iter().find(may_push);
            let client = app.client(role.unwrap(), None).await;
            let content = &document["paths"][format!("/v1/{}", kind.slug)]["post"]["requestBody"]["content"];
            for (media, content) in content.as_object().unwrap() {
                let example = &content["example"];
                let body = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                let answer = client.push_raw(kind.slug, media, body.into(), &[]).await.expect(200);
                assert!(!answer.outcomes().contains(&"REJECTED"), "{} {media}: {}", kind.slug, answer.text);
                assert!(!answer.outcomes().contains(&"CONFLICT"), "{} {media}: {}", kind.slug, answer.text);
            }
        }
        let health = app.health("063").await;
        let example = &document["paths"]["/v1/insurance-coverage/query"]["post"]["requestBody"]["content"]["application/json"];
        health.post("/v1/insurance-coverage/query", &example["example"]).await.expect(200);
    }
}
