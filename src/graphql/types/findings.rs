//! Doubts about stored records.

use async_graphql::{Context, ID, Object};
use entity::finding;
use uuid::Uuid;

use crate::{
    exchange::{batches, findings},
    graphql::{context::Asking, lists::Of, plain::plain},
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

/// How open doubts about records are read.
pub fn open_findings<'a>(
    ctx: &'a Context<'a>,
    records: &'a (dyn Fn() -> Vec<Uuid> + Sync),
) -> Of<'a, finding::Entity, Finding> {
    let make = |rows: Vec<finding::Model>| rows.into_iter().map(Finding).collect();
    Of { ctx, children: &findings::OF_RECORD, records, make, row: |finding| &finding.0 }
}
