//! Who is asking: clients of the agencies, the tokens they are given, and the keys behind them.
//!
//! A client proves itself at [`Identity::grant`] and gets a token (RFC 9068); [`Identity::authenticate`] turns the token
//! of a request into an [`Actor`]. What the actor may do is said in [`crate::access`].

pub mod assertion;
pub mod buckets;
pub mod cache;
pub mod claims;
pub mod clients;
pub mod grant;
pub mod issuers;
pub mod jws;
pub mod keys;
pub mod rates;
pub mod ring;
pub mod throttle;
pub mod token;
pub mod units;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod issuer_tests;
#[cfg(test)]
mod lifecycle_tests;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;

use self::{
    assertion::Assertions,
    cache::{Source, Verified, VerifiedTokens, fingerprint},
    claims::Flaw,
    issuers::IssuerKeys,
    jws::Compact,
    keys::Maker,
    ring::KeyRing,
    throttle::Throttle,
};
pub use self::{
    issuers::TrustedIssuer,
    jws::Algorithm,
    keys::{Rotated, SealingKey, SigningAlgorithm},
    token::AccessToken,
};
use crate::{
    access::{Actor, Area},
    clock::{Clock, Ids},
    db::Db,
    error::{Error, Result},
};

/// How long a key that was made by a rotation is published before it signs, unless told otherwise: as long as others
/// may keep the published set (`max-age` of the JWKS).
pub const PUBLISHED_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// Seconds for which a verified token of another issuer is believed without looking up its unit again.
const OTHERS_CACHED: i64 = 60;

/// Settings of the tokens.
#[derive(Clone, Debug)]
pub struct IdentityConfig {
    /// Public URL of this service without a slash at its end: `iss` of its tokens, base of its metadata.
    pub issuer: String,
    /// From `iat` to `exp`.
    pub lifetime: TimeDelta,
    /// Seals the private keys at rest.
    pub sealing_key: SealingKey,
    /// What new keys sign with.
    pub algorithm: SigningAlgorithm,
    /// Other issuers whose tokens are accepted.
    pub issuers: Vec<TrustedIssuer>,
}

impl IdentityConfig {
    /// Settings with 15 minutes, Ed25519 and no other issuer.
    pub fn new(issuer: impl Into<String>, sealing_key: SealingKey) -> Self {
        Self {
            issuer: issuer.into(),
            lifetime: TimeDelta::minutes(15),
            sealing_key,
            algorithm: SigningAlgorithm::default(),
            issuers: Vec::new(),
        }
    }

    /// URL of the token endpoint.
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.issuer)
    }
}

/// Who is asking. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: IdentityConfig,
    db: Db,
    clock: Clock,
    ids: Ids,
    ring: KeyRing,
    issuers: Vec<IssuerKeys>,
    verified: VerifiedTokens,
    assertions: Assertions,
    throttle: Throttle,
}

impl Identity {
    /// Sets it up; [`Identity::prepare`] then makes it ready. Fails where the HTTP client for other issuers cannot be made.
    pub fn new(config: IdentityConfig, db: Db, clock: Clock, ids: Ids) -> Result<Self> {
        let mut issuers = Vec::new();
        if !config.issuers.is_empty() {
            let http = IssuerKeys::client()?;
            let keys = |issuer: &TrustedIssuer| IssuerKeys::new(issuer.clone(), http.clone(), clock.clone());
            issuers.extend(config.issuers.iter().map(keys));
        }
        Ok(Self(Arc::new(Inner {
            ring: KeyRing::new(db.clone(), clock.clone(), config.sealing_key.clone()),
            issuers,
            verified: VerifiedTokens::default(),
            assertions: Assertions::default(),
            throttle: Throttle::new(clock.clone()),
            config,
            db,
            clock,
            ids,
        })))
    }

    /// Makes the first signing key where there is none, reads the keys, and tries them out once: a wrong sealing key
    /// shall show at the start and not with the first client.
    pub async fn prepare(&self) -> Result<()> {
        self.maker().ensure(&self.0.db, self.0.clock.now()).await?;
        self.0.ring.reload().await?;
        let signer = self.0.ring.signer().await?;
        let probe = token::sign(&signer, "probe+jwt", b"{}")?;
        let parsed = Compact::parse(&probe).and_then(|probe| probe.verify(&signer.public));
        parsed.map_err(|flaw| Error::internal(format!("signing key {} fails its test: {flaw}", signer.kid)))
    }

    /// Whether tokens can be signed now, for the readiness check.
    pub async fn ready(&self) -> Result<()> {
        self.0.ring.signer().await.map(drop)
    }

    /// Makes a new signing key, published now, that signs after the given time ([`PUBLISHED_BEFORE`], or zero when the
    /// old key must not sign again). The old keys stay published until their last token has ended.
    pub async fn rotate_keys(&self, after: TimeDelta) -> Result<Rotated> {
        let now = self.0.clock.now();
        let rotated = self.maker().rotate(&self.0.db, now, now + after).await?;
        self.0.ring.reload().await?;
        Ok(rotated)
    }

    /// Makes a new signing key and withdraws those before it, as when one has leaked: the tokens that they have signed are
    /// void on every replica within seconds.
    pub async fn revoke_keys(&self) -> Result<Rotated> {
        let rotated = self.maker().revoke(&self.0.db, self.0.clock.now()).await?;
        self.0.ring.reload().await?;
        Ok(rotated)
    }

    /// Every published public key as a JWK, the youngest first.
    pub async fn published_keys(&self) -> Result<Vec<Value>> {
        self.0.ring.all_published().await
    }

    /// Signs any payload with the current key: a compact JWS (RFC 7515) with `kid` and the given `typ`.
    pub async fn sign(&self, kind: &str, payload: &[u8]) -> Result<String> {
        token::sign(&*self.0.ring.signer().await?, kind, payload)
    }

    /// Issues an access token to a client.
    pub async fn issue(&self, actor: &Actor) -> Result<AccessToken> {
        let lifetime = self.0.config.lifetime.num_seconds();
        let issued = self.0.clock.now().timestamp();
        let claims = token::claims_of(actor, &self.0.config.issuer, issued, lifetime, self.0.ids.next());
        let token = self.sign(token::TYPE, claims.to_string().as_bytes()).await?;
        Ok(AccessToken { token, expires_in: lifetime, scope: token::scope_names(&actor.scopes) })
    }

    /// The client that a bearer token names. Refuses with `UNAUTHENTICATED` and a short reason; `UNAVAILABLE` where
    /// keys or units cannot be asked.
    pub async fn authenticate(&self, bearer: &str) -> Result<Arc<Actor>> {
        if bearer.len() > jws::LARGEST {
            return Err(Flaw::TooLarge.into());
        }
        let fingerprint = fingerprint(bearer);
        self.0.ring.refresh_when_old().await;
        if let Some(entry) = self.0.verified.get(&fingerprint)
            && self.is_current(&entry)?
        {
            return Ok(Arc::clone(&entry.actor));
        }
        let entry = self.verify(bearer).await?;
        self.check_standing(&entry)?;
        let entry = Arc::new(entry);
        self.0.verified.put(fingerprint, Arc::clone(&entry));
        Ok(Arc::clone(&entry.actor))
    }

    /// The settings.
    pub fn config(&self) -> &IdentityConfig {
        &self.0.config
    }

    /// Where keys of new rows come from.
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// Whether a token that was verified before may pass without being verified anew.
    fn is_current(&self, entry: &Verified) -> Result<bool> {
        let now = self.now();
        entry.times.check(now, entry.lifetime)?;
        self.check_standing(entry)?;
        Ok(match &entry.source {
            Source::Own { kid } => self.0.ring.known(kid).is_some(),
            Source::Other { issuer, kid, until } => now < *until && self.0.issuers[*issuer].known(kid).is_some(),
        })
    }

    /// Refuses the token of a client of ours that was revoked after it was given.
    fn check_standing(&self, entry: &Verified) -> Result<()> {
        let is_ours = matches!(entry.source, Source::Own { .. });
        if is_ours && self.0.ring.is_revoked(&entry.actor.client_id) { Err(Flaw::Revoked.into()) } else { Ok(()) }
    }

    async fn verify(&self, bearer: &str) -> Result<Verified> {
        let token = Compact::parse(bearer)?;
        // Read before the signature is checked, to know whose key to check it with; any other issuer is refused there.
        let issuer = token.claims.text("iss")?;
        if issuer == self.0.config.issuer {
            return self.verify_own(&token).await;
        }
        let place = self.0.issuers.iter().position(|other| other.config.issuer == issuer).ok_or(Flaw::Issuer)?;
        self.verify_other(&token, place).await
    }

    async fn verify_own(&self, token: &Compact<'_>) -> Result<Verified> {
        if token.kind.as_deref() != Some(token::TYPE) {
            return Err(Flaw::Type.into());
        }
        let kid = token.kid.clone().ok_or(Flaw::Key)?;
        let key = self.0.ring.published(&kid).await?.ok_or(Flaw::Key)?;
        token.verify(&key.public)?;
        let lifetime = self.0.config.lifetime.num_seconds();
        let (actor, times) = token::read(token, &self.0.config.issuer, self.now(), lifetime)?;
        if let Area::Unit { id, .. } = &actor.area
            && units::by_id(self.0.db.read(), *id).await?.as_ref() != Some(&actor.area)
        {
            return Err(Flaw::Claim("unit".into()).into());
        }
        Ok(Verified { actor: Arc::new(actor), times, lifetime, source: Source::Own { kid } })
    }

    async fn verify_other(&self, token: &Compact<'_>, place: usize) -> Result<Verified> {
        let issuer = &self.0.issuers[place];
        let kid = issuer.verify(token).await?;
        let now = self.now();
        let (mut actor, unit, times) = issuer.config.read(&token.claims, now)?;
        if let Some(code) = unit {
            let area = units::by_code(self.0.db.read(), &code).await?;
            actor.area = area.ok_or_else(|| Flaw::Claim("unit".into()))?;
        }
        let source = Source::Other { issuer: place, kid, until: now + OTHERS_CACHED };
        Ok(Verified { actor: Arc::new(actor), times, lifetime: issuers::LIFETIME, source })
    }

    fn maker(&self) -> Maker<'_> {
        let config = &self.0.config;
        Maker { sealing: &config.sealing_key, algorithm: config.algorithm, lifetime: config.lifetime }
    }

    fn now(&self) -> i64 {
        self.0.clock.now().timestamp()
    }
}
