//! What the tests of identity share: a database with one unit, a clock that can be set, tokens made by hand.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate};
use entity::{administrative_unit, codes::UnitLevel};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Identity, IdentityConfig, SealingKey, clients, clients::NewClient};
use crate::{
    access::{Actor, Area, Role, Scope},
    clock::{Clock, Ids},
    db::Db,
};

/// `iss` in tests.
pub(crate) const ISSUER: &str = "https://ansinh.test";

/// Start of the test clock.
pub(crate) const START: i64 = 1_800_000_000;

/// One identity over a database of its own.
pub(crate) struct Bench {
    pub(crate) identity: Identity,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) unit: Uuid,
    seconds: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

impl Bench {
    /// An identity that is ready.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// An identity that is ready, with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut IdentityConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite://{}", dir.path().join("test.db").display()), 4).await.unwrap();
        db.migrate().await.unwrap();
        let seconds = Arc::new(AtomicI64::new(START));
        let shown = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || DateTime::from_timestamp(shown.load(Ordering::Relaxed), 0).unwrap());
        let ids = Ids::random(clock.clone());
        let mut config = config();
        change(&mut config);
        let identity = Identity::new(config, db.clone(), clock.clone(), ids.clone()).unwrap();
        identity.prepare().await.unwrap();
        let unit = ids.next();
        let bench = Self { identity, db, clock, ids, unit, seconds, _dir: dir };
        bench.unit(bench.ids.next(), "01234", 1900).await;
        bench.unit(unit, "01234", 2025).await;
        bench
    }

    /// Another replica on the same database.
    pub(crate) fn replica(&self) -> Identity {
        let config = self.identity.config().clone();
        Identity::new(config, self.db.clone(), self.clock.clone(), self.ids.clone()).unwrap()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn unit(&self, id: Uuid, code: &str, year: i32) {
        administrative_unit::ActiveModel {
            id: Set(id),
            level: Set(UnitLevel::Commune),
            code: Set(code.to_owned()),
            name: Set("Xã Thử".to_owned()),
            name_folded: Set("xa thu".to_owned()),
            kind: Set("xã".to_owned()),
            parent_id: Set(None),
            valid_from: Set(NaiveDate::from_ymd_opt(year, 1, 1).unwrap()),
            valid_to: Set(None),
        }
        .insert(self.db.write())
        .await
        .unwrap();
    }

    /// A bank's client for the test unit, and its secret.
    pub(crate) async fn bank(&self) -> String {
        let credentials = clients::add(self.db.write(), &self.clock, &self.ids, bank()).await.unwrap();
        credentials.secret.unwrap()
    }

    /// The bank as an actor.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            client_id: "vbsp-test".to_owned(),
            role: Role::PolicyBank,
            area: Area::Unit { id: self.unit, code: "01234".to_owned() },
            scopes: vec![Scope::Read, Scope::Write],
        }
    }
}

/// Settings for tests.
pub(crate) fn config() -> IdentityConfig {
    IdentityConfig::new(ISSUER, SealingKey::new([42; 32]))
}

/// A bank's client.
pub(crate) fn bank() -> NewClient {
    NewClient {
        client_id: Some("vbsp-test".to_owned()),
        name: "NHCSXH Thử".to_owned(),
        role: Role::PolicyBank,
        unit: Some("01234".to_owned()),
        scopes: vec![Scope::Read, Scope::Write],
        jwks: None,
    }
}

/// A key of somebody who is not us, and its public half.
pub(crate) struct ForeignKey(ed25519_dalek::SigningKey);

impl ForeignKey {
    pub(crate) fn new(seed: u8) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"})
    }

    /// A token with any header and claims, signed by this key.
    pub(crate) fn sign(&self, header: &Value, claims: &str) -> String {
        use ed25519_dalek::Signer;
        let message = unsigned(&header.to_string(), claims);
        let signature = self.0.sign(message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// Header and claims as they are signed.
pub(crate) fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims))
}

/// One part of a token as JSON.
pub(crate) fn part(token: &str, place: usize) -> Value {
    let part = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(place).unwrap()).unwrap();
    Value::from_str(std::str::from_utf8(&part).unwrap()).unwrap()
}
