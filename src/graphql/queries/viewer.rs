//! Who am I, what may I do.

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    access::{Area, Grant, policy},
    graphql::context::Asking,
};

/// The client that asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// OAuth client.
    client_id: String,
    /// Role in the access table.
    role: &'static str,
    /// Code of the unit whose area it sees; null for the whole country.
    unit: Option<String>,
    /// What its token is for.
    scopes: Vec<&'static str>,
    /// Root fields it may use, as `Query.households`.
    permissions: Vec<String>,
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who am I, and what may I do.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        let actor = &ctx.caller().actor;
        let table = policy::table();
        let permissions = table
            .root_fields()
            .filter(|(of, field)| table.grant(actor.role, of, field) != Grant::None)
            .map(|(of, field)| format!("{of}.{field}"))
            .collect();
        Viewer {
            client_id: actor.client_id.clone(),
            role: actor.role.as_str(),
            unit: match &actor.area {
                Area::Country => None,
                Area::Unit { code, .. } => Some(code.clone()),
            },
            scopes: actor.scopes.iter().map(|scope| scope.as_str()).collect(),
            permissions,
        }
    }
}
