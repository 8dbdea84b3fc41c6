//! Pages as Relay connections.

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Object, ObjectType, OutputType, Positioned, ServerResult, Value,
    connection::{Connection, CursorType, Edge, EmptyFields},
    parser::types::Field,
    registry::Registry,
};
use entity::by_place::ByPlace;
use futures_util::future::BoxFuture;
use sea_orm::EntityTrait;
use std::{borrow::Cow, sync::Arc};

use super::{context::Asking, http::ApiError, plain::Plain, shown::Shown, written};
use crate::{
    env::Env,
    error::Result,
    listing::{Cursor, Listing, PageArgs},
};

/// Written by the library, but read by [`Listing`], which knows what it is sorted by.
impl CursorType for Cursor {
    type Error = &'static str;

    fn decode_cursor(_: &str) -> std::result::Result<Self, Self::Error> {
        Err("a cursor is read by its list")
    }

    fn encode_cursor(&self) -> String {
        self.to_string()
    }
}

/// The count of a whole list; a statement of its own, sent only when asked for.
pub struct Total(Arc<dyn Fn(Env) -> BoxFuture<'static, Result<u64>> + Send + Sync>);

#[Object]
impl Total {
    /// How many there are in all; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        Ok((self.0)(ctx.env().clone()).await?)
    }
}

type Inner<T> = Connection<Cursor, T, Total, EmptyFields>;

/// A page of nodes.
pub struct Nodes<T: OutputType>(Inner<T>);

impl<T: ObjectType + Plain> OutputType for Nodes<T> {
    fn type_name() -> Cow<'static, str> {
        <Inner<T> as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Inner<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        written::one(ctx, self).await
    }
}

impl<T: ObjectType + Plain> ContainerType for Nodes<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let below = ctx.with_selection_set(&ctx.item.node.selection_set);
        match ctx.item.node.name.node.as_str() {
            "nodes" => written::list(&below, ctx.item, self.0.edges.iter().map(|edge| &edge.node)).await.map(Some),
            "edges" => written::list(&below, ctx.item, self.0.edges.iter()).await.map(Some),
            _ => self.0.resolve_field(ctx).await,
        }
    }
}

impl<T: ObjectType + Plain> ObjectType for Nodes<T> {}

impl<T: OutputType> Plain for Nodes<T> {}

impl<T: OutputType> Plain for Edge<Cursor, T, EmptyFields> {}

/// Reads a page of a list and makes nodes of its rows, which know each other.
pub async fn nodes<E, T>(
    ctx: &Context<'_>,
    listing: Result<Listing<E>>,
    args: PageArgs,
    make: impl FnOnce(Vec<E::Model>) -> Vec<T>,
) -> Result<Nodes<T>, ApiError>
where
    E: EntityTrait<Model: ByPlace + Send + Sync>,
    T: ObjectType + Plain + Shown<Row = E::Model>,
{
    let listing = Arc::new(listing?);
    let asked = ctx.look_ahead();
    let columns = T::columns(&[asked.field("nodes"), asked.field("edges").field("node")]);
    let page = listing.page_of(ctx.env(), ctx.caller(), &args, columns).await?;
    let (cursors, rows): (Vec<Cursor>, Vec<E::Model>) = page.rows.into_iter().unzip();
    let total = Total(Arc::new(move |env| {
        let listing = Arc::clone(&listing);
        Box::pin(async move { listing.count(&env).await })
    }));
    let mut connection = Connection::with_additional_fields(page.has_previous, page.has_next, total);
    connection.edges.extend(cursors.into_iter().zip(make(rows)).map(|(cursor, node)| Edge::new(cursor, node)));
    Ok(Nodes(connection))
}
