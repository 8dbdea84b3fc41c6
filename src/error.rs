//! What went wrong, in the caller's terms. Each door turns it into its own answer; nothing else decides status and code.

use std::{borrow::Cow, sync::Arc};

use sea_orm::{
    DbErr, RuntimeErr, SqlErr,
    sqlx::{self, error::DatabaseError},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::messages::{Code, Fault, Message};

/// The result of everything a door can ask for.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of an error: the ten codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ErrorClass)]
pub enum Class {
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 400, or a nearer status of the 4xx.
    BadUserInput,
    /// 409, or 422 for a key used with another body.
    Conflict,
    /// 400: a query over the limits.
    TooComplex,
    /// 429.
    RateLimited,
    /// 413.
    PayloadTooLarge,
    /// 503.
    Unavailable,
    /// 500.
    Internal,
}

impl Class {
    /// The public code.
    pub fn code(self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
            Self::NotFound => Code::NotFound,
            Self::BadUserInput => Code::BadUserInput,
            Self::Conflict => Code::Conflict,
            Self::TooComplex => Code::TooComplex,
            Self::RateLimited => Code::RateLimited,
            Self::PayloadTooLarge => Code::PayloadTooLarge,
            Self::Unavailable => Code::Unavailable,
            Self::Internal => Code::Internal,
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::BadUserInput | Self::TooComplex => 400,
            Self::Conflict => 409,
            Self::RateLimited => 429,
            Self::PayloadTooLarge => 413,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// An error with everything a door needs to answer it. The cause, where there is one, is for the log alone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.message.text(crate::messages::Lang::En))]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    class: Class,
    status: u16,
    message: Message,
    faults: Vec<Fault>,
    retry_after: Option<u64>,
    batch_id: Option<uuid::Uuid>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    contended: bool,
    replayed: bool,
}

impl Error {
    /// An error of a class with the sentence that explains it.
    pub fn new(class: Class, message: impl Into<Message>) -> Self {
        Self(Box::new(Inner {
            class,
            status: class.status(),
            message: message.into(),
            faults: Vec::new(),
            retry_after: None,
            batch_id: None,
            cause: None,
            contended: false,
            replayed: false,
        }))
    }

    /// Input that is wrong as a whole, for one stated reason.
    pub fn invalid(message: impl Into<Message>) -> Self {
        Self::new(Class::BadUserInput, message)
    }

    /// Input with faults of its fields.
    pub fn faulty(faults: Vec<Fault>) -> Self {
        let first = faults.first().map_or_else(String::new, |fault| {
            let text = fault.message.text(crate::messages::Lang::En);
            fault.field.as_ref().map_or_else(|| text.clone(), |field| format!("{field}: {text}"))
        });
        let mut error = Self::invalid(Message::new(Code::BadUserInput).with("reason", first));
        error.0.faults = faults;
        error
    }

    /// One field that is wrong.
    pub fn field(field: impl Into<String>, message: impl Into<Message>) -> Self {
        Self::faulty(vec![Fault::at(field, message)])
    }

    /// Nothing of that name within the caller's area.
    pub fn not_found(what: &str) -> Self {
        Self::new(Class::NotFound, Message::new(Code::NotFound).with("what", what))
    }

    /// No usable token, and why.
    pub fn unauthenticated(reason: &str) -> Self {
        Self::new(Class::Unauthenticated, Message::new(Code::Unauthenticated).with("reason", reason))
    }

    /// The service cannot answer now.
    pub fn unavailable() -> Self {
        Self::new(Class::Unavailable, Code::Unavailable).retry_after(1)
    }

    /// There is no room for what was to be stored; nothing of it is.
    pub fn storage_full(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Class::Unavailable, Code::StorageFull).with_status(507).retry_after(60).caused_by(cause)
    }

    /// Our own fault; the cause goes to the log at the edge.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Class::Internal, Code::Internal).caused_by(cause)
    }

    /// The same with a nearer HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// The same with seconds after which a repeat makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The same with the faults of its fields.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// The same with the push it refuses, which can be looked up.
    #[must_use]
    pub fn about_batch(mut self, batch_id: uuid::Uuid) -> Self {
        self.0.batch_id = Some(batch_id);
        self
    }

    /// The same with its cause, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(Arc::from(cause.into()));
        self
    }

    /// The same, as it was answered before under the same key.
    #[must_use]
    pub fn replayed(mut self) -> Self {
        self.0.replayed = true;
        self
    }

    /// The same, marked as come from another transaction that was in the way.
    #[must_use]
    fn contended(mut self) -> Self {
        self.0.contended = true;
        self
    }

    /// Whether another transaction was in the way, so that the same may succeed when it is begun anew.
    pub fn is_contended(&self) -> bool {
        self.0.contended
    }

    /// Whether it was answered before under the same key.
    pub fn is_replayed(&self) -> bool {
        self.0.replayed
    }

    /// The class.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The sentence; its code may be nearer than the class's.
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// What is wrong with which field.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// Seconds after which a repeat makes sense.
    pub fn seconds_to_retry(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// The push it refuses.
    pub fn batch_id(&self) -> Option<uuid::Uuid> {
        self.0.batch_id
    }

    /// The cause, for the log alone.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.0.cause.as_deref()
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                Self::new(Class::Conflict, Message::new(Code::AlreadyRecorded).with("what", "the record"))
                    .caused_by(error)
                    .contended()
            }
            _ if cannot_store(&error) => Self::storage_full(error),
            _ if is_collision(&error) => Self::unavailable().caused_by(error).contended(),
            _ if is_lost(&error) || is_late(&error) => Self::unavailable().caused_by(error),
            _ => Self::internal(error),
        }
    }
}

/// PostgreSQL: deadlock, serialization failure. SQLite: busy, also as the snapshot of a read that became a write.
fn is_collision(error: &DbErr) -> bool {
    told(error).is_some_and(|code| matches!(&*code, "40P01" | "40001" | "5" | "517"))
}

/// PostgreSQL: a statement took longer than its limit or waited too long for a lock, or the server has no room for one more.
fn is_late(error: &DbErr) -> bool {
    told(error).is_some_and(|code| matches!(&*code, "57014" | "55P03" | "53200" | "53300" | "53400"))
}

/// Whether there is no room for what was to be written, or no way to write at all.
///
/// PostgreSQL: disk full, error of a disk, a server that only reads. SQLite: full, error of a disk, read-only, cannot open a file
/// that it needs beside its own; each has extended codes, whose lowest byte they are.
pub fn cannot_store(error: &DbErr) -> bool {
    told(error).is_some_and(|code| match code.parse::<u32>() {
        Ok(extended) if code.len() < 5 => matches!(extended & 0xff, 8 | 10 | 13 | 14),
        _ => matches!(&*code, "53100" | "58030" | "25006"),
    })
}

/// Whether the connection is gone, as when PostgreSQL is started anew: the database may answer whoever comes again.
pub fn is_lost(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_ending(cause),
        _ => false,
    }
}

/// Whether the database or the way to it says that it is ending.
pub fn is_ending(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        // Operator intervention and connection exceptions, by their classes.
        sqlx::Error::Database(told) => {
            told.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        _ => false,
    }
}

/// The code of what the database said.
fn told(error: &DbErr) -> Option<Cow<'_, str>> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause.as_database_error().and_then(DatabaseError::code)
}
