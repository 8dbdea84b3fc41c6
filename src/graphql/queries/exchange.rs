//! Pushes and rows that wait.

use async_graphql::{Context, ID, Object};

use super::{page, registry::key, rows};
use crate::{
    error::Error,
    exchange::{batches, record::shorten, unmatched},
    graphql::{
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        types::batches::{Batch, UnmatchedRecord},
    },
    kinds::{self, Kind},
    messages::{Code, Message},
};

#[derive(Default)]
pub struct ExchangeQuery;

#[Object]
impl ExchangeQuery {
    /// A push that the caller sent; those of others are not found.
    async fn batch(&self, ctx: &Context<'_>, id: ID) -> Result<Batch, ApiError> {
        Ok(batches::own(ctx.env(), ctx.caller(), key(&id)?).await?.into())
    }

    /// Rows the caller sent that fit nobody and wait.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    async fn unmatched_records(
        &self,
        ctx: &Context<'_>,
        kind: Option<String>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<UnmatchedRecord>, ApiError> {
        if let Some(kind) = kind.as_deref().filter(|kind| Kind::find(kind).is_none()) {
            let known: Vec<&str> = kinds::ALL.iter().map(|kind| kind.slug).collect();
            let message = Message::new(Code::NotInList).with("value", shorten(kind)).with("allowed", known.join(", "));
            return Err(Error::field("kind", message).into());
        }
        let listing = unmatched::list(ctx.caller(), kind.as_deref());
        let make = |rows: Vec<_>| rows.into_iter().map(UnmatchedRecord::from).collect();
        nodes(ctx, listing, page(after, before, first, last), make).await
    }
}
