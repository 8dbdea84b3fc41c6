//! Keys from the first start through rotations, and clients from registration to revocation.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::{agency_client, signing_key};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{
    Identity, PUBLISHED_BEFORE, SealingKey, SigningAlgorithm,
    clients::{self, NewClient},
    grant::{Proof, Refusal},
    testing::{Bench, ForeignKey, bank, part},
};
use crate::error::Class;

async fn kid(identity: &Identity, bench: &Bench) -> String {
    let token = identity.issue(&bench.actor()).await.unwrap().token;
    part(&token, 0)["kid"].as_str().unwrap().to_owned()
}

fn secret(client_id: &str, secret: &str) -> Proof {
    Proof::Secret { client_id: client_id.to_owned(), secret: secret.to_owned() }
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_key() {
    let bench = Bench::start().await;
    signing_key::Entity::delete_many().exec(bench.db.write()).await.unwrap();
    let replicas: Vec<_> = (0..6).map(|_| bench.replica()).collect();

    let started = futures_util::future::join_all(replicas.iter().map(Identity::prepare)).await;

    assert!(started.iter().all(Result::is_ok));
    assert_eq!(signing_key::Entity::find().count(bench.db.read()).await.unwrap(), 1);
    let kids: HashSet<_> =
        futures_util::future::join_all(replicas.iter().map(|one| kid(one, &bench))).await.into_iter().collect();
    assert_eq!(kids.len(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_published_first_and_the_old_one_leaves_after_its_last_token() {
    let bench = Bench::start().await;
    let other = bench.replica();
    other.prepare().await.unwrap();
    let old = kid(&bench.identity, &bench).await;

    let rotated = bench.identity.rotate_keys(PUBLISHED_BEFORE).await.unwrap();
    assert_eq!(kid(&bench.identity, &bench).await, old);
    assert_eq!(bench.identity.published_keys().await.unwrap().len(), 2);

    // The other replica learns of it by age, before the key signs.
    bench.pass(61);
    let published = other.published_keys().await.unwrap();
    assert!(published.iter().any(|key| key["kid"] == json!(rotated.kid)), "{published:?}");
    assert!(published.iter().all(|key| key.get("d").is_none()));

    bench.pass(300 - 62);
    let last = other.issue(&bench.actor()).await.unwrap().token;
    assert_eq!(part(&last, 0)["kid"], json!(old));
    bench.pass(1);
    assert_eq!(kid(&other, &bench).await, rotated.kid);
    assert_eq!(kid(&bench.identity, &bench).await, rotated.kid);

    bench.pass(898);
    bench.identity.authenticate(&last).await.unwrap();
    other.authenticate(&last).await.unwrap();
    bench.pass(62);
    assert_eq!(bench.identity.published_keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_of_a_key_made_now_is_accepted_by_another_replica_at_once() {
    let bench = Bench::start().await;
    let other = bench.replica();
    other.prepare().await.unwrap();
    bench.pass(3);

    let rotated = bench.identity.rotate_keys(TimeDelta::zero()).await.unwrap();
    let token = bench.identity.issue(&bench.actor()).await.unwrap().token;

    assert_eq!(part(&token, 0)["kid"], json!(rotated.kid));
    other.authenticate(&token).await.unwrap();
}

#[tokio::test]
async fn made_up_keys_do_not_become_a_load_on_the_database() {
    let bench = Bench::start().await;
    bench.pass(3);
    let foreign = ForeignKey::new(3);
    let before = bench.db.statements();

    for number in 0..50 {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": format!("k{number}")});
        let refused = bench.identity.authenticate(&foreign.sign(&header, r#"{"iss":"https://ansinh.test"}"#)).await;
        assert_eq!(refused.unwrap_err().class(), Class::Unauthenticated);
    }

    // One reading of keys and revocations.
    assert_eq!(bench.db.statements() - before, 2);
}

#[tokio::test]
async fn another_sealing_key_is_noticed_at_the_start() {
    let bench = Bench::start().await;
    let mut config = bench.identity.config().clone();
    config.sealing_key = SealingKey::new([1; 32]);
    let stranger = Identity::new(config, bench.db.clone(), bench.clock.clone(), bench.ids.clone()).unwrap();

    assert_eq!(stranger.prepare().await.unwrap_err().class(), Class::Unavailable);
    assert!(stranger.ready().await.is_err());
    bench.identity.ready().await.unwrap();
}

#[tokio::test]
async fn es256_signs_and_verifies_as_well() {
    let bench = Bench::with(|config| config.algorithm = SigningAlgorithm::Es256).await;
    let token = bench.identity.issue(&bench.actor()).await.unwrap().token;
    assert_eq!(part(&token, 0)["alg"], "ES256");
    assert_eq!(*bench.identity.authenticate(&token).await.unwrap(), bench.actor());
}

#[tokio::test]
async fn a_secret_is_stored_as_its_hash_and_works_until_it_is_rotated_out_or_revoked() {
    let bench = Bench::start().await;
    let first = bench.bank().await;
    let stored = agency_client::Entity::find().one(bench.db.read()).await.unwrap().unwrap();
    assert!(first.starts_with("ans_") && first.len() == 47);
    assert_eq!(stored.secret_hash.unwrap().len(), 32);
    assert_eq!(stored.unit_id, Some(bench.unit), "the latest unit with that code");

    let grant = async |with: &str| bench.identity.grant(&secret("vbsp-test", with), None).await;
    grant(&first).await.unwrap();
    let rotated = clients::rotate(bench.db.write(), &bench.clock, "vbsp-test", TimeDelta::hours(1)).await.unwrap();
    let second = rotated.secret.unwrap();
    grant(&first).await.unwrap();
    grant(&second).await.unwrap();
    bench.pass(3600);
    assert!(matches!(grant(&first).await, Err(Refusal::InvalidClient)));
    grant(&second).await.unwrap();

    clients::revoke(bench.db.write(), &bench.clock, "vbsp-test").await.unwrap();
    clients::revoke(bench.db.write(), &bench.clock, "vbsp-test").await.unwrap();
    assert!(matches!(grant(&second).await, Err(Refusal::InvalidClient)));
    let again = clients::rotate(bench.db.write(), &bench.clock, "vbsp-test", TimeDelta::zero()).await;
    assert_eq!(again.unwrap_err().class(), Class::Conflict);
    assert_eq!(clients::list(bench.db.read()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_unfit_registration_says_which_field_is_wrong() {
    let bench = Bench::start().await;
    let key = ForeignKey::new(1).jwk("a");
    let mut private = key.clone();
    private["d"] = json!("AAAA");
    let cases: [(&str, NewClient); 8] = [
        ("clientId", NewClient { client_id: Some("A b".to_owned()), ..bank() }),
        ("clientId", NewClient { client_id: Some("x@y".to_owned()), ..bank() }),
        ("name", NewClient { name: " ".to_owned(), ..bank() }),
        ("scopes", NewClient { scopes: vec![], ..bank() }),
        ("unit", NewClient { unit: Some("99999".to_owned()), ..bank() }),
        ("unit", NewClient { unit: Some("1' or '1'='1".to_owned()), ..bank() }),
        ("jwks", NewClient { jwks: Some(json!({"keys": [private]})), ..bank() }),
        ("jwks", NewClient { jwks: Some(json!({"keys": []})), ..bank() }),
    ];
    for (field, new) in cases {
        let refused = clients::add(bench.db.write(), &bench.clock, &bench.ids, new).await.unwrap_err();
        assert_eq!(refused.faults()[0].field.as_deref(), Some(field));
    }

    bench.bank().await;
    let twice = clients::add(bench.db.write(), &bench.clock, &bench.ids, bank()).await.unwrap_err();
    assert_eq!(twice.class(), Class::Conflict);
    let unnamed = NewClient { client_id: None, name: "Sở Y tế Bắc Kạn".to_owned(), ..bank() };
    let made = clients::add(bench.db.write(), &bench.clock, &bench.ids, unnamed).await.unwrap();
    assert_eq!(made.client.client_id, "so-y-te-bac-kan");
}
