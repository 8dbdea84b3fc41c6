//! The order of a result. The specification (October 2021, 7.2.2) wants fields in the order of the query; where the library
//! asks several fields side by side it puts down each when it is ready.

use async_graphql::{
    Name, Value,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use super::types::{TypeId, TypeMap};

/// Puts the fields of a result into the order in which the operation asks for them.
pub fn sort(data: &mut Value, document: &ExecutableDocument, operation: &OperationDefinition, types: &TypeMap) {
    if let Some(root) = types.root(operation.ty) {
        Sorter { document, types }.sort(data, root, &[&operation.selection_set.node]);
    }
}

struct Sorter<'d> {
    document: &'d ExecutableDocument,
    types: &'d TypeMap,
}

/// What answers under one key: the type of its value where that is an object, and all selections below.
type Asked<'d> = (Option<TypeId>, Vec<&'d SelectionSet>);

impl<'d> Sorter<'d> {
    fn sort(&self, value: &mut Value, ty: TypeId, sets: &[&'d SelectionSet]) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.sort(item, ty, sets)),
            // What an interface's field turned out to be is not known here. Its fields wait for nothing, or were written in order.
            Value::Object(fields) if !self.types.get(ty).is_abstract && !is_sorted(fields) => {
                let mut asked = IndexMap::new();
                for set in sets {
                    self.collect(set, ty, &mut asked);
                }
                fields.sort_by(|one, _, other, _| asked.get_index_of(one).cmp(&asked.get_index_of(other)));
                for (name, value) in fields {
                    if let Some((Some(ty), sets)) = asked.get(name) {
                        self.sort(value, *ty, sets);
                    }
                }
            }
            _ => {}
        }
    }

    fn collect(&self, set: &'d SelectionSet, ty: TypeId, asked: &mut IndexMap<Name, Asked<'d>>) {
        for item in &set.items {
            let (condition, set) = match &item.node {
                Selection::Field(field) => {
                    self.add(&field.node, ty, asked);
                    continue;
                }
                Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else { continue };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
            };
            let meets = |name: &str| self.types.named(name).is_some_and(|of| self.types.get(of).possible.contains(&ty));
            if condition.is_none_or(|condition| meets(&condition.node.on.node)) {
                self.collect(&set.node, ty, asked);
            }
        }
    }

    fn add(&self, field: &'d Field, ty: TypeId, asked: &mut IndexMap<Name, Asked<'d>>) {
        let output = self.types.get(ty).fields.get(field.name.node.as_str()).and_then(|output| output.ty);
        let (_, sets) = asked.entry(field.response_key().node.clone()).or_insert_with(|| (output, Vec::new()));
        sets.push(&field.selection_set.node);
    }
}

/// Whether there is nothing to sort: one field, and what it holds was written in order.
fn is_sorted(fields: &IndexMap<Name, Value>) -> bool {
    fields.len() < 2 && !fields.values().any(|value| matches!(value, Value::Object(_) | Value::List(_)))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = "interface Node { id: ID } type Loan implements Node { id: ID code: String } \
        type House { a: Int b: Int loans: [Loan] } type Query { house: House houses: [House] node: Node a: Int b: Int }";

    fn sorted(query: &str, data: serde_json::Value) -> String {
        let types = TypeMap::parse(SCHEMA).unwrap();
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let mut data = Value::from_json(data).unwrap();
        sort(&mut data, &document, &operation.node, &types);
        serde_json::to_string(&data).unwrap()
    }

    #[test]
    fn fields_stand_as_they_are_asked_for() {
        let data = json!({ "a": 1, "b": 2, "house": { "a": 1, "b": 2 }, "x": 3, "__typename": "Query" });
        let query = "{ b ...more house { ... on House { b } ... on Node { id } a } a } fragment more on Query { x: b __typename a }";

        let text = sorted(query, data);

        assert_eq!(text, r#"{"b":2,"x":3,"__typename":"Query","a":1,"house":{"b":2,"a":1}}"#);
    }

    #[test]
    fn mentions_of_one_field_are_sorted_as_one() {
        let data = json!({ "houses": [{ "loans": [{ "code": "c", "id": "i" }], "b": 1, "a": 2 }] });

        let text = sorted("{ houses { a loans { id } } houses { loans { code } b } }", data);

        assert_eq!(text, r#"{"houses":[{"a":2,"loans":[{"id":"i","code":"c"}],"b":1}]}"#);
    }
}
