//! The schema as it is served and printed.

use async_graphql::{EmptySubscription, SDLExportOptions};

use super::{push::Mutation, queries::Query};

/// The schema of An Sinh.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Most cost of a query: a page of 500 rows with a relation or two, or one of 50 with all of them.
pub const COMPLEXITY: usize = 50_000;

/// Builds the schema; it holds no data, so that it can be printed anywhere.
pub fn schema(complexity: usize, suggestions: bool) -> Schema {
    let builder = async_graphql::Schema::build(Query::default(), Mutation, EmptySubscription)
        .limit_complexity(complexity);
    if suggestions { builder.finish() } else { builder.disable_suggestions().finish() }
}

/// The schema in its own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    schema(COMPLEXITY, true).sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_enum_items())
}
