//! What the database says of tokens, as this replica knows it: the keys, and the clients that were revoked. A change made by
//! any replica or command reaches all within seconds, without a restart.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{agency_client, signing_key};
use jsonwebtoken::EncodingKey;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    jws::{Algorithm, PublicKey},
    keys::SealingKey,
};
use crate::{
    clock::Clock,
    db::Db,
    error::{Error, Result},
};

/// Age at which keys and revocations are read again, by one caller while the others go on.
const FRESH: TimeDelta = TimeDelta::seconds(3);

/// Age from which nobody goes on before they are read again: who was revoked must be so within ten seconds.
const STALE: TimeDelta = TimeDelta::seconds(6);

/// Least time between two readings for unknown names, so that made-up names do not become a load on the database.
const REST: TimeDelta = TimeDelta::seconds(2);

/// Longest that a reading may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// For how long after its revocation a client may hold a token: the longest life of one, and some room.
const OUTLIVED: TimeDelta = TimeDelta::hours(25);

/// One key of the ring.
pub struct RingKey {
    /// Its name.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The public half, for tokens that come in.
    pub public: PublicKey,
    /// The public half, as it is published.
    pub jwk: Value,
    private: Option<EncodingKey>,
    active_from: DateTime<Utc>,
    active_until: Option<DateTime<Utc>>,
    published_until: Option<DateTime<Utc>>,
}

impl RingKey {
    fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.published_until.is_none_or(|until| now < until)
    }

    fn signs(&self, now: DateTime<Utc>) -> bool {
        self.active_from <= now && self.active_until.is_none_or(|until| now < until)
    }

    /// The signature of a message in base64url. The ring gives out only keys that hold their private half.
    pub fn sign(&self, message: &str) -> Result<String> {
        let private = self.private.as_ref().ok_or_else(|| Error::internal("this signing key cannot be opened"))?;
        jsonwebtoken::crypto::sign(message.as_bytes(), private, self.algorithm.for_library()).map_err(Error::internal)
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingKey({})", self.kid)
    }
}

#[derive(Default)]
struct Snapshot {
    keys: HashMap<String, Arc<RingKey>>,
    revoked: HashSet<String>,
    read_at: Option<DateTime<Utc>>,
}

/// How the last reading went.
struct Attempt {
    at: DateTime<Utc>,
    succeeded: bool,
}

/// Keys and revoked clients as this replica knows them.
pub struct KeyRing {
    db: Db,
    clock: Clock,
    sealing: SealingKey,
    snapshot: RwLock<Arc<Snapshot>>,
    attempt: Mutex<Option<Attempt>>,
}

impl KeyRing {
    /// A ring that has read nothing yet.
    pub fn new(db: Db, clock: Clock, sealing: SealingKey) -> Self {
        Self { db, clock, sealing, snapshot: RwLock::default(), attempt: Mutex::default() }
    }

    /// The key that signs now: of several the youngest, the same on every replica.
    pub async fn signer(&self) -> Result<Arc<RingKey>> {
        self.refresh_when_old().await;
        let now = self.clock.now();
        let signer = |snapshot: &Snapshot| {
            let able = snapshot.keys.values().filter(|key| key.private.is_some() && key.signs(now));
            able.max_by(|a, b| (a.active_from, &a.kid).cmp(&(b.active_from, &b.kid))).cloned()
        };
        if let Some(key) = signer(&self.snapshot()) {
            return Ok(key);
        }
        self.refresh().await?;
        signer(&self.snapshot()).ok_or_else(|| Error::unavailable().caused_by("no signing key can be opened"))
    }

    /// The published key of that name; the database is asked again for a name that is not known yet.
    pub async fn published(&self, kid: &str) -> Result<Option<Arc<RingKey>>> {
        self.refresh_when_old().await;
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        self.refresh().await?;
        Ok(self.known(kid))
    }

    /// The published key of that name without asking the database.
    pub fn known(&self, kid: &str) -> Option<Arc<RingKey>> {
        self.snapshot().keys.get(kid).filter(|key| key.is_published(self.clock.now())).cloned()
    }

    /// Whether a client was revoked, as far as is known without asking the database.
    pub fn is_revoked(&self, client_id: &str) -> bool {
        self.snapshot().revoked.contains(client_id)
    }

    /// Every published public key, the youngest first.
    pub async fn all_published(&self) -> Result<Vec<Value>> {
        self.refresh_when_old().await;
        if self.snapshot().read_at.is_none() {
            self.refresh().await?;
        }
        let (snapshot, now) = (self.snapshot(), self.clock.now());
        let mut keys: Vec<_> = snapshot.keys.values().filter(|key| key.is_published(now)).collect();
        keys.sort_by(|a, b| (b.active_from, &b.kid).cmp(&(a.active_from, &a.kid)));
        Ok(keys.into_iter().map(|key| key.jwk.clone()).collect())
    }

    /// Reads the keys from the database now.
    pub async fn reload(&self) -> Result<()> {
        let mut attempt = self.attempt.lock().await;
        self.read(&mut attempt).await
    }

    /// Reads the keys again unless that was done a moment ago. Callers that wait here share one reading.
    async fn refresh(&self) -> Result<()> {
        let mut attempt = self.attempt.lock().await;
        match &*attempt {
            // The distance is taken without its sign: a clock that was set back must not stop the readings.
            Some(last) if (self.clock.now() - last.at).abs() < REST => {
                last.succeeded.then_some(()).ok_or_else(Error::unavailable)
            }
            _ => self.read(&mut attempt).await,
        }
    }

    /// Reads again what has aged. A failure leaves in use what is known: keys end by themselves, and a database that is away
    /// must not make good tokens bad.
    pub async fn refresh_when_old(&self) {
        let Some(read_at) = self.snapshot().read_at else { return };
        let age = (self.clock.now() - read_at).abs();
        let attempt = match age {
            _ if age < FRESH => return,
            _ if age < STALE => self.attempt.try_lock().ok(),
            _ => Some(self.attempt.lock().await),
        };
        let Some(mut attempt) = attempt else { return };
        if attempt.as_ref().is_some_and(|last| (self.clock.now() - last.at).abs() < REST) {
            return;
        }
        if let Err(error) = self.read(&mut attempt).await {
            tracing::warn!(cause = ?error.cause(), "keys and revocations cannot be read again; the known ones stay in use");
        }
    }

    async fn read(&self, attempt: &mut Option<Attempt>) -> Result<()> {
        let now = self.clock.now();
        *attempt = Some(Attempt { at: now, succeeded: false });
        let read = tokio::time::timeout(PATIENCE, self.ask(now)).await;
        let read = read.map_err(|late| Error::unavailable().caused_by(late))?;
        let snapshot = read.map_err(|error| Error::unavailable().caused_by(error))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        *attempt = Some(Attempt { at: now, succeeded: true });
        Ok(())
    }

    async fn ask(&self, now: DateTime<Utc>) -> Result<Snapshot, DbErr> {
        use signing_key::Column;
        let published = Column::PublishedUntil.is_null().or(Column::PublishedUntil.gt(now));
        let rows = signing_key::Entity::find().filter(published).all(self.db.read()).await?;
        let revoked: Vec<String> = agency_client::Entity::find()
            .select_only()
            .column(agency_client::Column::ClientId)
            .filter(agency_client::Column::RevokedAt.gt(now - OUTLIVED))
            .into_tuple()
            .all(self.db.read())
            .await?;
        let keys = rows.into_iter().filter_map(|row| self.open(row)).map(|key| (key.kid.clone(), Arc::new(key)));
        Ok(Snapshot { keys: keys.collect(), revoked: revoked.into_iter().collect(), read_at: Some(now) })
    }

    /// A key of the database. Without its private half it still verifies.
    fn open(&self, row: signing_key::Model) -> Option<RingKey> {
        let usable = PublicKey::from_jwk(&row.public_jwk).zip(Algorithm::parse(&row.algorithm));
        let Some((public, algorithm)) = usable.filter(|(public, algorithm)| public.serves(*algorithm)) else {
            tracing::error!(kid = row.kid, "a signing key is damaged and left out");
            return None;
        };
        let private = self.sealing.open(&row.kid, &row.private_sealed).map(|pkcs8| match algorithm {
            Algorithm::EdDsa => EncodingKey::from_ed_der(&pkcs8),
            _ => EncodingKey::from_ec_der(&pkcs8),
        });
        if private.is_none() {
            tracing::error!(kid = row.kid, "a signing key does not open with the sealing key of the configuration");
        }
        Some(RingKey {
            kid: row.kid,
            algorithm,
            public,
            jwk: row.public_jwk,
            private,
            active_from: row.active_from,
            active_until: row.active_until,
            published_until: row.published_until,
        })
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.snapshot().keys.values()).finish()
    }
}
