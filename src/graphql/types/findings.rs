//! Doubts about stored records.

use async_graphql::{ID, Object};
use entity::finding;

use crate::{exchange::batches, graphql::context::Asking};

/// A doubt about a stored record.
#[derive(Clone, Debug)]
pub struct Finding(pub finding::Model);

/// A doubt about a stored record: facts are stored, doubts are flagged.
#[Object]
impl Finding {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What is doubted, as `NOT_ON_POOR_LIST`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The doubt in a sentence.
    async fn message(&self, ctx: &async_graphql::Context<'_>) -> String {
        batches::message_of(&self.0).map_or_else(|| self.0.code.clone(), |message| message.text(ctx.lang()))
    }
}
