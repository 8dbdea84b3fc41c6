//! Which fields of which types an operation may resolve. Rights depend on a role and not on rows, so a caller can look
//! each pair up once for the whole document.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use super::types::{TypeId, TypeMap};

/// A field that the operation may resolve. `__typename` is not listed, nor what lies below `__schema` and `__type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The object type that resolves it.
    pub parent: Arc<str>,
    /// The field.
    pub field: Arc<str>,
    /// Where the document first asks for it.
    pub pos: Pos,
    /// The interface it was asked for on, when the document does not name the object: any object of that interface may
    /// turn up, or none of this type.
    pub through: Option<Arc<str>>,
}

pub(super) struct Walked {
    pub(super) selected: Vec<Selected>,
    pub(super) introspection: Option<Pos>,
}

/// Lists the fields of an operation. The document must have been measured: recursion is bounded by its limits, and
/// cycles have been refused.
pub(super) fn walk(document: &ExecutableDocument, operation: &OperationDefinition, types: &TypeMap) -> Walked {
    let mut walker = Walker {
        document,
        types,
        spreads: HashSet::new(),
        pairs: HashSet::new(),
        selected: Vec::new(),
        introspection: None,
    };
    if let Some(root) = types.root(operation.ty) {
        walker.set(&operation.selection_set.node, root);
    }
    Walked { selected: walker.selected, introspection: walker.introspection }
}

struct Walker<'d> {
    document: &'d ExecutableDocument,
    types: &'d TypeMap,
    /// Fragments walked, each with the type it was spread on: a second spread there adds nothing.
    spreads: HashSet<(&'d str, TypeId)>,
    pairs: HashSet<(TypeId, &'d str, bool)>,
    selected: Vec<Selected>,
    introspection: Option<Pos>,
}

impl<'d> Walker<'d> {
    fn set(&mut self, set: &'d SelectionSet, parent: TypeId) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(field, parent),
                Selection::InlineFragment(inline) => {
                    let condition =
                        inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    if let Some(parent) = self.narrowed(parent, condition) {
                        self.set(&inline.node.selection_set.node, parent);
                    }
                }
                Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node, parent),
            }
        }
    }

    fn spread(&mut self, name: &str, parent: TypeId) {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return };
        let condition = fragment.node.type_condition.node.on.node.as_str();
        let Some(parent) = self.narrowed(parent, Some(condition)) else { return };
        if self.spreads.insert((name.as_str(), parent)) {
            self.set(&fragment.node.selection_set.node, parent);
        }
    }

    /// The type that a fragment on `condition` meets within `parent`. An object stays what it is, so that an interface
    /// written around its field hides nothing; `None` where the two can never meet.
    fn narrowed(&self, parent: TypeId, condition: Option<&str>) -> Option<TypeId> {
        let Some(condition) = condition else { return Some(parent) };
        let condition = self.types.named(condition)?;
        if self.types.get(parent).is_abstract {
            return Some(condition);
        }
        self.types.get(condition).possible.contains(&parent).then_some(parent)
    }

    fn field(&mut self, field: &'d Positioned<Field>, parent: TypeId) {
        let name = field.node.name.node.as_str();
        if matches!(name, "__schema" | "__type") {
            self.introspection.get_or_insert(field.pos);
            return;
        }
        // A field that is not there is left to validation, which never runs what lies below it.
        let types = self.types;
        let Some(output) = types.get(parent).fields.get(name) else { return };
        self.list(parent, &output.name, field);
        if let Some(output) = output.ty {
            self.set(&field.node.selection_set.node, output);
        }
    }

    fn list(&mut self, parent: TypeId, name: &Arc<str>, field: &'d Positioned<Field>) {
        let types = self.types;
        let asked = types.get(parent);
        for &object in &asked.possible {
            if self.pairs.insert((object, field.node.name.node.as_str(), asked.is_abstract)) {
                self.selected.push(Selected {
                    parent: types.get(object).name.clone(),
                    field: name.clone(),
                    pos: field.pos,
                    through: asked.is_abstract.then(|| asked.name.clone()),
                });
            }
        }
    }
}
