//! The client-credentials grant (RFC 6749, 4.4): a client proves itself and is given a token.

use chrono::{DateTime, Utc};
use entity::agency_client::Model;
use subtle::ConstantTimeEq;

use super::{
    Identity,
    assertion::{self, Assertion},
    clients,
    token::AccessToken,
};
use crate::{
    access::Scope,
    error::{Class, Error},
};

/// How a client proves itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// `client_secret_basic` or `client_secret_post`.
    Secret {
        /// The client.
        client_id: String,
        /// Its secret.
        secret: String,
    },
    /// `private_key_jwt`.
    Assertion {
        /// The signed assertion.
        assertion: String,
        /// The client, where the request names it beside the assertion.
        client_id: Option<String>,
    },
}

impl Proof {
    /// The client that is named, whether or not it proves itself; none where no client can bear the name.
    pub fn client_id(&self) -> Option<String> {
        let named = match self {
            Self::Secret { client_id, .. } | Self::Assertion { client_id: Some(client_id), .. } => client_id.clone(),
            Self::Assertion { assertion, client_id: None } => assertion::named(assertion)?,
        };
        clients::is_client_id(&named).then_some(named)
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof([hidden])")
    }
}

/// Why no token is given.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The client is unknown or revoked, or did not prove itself; which of these is not said.
    InvalidClient,
    /// The client failed too often; seconds until it may fail again.
    TooManyFailures(u64),
    /// The scope is malformed, unknown, or more than the client may have.
    InvalidScope,
    /// Our own trouble.
    Trouble(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Trouble(error)
    }
}

impl Identity {
    /// Gives a token to a client that proves itself, for the scopes asked or, where none are asked, all it may have.
    pub async fn grant(&self, proof: &Proof, scope: Option<&str>) -> Result<AccessToken, Refusal> {
        let now = self.0.clock.now();
        let client = match proof {
            Proof::Secret { client_id, secret } => self.by_secret(client_id, secret, now).await?,
            Proof::Assertion { assertion, client_id } => {
                self.by_assertion(assertion, client_id.as_deref(), now).await?
            }
        };
        let mut actor = clients::actor(self.0.db.read(), &client).await?;
        if let Some(scope) = scope {
            actor.scopes = narrowed(&actor.scopes, scope).ok_or(Refusal::InvalidScope)?;
        }
        Ok(self.issue(&actor).await?)
    }

    /// An unknown client takes the same way as a wrong secret: one look-up, one hash, two comparisons.
    async fn by_secret(&self, client_id: &str, secret: &str, now: DateTime<Utc>) -> Result<Model, Refusal> {
        let client = self.client(client_id).await?;
        let presented = clients::hash(secret);
        let current = client.as_ref().and_then(|client| client.secret_hash.as_deref());
        let previous = client.as_ref().and_then(|client| {
            let holds = client.previous_secret_until.is_some_and(|until| now < until);
            client.previous_secret_hash.as_deref().filter(|_| holds)
        });
        // No secret hashes to 32 zero bytes, so a missing one matches nothing.
        let fits = |stored: Option<&[u8]>| presented.ct_eq(stored.unwrap_or(&[0; 32]));
        let proven = bool::from(fits(current) | fits(previous));
        self.accept(client.filter(|_| proven), client_id)
    }

    async fn by_assertion(
        &self,
        assertion: &str,
        client_id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Model, Refusal> {
        let config = self.config();
        let endpoint = config.token_endpoint();
        let Ok(assertion) = Assertion::read(assertion, &[&endpoint, &config.issuer], now.timestamp()) else {
            return self.accept(None, client_id.unwrap_or_default());
        };
        if client_id.is_some_and(|named| named != assertion.client_id) {
            return self.accept(None, &assertion.client_id);
        }
        let client = self
            .client(&assertion.client_id)
            .await?
            .filter(|client| client.jwks.as_ref().is_some_and(|jwks| assertion.verify(jwks).is_ok()));
        let client = self.accept(client, &assertion.client_id)?;
        let fresh = self.0.assertions.spend(&self.0.db, &client, &assertion, now).await.map_err(Error::from)?;
        self.accept(Some(client).filter(|_| fresh), &assertion.client_id)
    }

    async fn client(&self, client_id: &str) -> Result<Option<Model>, Error> {
        if !clients::is_client_id(client_id) {
            return Ok(None);
        }
        clients::by_client_id(self.0.db.read(), client_id).await
    }

    /// Lets a client through that has proven itself and is not revoked; counts all others as failures.
    fn accept(&self, proven: Option<Model>, client_id: &str) -> Result<Model, Refusal> {
        if let Some(client) = proven.filter(|client| client.revoked_at.is_none()) {
            return Ok(client);
        }
        // A name that no client can bear stands for nobody: it is neither counted nor logged, and it may be a secret that
        // somebody has pasted into the wrong field.
        if !clients::is_client_id(client_id) {
            tracing::warn!(client_id = "?", "a client did not prove itself");
            return Err(Refusal::InvalidClient);
        }
        tracing::warn!(client_id, "a client did not prove itself");
        Err(self.0.throttle.fail(client_id).map_or(Refusal::InvalidClient, Refusal::TooManyFailures))
    }
}

impl Refusal {
    /// The class of the error, for metrics and the log.
    pub fn class(&self) -> Class {
        match self {
            Self::InvalidClient => Class::Unauthenticated,
            Self::TooManyFailures(_) => Class::RateLimited,
            Self::InvalidScope => Class::BadUserInput,
            Self::Trouble(error) => error.class(),
        }
    }
}

/// The scopes asked for, when all of them are held.
fn narrowed(held: &[Scope], asked: &str) -> Option<Vec<Scope>> {
    let mut scopes = Vec::new();
    for name in asked.split(' ') {
        let scope = name.parse().ok().filter(|scope| held.contains(scope))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Some(scopes)
}
