//! Records written straight into JSON.
//!
//! The library gives every field of every record a future of its own and builds a tree of what they answer, which is
//! serialised at the end: for a page of some hundred values that costs several times what reading them does. Here the
//! fields of a record are asked one after the other, and what they answer goes to the bytes at once, in the order in which
//! the query names them. What a field is, its arguments, its rights and its errors stay the library's: the same resolvers
//! answer. Only the first record of each kind asks its fields side by side, because it is the one that reads its relations
//! for all of them (see [`cohort`](super::cohort)). Fields that show what a record holds ([`plain`](super::plain)) need none of this.
//!
//! Written JSON travels in the library's tree as [`Value::Binary`], which no type of the schema answers otherwise.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, ContextSelectionSet, ObjectType, OutputType, Positioned, QueryPathSegment, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;

use super::plain::Plain;

/// A list of records.
#[derive(Clone, Debug)]
pub struct Rows<T>(pub Vec<T>);

/// One record.
#[derive(Clone, Debug)]
pub struct Row<T>(pub T);

impl<T: ObjectType + Plain> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        list(ctx, field, self.0.iter()).await
    }
}

impl<T: ObjectType + Plain> OutputType for Row<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        one(ctx, &self.0).await
    }
}

/// Writes one record.
///
/// A field may lead back to this type, so its future cannot hold this one by value.
pub fn one<'a, T: ObjectType + Plain>(
    ctx: &'a ContextSelectionSet<'a>,
    record: &'a T,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let Some(fields) = Fields::of::<T>(ctx) else { return resolve_container(ctx, record).await };
        let mut json = Vec::with_capacity(256);
        fields.write(ctx, record, leads(ctx), &mut json).await;
        Ok(Value::Binary(json.into()))
    })
}

/// Writes a list of records.
pub fn list<'a, T: ObjectType + Plain + 'a>(
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Field>,
    records: impl ExactSizeIterator<Item = &'a T> + Send + 'a,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let Some(fields) = Fields::of::<T>(ctx) else {
            return OutputType::resolve(&records.collect::<Vec<&T>>(), ctx, field).await;
        };
        let mut json = Vec::with_capacity(2 + 256 * records.len());
        let leads = leads(ctx);
        json.push(b'[');
        for (place, record) in records.enumerate() {
            if place > 0 {
                json.push(b',');
            }
            fields.write(&ctx.with_index(place), record, leads && place == 0, &mut json).await;
        }
        json.push(b']');
        Ok(Value::Binary(json.into()))
    })
}

/// Whether a place of the answer is the first of its kind: those after it find their relations read.
fn leads(ctx: &ContextSelectionSet<'_>) -> bool {
    let path = std::iter::successors(ctx.path_node.as_ref(), |node| node.parent);
    path.into_iter().all(|node| !matches!(node.segment, QueryPathSegment::Index(1..)))
}

/// What a query asks of each record of a type.
struct Fields<'a> {
    of: Cow<'static, str>,
    place_of: fn(&str) -> Option<usize>,
    asked: Vec<Asked<'a>>,
}

/// A field that is asked for.
struct Asked<'a> {
    field: &'a Positioned<Field>,
    /// Its place among those that are plain.
    plain: Option<usize>,
}

impl<'a> Fields<'a> {
    /// The fields in their order; none where two mentions answer under one key, which the library merges.
    fn of<T: ObjectType + Plain>(ctx: &ContextSelectionSet<'a>) -> Option<Self> {
        let asked = Vec::with_capacity(ctx.item.node.items.len());
        let mut fields = Self { of: T::type_name(), place_of: T::place_of, asked };
        fields.add(ctx, &ctx.item.node)?;
        Some(fields)
    }

    fn add(&mut self, ctx: &ContextSelectionSet<'a>, set: &'a SelectionSet) -> Option<()> {
        for selection in &set.items {
            let (condition, set) = match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if self.asked.iter().any(|asked| asked.field.node.response_key().node == *key) {
                        return None;
                    }
                    self.asked.push(Asked { field, plain: (self.place_of)(&field.node.name.node) });
                    continue;
                }
                Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
            };
            if condition.is_none_or(|condition| self.is(ctx, &condition.node.on.node)) {
                self.add(ctx, &set.node)?;
            }
        }
        Some(())
    }

    /// Whether records of the type are of a named type or interface.
    fn is(&self, ctx: &ContextSelectionSet<'_>, name: &str) -> bool {
        let interfaces = || ctx.schema_env.registry.implements.get(&*self.of);
        self.of == name || interfaces().is_some_and(|interfaces| interfaces.contains(name))
    }

    /// Writes a record; the one that leads asks its fields side by side.
    async fn write<T: ContainerType + Plain>(
        &self,
        ctx: &ContextSelectionSet<'_>,
        record: &T,
        leads: bool,
        json: &mut Vec<u8>,
    ) {
        let mut led = Vec::new();
        if leads {
            let read = self.asked.iter().filter(|asked| asked.plain.is_none());
            led = join_all(read.map(|asked| Box::pin(self.answer(ctx, record, asked.field)))).await;
        }
        let mut led = led.into_iter();
        let mut object = Object::begin(json);
        for asked in &self.asked {
            if let Some(place) = asked.plain
                && object.add_plain(asked.field, |json| record.write_plain(place, &ctx.with_field(asked.field), json))
            {
                continue;
            }
            let answer = if asked.plain.is_none() { led.next() } else { None };
            let answer = match answer {
                Some(answer) => answer,
                None => self.answer(ctx, record, asked.field).await,
            };
            object.add(ctx, asked.field, answer);
        }
        object.end();
    }

    async fn answer<T: ContainerType>(
        &self,
        ctx: &ContextSelectionSet<'_>,
        record: &T,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if field.node.name.node == "__typename" {
            return Ok(Value::String(self.of.to_string()));
        }
        Ok(record.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default())
    }
}

/// An object that is being written.
struct Object<'j> {
    json: &'j mut Vec<u8>,
    start: usize,
}

impl<'j> Object<'j> {
    fn begin(json: &'j mut Vec<u8>) -> Self {
        let start = json.len();
        json.push(b'{');
        Self { json, start }
    }

    /// Adds a field. One that failed is left out, and its error kept with its place, as the library does.
    fn add(&mut self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>, answer: ServerResult<Value>) {
        match answer {
            Ok(value) => {
                self.name(field);
                write(&value, self.json);
            }
            Err(error) => ctx.add_error(error),
        }
    }

    /// Adds a field that is written at once, unless nothing comes of it.
    fn add_plain(&mut self, field: &Positioned<Field>, write: impl FnOnce(&mut Vec<u8>) -> Option<()>) -> bool {
        let before = self.json.len();
        self.name(field);
        let written = write(self.json).is_some();
        if !written {
            self.json.truncate(before);
        }
        written
    }

    fn name(&mut self, field: &Positioned<Field>) {
        if self.json.len() > self.start + 1 {
            self.json.push(b',');
        }
        // Names of GraphQL are ASCII letters, digits and underscores: nothing to escape.
        self.json.push(b'"');
        self.json.extend_from_slice(field.node.response_key().node.as_bytes());
        self.json.extend_from_slice(b"\":");
    }

    /// Ends it. An object none of whose fields succeeded is null, as the library has it.
    fn end(self) {
        if self.json.len() == self.start + 1 {
            self.json.truncate(self.start);
            self.json.extend_from_slice(b"null");
        } else {
            self.json.push(b'}');
        }
    }
}

/// Writes a value of the library's tree, and what was written before as it is.
pub fn write(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Binary(written) => json.extend_from_slice(written),
        Value::Object(fields) => {
            json.push(b'{');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                // A value of JSON inside the schema may have keys of any letters.
                scalar(name.as_str(), json);
                json.push(b':');
                write(value, json);
            }
            json.push(b'}');
        }
        Value::List(items) => {
            json.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                write(item, json);
            }
            json.push(b']');
        }
        plain => scalar(plain, json),
    }
}

/// Writes what serialises as JSON.
pub fn scalar(value: &(impl Serialize + ?Sized), json: &mut Vec<u8>) {
    // Texts, numbers and truth values always go into JSON, and memory takes what is written.
    if let Err(error) = serde_json::to_writer(json, value) {
        tracing::error!(%error, "a value could not be written");
    }
}

/// Takes what was written apart again, so that nulls can be put where fields failed.
pub fn unfold(value: &mut Value) {
    match value {
        Value::Binary(written) => *value = serde_json::from_slice(written).unwrap_or_default(),
        Value::Object(fields) => fields.values_mut().for_each(unfold),
        Value::List(items) => items.iter_mut().for_each(unfold),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
