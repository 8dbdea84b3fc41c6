//! A system of an agency that may ask for tokens.

use sea_orm::entity::prelude::*;

/// One client.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agency_client")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Public name of the client in OAuth.
    #[sea_orm(unique)]
    pub client_id: String,
    /// Which agency it speaks for, in words.
    pub name: String,
    /// Role in the access table.
    pub role: String,
    /// Unit whose area it may see; none for the whole country.
    pub unit_id: Option<Uuid>,
    /// Scopes it may ask for, separated by spaces.
    pub scopes: String,
    /// SHA-256 of the secret (the secret is 256 random bits, so no slow hash is needed).
    pub secret_hash: Option<Vec<u8>>,
    /// SHA-256 of the secret before the last rotation.
    pub previous_secret_hash: Option<Vec<u8>>,
    /// Until when the previous secret is accepted.
    pub previous_secret_until: Option<DateTimeUtc>,
    /// Public keys (JWKS) for `private_key_jwt`.
    pub jwks: Option<Json>,
    /// Recorded at.
    pub created_at: DateTimeUtc,
    /// Revoked at; no token is given from then on.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
