//! Tokens of another issuer, whose keys come from a server on this machine.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::{Value, json};

use super::{
    TrustedIssuer,
    testing::{Bench, ForeignKey, ISSUER, START},
};
use crate::{
    access::{Area, Role, Scope},
    error::Class,
};

const OTHER: &str = "https://sso.bo.test/realms/ansinh";

/// The key set of a ministry.
struct Ministry {
    set: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
    address: String,
}

impl Ministry {
    async fn open(set: Value) -> Self {
        let (set, asked) = (Arc::new(Mutex::new(Some(set))), Arc::new(AtomicUsize::new(0)));
        let (shown, counter) = (Arc::clone(&set), Arc::clone(&asked));
        let answer = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let shown = shown.lock().unwrap().clone();
            async move { shown.map_or(StatusCode::BAD_GATEWAY.into_response(), |set| set.to_string().into_response()) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/certs", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/certs", get(answer))).await });
        Self { set, asked, address }
    }

    fn shows(&self, set: Option<Value>) {
        *self.set.lock().unwrap() = set;
    }

    async fn trusted(&self) -> Bench {
        let mut issuer = TrustedIssuer::new(OTHER, &self.address, "ansinh-api");
        issuer.role_claim = "realm_access.roles".to_owned();
        issuer.unit_claim = Some("https://bo.test/unit".to_owned());
        issuer.client_claim = "azp".to_owned();
        issuer.roles = [("so-y-te", Role::Health), ("so-ldtbxh", Role::Labour)].map(|(a, b)| (a.to_owned(), b)).into();
        Bench::with(|config| config.issuers = vec![issuer]).await
    }
}

fn claims() -> Value {
    json!({
        "iss": OTHER, "aud": ["account", "ansinh-api"], "sub": "7f1c", "azp": "his", "iat": START, "exp": START + 300,
        "realm_access": {"roles": ["offline_access", "so-y-te"]}, "https://bo.test/unit": "01234",
        "scope": "openid profile exchange.read",
    })
}

fn header(kid: &str) -> Value {
    json!({"alg": "EdDSA", "typ": "JWT", "kid": kid})
}

#[tokio::test]
async fn a_mapped_token_of_a_trusted_issuer_is_accepted() {
    let key = ForeignKey::new(5);
    let ministry = Ministry::open(json!({"keys": [{"kty": "EC", "crv": "weird"}, key.jwk("one")]})).await;
    let bench = ministry.trusted().await;
    let token = key.sign(&header("one"), &claims().to_string());

    let actor = bench.identity.authenticate(&token).await.unwrap();
    bench.identity.authenticate(&token).await.unwrap();

    assert_eq!(actor.client_id, format!("his@{OTHER}"));
    assert_eq!((actor.role, &actor.scopes[..]), (Role::Health, &[Scope::Read][..]));
    assert_eq!(actor.area, Area::Unit { id: bench.unit, code: "01234".to_owned() });
    assert_eq!(ministry.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn wrong_tokens_of_a_trusted_issuer_are_refused() {
    let key = ForeignKey::new(5);
    let ministry = Ministry::open(json!({"keys": [key.jwk("one")]})).await;
    let bench = ministry.trusted().await;
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        key.sign(&header("one"), &claims.to_string())
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        key.sign(&header("one"), &claims.to_string())
    };
    let cases = [
        ("our iss", changed("iss", json!(ISSUER))),
        ("unknown iss", changed("iss", json!("https://evil.test"))),
        ("other aud", changed("aud", json!("ansinh"))),
        ("no unit", without("https://bo.test/unit")),
        ("unknown unit", changed("https://bo.test/unit", json!("99999"))),
        ("unit with NUL", changed("https://bo.test/unit", json!("01\u{0}34"))),
        ("no role", without("realm_access")),
        ("role not mapped", changed("realm_access", json!({"roles": ["labour"]}))),
        ("two roles", changed("realm_access", json!({"roles": ["so-y-te", "so-ldtbxh"]}))),
        ("role as a number", changed("realm_access", json!({"roles": ["so-y-te", 1]}))),
        ("no client", without("azp")),
        ("no iat", without("iat")),
        ("no exp", without("exp")),
        ("expired", changed("exp", json!(START))),
        ("exp in ten years", changed("exp", json!(START + 315_360_000))),
        ("exp 1e300", changed("exp", json!(1e300))),
        ("iat tomorrow", changed("iat", json!(START + 200))),
        ("other key", ForeignKey::new(6).sign(&header("one"), &claims().to_string())),
        ("no kid", key.sign(&json!({"alg": "EdDSA", "typ": "JWT"}), &claims().to_string())),
        ("unknown kid", key.sign(&header("two"), &claims().to_string())),
        (
            "typ of an identity",
            key.sign(&json!({"alg": "EdDSA", "typ": "id+jwt", "kid": "one"}), &claims().to_string()),
        ),
        ("no typ", key.sign(&json!({"alg": "EdDSA", "kid": "one"}), &claims().to_string())),
        ("other alg", key.sign(&json!({"alg": "RS256", "typ": "JWT", "kid": "one"}), &claims().to_string())),
    ];
    for (case, token) in cases {
        let error = bench.identity.authenticate(&token).await.expect_err(case);
        assert_eq!(error.class(), Class::Unauthenticated, "{case}: {error}");
    }
}

#[tokio::test]
async fn a_new_key_of_the_issuer_is_fetched_and_made_up_ones_are_not_chased() {
    let (old, new) = (ForeignKey::new(5), ForeignKey::new(6));
    let ministry = Ministry::open(json!({"keys": [old.jwk("one")]})).await;
    let bench = ministry.trusted().await;
    let first = old.sign(&header("one"), &claims().to_string());
    bench.identity.authenticate(&first).await.unwrap();

    ministry.shows(Some(json!({"keys": [new.jwk("two")]})));
    bench.pass(11);
    bench.identity.authenticate(&new.sign(&header("two"), &claims().to_string())).await.unwrap();
    for number in 0..20 {
        let token = new.sign(&header(&format!("made-up-{number}")), &claims().to_string());
        assert_eq!(bench.identity.authenticate(&token).await.unwrap_err().class(), Class::Unauthenticated);
    }

    assert_eq!(ministry.asked.load(Ordering::Relaxed), 2);
    let withdrawn = bench.identity.authenticate(&first).await;
    assert_eq!(withdrawn.unwrap_err().class(), Class::Unauthenticated, "the key was withdrawn");
}

#[tokio::test]
async fn an_issuer_that_is_down_is_our_503_until_it_is_back_and_harms_no_known_key() {
    let key = ForeignKey::new(5);
    let ministry = Ministry::open(json!({"keys": [key.jwk("one")]})).await;
    ministry.shows(None);
    let bench = ministry.trusted().await;
    let token = |until: i64| {
        let mut claims = claims();
        claims["exp"] = json!(START + until);
        key.sign(&header("one"), &claims.to_string())
    };

    for _ in 0..5 {
        let error = bench.identity.authenticate(&token(300)).await.unwrap_err();
        assert_eq!((error.class(), error.status()), (Class::Unavailable, 503));
    }
    assert_eq!(ministry.asked.load(Ordering::Relaxed), 1);

    ministry.shows(Some(json!({"keys": [key.jwk("one")]})));
    bench.pass(11);
    bench.identity.authenticate(&token(300)).await.unwrap();
    ministry.shows(None);
    bench.pass(1200);
    bench.identity.authenticate(&token(7200)).await.unwrap();
    bench.pass(3600);
    assert_eq!(bench.identity.authenticate(&token(7200)).await.unwrap_err().class(), Class::Unavailable);
}
