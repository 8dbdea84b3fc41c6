//! The systems of the agencies that may ask for tokens: registering, rotating, revoking.
//!
//! Each change takes the connection of the caller, so that it and its entry in the log are one transaction.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entity::agency_client::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{jws, token::scope_names, units};
use crate::{
    access::{Actor, Area, Role, Scope},
    clock::{Clock, Ids},
    domain::text,
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// How long the secret before the last rotation is accepted, unless told otherwise.
pub const OVERLAP: TimeDelta = TimeDelta::days(7);

/// What a secret begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "ans_";

/// What a new client is.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Its public name; none: made from `name`.
    pub client_id: Option<String>,
    /// Which agency it speaks for, in words.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Code of the unit whose area it may see; none: the whole country.
    pub unit: Option<String>,
    /// Scopes it may ask for.
    pub scopes: Vec<Scope>,
    /// Public keys (JWKS) with which it proves itself; such a client has no secret.
    pub jwks: Option<Value>,
}

/// A client with its new secret, which is shown this once and stored nowhere.
#[derive(Clone, PartialEq)]
pub struct Credentials {
    /// The client as stored.
    pub client: Model,
    /// The secret; none for a client with keys of its own.
    pub secret: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.client.client_id)
    }
}

/// Registers a client. Refuses a name that is taken with `CONFLICT`, and an unknown unit or unusable keys with
/// `BAD_USER_INPUT`.
pub async fn add(db: &impl ConnectionTrait, clock: &Clock, ids: &Ids, new: NewClient) -> Result<Credentials> {
    let name = text::clean(&new.name);
    if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
        return Err(Error::field("name", form(&name, "1 to 200 bytes of text")));
    }
    let client_id = new.client_id.unwrap_or_else(|| slug(&name));
    if !is_client_id(&client_id) {
        let expected = "3 to 64 lower-case letters, digits, - and _, the first a letter or digit";
        return Err(Error::field("clientId", form(&client_id, expected)));
    }
    if new.scopes.is_empty() {
        return Err(Error::field("scopes", Code::Required));
    }
    if new.jwks.as_ref().is_some_and(|jwks| !is_usable_set(jwks)) {
        let expected = "a JWK set of public keys: Ed25519, P-256 or RSA of 2048 to 4096 bits";
        return Err(Error::field("jwks", form("jwks", expected)));
    }
    let unit_id = match &new.unit {
        None => None,
        Some(code) => match units::by_code(db, code).await? {
            Some(Area::Unit { id, .. }) => Some(id),
            _ => return Err(Error::field("unit", form(code, "the code of an administrative unit"))),
        },
    };
    if Entity::find_by_client_id(&client_id).one(db).await?.is_some() {
        let message = Message::new(Code::AlreadyRecorded).with("what", format!("client {client_id}"));
        return Err(Error::new(Class::Conflict, message));
    }
    let secret = new.jwks.is_none().then(new_secret);
    let client = ActiveModel {
        id: Set(ids.next()),
        client_id: Set(client_id),
        name: Set(name),
        role: Set(new.role.as_str().to_owned()),
        unit_id: Set(unit_id),
        scopes: Set(scope_names(&distinct(&new.scopes))),
        secret_hash: Set(secret.as_deref().map(hash)),
        previous_secret_hash: Set(None),
        previous_secret_until: Set(None),
        jwks: Set(new.jwks),
        created_at: Set(clock.now()),
        revoked_at: Set(None),
    };
    Ok(Credentials { client: client.insert(db).await?, secret })
}

/// Every client by name, the revoked ones too.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::ClientId).all(db).await?)
}

/// The client of that name; `NOT_FOUND` where there is none.
pub async fn find(db: &impl ConnectionTrait, client_id: &str) -> Result<Model> {
    let client = if is_client_id(client_id) { by_client_id(db, client_id).await? } else { None };
    client.ok_or_else(|| Error::not_found("the client"))
}

/// Gives a client a new secret; the one before is accepted for the given time, and any older one no more.
pub async fn rotate(
    db: &impl ConnectionTrait,
    clock: &Clock,
    client_id: &str,
    overlap: TimeDelta,
) -> Result<Credentials> {
    let client = find(db, client_id).await?;
    if client.revoked_at.is_some() || client.secret_hash.is_none() {
        let reason = if client.revoked_at.is_some() { "the client is revoked" } else { "the client has no secret" };
        return Err(Error::new(Class::Conflict, Message::new(Code::Conflict).with("reason", reason)));
    }
    let secret = new_secret();
    let previous = client.secret_hash.clone();
    let mut changed = client.into_active_model();
    changed.secret_hash = Set(Some(hash(&secret)));
    changed.previous_secret_hash = Set(previous);
    changed.previous_secret_until = Set(Some(clock.now() + overlap));
    Ok(Credentials { client: changed.update(db).await?, secret: Some(secret) })
}

/// Revokes a client: it gets no token from now on, and those it has are refused within ten seconds. Once more is harmless.
pub async fn revoke(db: &impl ConnectionTrait, clock: &Clock, client_id: &str) -> Result<Model> {
    let client = find(db, client_id).await?;
    if client.revoked_at.is_some() {
        return Ok(client);
    }
    let mut changed = client.into_active_model();
    changed.revoked_at = Set(Some(clock.now()));
    Ok(changed.update(db).await?)
}

/// The actor that a client is, with all scopes it may ask for.
pub async fn actor(db: &impl ConnectionTrait, client: &Model) -> Result<Actor> {
    let damaged = |what| Error::internal(format!("client {}: {what}", client.client_id));
    let role = client.role.parse().map_err(damaged)?;
    let scopes = client.scopes.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(damaged)?;
    let area = match client.unit_id {
        None => Area::Country,
        Some(id) => units::by_id(db, id).await?.ok_or_else(|| damaged("its unit is gone".to_owned()))?,
    };
    Ok(Actor { client_id: client.client_id.clone(), role, area, scopes })
}

/// The client of that name, if any. The name must have been checked with [`is_client_id`].
pub(super) async fn by_client_id(db: &impl ConnectionTrait, client_id: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::ClientId.eq(client_id)).one(db).await?)
}

/// Whether a text has the form of a client's name. `@` is not in it: it sets clients of other issuers apart.
pub fn is_client_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=64).contains(&text.len())
        && text.bytes().next().is_some_and(is_plain)
        && text.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'_'))
}

/// SHA-256 of a secret. The secret is 256 random bits, so nothing slower is needed.
pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

fn new_secret() -> String {
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// A set of one to sixteen keys, all of which we can use, and none of which is private.
fn is_usable_set(set: &Value) -> bool {
    let Some(keys) = set.get("keys").and_then(Value::as_array) else { return false };
    (1..=16).contains(&keys.len())
        && keys.iter().all(|key| key.get("d").is_none())
        && jws::read_set(set).is_some_and(|usable| usable.len() == keys.len())
}

fn slug(name: &str) -> String {
    let words = text::fold(name);
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(64).collect()
}

fn distinct(scopes: &[Scope]) -> Vec<Scope> {
    Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).collect()
}

fn form(value: &str, expected: &str) -> Message {
    Message::new(Code::CodeFormat).with("value", value.chars().take(64).collect::<String>()).with("expected", expected)
}
