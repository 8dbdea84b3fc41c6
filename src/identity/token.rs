//! Our own access tokens (RFC 9068): what stands in them, and how strictly they are read back.

use std::str::FromStr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    claims::{Flaw, LEEWAY, Object, Times},
    jws::Compact,
    ring::RingKey,
    units,
};
use crate::{
    access::{Actor, Area, Role, Scope},
    error::Result,
};

/// `aud` of every token for this service.
pub const AUDIENCE: &str = "ansinh";

/// `typ` of an access token, without `application/`.
pub const TYPE: &str = "at+jwt";

/// A token that was issued.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token itself.
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// What it is for, separated by spaces.
    pub scope: String,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessToken([hidden], {} s, {})", self.expires_in, self.scope)
    }
}

/// The names of scopes, separated by spaces (RFC 6749, 3.3).
pub fn scope_names(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// The claims of a token for a client. `unit_id` beside `unit` says which era's unit the code means.
pub(super) fn claims_of(actor: &Actor, issuer: &str, now: i64, lifetime: i64, jti: Uuid) -> Value {
    let mut claims = json!({
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": actor.client_id,
        "client_id": actor.client_id,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "jti": jti,
        "role": actor.role.as_str(),
        "scope": scope_names(&actor.scopes),
    });
    if let Area::Unit { id, code } = &actor.area {
        claims["unit"] = json!(code);
        claims["unit_id"] = json!(id);
    }
    claims
}

/// A payload as a signed compact token.
pub(super) fn sign(key: &RingKey, kind: &str, payload: &[u8]) -> Result<String> {
    let header = json!({"alg": key.algorithm.as_str(), "kid": key.kid, "typ": kind}).to_string();
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(&message)?;
    Ok(format!("{message}.{signature}"))
}

/// Reads the claims of a token whose signature is ours: who it names and when. The unit is still to be looked up.
pub(super) fn read(token: &Compact<'_>, issuer: &str, now: i64, lifetime: i64) -> Result<(Actor, Times), Flaw> {
    let claims = &token.claims;
    if claims.text("iss")? != issuer {
        return Err(Flaw::Issuer);
    }
    claims.require_audience(&[AUDIENCE])?;
    let times = Times::read(claims, true)?;
    times.check(now, lifetime)?;
    if times.until > now + lifetime + LEEWAY {
        return Err(Flaw::Claim("exp".into()));
    }
    claims.text("jti")?;
    let client_id = claims.text("client_id")?.to_owned();
    if claims.text("sub")? != client_id {
        return Err(Flaw::Claim("sub".into()));
    }
    let role = Role::from_str(claims.text("role")?).map_err(|_| Flaw::Claim("role".into()))?;
    let scopes = scopes(claims)?;
    Ok((Actor { client_id, role, area: area(claims)?, scopes }, times))
}

/// The scopes of one of our tokens: none twice, none unknown.
fn scopes(claims: &Object) -> Result<Vec<Scope>, Flaw> {
    let wrong = || Flaw::Claim("scope".into());
    let mut scopes = Vec::new();
    for name in claims.text("scope")?.split(' ') {
        let scope = Scope::from_str(name).map_err(|_| wrong())?;
        if scopes.contains(&scope) {
            return Err(wrong());
        }
        scopes.push(scope);
    }
    Ok(scopes)
}

/// The area as the token states it: the whole country only where neither the code nor the key of a unit stands there.
fn area(claims: &Object) -> Result<Area, Flaw> {
    let code = claims.text_if_any("unit")?;
    let id = claims.text_if_any("unit_id")?;
    match (code, id.map(Uuid::parse_str)) {
        (None, None) => Ok(Area::Country),
        (Some(code), Some(Ok(id))) if units::is_code(code) => Ok(Area::Unit { id, code: code.to_owned() }),
        _ => Err(Flaw::Claim("unit".into())),
    }
}
