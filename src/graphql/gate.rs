//! Who may run which operation, and that what it showed is on record before the answer leaves.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response};
use axum::http::{Extensions, HeaderMap};
use entity::codes::AuditOutcome;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{
    document::{Inspection, Refusal},
    http::Gate,
};
use crate::{
    access::{Caller, Grant},
    audit::Recorder,
    env::Env,
    error::{Class, Error, Result},
    identity::{Identity, rates::Rates},
    messages::{Code, Message},
    rest::{
        authenticate::{self, HeldToken},
        context::RequestContext,
        rates, trail,
    },
};

/// The gate of the GraphQL door.
#[derive(Clone, Debug)]
pub struct ExchangeGate {
    /// Who asks.
    pub identity: Identity,
    /// Database, time, keys.
    pub env: Env,
    /// Where reads are logged.
    pub audit: Recorder,
    /// How often one may ask.
    pub rates: Arc<Rates>,
    /// Whether the schema may be asked for.
    pub introspection: bool,
}

/// What is kept of an operation until its answer leaves.
#[derive(Clone, Debug)]
pub struct Visit {
    caller: Caller,
    action: String,
}

impl Gate for ExchangeGate {
    type Visit = Visit;

    async fn admit(
        &self,
        found: &Extensions,
        inspection: &Inspection,
        request: Request,
    ) -> Result<(Request, Visit), Refusal> {
        if let Some(trail::Unaccepted(error)) = found.get() {
            return Err(error.clone().into());
        }
        let caller = found.get::<Caller>().map(Caller::again);
        let caller = caller.ok_or_else(|| Error::unauthenticated("the Authorization header is missing"))?;
        let action = action(inspection);
        if let Err(refusal) = check(&caller, inspection) {
            trail::record(&self.env, &self.audit, &caller, &action, AuditOutcome::Refused).await?;
            return Err(refusal);
        }
        let request = request.data(caller.clone()).data(self.env.clone());
        Ok((request, Visit { caller, action }))
    }

    fn introspection(&self, _: &Extensions) -> bool {
        self.introspection
    }

    async fn connect(&self, payload: Value, mut caller: Extensions, headers: &HeaderMap) -> Result<Extensions> {
        let sent = ["Authorization", "authorization"].iter().find_map(|name| payload.get(name)?.as_str());
        let header = headers.get(axum::http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = sent.or(header).and_then(|text| text.split_once(' ')).map(|(_, token)| token.trim());
        let token = bearer.ok_or_else(|| Error::unauthenticated("connection_init carries no Authorization"))?;
        let admitted = authenticate::caller_of_token(&self.identity, token, caller.get::<RequestContext>()).await?;
        if let Some(held) = HeldToken::of_token(token) {
            caller.insert(held);
        }
        caller.insert(admitted);
        Ok(caller)
    }

    fn client(&self, caller: &Extensions) -> String {
        caller.get::<Caller>().map(|caller| caller.actor.client_id.clone()).unwrap_or_default()
    }

    fn expires_in(&self, caller: &Extensions) -> Option<Duration> {
        let end = caller.get::<HeldToken>()?.end()?;
        Some((end - self.env.clock.now()).to_std().unwrap_or_default())
    }

    fn revoked(&self, caller: &Extensions) -> BoxFuture<'static, ()> {
        match caller.get::<HeldToken>() {
            Some(held) => Box::pin(held.clone().refused(self.identity.clone())),
            None => Box::pin(std::future::pending()),
        }
    }

    fn count(&self, caller: &Extensions) -> Result<()> {
        // Who brings no token is refused by the gate itself.
        caller.get::<Caller>().map_or(Ok(()), |known| rates::count(&self.rates, known, caller.get()))
    }

    async fn settle(&self, visit: &Visit, _: &mut Response) -> Result<()> {
        trail::record(&self.env, &self.audit, &visit.caller, &visit.action, AuditOutcome::Done).await
    }
}

/// The rights to every field of the document, asked once and not for every row: they depend on the role alone.
fn check(caller: &Caller, inspection: &Inspection) -> Result<(), Refusal> {
    // What is asked for on an interface is granted or not by the root field that gave the node.
    for selected in inspection.selected.iter().filter(|selected| selected.through.is_none()) {
        let (of, field) = (&*selected.parent, &*selected.field);
        let granted = match of {
            "Query" | "Mutation" | "Subscription" => caller.require(of, field).map(drop),
            _ if caller.grant(of, field) == Grant::None => Err(forbidden(caller, of, field)),
            _ => Ok(()),
        };
        granted.map_err(|error| Refusal::at(error, selected.pos))?;
    }
    Ok(())
}

fn forbidden(caller: &Caller, of: &str, field: &str) -> Error {
    let message =
        Message::new(Code::Forbidden).with("role", caller.actor.role).with("action", format!("read {of}.{field}"));
    Error::new(Class::Forbidden, message)
}

/// What the log calls the operation: its root fields.
fn action(inspection: &Inspection) -> String {
    let roots = inspection.selected.iter().filter(|s| matches!(&*s.parent, "Query" | "Mutation" | "Subscription"));
    let names: Vec<&str> = roots.map(|selected| &*selected.field).collect();
    format!("graphql: {}", names.join(" "))
}
