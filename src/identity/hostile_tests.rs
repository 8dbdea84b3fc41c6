//! Tokens that somebody tampered with: each is refused with 401, none with a 500.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    jws::LARGEST,
    testing::{Bench, ForeignKey, ISSUER, START, part, unsigned},
    token,
};
use crate::error::{Class, Error};

/// Tokens signed with our own key, so that the signature is not what refuses them.
async fn signed(bench: &Bench, kind: &str, claims: &str) -> String {
    let key = bench.identity.0.ring.signer().await.unwrap();
    token::sign(&key, kind, claims.as_bytes()).unwrap()
}

async fn good_claims(bench: &Bench) -> Value {
    part(&bench.identity.issue(&bench.actor()).await.unwrap().token, 1)
}

async fn refusal(bench: &Bench, case: &str, token: &str) -> String {
    let error: Error = match bench.identity.authenticate(token).await {
        Ok(actor) => panic!("{case} was accepted as {actor:?}"),
        Err(error) => error,
    };
    assert_eq!((error.class(), error.status()), (Class::Unauthenticated, 401), "{case}: {error}");
    error.to_string()
}

#[tokio::test]
async fn a_good_token_names_its_client_again_and_again() {
    let bench = Bench::start().await;
    let token = bench.identity.issue(&bench.actor()).await.unwrap();

    let first = bench.identity.authenticate(&token.token).await.unwrap();
    let before = bench.db.statements();
    let second = bench.identity.authenticate(&token.token).await.unwrap();

    assert_eq!((&*first, &*second), (&bench.actor(), &bench.actor()));
    assert_eq!(bench.db.statements(), before, "the second time costs no statement");
    assert_eq!(part(&token.token, 0)["typ"], "at+jwt");
    let claims = good_claims(&bench).await;
    assert_eq!(claims["aud"], "ansinh");
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(START), &json!(START + 900)));
    assert_eq!((&claims["unit"], &claims["unit_id"]), (&json!("01234"), &json!(bench.unit)));
}

#[tokio::test]
async fn variants_that_the_standards_allow_are_accepted() {
    let bench = Bench::start().await;
    let good = good_claims(&bench).await;

    let mut listed = good.clone();
    listed["aud"] = json!(["other", "ansinh"]);
    for token in [
        signed(&bench, "application/at+jwt", &good.to_string()).await,
        signed(&bench, "AT+JWT", &good.to_string()).await,
        signed(&bench, "at+jwt", &listed.to_string()).await,
    ] {
        bench.identity.authenticate(&token).await.unwrap();
    }
}

#[tokio::test]
async fn wrong_claims_are_refused_though_our_key_signed_them() {
    let bench = Bench::start().await;
    let good = good_claims(&bench).await;
    let mut cases: Vec<(String, String)> = Vec::new();

    for name in ["iss", "aud", "sub", "client_id", "iat", "nbf", "exp", "jti", "role", "scope", "unit", "unit_id"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        cases.push((format!("without {name}"), claims.to_string()));
        for wrong in ["null", "{}", "[]", "true", "\"\"", "1.5", "[1]", "\"a\\u0000b\""] {
            let mut claims = good.clone();
            claims[name] = wrong.parse().unwrap();
            cases.push((format!("{name} = {wrong}"), claims.to_string()));
        }
        let twice = good.to_string().replacen('{', &format!("{{\"{name}\":{},", good[name]), 1);
        cases.push((format!("{name} twice"), twice));
    }
    let texts = [
        ("exp", "1e300"),
        ("exp", "1800000900.0"),
        ("exp", "1800000900.5"),
        ("exp", "-1"),
        ("exp", "\"1800000900\""),
        ("exp", "18446744073709551615"),
        ("exp", "9223372036854775807"),
        ("exp", "1799999999"),
        ("exp", "1800000000"),
        ("exp", "1800086400"),
        ("exp", "253402300799"),
        ("iat", "1800086400"),
        ("iat", "1800000031"),
        ("iat", "1e9"),
        ("iat", "-5"),
        ("iat", "0"),
        ("nbf", "1800000031"),
        ("nbf", "1e300"),
        ("nbf", "-1"),
        ("iss", "\"https://ansinh.test/\""),
        ("iss", "\"https://evil.test\""),
        ("iss", "[\"https://ansinh.test\"]"),
        ("aud", "\"other\""),
        ("aud", "[\"other\"]"),
        ("aud", "[\"ansinh\",7]"),
        ("aud", "{\"ansinh\":1}"),
        ("aud", "\"ansinh2\""),
        ("role", "\"root\""),
        ("role", "\"Labour\""),
        ("role", "{\"name\":\"labour\"}"),
        ("role", "[\"labour\"]"),
        ("role", "\"labour health\""),
        ("role", "1"),
        ("scope", "\"exchange.admin\""),
        ("scope", "[\"exchange.read\"]"),
        ("scope", "\"exchange.read exchange.read\""),
        ("scope", "\"exchange.read \""),
        ("sub", "\"somebody-else\""),
        ("unit", "\"99999\""),
        ("unit", "\"1\""),
        ("unit", "\"0123a\""),
        ("unit", "1234"),
        ("unit", "\"01234' or 1=1 --\""),
        ("unit_id", "\"01234\""),
        ("unit_id", "\"00000000-0000-0000-0000-000000000000\""),
        ("jti", "7"),
    ];
    for (name, wrong) in texts {
        let own = good[name].to_string();
        let claims = good.to_string().replace(&format!("\"{name}\":{own}"), &format!("\"{name}\":{wrong}"));
        assert_ne!(claims, good.to_string());
        cases.push((format!("{name} = {wrong}"), claims));
    }
    cases.push(("payload of null".to_owned(), "null".to_owned()));
    cases.push(("payload of a list".to_owned(), "[]".to_owned()));
    cases.push(("payload with more after it".to_owned(), format!("{good} {{}}")));
    cases.push(("payload nested deeply".to_owned(), format!("{}1{}", "[".repeat(2000), "]".repeat(2000))));

    for (case, claims) in cases {
        let reason = refusal(&bench, &case, &signed(&bench, "at+jwt", &claims).await).await;
        assert!(reason.len() < 120 && !reason.contains("1800000"), "{case}: {reason}");
    }
}

#[tokio::test]
async fn wrong_headers_and_signatures_are_refused() {
    let bench = Bench::start().await;
    let token = bench.identity.issue(&bench.actor()).await.unwrap().token;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let [h, p, s] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let foreign = ForeignKey::new(9);
    let with = |name: &str, value: Value| {
        let mut changed = header.clone();
        changed[name] = value;
        encoded(&changed)
    };
    let mut admin = claims.clone();
    admin["role"] = json!("labour");
    let mut flipped = s.to_owned();
    flipped.replace_range(10..11, if &s[10..11] == "A" { "B" } else { "A" });
    let public = bench.identity.published_keys().await.unwrap()[0].clone();
    let hs256 = {
        let mut changed = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        changed.typ = Some("at+jwt".to_owned());
        changed.kid = header["kid"].as_str().map(str::to_owned);
        let secret = BASE64_URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
        jsonwebtoken::encode(&changed, &claims, &jsonwebtoken::EncodingKey::from_secret(&secret)).unwrap()
    };
    let cases = [
        ("empty", String::new()),
        ("one part", h.to_owned()),
        ("two parts", format!("{h}.{p}")),
        ("no signature", format!("{h}.{p}.")),
        ("four parts", format!("{token}.{s}")),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("truncated", token[..token.len() - 4].to_owned()),
        ("trailing garbage", format!("{token}AAAA")),
        ("trailing space", format!("{token} ")),
        ("padding", format!("{token}==")),
        ("not base64", format!("{h}.{p}.!!!!")),
        ("not ASCII", format!("{h}.{p}.đđđđ")),
        ("too large", format!("{h}.{}.{s}", "A".repeat(LARGEST))),
        ("changed signature", format!("{h}.{p}.{flipped}")),
        ("changed payload", format!("{h}.{}.{s}", encoded(&admin))),
        ("signature of other length", format!("{h}.{p}.{}", BASE64_URL_SAFE_NO_PAD.encode([1; 63]))),
        ("alg none", format!("{}.{p}.", with("alg", json!("none")))),
        ("alg none with signature", format!("{}.{p}.{s}", with("alg", json!("none")))),
        ("alg None", format!("{}.{p}.{s}", with("alg", json!("None")))),
        ("alg ES256", format!("{}.{p}.{s}", with("alg", json!("ES256")))),
        ("alg RS256", format!("{}.{p}.{s}", with("alg", json!("RS256")))),
        ("alg list", format!("{}.{p}.{s}", with("alg", json!(["EdDSA"])))),
        ("HS256 with the public key", hs256),
        ("crit", format!("{}.{p}.{s}", with("crit", json!(["exp"])))),
        ("header of null", format!("{}.{p}.{s}", encoded(&Value::Null))),
        ("header member twice", format!("{}.{s}", unsigned(r#"{"alg":"EdDSA","alg":"EdDSA"}"#, &claims.to_string()))),
        ("unknown kid", foreign.sign(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "x"}), &claims.to_string())),
        ("no kid", foreign.sign(&json!({"alg": "EdDSA", "typ": "at+jwt"}), &claims.to_string())),
        ("our kid, other key", foreign.sign(&header, &claims.to_string())),
        (
            "key in the header",
            foreign.sign(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "x", "jwk": foreign.jwk("x")}),
                &claims.to_string(),
            ),
        ),
        ("typ JWT", signed(&bench, "JWT", &claims.to_string()).await),
        ("typ of a receipt", signed(&bench, "receipt+jwt", &claims.to_string()).await),
    ];
    for (case, token) in cases {
        refusal(&bench, case, &token).await;
    }
    for end in (0..token.len()).step_by(7) {
        refusal(&bench, "cut", &token[..end]).await;
    }
}

#[tokio::test]
async fn a_token_without_type_or_after_its_end_is_refused_even_when_it_was_used_before() {
    let bench = Bench::start().await;
    let token = bench.identity.issue(&bench.actor()).await.unwrap().token;
    bench.identity.authenticate(&token).await.unwrap();

    bench.pass(899);
    bench.identity.authenticate(&token).await.unwrap();
    bench.pass(1);
    assert!(refusal(&bench, "expired", &token).await.contains("expired"));

    bench.pass(-1000);
    assert!(refusal(&bench, "of the future", &token).await.contains("not valid yet"));
    assert_eq!(part(&token, 1)["iss"], ISSUER);
}
