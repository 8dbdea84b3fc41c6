//! Plain lists that go on. A list inside a record has no `pageInfo`; where more follows than the answer shows, its place stands
//! in the extension `unfinished` of the answer, with what to give as `after` to go on.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Name, QueryPathNode, Value, indexmap::IndexMap};

use super::context::Asking;
use crate::messages::{Code, Message};

/// The extension of an answer that tells which of its lists go on.
pub const EXTENSION: &str = "unfinished";

/// The lists of one operation that go on.
#[derive(Clone, Debug, Default)]
pub struct Unfinished(Arc<Mutex<Vec<Value>>>);

impl Unfinished {
    /// Notes the list that a field answers: it goes on after what is shown.
    pub fn note(ctx: &Context<'_>, after: impl Into<Value>) {
        let Some(unfinished) = ctx.data_opt::<Self>() else { return };
        let message = Message::new(Code::ListGoesOn).text(ctx.lang());
        let entry = [
            ("path", Value::List(ctx.path_node.iter().flat_map(path).collect())),
            ("after", after.into()),
            ("code", Code::ListGoesOn.as_str().into()),
            ("message", message.into()),
        ];
        let entry = entry.into_iter().map(|(name, value)| (Name::new(name), value)).collect::<IndexMap<_, _>>();
        unfinished.0.lock().unwrap_or_else(PoisonError::into_inner).push(Value::Object(entry));
    }

    /// Tells of them in an answer.
    pub fn tell(&self, extensions: &mut std::collections::BTreeMap<String, Value>) {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if !noted.is_empty() {
            extensions.insert(EXTENSION.to_owned(), Value::List(noted));
        }
    }
}

fn path(node: &QueryPathNode<'_>) -> Vec<Value> {
    let mut path: Vec<Value> = std::iter::successors(Some(node), |node| node.parent)
        .map(|node| match node.segment {
            async_graphql::QueryPathSegment::Index(index) => Value::from(index),
            async_graphql::QueryPathSegment::Name(name) => Value::from(name),
        })
        .collect();
    path.reverse();
    path
}
