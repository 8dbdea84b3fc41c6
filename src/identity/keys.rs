//! Signing keys: how one is made, named and sealed, and how the database hands over from one to the next.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use entity::signing_key;
use p256::elliptic_curve::{rand_core::OsRng, sec1::ToEncodedPoint};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

use super::{claims::LEEWAY, jws::Algorithm};
use crate::{
    db::{Db, Transaction},
    error::{Error, Result},
};

const NONCE: usize = 24;

/// Algorithm of keys that are made here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Ed25519: fast, small, no random number per signature.
    #[default]
    EdDsa,
    /// ECDSA on P-256, for readers that do not know Ed25519.
    Es256,
}

impl SigningAlgorithm {
    /// The same among all that may be verified.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDsa,
            Self::Es256 => Algorithm::Es256,
        }
    }
}

impl FromStr for SigningAlgorithm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "EdDSA" => Ok(Self::EdDsa),
            "ES256" => Ok(Self::Es256),
            _ => Err(format!("unknown algorithm {name}; one of EdDSA, ES256")),
        }
    }
}

/// The 32 bytes that seal private keys at rest (XChaCha20-Poly1305).
#[derive(Clone)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// Takes the bytes from the configuration.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals a secret under a name. The name is authenticated, so that a sealed key moved to another row does not open.
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret, aad: name.as_bytes() };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("sealing a signing key failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed under the name; none where key, name or bytes are not those.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        self.cipher().decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: name.as_bytes() }).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([hidden])")
    }
}

/// A key pair before it is stored.
pub(super) struct NewKey {
    pub(super) kid: String,
    pub(super) public_jwk: Value,
    pkcs8: ed25519_dalek::pkcs8::SecretDocument,
}

impl NewKey {
    /// Makes a key from the system's random numbers.
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Self> {
        let unusable = |_| Error::internal("a new signing key cannot be encoded");
        let (pkcs8, mut jwk) = match algorithm {
            SigningAlgorithm::EdDsa => {
                let key = ed25519_dalek::SigningKey::generate(&mut OsRng);
                let x = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
                (key.to_pkcs8_der().map_err(unusable)?, json!({"kty": "OKP", "crv": "Ed25519", "x": x}))
            }
            SigningAlgorithm::Es256 => {
                let key = p256::SecretKey::random(&mut OsRng);
                let point = key.public_key().to_encoded_point(false);
                let part = |bytes: Option<&p256::FieldBytes>| bytes.map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes));
                let jwk = json!({"kty": "EC", "crv": "P-256", "x": part(point.x()), "y": part(point.y())});
                (key.to_pkcs8_der().map_err(unusable)?, jwk)
            }
        };
        let kid = thumbprint(&jwk).ok_or_else(|| Error::internal("a new signing key has no thumbprint"))?;
        jwk["kid"] = json!(kid);
        jwk["alg"] = json!(algorithm.algorithm().as_str());
        jwk["use"] = json!("sig");
        Ok(Self { kid, public_jwk: jwk, pkcs8 })
    }
}

/// The name of a public key: SHA-256 of its required members in the order of the alphabet (RFC 7638).
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let members: &[&str] = match jwk.get("kty")?.as_str()? {
        "OKP" => &["crv", "kty", "x"],
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let parts = members.iter().map(|name| Some(format!("\"{name}\":{}", jwk.get(name).filter(|v| v.is_string())?)));
    let text = format!("{{{}}}", parts.collect::<Option<Vec<_>>>()?.join(","));
    Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

/// A key that was made by a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Name of the new key.
    pub kid: String,
    /// It signs from then on; it is published already.
    pub active_from: DateTime<Utc>,
    /// The keys before it leave the published set then.
    pub others_published_until: DateTime<Utc>,
}

/// What a new key is made with.
pub(super) struct Maker<'a> {
    pub(super) sealing: &'a SealingKey,
    pub(super) algorithm: SigningAlgorithm,
    /// How long a token lives, which is how long its key must stay published.
    pub(super) lifetime: TimeDelta,
}

impl Maker<'_> {
    /// Makes the first key where there is none that signs. Of several replicas that start at once one makes it.
    pub(super) async fn ensure(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let txn = begin_alone(db).await?;
        let lasting = Condition::any()
            .add(signing_key::Column::ActiveUntil.is_null())
            .add(signing_key::Column::ActiveUntil.gt(now));
        if signing_key::Entity::find().filter(lasting).count(&txn).await? == 0 {
            self.insert(&txn, now, now).await?;
        }
        Ok(txn.commit().await?)
    }

    /// Makes a key that is published now and signs from the given time; the others sign until then and stay published
    /// until the last token they can have signed is over.
    pub(super) async fn rotate(&self, db: &Db, now: DateTime<Utc>, active_from: DateTime<Utc>) -> Result<Rotated> {
        use signing_key::Column;
        let lasting = Condition::any().add(Column::ActiveUntil.is_null()).add(Column::ActiveUntil.gt(active_from));
        let others_published_until = active_from + self.lifetime + TimeDelta::seconds(2 * LEEWAY);
        self.replace(db, now, active_from, lasting, others_published_until).await
    }

    /// Makes a key that signs at once and withdraws all others: every token that they have signed is void.
    pub(super) async fn revoke(&self, db: &Db, now: DateTime<Utc>) -> Result<Rotated> {
        use signing_key::Column;
        let published = Condition::any().add(Column::PublishedUntil.is_null()).add(Column::PublishedUntil.gt(now));
        self.replace(db, now, now, published, now).await
    }

    async fn replace(
        &self,
        db: &Db,
        now: DateTime<Utc>,
        active_from: DateTime<Utc>,
        others: Condition,
        others_published_until: DateTime<Utc>,
    ) -> Result<Rotated> {
        use signing_key::Column;
        let txn = begin_alone(db).await?;
        signing_key::Entity::update_many()
            .col_expr(Column::ActiveUntil, Expr::value(active_from))
            .col_expr(Column::PublishedUntil, Expr::value(others_published_until))
            .filter(others)
            .exec(&txn)
            .await?;
        let kid = self.insert(&txn, now, active_from).await?;
        txn.commit().await?;
        Ok(Rotated { kid, active_from, others_published_until })
    }

    async fn insert(&self, txn: &Transaction, now: DateTime<Utc>, from: DateTime<Utc>) -> Result<String> {
        let key = NewKey::generate(self.algorithm)?;
        let row = signing_key::ActiveModel {
            kid: Set(key.kid.clone()),
            algorithm: Set(self.algorithm.algorithm().as_str().to_owned()),
            private_sealed: Set(self.sealing.seal(&key.kid, key.pkcs8.as_bytes())?),
            public_jwk: Set(key.public_jwk),
            created_at: Set(now),
            active_from: Set(from),
            active_until: Set(None),
            published_until: Set(None),
        };
        signing_key::Entity::insert(row).exec_without_returning(txn).await?;
        Ok(key.kid)
    }
}

/// A transaction that no other change of keys runs beside: SQLite has one writer, PostgreSQL gets a lock of its own.
async fn begin_alone(db: &Db) -> Result<Transaction> {
    let txn = db.begin().await?;
    if db.backend() == DbBackend::Postgres {
        // The number only has to differ from the other advisory locks of the database: "keys" in ASCII.
        txn.execute_unprepared("SELECT pg_advisory_xact_lock(1801812339)").await?;
    }
    Ok(txn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        // RFC 8037, A.3, and RFC 7638, 3.1.
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        assert_eq!(thumbprint(&jwk).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let jwk = json!({"kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"});
        assert_eq!(thumbprint(&jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_sealed_key_opens_with_its_key_and_name_only() {
        let sealing = SealingKey::new([1; 32]);
        let sealed = sealing.seal("kid", b"private").unwrap();
        assert_eq!(sealing.open("kid", &sealed).unwrap(), b"private");
        assert_eq!(sealing.open("other", &sealed), None);
        assert_eq!(SealingKey::new([2; 32]).open("kid", &sealed), None);
        assert_eq!(sealing.open("kid", &sealed[..30]), None);
        assert_eq!(sealing.open("kid", &sealed[..10]), None);
        assert_eq!(format!("{sealing:?}"), "SealingKey([hidden])");
    }
}
