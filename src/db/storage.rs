//! Whether the database can still store: its disk may be full, or it may have become a copy that only reads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::DbErr;

use crate::error::cannot_store;

/// What writes have told about the place they go to. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Storage {
    doubted: Arc<AtomicBool>,
}

impl Storage {
    /// Notes of a piece of work whether it failed for want of a place.
    pub(super) async fn watch<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        work.await.inspect_err(|error| {
            if cannot_store(error) {
                self.doubted.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Whether a write failed since the last proof that one succeeds.
    pub(super) fn is_doubted(&self) -> bool {
        self.doubted.load(Ordering::Relaxed)
    }

    /// A write has succeeded on purpose.
    pub(super) fn is_proven(&self) {
        self.doubted.store(false, Ordering::Relaxed);
    }
}
