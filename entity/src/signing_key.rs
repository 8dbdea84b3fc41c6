//! A key that tokens are signed with. It is published before it signs and until its last token has ended.

use sea_orm::entity::prelude::*;

/// One key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// `kid`: the RFC 7638 thumbprint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// `EdDSA` or `ES256`.
    pub algorithm: String,
    /// Public key as a JWK.
    pub public_jwk: Json,
    /// PKCS#8 private key, sealed with the key of the configuration.
    pub private_sealed: Vec<u8>,
    /// Made at.
    pub created_at: DateTimeUtc,
    /// Signs from.
    pub active_from: DateTimeUtc,
    /// Signs until; none for the current key.
    pub active_until: Option<DateTimeUtc>,
    /// Published until; none for the current key.
    pub published_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
