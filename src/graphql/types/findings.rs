//! Doubts about stored records.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use entity::finding;
use uuid::Uuid;

use crate::{
    error::Result,
    exchange::batches,
    graphql::{cohort::group, context::Asking, plain::plain},
};

/// A doubt about a stored record.
#[derive(Clone, Debug)]
pub struct Finding(pub finding::Model);

plain!(Finding: id(), code(), message());

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
    async fn message(&self, ctx: &Context<'_>) -> String {
        batches::message_of(&self.0).map_or_else(|| self.0.code.clone(), |message| message.text(ctx.lang()))
    }
}

/// Open doubts about records, by record.
pub async fn open_findings(ctx: &Context<'_>, records: &[Uuid]) -> Result<HashMap<Uuid, Vec<Finding>>> {
    let found = batches::open_findings(ctx.env(), records).await?;
    Ok(group(found.into_iter().map(Finding), |finding| finding.0.record_id))
}
