//! Tokens of other issuers, as a ministry's Keycloak: their keys by JWKS, their claims by a mapping.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    claims::{Flaw, Object, Times, text},
    jws::{Algorithm, Compact, PublicKey, read_set},
};
use crate::{
    access::{Actor, Area, Role, Scope},
    clock::Clock,
    error::{Error, Result},
};

/// Age at which the keys of an issuer are fetched again.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// Age from which the keys of an issuer that does not answer are no longer used: it may have withdrawn one.
const STALE: TimeDelta = TimeDelta::hours(1);

/// Least time between two fetches, so that tokens with made-up keys do not turn us against the issuer.
const REST: TimeDelta = TimeDelta::seconds(10);

/// Largest key set that is read, bytes.
const LARGEST_SET: usize = 256 * 1024;

/// Longest life of another issuer's token, seconds: a day.
pub const LIFETIME: i64 = 86_400;

/// Another issuer and how its claims are to be read.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// `iss`, compared letter by letter.
    pub issuer: String,
    /// Where its keys are (RFC 7517).
    pub jwks_uri: String,
    /// `aud` that its tokens must name.
    pub audience: String,
    /// Claim with the role, a text or a list of texts; a dot steps into an object, as `realm_access.roles`.
    pub role_claim: String,
    /// Claim with the code of the unit. Where this is set, a token without it is refused: a missing claim must not
    /// open the whole country. None: every token of this issuer is for the whole country.
    pub unit_claim: Option<String>,
    /// Claim with the name of the client.
    pub client_claim: String,
    /// From the issuer's role names to ours; empty: the names are ours.
    pub roles: BTreeMap<String, Role>,
    /// Algorithms that its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// `typ` that its tokens may have, in lower case, without `application/`.
    pub types: Vec<String>,
}

impl TrustedIssuer {
    /// An issuer with the claims of RFC 9068 and the names of our own roles.
    pub fn new(issuer: impl Into<String>, jwks_uri: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            jwks_uri: jwks_uri.into(),
            audience: audience.into(),
            role_claim: "role".to_owned(),
            unit_claim: Some("unit".to_owned()),
            client_claim: "client_id".to_owned(),
            roles: BTreeMap::new(),
            algorithms: Algorithm::ALL.to_vec(),
            // Keycloak and most OpenID providers still write JWT.
            types: vec![super::token::TYPE.to_owned(), "jwt".to_owned()],
        }
    }

    /// Whom a token names, after its signature was verified: the client, its role and scopes, and the code of its unit.
    ///
    /// The client's name carries its issuer, so that a client there is never taken for one of ours of the same name.
    pub(super) fn read(&self, claims: &Object, now: i64) -> Result<(Actor, Option<String>, Times), Flaw> {
        claims.require_audience(&[&self.audience])?;
        let times = Times::read(claims, false)?;
        times.check(now, LIFETIME)?;
        claims.text("sub")?;
        let missing = |name: &str| Flaw::Claim(name.to_owned().into());
        let client = claims.at(&self.client_claim).and_then(text).ok_or_else(|| missing(&self.client_claim))?;
        let role = self.role(claims).ok_or_else(|| missing(&self.role_claim))?;
        let unit = match &self.unit_claim {
            None => None,
            Some(name) => Some(claims.at(name).and_then(text).ok_or_else(|| missing(name))?.to_owned()),
        };
        // Scopes of other services are not ours to judge; without one of ours nothing is allowed.
        let scope = claims.text_if_any("scope")?.unwrap_or_default();
        let scopes = Scope::ALL.into_iter().filter(|ours| scope.split(' ').any(|name| name == ours.as_str())).collect();
        let client_id = format!("{client}@{}", self.issuer);
        Ok((Actor { client_id, role, area: Area::Country, scopes }, unit, times))
    }

    /// The one role of ours that the claim gives. Of a list the names that are not mapped are passed over; two roles
    /// would leave open which rights hold, and give none.
    fn role(&self, claims: &Object) -> Option<Role> {
        let ours = |name: &str| if self.roles.is_empty() { name.parse().ok() } else { self.roles.get(name).copied() };
        match claims.at(&self.role_claim)? {
            Value::String(name) => ours(name),
            Value::Array(names) => {
                let names: Option<Vec<_>> = names.iter().map(Value::as_str).collect();
                let mut roles: Vec<_> = names?.into_iter().filter_map(ours).collect();
                roles.dedup();
                <[Role; 1]>::try_from(roles).ok().map(|[role]| role)
            }
            _ => None,
        }
    }
}

#[derive(Default)]
struct Held {
    keys: Vec<PublicKey>,
    fetched_at: Option<DateTime<Utc>>,
}

struct Attempt {
    at: DateTime<Utc>,
    succeeded: bool,
}

/// The keys of one issuer, fetched when they are needed.
pub struct IssuerKeys {
    /// How its tokens are read.
    pub config: TrustedIssuer,
    http: reqwest::Client,
    clock: Clock,
    held: RwLock<Arc<Held>>,
    attempt: Mutex<Option<Attempt>>,
}

impl IssuerKeys {
    /// Keys that were not fetched yet.
    pub fn new(config: TrustedIssuer, http: reqwest::Client, clock: Clock) -> Self {
        Self { config, http, clock, held: RwLock::default(), attempt: Mutex::default() }
    }

    /// The client that fetches: no redirects, which could lead inside our network, and no long waits.
    pub fn client() -> Result<reqwest::Client> {
        reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)
    }

    /// Checks type, algorithm and signature of a token that names this issuer; gives the name of the key.
    pub async fn verify(&self, token: &Compact<'_>) -> Result<String> {
        let is_accepted = |kind: &str| self.config.types.iter().any(|accepted| accepted == kind);
        if !token.kind.as_deref().is_some_and(is_accepted) {
            return Err(Flaw::Type.into());
        }
        if !self.config.algorithms.contains(&token.algorithm) {
            return Err(Flaw::Algorithm.into());
        }
        let kid = token.kid.clone().ok_or(Flaw::Key)?;
        self.refresh_when_old().await;
        if self.known(&kid).is_none() {
            self.refresh().await?;
        }
        token.verify(&self.known(&kid).ok_or(Flaw::Key)?)?;
        Ok(kid)
    }

    /// The key of that name as far as it was fetched and is not stale.
    pub fn known(&self, kid: &str) -> Option<PublicKey> {
        let held = self.held();
        let age = self.clock.now() - held.fetched_at?;
        let key = held.keys.iter().find(|key| key.kid.as_deref() == Some(kid))?;
        (age.abs() < STALE).then(|| key.clone())
    }

    async fn refresh(&self) -> Result<()> {
        let mut attempt = self.attempt.lock().await;
        match &*attempt {
            Some(last) if (self.clock.now() - last.at).abs() < REST => {
                last.succeeded.then_some(()).ok_or_else(Error::unavailable)
            }
            _ => self.fetch(&mut attempt).await,
        }
    }

    async fn refresh_when_old(&self) {
        let now = self.clock.now();
        if self.held().fetched_at.is_none_or(|at| (now - at).abs() < FRESH) {
            return;
        }
        let Ok(mut attempt) = self.attempt.try_lock() else { return };
        if attempt.as_ref().is_none_or(|last| (now - last.at).abs() >= REST) {
            // The cause is logged where it happens, and the known keys stay in use until they are stale.
            let _ = self.fetch(&mut attempt).await;
        }
    }

    async fn fetch(&self, attempt: &mut Option<Attempt>) -> Result<()> {
        let now = self.clock.now();
        *attempt = Some(Attempt { at: now, succeeded: false });
        let keys = self.download().await.map_err(|cause| {
            tracing::warn!(issuer = self.config.issuer, cause, "the keys of an issuer cannot be fetched");
            Error::unavailable().caused_by(cause)
        })?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Held { keys, fetched_at: Some(now) });
        *attempt = Some(Attempt { at: now, succeeded: true });
        Ok(())
    }

    async fn download(&self) -> Result<Vec<PublicKey>, String> {
        let words = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.http.get(&self.config.jwks_uri).send().await.map_err(words)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("status {}", response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(words)? {
            if body.len() + chunk.len() > LARGEST_SET {
                return Err("the key set is too large".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        let set = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        read_set(&set).ok_or_else(|| "no key set (RFC 7517)".to_owned())
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKeys({})", self.config.issuer)
    }
}
