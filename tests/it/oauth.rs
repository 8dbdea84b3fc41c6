//! Who gets a token, and which tokens open which doors.

use ansinh::{
    access::{Role, Scope},
    identity::clients::{self, NewClient},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use chrono::TimeDelta;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    app::NOW,
    both,
    client::{Answer, form},
};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

both! {
    async fn a_client_proves_itself_in_each_of_three_ways(app: TestApp) {
        let bank = app.register("bank", Role::PolicyBank, Some("063"), &Scope::ALL).await;
        let key = SigningKey::from_bytes(&[7; 32]);
        register_key(&app, "machine", &key).await;

        let basic = bank.request(Method::POST, "/oauth/token").basic_auth("bank", Some(&bank.secret));
        let basic = Answer::of(form(basic, &[GRANT])).await.expect(200);
        let fields = [GRANT, ("client_id", "bank"), ("client_secret", &bank.secret)];
        let post = Answer::of(form(bank.request(Method::POST, "/oauth/token"), &fields)).await.expect(200);
        let signed = assert(&app, &assertion(&key, "machine", "1")).await.expect(200);

        for answer in [basic, post, signed] {
            assert_eq!((&answer.json["token_type"], &answer.json["expires_in"]), (&json!("Bearer"), &json!(900)));
            assert_eq!(answer.header("cache-control"), "no-store");
            let client = app.stranger().with_token(answer.json["access_token"].as_str());
            let pushed = client.push("loan-disbursements", &json!({ "records": [{}] })).await;
            assert_eq!(pushed.outcomes(), ["REJECTED"], "the token opens the door");
        }
    }

    async fn an_assertion_serves_once_also_after_a_restart(mut app: TestApp) {
        let key = SigningKey::from_bytes(&[7; 32]);
        register_key(&app, "machine", &key).await;
        let assertion = assertion(&key, "machine", "1");

        assert(&app, &assertion).await.expect(200);
        let again = assert(&app, &assertion).await.expect(401);
        app.restart().await;
        assert(&app, &assertion).await.expect(401);

        assert_eq!(again.json["error"], "invalid_client");
    }

    async fn whoever_does_not_prove_itself_learns_nothing_about_who_exists(app: TestApp) {
        let bank = app.register("bank", Role::PolicyBank, Some("063"), &Scope::ALL).await;
        let gone = app.register("gone", Role::PolicyBank, Some("063"), &Scope::ALL).await;
        let env = &app.app.env;
        clients::revoke(env.db.write(), &env.clock, "gone").await.unwrap();

        let mut answers = Vec::new();
        for (name, secret) in [("bank", "wrong"), ("nobody", &bank.secret), ("gone", &gone.secret), ("", ""), ("bank", "")] {
            let request = app.stranger().request(Method::POST, "/oauth/token").basic_auth(name, Some(secret));
            answers.push(Answer::of(form(request, &[GRANT])).await.expect(401));
        }

        assert!(answers.iter().all(|answer| answer.text == answers[0].text));
        assert_eq!(answers[0].json["error"], "invalid_client");
        assert!(answers[0].header("www-authenticate").starts_with("Basic"));
    }

    async fn a_token_says_who_what_and_until_when(app: TestApp) {
        let bank = app.register("bank", Role::PolicyBank, Some("063"), &Scope::ALL).await.signed_in().await;
        let keys = app.get("/.well-known/jwks.json").await.expect(200);

        let (header, claims) = (part(bank.token(), 0), part(bank.token(), 1));

        assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("EdDSA")));
        let now = NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!("http://ansinh.test"), &json!("ansinh")));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("bank"), &json!("bank")));
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 900)));
        assert_eq!((&claims["role"], &claims["unit"]), (&json!("policy_bank"), &json!("063")));
        assert_eq!(claims["scope"], "exchange.read exchange.write");
        let key = keys.json["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
        let (signed, signature) = bank.token().rsplit_once('.').unwrap();
        let point = BASE64.decode(key["x"].as_str().unwrap()).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        let key = VerifyingKey::from_bytes(&point.try_into().unwrap()).unwrap();
        key.verify_strict(signed.as_bytes(), &signature).unwrap();
    }

    async fn no_hostile_token_opens_any_door(app: TestApp) {
        let bank = app.bank("063").await;
        let good = part(bank.token(), 1);
        let [head, body, signature] = bank.token().split('.').collect::<Vec<_>>().try_into().unwrap();
        let unsigned = |header: Value, claims: &Value| format!("{}.{}", encoded(&header), encoded(claims));
        let other = SigningKey::from_bytes(&[9; 32]);
        let raised = changed(&good, "role", json!("labour"));
        let mut hostile = vec![
            String::new(),
            "x".to_owned(),
            "a.b.c".to_owned(),
            "é".to_owned(),
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            format!("{head}.{}.{signature}", encoded(&raised)),
            format!("{}.", unsigned(json!({ "alg": "none", "typ": "at+jwt" }), &good)),
            jws(&other, &part(bank.token(), 0), &raised),
            jws(&other, &json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "../../dev/null" }), &raised),
            jws(&other, &with_own_key(&other, &part(bank.token(), 0)), &raised),
            format!("{}.{signature}", unsigned(changed(&part(bank.token(), 0), "alg", json!("HS256")), &good)),
            "A".repeat(9000),
        ];
        let now = good["iat"].as_i64().unwrap();
        for (claim, value) in [
            ("exp", json!(1e300)),
            ("exp", json!(now - 1)),
            ("exp", json!("tomorrow")),
            ("exp", Value::Null),
            ("exp", json!(now + 10 * 365 * 86_400)),
            ("iat", json!(now + 86_400)),
            ("nbf", json!(now + 86_400)),
            ("iss", json!("http://evil.test")),
            ("aud", json!("other")),
            ("aud", json!([])),
            ("role", json!("superuser")),
            ("role", json!({ "labour": true })),
            ("role", json!(["labour", "health"])),
            ("role", Value::Null),
            ("unit", json!("99999")),
            ("unit", json!(63)),
            ("scope", json!(["exchange.write"])),
            ("jti", Value::Null),
            ("sub", json!("somebody-else")),
        ] {
            let claims = changed(&good, claim, value).to_string();
            hostile.push(app.app.identity.sign("at+jwt", claims.as_bytes()).await.unwrap());
        }
        hostile.push(app.app.identity.sign("JWT", good.to_string().as_bytes()).await.unwrap());

        for token in hostile {
            for (method, path, body) in doors() {
                let client = bank.with_token(Some(&token));
                let answer = Answer::of(client.request(method, path).json(&body)).await;
                let shown = &token[..token.len().min(400)];
                assert_eq!(answer.status, 401, "{path} {shown}: {}", answer.text);
                assert!(answer.text.contains("UNAUTHENTICATED"), "{path}: {}", answer.text);
                let challenge = answer.header("www-authenticate");
                assert!(challenge.starts_with("Bearer") && challenge.contains("invalid_token"), "{path}: {challenge}");
            }
        }
    }

    async fn a_token_ends_after_its_fifteen_minutes_though_it_was_used_before(app: TestApp) {
        let bank = app.bank("063").await;
        let ask = || bank.get("/v1/batches/01812345-0000-7000-8000-000000000000");

        ask().await.expect(404);
        app.clock.advance(TimeDelta::minutes(14));
        ask().await.expect(404);
        app.clock.advance(TimeDelta::minutes(3));

        ask().await.expect(401);
    }

    async fn tokens_live_on_through_a_rotation_of_keys_and_a_restart(mut app: TestApp) {
        let before = app.bank("063").await;
        app.app.identity.rotate_keys(TimeDelta::zero()).await.unwrap();
        app.restart().await;
        let after = app.bank("06").await;

        let published = app.get("/.well-known/jwks.json").await.expect(200);

        assert_eq!(published.json["keys"].as_array().unwrap().len(), 2);
        assert_ne!(part(before.token(), 0)["kid"], part(after.token(), 0)["kid"]);
        assert!(published.json["keys"].as_array().unwrap().iter().all(|key| key["d"] == Value::Null), "public parts");
        for client in [before.at(&app.base), after] {
            client.get("/v1/batches/01812345-0000-7000-8000-000000000000").await.expect(404);
        }
    }

    async fn a_scope_is_given_only_to_who_may_have_it(app: TestApp) {
        let reader = app.register("reader", Role::PolicyBank, None, &[Scope::Read]).await;
        let ask = |scope| {
            let request = reader.request(Method::POST, "/oauth/token").basic_auth("reader", Some(&reader.secret));
            Answer::of(form(request, &[GRANT, ("scope", scope)]))
        };

        let read = ask("exchange.read").await.expect(200);
        let more = ask("exchange.read exchange.write").await.expect(400);
        let unknown = ask("admin").await.expect(400);

        assert_eq!(read.json["scope"], "exchange.read");
        assert_eq!((&more.json["error"], &unknown.json["error"]), (&json!("invalid_scope"), &json!("invalid_scope")));
    }

    async fn the_metadata_lead_to_the_keys(app: TestApp) {
        let metadata = app.get("/.well-known/oauth-authorization-server").await.expect(200);

        assert_eq!(metadata.json["issuer"], "http://ansinh.test");
        assert_eq!(metadata.json["token_endpoint"], "http://ansinh.test/oauth/token");
        assert_eq!(metadata.json["jwks_uri"], "http://ansinh.test/.well-known/jwks.json");
        let request = app.stranger().request(Method::GET, "/.well-known/oauth-authorization-server");
        Answer::of(request.header("if-none-match", metadata.header("etag"))).await.expect(304);
    }
}

/// A read, a push and a query, none of which a stranger may make.
fn doors() -> [(Method, &'static str, Value); 4] {
    [
        (Method::GET, "/v1/batches/01812345-0000-7000-8000-000000000000", Value::Null),
        (Method::POST, "/v1/loan-disbursements", json!({ "records": [{}] })),
        (Method::POST, "/v1/insurance-coverage/query", json!({ "personalIds": ["006080000001"] })),
        (Method::POST, "/graphql", json!({ "query": "{ viewer { clientId } }" })),
    ]
}

async fn register_key(app: &TestApp, name: &str, key: &SigningKey) {
    let jwk = json!({ "keys": [public_key(key)] });
    let new = NewClient {
        client_id: Some(name.to_owned()),
        name: name.to_owned(),
        role: Role::PolicyBank,
        unit: Some("063".to_owned()),
        scopes: Scope::ALL.to_vec(),
        jwks: Some(jwk),
    };
    let env = &app.app.env;
    clients::add(env.db.write(), &env.clock, &env.ids, new).await.unwrap();
}

fn public_key(key: &SigningKey) -> Value {
    let point = BASE64.encode(key.verifying_key().as_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "x": point, "kid": "k1", "alg": "EdDSA", "use": "sig" })
}

fn with_own_key(key: &SigningKey, header: &Value) -> Value {
    changed(header, "jwk", public_key(key))
}

fn assertion(key: &SigningKey, client_id: &str, jti: &str) -> String {
    let now = NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": "http://ansinh.test/oauth/token", "jti": jti, "iat": now,
        "exp": now + 60,
    });
    jws(key, &json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" }), &claims)
}

async fn assert(app: &TestApp, assertion: &str) -> Answer {
    let fields = [GRANT, ("client_assertion_type", ASSERTION), ("client_assertion", assertion)];
    Answer::of(form(Client::new(&app.base, "", "").request(Method::POST, "/oauth/token"), &fields)).await
}

fn jws(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let signature = BASE64.encode(key.sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}

fn encoded(json: &Value) -> String {
    BASE64.encode(json.to_string())
}

fn part(token: &str, place: usize) -> Value {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(place).unwrap()).unwrap()).unwrap()
}

fn changed(object: &Value, member: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[member] = value;
    object
}
