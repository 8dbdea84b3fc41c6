//! Whether variables have the types they are declared with. The library's validation asks that together with all that it asks
//! of the document, which for a document it has found valid before is the larger part, and in vain.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        BaseType, EnumType, InputObjectType, InputValueDefinition, OperationDefinition, Type, TypeDefinition, TypeKind,
    },
};
use serde_json::{Map, Value};

use crate::{graphql::scalars, messages::Fault};

/// The types that variables may have, by name.
#[derive(Debug, Default)]
pub(super) struct Inputs(HashMap<Name, Input>);

#[derive(Debug)]
enum Input {
    /// A scalar of the schema's own: what it is made from is for the executor to say.
    Scalar,
    Enum(HashSet<Name>),
    Object(HashMap<Name, Entry>),
}

#[derive(Debug)]
struct Entry {
    ty: Type,
    required: bool,
}

impl Inputs {
    /// Adds a type of the schema; one that no variable can have, or whose rules are not known here, is left out.
    pub(super) fn define(&mut self, definition: &TypeDefinition) {
        let input = match &definition.kind {
            TypeKind::Scalar => Input::Scalar,
            TypeKind::Enum(list) => Input::Enum(names(list)),
            // `@oneOf` has a rule of its own.
            TypeKind::InputObject(object) if definition.directives.is_empty() => Input::Object(entries(object)),
            _ => return,
        };
        self.0.insert(definition.name.node.clone(), input);
    }

    /// Whether all variables that are given fit. Where one does not, or it is not sure, the library is to be asked, which
    /// says what is wrong.
    pub(super) fn fit(&self, operation: &OperationDefinition, variables: &Map<String, Value>) -> bool {
        operation.variable_definitions.iter().map(|definition| &definition.node).all(|definition| {
            match variables.get(definition.name.node.as_str()) {
                None => true,
                // In place of a default a null may stand where none is allowed.
                Some(Value::Null) => definition.var_type.node.nullable && definition.default_value.is_none(),
                Some(value) => self.fits(value, &definition.var_type.node),
            }
        })
    }

    /// What is wrong with the scalars among the variables, each under its path.
    pub(super) fn faults(&self, operation: &OperationDefinition, variables: &Map<String, Value>) -> Vec<Fault> {
        let mut faults = Vec::new();
        for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
            if let Some(value) = variables.get(definition.name.node.as_str()) {
                let path = || format!("variables.{}", definition.name.node);
                self.look(value, &definition.var_type.node, &path, &mut faults);
            }
        }
        faults
    }

    fn look(&self, value: &Value, ty: &Type, path: &dyn Fn() -> String, faults: &mut Vec<Fault>) {
        match (value, &ty.base) {
            (Value::Array(items), BaseType::List(item)) => {
                for (place, value) in items.iter().enumerate() {
                    self.look(value, item, &|| format!("{}.{place}", path()), faults);
                }
            }
            (value, BaseType::List(item)) => self.look(value, item, path, faults),
            (value, BaseType::Named(name)) => match (self.0.get(name), value) {
                (Some(Input::Object(entries)), Value::Object(given)) => {
                    for (field, value) in given {
                        if let Some(entry) = entries.get(field.as_str()) {
                            self.look(value, &entry.ty, &|| format!("{}.{field}", path()), faults);
                        }
                    }
                }
                _ => faults.extend(scalars::fault(name, value).map(|message| Fault::at(path(), message))),
            },
        }
    }

    fn fits(&self, value: &Value, ty: &Type) -> bool {
        match (value, &ty.base) {
            (Value::Null, _) => ty.nullable,
            (Value::Array(items), BaseType::List(item)) => items.iter().all(|value| self.fits(value, item)),
            // A single value stands for a list of one.
            (value, BaseType::List(item)) => self.fits(value, item),
            (value, BaseType::Named(name)) => self.is(value, name),
        }
    }

    fn is(&self, value: &Value, name: &Name) -> bool {
        match name.as_str() {
            "String" => value.is_string(),
            "Boolean" => value.is_boolean(),
            "Int" => is_whole(value),
            "Float" => value.is_number(),
            "ID" => value.is_string() || is_whole(value),
            _ => match (self.0.get(name), value) {
                (Some(Input::Scalar), _) => true,
                (Some(Input::Enum(names)), Value::String(text)) => names.contains(text.as_str()),
                (Some(Input::Object(entries)), Value::Object(given)) => self.has(entries, given),
                _ => false,
            },
        }
    }

    fn has(&self, entries: &HashMap<Name, Entry>, given: &Map<String, Value>) -> bool {
        let known = |(name, value): (&String, &Value)| {
            entries.get(name.as_str()).is_some_and(|entry| self.fits(value, &entry.ty))
        };
        let is_there = |(name, entry): (&Name, &Entry)| !entry.required || given.contains_key(name.as_str());
        given.iter().all(known) && entries.iter().all(is_there)
    }
}

/// A number that each of the library's whole numbers takes, signed or not.
fn is_whole(value: &Value) -> bool {
    value.is_u64() && value.is_i64()
}

fn names(list: &EnumType) -> HashSet<Name> {
    list.values.iter().map(|value| value.node.value.node.clone()).collect()
}

fn entries(object: &InputObjectType) -> HashMap<Name, Entry> {
    let entry = |field: &Positioned<InputValueDefinition>| {
        let field = &field.node;
        let required = !field.ty.node.nullable && field.default_value.is_none();
        (field.name.node.clone(), Entry { ty: field.ty.node.clone(), required })
    };
    object.fields.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, parse_schema, types::TypeSystemDefinition};
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = "scalar Date enum Class { POOR NEAR_POOR } \
        input Range { from: Date to: Date } \
        input Filter { unit: String! classes: [Class!] year: Int = 2025 range: Range rich: Boolean } \
        input One @oneOf { a: Int b: Int } type Query { a: Int }";

    fn fit(declared: &str, variables: Value) -> bool {
        let mut inputs = Inputs::default();
        for definition in parse_schema(SCHEMA).unwrap().definitions {
            if let TypeSystemDefinition::Type(definition) = definition {
                inputs.define(&definition.node);
            }
        }
        let document = parse_query(format!("query({declared}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        inputs.fit(&operation.node, &variables)
    }

    #[test]
    fn what_is_of_the_declared_type_fits() {
        assert!(fit("$id: ID!, $on: Date", json!({ "id": "x", "on": "2026-06-30" })));
        assert!(fit("$id: ID!, $on: Date", json!({ "id": 7, "on": null, "more": 1 })));
        assert!(fit("$n: Int, $f: Float, $b: Boolean", json!({ "n": 5, "f": 5, "b": true })));
        assert!(fit("$list: [String!]!", json!({ "list": ["a", "b"] })));
        assert!(fit("$list: [String!]!", json!({ "list": "a" })));
        assert!(fit("$f: Filter!", json!({ "f": { "unit": "19", "classes": ["POOR"], "range": { "from": "x" } } })));
        assert!(fit("$f: Filter", json!({})));
    }

    #[test]
    fn what_the_library_must_look_at_does_not() {
        for (declared, variables) in [
            ("$s: String", json!({ "s": 5 })),
            ("$n: Int", json!({ "n": "5" })),
            ("$n: Int", json!({ "n": 1.5 })),
            ("$n: Int", json!({ "n": -1 })),
            ("$id: ID", json!({ "id": u64::MAX })),
            ("$n: Int = 5", json!({ "n": null })),
            ("$list: [String!]!", json!({ "list": ["a", null] })),
            ("$c: Class", json!({ "c": "RICH" })),
            ("$f: Filter!", json!({ "f": { "unit": "19", "units": "19" } })),
            ("$f: Filter!", json!({ "f": { "classes": [] } })),
            ("$f: Filter!", json!({ "f": { "unit": null } })),
            ("$f: Filter!", json!({ "f": { "unit": "19", "range": { "until": "x" } } })),
            ("$f: Filter!", json!({ "f": "19" })),
            ("$one: One", json!({ "one": { "a": 1 } })),
            ("$unknown: Unknown", json!({ "unknown": 1 })),
        ] {
            assert!(!fit(declared, variables.clone()), "{declared} {variables}");
        }
    }
}
