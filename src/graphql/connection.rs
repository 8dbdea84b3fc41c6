//! Pages as Relay connections.

use async_graphql::{
    Context, Object, OutputType,
    connection::{Connection, Edge, EmptyFields},
};
use futures_util::future::BoxFuture;
use sea_orm::EntityTrait;
use std::sync::Arc;

use super::{context::Asking, http::ApiError};
use crate::{
    env::Env,
    error::Result,
    listing::{Listing, PageArgs},
};

/// The count of a whole list; a statement of its own, sent only when asked for.
pub struct Total(Arc<dyn Fn(Env) -> BoxFuture<'static, Result<u64>> + Send + Sync>);

#[Object]
impl Total {
    /// How many there are in all; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        Ok((self.0)(ctx.env().clone()).await?)
    }
}

/// A page of nodes.
pub type Nodes<T> = Connection<String, T, Total, EmptyFields>;

/// Reads a page of a list and makes nodes of its rows, which know each other.
pub async fn nodes<E, T>(
    ctx: &Context<'_>,
    listing: Result<Listing<E>>,
    args: PageArgs,
    make: impl FnOnce(Vec<E::Model>) -> Vec<T>,
) -> Result<Nodes<T>, ApiError>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    T: OutputType,
{
    let listing = Arc::new(listing?);
    let page = listing.page(ctx.env(), ctx.caller(), &args).await?;
    let (cursors, rows): (Vec<String>, Vec<E::Model>) = page.rows.into_iter().unzip();
    let total = Total(Arc::new(move |env| {
        let listing = Arc::clone(&listing);
        Box::pin(async move { listing.count(&env).await })
    }));
    let mut connection = Connection::with_additional_fields(page.has_previous, page.has_next, total);
    connection.edges.extend(cursors.into_iter().zip(make(rows)).map(|(cursor, node)| Edge::new(cursor, node)));
    Ok(connection)
}
