//! A client assertion that was used, so that it is used once (RFC 7523).

use sea_orm::entity::prelude::*;

/// One assertion.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_assertion")]
pub struct Model {
    /// The client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// Its `jti`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub jti: String,
    /// When it may be forgotten.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
