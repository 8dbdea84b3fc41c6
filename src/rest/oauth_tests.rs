//! The token endpoint and its documents, asked over the router.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::FromRef,
    http::{HeaderMap, Request, StatusCode, header},
    middleware,
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{authenticate, context::RequestContext, oauth};
use crate::{
    access::Caller,
    identity::{
        Identity, assertion,
        clients::{self, NewClient},
        testing::{Bench, ForeignKey, ISSUER, START, bank, part},
    },
};

#[derive(Clone)]
struct App(Identity);

impl FromRef<App> for Identity {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or_default())
    }
}

async fn ask(bench: &Bench, request: Request<Body>) -> Answer {
    let whoami = |caller: Caller| async move { format!("{:?}", caller.actor.client_id) };
    let inside = Router::new()
        .route("/whoami", get(whoami))
        .route_layer(middleware::from_fn_with_state(bench.identity.clone(), authenticate::authenticate));
    let (open, _) = oauth::router::<App>().split_for_parts();
    let router = open.merge(inside).route("/extracted", get(whoami)).with_state(App(bench.identity.clone()));
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn post(bench: &Bench, authorization: Option<&str>, form: &str) -> Answer {
    let mut request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    ask(bench, request.body(Body::from(form.to_owned())).unwrap()).await
}

async fn fetch(bench: &Bench, path: &str, name: &str, value: &str) -> Answer {
    ask(bench, Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
}

fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client_id}:{secret}")))
}

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn the_log_names_the_client_whether_or_not_it_proves_itself() {
    let bench = Bench::start().await;
    let secret = bench.bank().await;
    let assertion = ForeignKey::new(1).sign(&json!({"alg": "EdDSA"}), r#"{"iss":"vbsp-test"}"#);
    let by_key = format!("{GRANT}&client_assertion_type={}&client_assertion={assertion}", assertion::TYPE);
    let pasted = format!("{GRANT}&client_id={secret}&client_secret=vbsp-test");

    for (form, named) in [
        (format!("{GRANT}&client_id=vbsp-test&client_secret={secret}"), Some("vbsp-test")),
        (format!("{GRANT}&client_id=vbsp-test&client_secret=wrong"), Some("vbsp-test")),
        (by_key, Some("vbsp-test")),
        (pasted, None),
        (GRANT.to_owned(), None),
    ] {
        let context = RequestContext::internal();
        let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        ask(&bench, request.extension(context.clone()).body(Body::from(form)).unwrap()).await;
        assert_eq!(context.client(), named);
    }
}

#[tokio::test]
async fn a_secret_gets_a_token_by_header_and_by_form() {
    let bench = Bench::start().await;
    let secret = bench.bank().await;
    let encoded: String = secret.replace('_', "%5F").replace('a', "%61");
    let form = format!("{GRANT}&client_id=vbsp-test&client_secret={secret}");

    for answer in [
        post(&bench, Some(&basic("vbsp-test", &secret)), GRANT).await,
        post(&bench, Some(&basic("vbsp-test", &encoded).replace("Basic", "basic")), GRANT).await,
        post(&bench, Some(&basic("vbsp-test", &secret)), &format!("{GRANT}&client_id=vbsp-test&scope=")).await,
        post(&bench, None, &form).await,
    ] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(answer.body["scope"], "exchange.read exchange.write");
        let actor = bench.identity.authenticate(answer.body["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!(*actor, bench.actor());
    }

    let narrowed = post(&bench, None, &format!("{form}&scope=exchange.read")).await;
    assert_eq!(narrowed.body["scope"], "exchange.read");
    assert_eq!(part(narrowed.body["access_token"].as_str().unwrap(), 1)["scope"], "exchange.read");
}

#[tokio::test]
async fn a_wrong_request_is_answered_as_the_standard_says() {
    let bench = Bench::start().await;
    let secret = bench.bank().await;
    let good = basic("vbsp-test", &secret);
    let post_form = format!("client_id=vbsp-test&client_secret={secret}");
    let cases = [
        (Some(good.as_str()), "", (400, "invalid_request")),
        (Some(&good), "grant_type=password", (400, "unsupported_grant_type")),
        (Some(&good), "grant_type=client_credentials&grant_type=client_credentials", (400, "invalid_request")),
        (Some(&good), &format!("{GRANT}&scope=exchange.admin"), (400, "invalid_scope")),
        (Some(&good), &format!("{GRANT}&scope=exchange.read++exchange.write"), (400, "invalid_scope")),
        (Some(&good), &format!("{GRANT}&{post_form}"), (400, "invalid_request")),
        (Some(&good), &format!("{GRANT}&client_id=another"), (400, "invalid_request")),
        (None, &format!("{GRANT}&{post_form}&client_assertion=x"), (400, "invalid_request")),
        (None, &format!("{GRANT}&client_assertion=x"), (400, "invalid_request")),
        (None, GRANT, (401, "invalid_client")),
        (None, &format!("{GRANT}&client_id=vbsp-test"), (401, "invalid_client")),
        (Some("Bearer abc"), GRANT, (401, "invalid_client")),
        (Some("Basic"), GRANT, (401, "invalid_client")),
        (Some("Basic !!!"), GRANT, (401, "invalid_client")),
        (Some(&basic("vbsp-test", "wrong")), GRANT, (401, "invalid_client")),
        (Some(&basic("nobody", &secret)), GRANT, (401, "invalid_client")),
        (Some(&basic("a%00b", "%FF%FE")), GRANT, (401, "invalid_client")),
        (None, &format!("{GRANT}&client_id=%00%00%00&client_secret=%ff"), (401, "invalid_client")),
    ];
    for (authorization, form, expected) in cases {
        let answer = post(&bench, authorization, form).await;
        assert_eq!(answer.error(), expected, "{authorization:?} {form}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE).starts_with("Basic "), expected.0 == 401);
    }

    let json = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
    let answer = ask(&bench, json.body(Body::from(r#"{"grant_type":"client_credentials"}"#)).unwrap()).await;
    assert_eq!(answer.error(), (400, "invalid_request"));
    let large = post(&bench, Some(&good), &format!("{GRANT}&x={}", "y".repeat(40_000))).await;
    assert_eq!(large.error(), (413, "invalid_request"));
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_answer_alike() {
    let bench = Bench::start().await;
    let secret = bench.bank().await;
    let wrong = post(&bench, Some(&basic("vbsp-test", "wrong")), GRANT).await;
    let before = bench.db.statements();
    let unknown = post(&bench, Some(&basic("vbsp-none", &secret)), GRANT).await;

    assert_eq!((wrong.status, &wrong.body, &wrong.headers), (unknown.status, &unknown.body, &unknown.headers));
    assert_eq!(bench.db.statements() - before, 1);
}

#[tokio::test]
async fn many_failures_are_slowed_and_the_right_secret_still_passes() {
    let bench = Bench::start().await;
    let secret = bench.bank().await;
    for _ in 0..10 {
        assert_eq!(post(&bench, Some(&basic("vbsp-test", "wrong")), GRANT).await.status, StatusCode::UNAUTHORIZED);
    }
    let slowed = post(&bench, Some(&basic("vbsp-test", "wrong")), GRANT).await;
    assert_eq!((slowed.status.as_u16(), slowed.header(header::RETRY_AFTER)), (429, "6"));
    assert_eq!(post(&bench, Some(&basic("vbsp-test", &secret)), GRANT).await.status, StatusCode::OK);
}

fn assertion_of(key: &ForeignKey, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": "his-test", "sub": "his-test", "aud": format!("{ISSUER}/oauth/token"),
        "exp": START + 300, "iat": START, "jti": "one",
    });
    change(&mut claims);
    key.sign(&json!({"alg": "EdDSA", "kid": "k1"}), &claims.to_string())
}

async fn assert_with(bench: &Bench, assertion: &str, more: &str) -> Answer {
    let kind = assertion::TYPE.replace(':', "%3A");
    let form = format!("{GRANT}&client_assertion_type={kind}&client_assertion={assertion}{more}");
    post(bench, None, &form).await
}

#[tokio::test]
async fn a_signed_assertion_gets_one_token() {
    let bench = Bench::start().await;
    let key = ForeignKey::new(8);
    let his = NewClient {
        client_id: Some("his-test".to_owned()),
        jwks: Some(json!({"keys": [key.jwk("k1"), ForeignKey::new(9).jwk("k2")]})),
        ..bank()
    };
    assert_eq!(clients::add(bench.db.write(), &bench.clock, &bench.ids, his).await.unwrap().secret, None);
    let good = assertion_of(&key, |_| {});

    let wrong = [
        ("other audience", assertion_of(&key, |claims| claims["aud"] = json!("https://other.test"))),
        ("other subject", assertion_of(&key, |claims| claims["sub"] = json!("vbsp-test"))),
        (
            "unknown client",
            assertion_of(&key, |claims| {
                claims["iss"] = json!("nobody-here");
                claims["sub"] = json!("nobody-here");
            }),
        ),
        ("no jti", assertion_of(&key, |claims| drop(claims.as_object_mut().unwrap().remove("jti")))),
        ("no exp", assertion_of(&key, |claims| drop(claims.as_object_mut().unwrap().remove("exp")))),
        ("expired", assertion_of(&key, |claims| claims["exp"] = json!(START))),
        ("an hour long", assertion_of(&key, |claims| claims["exp"] = json!(START + 3600))),
        ("exp 1e300", assertion_of(&key, |claims| claims["exp"] = json!(1e300))),
        ("iat tomorrow", assertion_of(&key, |claims| claims["iat"] = json!(START + 86_400))),
        ("other key", assertion_of(&ForeignKey::new(7), |_| {})),
        ("other key of the set", assertion_of(&ForeignKey::new(9), |_| {})),
        ("garbage", "a.b.c".to_owned()),
    ];
    for (case, assertion) in wrong {
        assert_eq!(assert_with(&bench, &assertion, "").await.error(), (401, "invalid_client"), "{case}");
    }
    assert_eq!(assert_with(&bench, &good, "&client_id=vbsp-test").await.error(), (401, "invalid_client"));

    let given = assert_with(&bench, &good, "&client_id=his-test").await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    assert_ne!(assert_with(&bench, &good, "").await.status, StatusCode::OK, "used before");

    let at_issuer = assertion_of(&key, |claims| {
        claims["aud"] = json!([ISSUER]);
        claims["jti"] = json!("two");
    });
    assert_eq!(assert_with(&bench, &at_issuer, "").await.status, StatusCode::OK);
    bench.pass(600);
    let later = assertion_of(&key, |claims| claims["exp"] = json!(START + 900));
    assert_eq!(assert_with(&bench, &later, "").await.status, StatusCode::OK, "jti is free again after its end");
    assert_eq!(entity::used_assertion::Entity::find().count(bench.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn an_assertion_sent_to_many_replicas_at_once_is_used_once() {
    let bench = Bench::start().await;
    let key = ForeignKey::new(8);
    let jwks = Some(json!({"keys": [key.jwk("k1")]}));
    let his = NewClient { client_id: Some("his-test".to_owned()), jwks, ..bank() };
    clients::add(bench.db.write(), &bench.clock, &bench.ids, his).await.unwrap();
    let assertion = assertion_of(&key, |_| {});

    let answers = futures_util::future::join_all((0..8).map(|_| assert_with(&bench, &assertion, ""))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn the_published_keys_carry_an_etag_that_changes_with_a_rotation() {
    let bench = Bench::start().await;
    let first = fetch(&bench, "/.well-known/jwks.json", "accept", "*/*").await;
    let tag = first.header(header::ETAG).to_owned();
    assert_eq!(first.header(header::CACHE_CONTROL), "public, max-age=300");
    let key = first.body["keys"][0].as_object().unwrap();
    assert_eq!(key.keys().map(String::as_str).collect::<Vec<_>>(), ["alg", "crv", "kid", "kty", "use", "x"]);

    for held in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let again = fetch(&bench, "/.well-known/jwks.json", "if-none-match", &held).await;
        assert_eq!((again.status, again.header(header::ETAG)), (StatusCode::NOT_MODIFIED, tag.as_str()));
    }
    bench.identity.rotate_keys(TimeDelta::minutes(5)).await.unwrap();
    let rotated = fetch(&bench, "/.well-known/jwks.json", "if-none-match", &tag).await;
    assert_eq!((rotated.status, rotated.body["keys"].as_array().unwrap().len()), (StatusCode::OK, 2));
}

#[tokio::test]
async fn the_metadata_names_what_is_there() {
    let bench = Bench::start().await;
    let answer = fetch(&bench, "/.well-known/oauth-authorization-server", "accept", "*/*").await;
    assert_eq!(answer.body["issuer"], ISSUER);
    assert_eq!(answer.body["token_endpoint"], format!("{ISSUER}/oauth/token"));
    assert_eq!(answer.body["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
    assert_eq!(answer.body["scopes_supported"], json!(["exchange.read", "exchange.write"]));
    assert_eq!(answer.body["grant_types_supported"], json!(["client_credentials"]));
}

#[tokio::test]
async fn a_bearer_becomes_a_caller_and_everyone_else_is_asked_for_one() {
    let bench = Bench::start().await;
    let token = bench.identity.issue(&bench.actor()).await.unwrap().token;
    for path in ["/whoami", "/extracted"] {
        for good in [format!("Bearer {token}"), format!("bearer {token}")] {
            let answer = fetch(&bench, path, "authorization", &good).await;
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &json!("vbsp-test")));
        }
        for wrong in ["Bearer", "Bearer ", "Bearer a b", "Basic abc", "Bearer đ", &format!("Bearer {token}x")] {
            let answer = fetch(&bench, path, "authorization", wrong).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
            assert!(answer.header(header::WWW_AUTHENTICATE).contains("invalid_token"));
            assert_eq!(answer.body["code"], "UNAUTHENTICATED");
        }
        let silent = fetch(&bench, path, "accept", "*/*").await;
        assert_eq!((silent.status.as_u16(), silent.header("www-authenticate")), (401, "Bearer realm=\"ansinh\""));
    }
}
