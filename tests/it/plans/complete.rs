//! Whether the table names all that the schema has.

use std::collections::{BTreeSet, HashMap};

use ansinh::{graphql::schema::sdl, kinds};
use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};

use super::questions::Table;

/// Arguments by which a page is asked for; the questions try all of them.
const PAGING: [&str; 6] = ["filter", "after", "before", "first", "last", "descending"];

/// The schema by the names of its types.
pub struct Schema(HashMap<String, TypeKind>);

fn named(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named(item),
    }
}

fn names(arguments: &[async_graphql::Positioned<InputValueDefinition>]) -> BTreeSet<String> {
    arguments.iter().map(|argument| argument.node.name.node.to_string()).collect()
}

impl Schema {
    /// The schema as the service prints it.
    pub fn read() -> Self {
        let definitions = parse_schema(sdl()).unwrap().definitions.into_iter();
        let types = definitions.filter_map(|definition| match definition {
            TypeSystemDefinition::Type(named) => Some((named.node.name.node.to_string(), named.node.kind)),
            _ => None,
        });
        Self(types.collect())
    }

    /// The fields of an object.
    pub fn fields(&self, of: &str) -> impl Iterator<Item = &FieldDefinition> {
        let fields = match self.0.get(of) {
            Some(TypeKind::Object(object)) => object.fields.as_slice(),
            _ => &[],
        };
        fields.iter().map(|field| &field.node)
    }

    fn is_object(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(TypeKind::Object(_) | TypeKind::Interface(_)))
    }

    /// Whether a field may read more than the row of its parent.
    pub fn reads_more(&self, field: &FieldDefinition) -> bool {
        self.is_object(&named(&field.ty.node)) || !field.arguments.is_empty()
    }

    fn input(&self, name: &str) -> BTreeSet<String> {
        match self.0.get(name) {
            Some(TypeKind::InputObject(input)) => names(&input.fields),
            _ => BTreeSet::new(),
        }
    }

    fn values(&self, name: &str) -> BTreeSet<String> {
        match self.0.get(name) {
            Some(TypeKind::Enum(values)) => values.values.iter().map(|v| v.node.value.node.to_string()).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// What the schema has and the table has not, or the other way round.
    pub fn missing(&self, table: &Table) -> Vec<String> {
        let mut missing = Vec::new();
        let mut compare = |what: String, has: BTreeSet<String>, named: BTreeSet<String>| {
            missing.extend(has.symmetric_difference(&named).map(|name| format!("{what}: {name}")));
        };
        let text = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<String>>();
        let roots = self.fields("Query").map(|field| field.name.node.to_string()).collect();
        compare("Query".to_owned(), roots, text(table.lists.keys().chain(table.single.keys()).collect()));
        for field in self.fields("Query") {
            let (name, given) = (field.name.node.as_str(), names(&field.arguments));
            let argument = |name: &str| field.arguments.iter().find(|argument| argument.node.name.node == name);
            let of = |name: &str| argument(name).map(|argument| named(&argument.node.ty.node)).unwrap_or_default();
            if let Some(list) = table.lists.get(name) {
                compare(format!("{name} filter"), self.input(&of("filter")), text(list.filter.keys().collect()));
                compare(format!("{name} orderBy"), self.values(&of("orderBy")), text(list.order_by.iter().collect()));
                let own = given.iter().filter(|name| !PAGING.contains(&name.as_str()) && *name != "orderBy").cloned();
                compare(format!("{name} arguments"), own.collect(), text(list.arguments.keys().collect()));
                let turned = BTreeSet::from([given.contains("descending").to_string()]);
                compare(format!("{name} descending"), turned, BTreeSet::from([list.descending.to_string()]));
            } else if let Some(ways) = table.single.get(name) {
                compare(format!("{name} arguments"), given, text(ways.iter().map(|(name, _)| name).collect()));
                let filter = self.input(&of("filter"));
                let all = ways.iter().map(|(_, text)| text.as_str()).collect::<String>();
                let asked = filter.iter().filter(|name| all.contains(&format!("{name}:"))).cloned().collect();
                compare(format!("{name} filter"), filter, asked);
            }
        }
        for of in self.0.keys().filter(|name| !is_plumbing(name)) {
            let more = self.fields(of).filter(|field| self.reads_more(field)).map(|field| field.name.node.to_string());
            let listed = table.types.get(of).into_iter().flatten().skip(1);
            let listed: BTreeSet<String> = listed.map(|text| bare(text).to_owned()).collect();
            let more: BTreeSet<String> = more.collect();
            compare(of.clone(), more.clone(), listed.intersection(&more).cloned().collect());
        }
        compare(
            "pulls".to_owned(),
            kinds::ALL.iter().map(|kind| kind.slug.to_owned()).collect(),
            text(table.pulls.keys().collect()),
        );
        for kind in kinds::ALL {
            let has = kind.filter.fields.iter().map(|field| field.name.to_owned()).collect();
            let named = table.pulls.get(kind.slug).map(|parameters| text(parameters.keys().collect()));
            compare(kind.slug.to_owned(), has, named.unwrap_or_default());
        }
        missing
    }
}

/// The name of a field without arguments and selection.
pub fn bare(text: &str) -> &str {
    text.split(['(', '{']).next().unwrap_or_default()
}

fn is_plumbing(name: &str) -> bool {
    matches!(name, "Query" | "Mutation" | "PageInfo") || name.ends_with("Connection") || name.ends_with("Edge")
}
