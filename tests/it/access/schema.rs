//! The schema as a graph: which type is reached through which fields.

use std::collections::{HashMap, HashSet, VecDeque};

use ansinh::graphql::schema::sdl;
use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};

/// A field of a type.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Type of what it gives, without lists and bangs.
    pub gives: String,
    /// Whether it takes `first`.
    pub paged: bool,
}

/// The object types with their fields.
#[derive(Debug)]
pub struct Schema(pub HashMap<String, Vec<Field>>);

/// One step of a way: type and field.
pub type Step = (String, Field);

impl Schema {
    /// The schema as the service prints it.
    pub fn read() -> Self {
        let document = parse_schema(sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let TypeKind::Object(object) = definition.node.kind else { return None };
            let fields = object.fields.into_iter().map(|field| Field {
                name: field.node.name.node.to_string(),
                gives: named(&field.node.ty.node),
                paged: field.node.arguments.iter().any(|argument| argument.node.name.node == "first"),
            });
            Some((definition.node.name.node.to_string(), fields.collect()))
        });
        Self(types.collect())
    }

    /// Whether a type has fields of its own.
    pub fn is_object(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The shortest way from `Query` to every type, through fields that are open.
    pub fn ways(&self, open: impl Fn(&str, &str) -> bool) -> HashMap<String, Vec<Step>> {
        let mut ways: HashMap<String, Vec<Step>> = HashMap::from([("Query".to_owned(), Vec::new())]);
        let mut next = VecDeque::from(["Query".to_owned()]);
        while let Some(of) = next.pop_front() {
            for field in &self.0[&of] {
                if ways.contains_key(&field.gives) || !self.is_object(&field.gives) || !open(&of, &field.name) {
                    continue;
                }
                let way = ways[&of].iter().cloned().chain([(of.clone(), field.clone())]).collect();
                ways.insert(field.gives.clone(), way);
                next.push_back(field.gives.clone());
            }
        }
        ways
    }

    /// Types and fields that hold data, without the plumbing of connections.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        let plumbing = |name: &str| name == "PageInfo" || name.ends_with("Connection") || name.ends_with("Edge");
        let types = self.0.iter().filter(move |(name, _)| !plumbing(name));
        types.flat_map(|(name, fields)| fields.iter().map(move |field| (name.as_str(), field)))
    }

    /// Every type that holds data, without the root types.
    pub fn types(&self) -> HashSet<&str> {
        self.fields().map(|(of, _)| of).filter(|of| !matches!(*of, "Query" | "Mutation" | "Subscription")).collect()
    }

    /// A field as a selection that asks for nothing further.
    pub fn selection(&self, field: &Field, arguments: &str) -> String {
        let below = if self.is_object(&field.gives) || field.gives == "Node" { "{__typename}" } else { "" };
        format!("{}{arguments}{below}", field.name)
    }
}

fn named(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named(item),
    }
}
