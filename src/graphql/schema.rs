//! The schema as it is served and printed.

use async_graphql::{EmptySubscription, SDLExportOptions, ValidationMode};

use super::{push::Mutation, queries::Query, weight::WeightLimit};

/// The schema of An Sinh.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema; it holds no data, so that it can be printed anywhere.
pub fn schema(complexity: usize, suggestions: bool, validation: ValidationMode) -> Schema {
    let builder = async_graphql::Schema::build(Query::default(), Mutation, EmptySubscription)
        .extension(WeightLimit(complexity))
        .validation_mode(validation);
    if suggestions { builder.finish() } else { builder.disable_suggestions().finish() }
}

/// The schema in its own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    schema(usize::MAX, true, ValidationMode::Strict)
        .sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_enum_items())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{
        parse_schema,
        types::{TypeKind, TypeSystemDefinition},
    };

    use super::*;
    use crate::access::policy;

    /// Every field of every object of the schema.
    fn fields() -> Vec<(String, String)> {
        let document = parse_schema(sdl()).unwrap();
        let mut fields = Vec::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let of = definition.node.name.node.to_string();
            if let TypeKind::Object(object) = definition.node.kind {
                fields.extend(object.fields.into_iter().map(|field| (of.clone(), field.node.name.node.to_string())));
            }
        }
        fields
    }

    #[test]
    fn the_printed_schema_is_the_one_at_the_top_level() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
        let printed = sdl();
        if std::env::var_os("ANSINH_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &printed).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, printed, "schema.graphql is stale: cargo run -- schema > schema.graphql");
    }

    #[test]
    fn the_access_table_names_every_field_of_the_schema_and_no_other() {
        let table = policy::table();
        let fields = fields();
        let unnamed: Vec<_> = fields.iter().filter(|(of, field)| !table.names(of, field)).collect();
        assert!(unnamed.is_empty(), "not in src/access/policy.csv: {unnamed:?}");
        let known = |of: &str, field: &str| {
            fields.iter().any(|(kind, name)| kind == of && (field == "*" || field == "(rows)" || name == field))
        };
        let unknown: Vec<_> = table.rows().filter(|(of, field)| !known(of, field)).collect();
        assert!(unknown.is_empty(), "not in the schema: {unknown:?}");
    }
}
