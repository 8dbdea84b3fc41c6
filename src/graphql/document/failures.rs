//! What a failed field leaves behind. The specification (October 2021, 6.4.4) wants `null` in its place, and where the
//! field is non-null, in the place of its nearest parent that is not. The library leaves the field out instead, and an
//! object none of whose fields succeeded is `null`.

use std::collections::HashSet;

use async_graphql::{
    Name, PathSegment, ServerError, Value,
    indexmap::IndexMap,
    parser::types::{BaseType, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type},
};

use super::types::{Composite, TypeId, TypeMap};

/// Puts `null` where the failed fields of a result belong.
pub fn place(
    data: &mut Value,
    errors: &[ServerError],
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    types: &TypeMap,
) {
    let Some(root) = types.root(operation.ty) else { return };
    let mut placer = Placer { document, types, gone: HashSet::new() };
    let nullable = Type { base: BaseType::Named(Name::new("")), nullable: true };
    for error in errors.iter().filter(|error| !error.path.is_empty()) {
        let at = Place { declared: &nullable, ty: Some(root), sets: vec![&operation.selection_set.node] };
        placer.fail(data, &at, &error.path, 0);
    }
}

struct Placer<'d> {
    document: &'d ExecutableDocument,
    types: &'d TypeMap,
    /// Places that are null because something below them failed: a later failure there changes nothing.
    gone: HashSet<String>,
}

/// What belongs at a place of the result.
struct Place<'d> {
    declared: &'d Type,
    ty: Option<TypeId>,
    sets: Vec<&'d SelectionSet>,
}

impl<'d> Placer<'d> {
    /// Says whether the parent must be null in turn.
    fn fail(&mut self, value: &mut Value, place: &Place<'d>, path: &[PathSegment], level: usize) -> bool {
        if !self.gone.is_empty() && self.gone.contains(&written(&path[..level])) {
            return false;
        }
        let fails = match (path.get(level), &place.declared.base) {
            (None, _) => true,
            (Some(PathSegment::Index(index)), BaseType::List(item)) => {
                let place = Place { declared: item, ty: place.ty, sets: place.sets.clone() };
                match value {
                    Value::List(items) => {
                        items.get_mut(*index).is_some_and(|item| self.fail(item, &place, path, level + 1))
                    }
                    _ => false,
                }
            }
            (Some(PathSegment::Field(key)), BaseType::Named(_)) => {
                if matches!(value, Value::Null) {
                    *value = Value::Object(IndexMap::new());
                }
                match (value_of(value, key), self.field(place, key)) {
                    (Some(value), Some(place)) => self.fail(value, &place, path, level + 1),
                    _ => false,
                }
            }
            _ => false,
        };
        if fails {
            *value = Value::Null;
            self.gone.insert(written(&path[..level]));
        }
        fails && !place.declared.nullable
    }

    /// The field that answers under `key`, with the selections of each of its mentions.
    fn field(&self, place: &Place<'d>, key: &str) -> Option<Place<'d>> {
        let parent = self.types.get(place.ty?);
        let mut found = Vec::new();
        for set in &place.sets {
            self.mentions(set, parent, key, &mut found);
        }
        let (first, parent) = *found.first()?;
        let output = parent.fields.get(first.name.node.as_str())?;
        let sets = found.iter().map(|(field, _)| &field.selection_set.node).collect();
        Some(Place { declared: &output.declared, ty: output.ty, sets })
    }

    fn mentions(
        &self,
        set: &'d SelectionSet,
        parent: &'d Composite,
        key: &str,
        found: &mut Vec<(&'d Field, &'d Composite)>,
    ) {
        let within = |condition: &str| self.types.named(condition).map_or(parent, |ty| self.types.get(ty));
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if field.node.response_key().node == key => found.push((&field.node, parent)),
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| within(&condition.node.on.node));
                    self.mentions(&inline.node.selection_set.node, parent, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let parent = within(&fragment.node.type_condition.node.on.node);
                        self.mentions(&fragment.node.selection_set.node, parent, key, found);
                    }
                }
            }
        }
    }
}

fn written(path: &[PathSegment]) -> String {
    let segment = |segment: &PathSegment| match segment {
        PathSegment::Field(name) => format!("{name}/"),
        PathSegment::Index(index) => format!("{index}/"),
    };
    path.iter().map(segment).collect()
}

fn value_of<'v>(value: &'v mut Value, key: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(fields) => Some(fields.entry(Name::new(key)).or_default()),
        _ => None,
    }
}
