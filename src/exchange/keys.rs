//! Idempotency keys: which push a key belongs to, and when it may pass to another.
//!
//! A key belongs to the first push that came with it, with all that decides what becomes of it: body, control data and
//! whether it is only tried. A push that was refused as a whole has stored nothing, so the sender may correct it, a total
//! or a row, and send it under the same key: the key passes to the new attempt, in the transaction that stores it. Until
//! that commits the refusal holds the key, so that a crash leaves one of the two; and two attempts at once meet at the
//! unique index of keys like two first ones.

use entity::{batch, codes::BatchStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, sea_query::Expr};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{format::Envelope, kind::PushKind, push::Push};
use crate::{
    access::Caller,
    db::Transaction,
    env::Env,
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// What was under a key before.
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// The same push; it is answered again.
    Answered(batch::Model),
    /// Another push, which was refused; the key is to be had.
    Refused(Uuid),
}

impl Push {
    /// What tells this push from another under the same key: SHA-256 of the body, and of the control data beside it where
    /// there are any. The purpose changes nothing that is stored.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let Envelope { declared_count, declared_amount, atomic, idempotency_key: _, purpose: _ } = &self.envelope;
        if declared_count.is_none() && declared_amount.is_none() && atomic.is_none() && !self.dry_run {
            return self.body_hash.clone();
        }
        let control = format!("\n{declared_count:?} {declared_amount:?} {atomic:?} {}", self.dry_run);
        Sha256::new().chain_update(&self.body_hash).chain_update(control).finalize().to_vec()
    }
}

/// Checks the form of a key that stood in a body.
pub(super) fn check(key: &str) -> Result<()> {
    let fine = (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let form = || Message::new(Code::CodeFormat).with("value", "Idempotency-Key").with("expected", "1–200 ASCII signs");
    if fine { Ok(()) } else { Err(Error::field("idempotencyKey", form())) }
}

/// The answer while another request is at work with the key.
pub(super) fn still_running() -> Error {
    Error::new(Class::Conflict, Code::IdempotencyKeyRunning).retry_after(1)
}

/// Looks up what was under a key.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` where that was another push and not refused, or of another kind.
pub(super) async fn before<K: PushKind>(env: &Env, caller: &Caller, key: Option<&str>, push: &Push) -> Result<Before> {
    let Some(key) = key else { return Ok(Before::Nothing) };
    let first = batch::Entity::find()
        .filter(batch::Column::ClientId.eq(&caller.actor.client_id))
        .filter(batch::Column::IdempotencyKey.eq(key))
        .one(env.db.read())
        .await?;
    match first {
        None => Ok(Before::Nothing),
        Some(first) if first.kind == K::SLUG && first.body_hash == push.fingerprint() => Ok(Before::Answered(first)),
        Some(first) if first.kind == K::SLUG && first.status == BatchStatus::Refused => Ok(Before::Refused(first.id)),
        Some(_) => Err(Error::new(Class::Conflict, Code::IdempotencyKeyReused).with_status(422)),
    }
}

/// On PostgreSQL another replica may be at work with the same key: it is told at once instead of waiting for the index.
pub(super) async fn hold(txn: &Transaction, batch: &batch::Model) -> Result<()> {
    let Some(key) = &batch.idempotency_key else { return Ok(()) };
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held";
    let name = format!("{}\n{key}", batch.client_id);
    let row = txn.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])).await?;
    let held: bool = row.map_or(Ok(false), |row| row.try_get("", "held"))?;
    if held { Ok(()) } else { Err(still_running()) }
}

/// Takes the key from a push that was refused, for the one that is stored next in the same transaction.
pub(super) async fn release(txn: &Transaction, refused: Option<Uuid>) -> Result<()> {
    let Some(refused) = refused else { return Ok(()) };
    batch::Entity::update_many()
        .col_expr(batch::Column::IdempotencyKey, Expr::value(None::<String>))
        .filter(batch::Column::Id.eq(refused))
        .filter(batch::Column::Status.eq(BatchStatus::Refused))
        .exec(txn)
        .await?;
    Ok(())
}
