//! A client that proves itself with its own key: `private_key_jwt` (RFC 7523, 2.2 and 3).

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{agency_client, used_assertion};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;

use super::{
    claims::{Flaw, LEEWAY},
    jws::{Compact, PublicKey, read_set},
};
use crate::db::Db;

/// `client_assertion_type` of RFC 7523.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest time to the end of an assertion, seconds.
const LONGEST: i64 = 600;

/// How long a used assertion is kept after its end, for replicas whose clocks differ.
const KEPT: TimeDelta = TimeDelta::minutes(2);

/// What an assertion says, before its signature is checked.
#[derive(Debug)]
pub struct Assertion<'a> {
    token: Compact<'a>,
    /// The client that it names.
    pub client_id: String,
    jti: String,
    until: i64,
}

impl<'a> Assertion<'a> {
    /// Takes an assertion apart and checks all that needs no key.
    pub fn read(token: &'a str, audiences: &[&str], now: i64) -> Result<Self, Flaw> {
        let token = Compact::parse(token)?;
        // An access token of ours or of a client's own services must not pass as an assertion (RFC 8725, 3.11).
        if !matches!(token.kind.as_deref(), None | Some("jwt" | "client-authentication+jwt")) {
            return Err(Flaw::Type);
        }
        let claims = &token.claims;
        let client_id = claims.text("iss")?.to_owned();
        if claims.text("sub")? != client_id {
            return Err(Flaw::Claim("sub".into()));
        }
        claims.require_audience(audiences)?;
        let until = claims.date("exp")?;
        if until <= now {
            return Err(Flaw::Expired);
        }
        if until > now + LONGEST + LEEWAY {
            return Err(Flaw::Claim("exp".into()));
        }
        for begin in ["iat", "nbf"] {
            if claims.date_if_any(begin)?.is_some_and(|begin| begin > now + LEEWAY) {
                return Err(Flaw::NotYet);
            }
        }
        let jti = claims.text("jti")?.to_owned();
        Ok(Self { token, client_id, jti, until })
    }

    /// Checks the signature with the client's keys: the one it names, or the only one for its algorithm.
    pub fn verify(&self, jwks: &Value) -> Result<(), Flaw> {
        let keys = read_set(jwks).unwrap_or_default();
        let named = |key: &&PublicKey| match &self.token.kid {
            Some(kid) => key.kid.as_ref() == Some(kid),
            None => key.serves(self.token.algorithm),
        };
        let fitting: Vec<_> = keys.iter().filter(named).collect();
        let [key] = fitting[..] else { return Err(Flaw::Key) };
        self.token.verify(key)
    }
}

/// The client that an assertion names, before anything of it is checked.
pub fn named(assertion: &str) -> Option<String> {
    Compact::parse(assertion).ok()?.claims.text("iss").ok().map(str::to_owned)
}

/// Assertions that were used, so that each is used once.
#[derive(Debug, Default)]
pub struct Assertions {
    purged_at: Mutex<Option<DateTime<Utc>>>,
}

impl Assertions {
    /// Uses an assertion up. False where it was used before, on whichever replica: the key of the table decides.
    pub async fn spend(
        &self,
        db: &Db,
        client: &agency_client::Model,
        assertion: &Assertion<'_>,
        now: DateTime<Utc>,
    ) -> Result<bool, DbErr> {
        self.purge(db, now).await?;
        let row = used_assertion::ActiveModel {
            client_id: Set(client.client_id.clone()),
            jti: Set(assertion.jti.clone()),
            expires_at: Set(DateTime::from_timestamp(assertion.until, 0).unwrap_or(now) + KEPT),
        };
        let once = OnConflict::columns([used_assertion::Column::ClientId, used_assertion::Column::Jti])
            .do_nothing()
            .to_owned();
        let inserted = used_assertion::Entity::insert_many([row]).on_conflict(once).exec_without_returning(db.write());
        Ok(inserted.await? == 1)
    }

    /// Forgets assertions that have ended, once a minute at most.
    async fn purge(&self, db: &Db, now: DateTime<Utc>) -> Result<(), DbErr> {
        {
            let mut purged_at = self.purged_at.lock().unwrap_or_else(PoisonError::into_inner);
            if purged_at.is_some_and(|at| (now - at).abs() < TimeDelta::minutes(1)) {
                return Ok(());
            }
            *purged_at = Some(now);
        }
        let over = used_assertion::Column::ExpiresAt.lt(now);
        used_assertion::Entity::delete_many().filter(over).exec(db.write()).await.map(drop)
    }
}
