//! The size of a document, each fragment measured once however often it is spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, FragmentSpread, OperationDefinition, Selection,
        SelectionSet,
    },
};

use super::{Limits, Refusal, too_complex};
use crate::{
    error::Error,
    messages::{Code, Message},
};

/// The size of an operation, or of a part of it, with every fragment in place of its spreads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Fields within fields, introspection left out.
    pub depth: u64,
    /// Fields within fields below `__schema` and `__type`.
    pub introspection_depth: u64,
    /// Lists within lists below `__schema` and `__type`.
    pub introspection_lists: u64,
    /// Selection sets within selection sets, with those of fragments.
    pub nesting: u64,
    /// Fields, spreads and inline fragments.
    pub selections: u64,
    /// Fields under another name.
    pub aliases: u64,
    /// Fields of the root type.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
    /// Lists within lists, were this a part of an introspection.
    lists: u64,
}

impl Measure {
    /// Adds a selection beside those counted so far.
    fn beside(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        self.nesting = self.nesting.max(other.nesting);
        self.lists = self.lists.max(other.lists);
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
        self.directives = self.directives.saturating_add(other.directives);
    }

    /// Checks what grows with every part: where a fragment passes these, so does whatever spreads it.
    fn check_part(&self, limits: &Limits, at: Pos) -> Result<(), Refusal> {
        let counted = [
            ("selections", self.selections, limits.selections),
            ("nesting", self.nesting, limits.nesting),
            ("aliases", self.aliases, limits.aliases),
            ("directives", self.directives, limits.directives),
        ];
        within(&counted, at)
    }

    /// Checks a whole operation. Only in the whole it shows whether a field lies at the root, or in an introspection.
    fn check(&self, limits: &Limits, at: Pos) -> Result<(), Refusal> {
        self.check_part(limits, at)?;
        let counted = [
            ("depth", self.depth, limits.depth),
            ("introspection depth", self.introspection_depth, limits.introspection_depth),
            ("introspection lists", self.introspection_lists, limits.introspection_lists),
            ("root fields", self.root_fields, limits.root_fields),
        ];
        within(&counted, at)
    }
}

fn within(counted: &[(&str, u64, u64)], at: Pos) -> Result<(), Refusal> {
    match counted.iter().find(|(_, count, limit)| count > limit) {
        Some((what, count, limit)) => Err(Refusal::at(too_complex(what, *count, *limit), at)),
        None => Ok(()),
    }
}

/// The measures of a document's operations.
pub(super) struct Measures<'d>(Vec<(Option<&'d Name>, Measure)>);

impl Measures<'_> {
    pub(super) fn of(&self, operation: Option<&Name>) -> Measure {
        self.0.iter().find(|(name, _)| *name == operation).map(|(_, measure)| *measure).unwrap_or_default()
    }
}

/// Measures every operation, not only the one to be run, because the library validates them all.
pub(super) fn document<'d>(document: &'d ExecutableDocument, limits: &Limits) -> Result<Measures<'d>, Refusal> {
    let operations = document.operations.iter().len() as u64;
    if operations > limits.operations {
        return Err(too_complex("operations", operations, limits.operations).into());
    }
    let mut walk = Measurer { fragments: &document.fragments, known: HashMap::new(), limits };
    let mut measures = Vec::new();
    for (name, operation) in document.operations.iter() {
        measures.push((name, walk.operation(operation)?));
    }
    for (name, fragment) in &document.fragments {
        walk.fragment(name, fragment, 0)?;
    }
    Ok(Measures(measures))
}

struct Measurer<'d, 'l> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being measured: to meet it again then is a cycle.
    known: HashMap<&'d str, Option<Measure>>,
    limits: &'l Limits,
}

impl<'d> Measurer<'d, '_> {
    fn operation(&mut self, operation: &'d Positioned<OperationDefinition>) -> Result<Measure, Refusal> {
        let mut measure = self.set(&operation.node.selection_set.node, 0)?;
        let of_variables =
            operation.node.variable_definitions.iter().map(|definition| count(&definition.node.directives));
        let own = count(&operation.node.directives) + of_variables.sum::<u64>();
        measure.directives = measure.directives.saturating_add(own);
        measure.check(self.limits, operation.pos)?;
        Ok(measure)
    }

    /// `level` bounds the recursion here, before the measure it returns could.
    fn set(&mut self, set: &'d SelectionSet, level: u64) -> Result<Measure, Refusal> {
        let mut measure = Measure::default();
        for item in &set.items {
            if level > self.limits.nesting {
                return Err(Refusal::at(too_complex("nesting", level, self.limits.nesting), item.pos));
            }
            let mut part = match &item.node {
                Selection::Field(field) => self.field(&field.node, level)?,
                Selection::FragmentSpread(spread) => self.spread(spread, level)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, level + 1)?,
            };
            part.selections = part.selections.saturating_add(1);
            part.directives = part.directives.saturating_add(count(item.node.directives()));
            measure.beside(part);
        }
        measure.nesting += u64::from(!set.items.is_empty());
        Ok(measure)
    }

    fn field(&mut self, field: &'d Field, level: u64) -> Result<Measure, Refusal> {
        let mut measure = self.set(&field.selection_set.node, level + 1)?;
        let name = field.name.node.as_str();
        measure.lists += u64::from(matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes"));
        if matches!(name, "__schema" | "__type") {
            measure.introspection_depth = measure.introspection_depth.max(measure.depth + 1);
            measure.introspection_lists = measure.introspection_lists.max(measure.lists);
            measure.depth = 0;
        } else {
            measure.depth += 1;
        }
        measure.aliases = measure.aliases.saturating_add(u64::from(field.alias.is_some()));
        measure.root_fields = 1;
        Ok(measure)
    }

    fn spread(&mut self, spread: &'d Positioned<FragmentSpread>, level: u64) -> Result<Measure, Refusal> {
        let name = &spread.node.fragment_name.node;
        match self.known.get(name.as_str()) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                let message = Message::new(Code::FragmentCycle).with("name", name);
                return Err(Refusal::at(Error::invalid(message), spread.pos));
            }
            None => {}
        }
        // A spread of a fragment that is not there is left to validation.
        self.fragments
            .get_key_value(name)
            .map_or(Ok(Measure::default()), |(name, fragment)| self.fragment(name, fragment, level + 1))
    }

    fn fragment(
        &mut self,
        name: &'d Name,
        fragment: &'d Positioned<FragmentDefinition>,
        level: u64,
    ) -> Result<Measure, Refusal> {
        if let Some(Some(measure)) = self.known.get(name.as_str()) {
            return Ok(*measure);
        }
        self.known.insert(name, None);
        let mut measure = self.set(&fragment.node.selection_set.node, level)?;
        measure.directives = measure.directives.saturating_add(count(&fragment.node.directives));
        measure.check_part(self.limits, fragment.pos)?;
        self.known.insert(name, Some(measure));
        Ok(measure)
    }
}

fn count(directives: &[Positioned<Directive>]) -> u64 {
    directives.len() as u64
}
