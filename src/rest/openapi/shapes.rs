//! The record shapes as JSON schemas (draft 2020-12), made from the same tables of fields that read the records.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    domain::vnd::Vnd,
    exchange::record::{FieldType, Shape},
    kinds,
};

/// Every record and every record nested in one, with the bodies that carry them, by name.
pub(super) fn all() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    for kind in kinds::ALL {
        add(kind.shape, &mut schemas);
        schemas.insert(body_name(kind.shape), body(kind.shape));
    }
    schemas
}

/// Name of the body that carries records of a shape.
pub(super) fn body_name(shape: &Shape) -> String {
    format!("{}Push", shape.name)
}

/// Where a named schema is.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn add(shape: &Shape, schemas: &mut BTreeMap<String, Value>) {
    let properties: Map<String, Value> = shape
        .fields
        .iter()
        .map(|field| {
            let mut schema = schema(field.kind);
            schema["description"] = field.about.trim().into();
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = shape.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let record = json!({
        "type": "object",
        "description": shape.about.trim(),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    schemas.insert(shape.name.to_owned(), record);
    for field in shape.fields {
        match field.kind {
            FieldType::List(FieldType::Record(nested)) => add(nested, schemas),
            FieldType::Record(nested) => add(nested, schemas),
            _ => {}
        }
    }
}

/// The schema of a value.
pub(super) fn schema(kind: FieldType) -> Value {
    match kind {
        FieldType::Text(most) => json!({"type": "string", "maxLength": most}),
        FieldType::Amount(least) => {
            json!({"type": "integer", "format": "int64", "minimum": least, "maximum": Vnd::MOST})
        }
        FieldType::Flag => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        FieldType::Decimal => json!({"type": ["number", "string"], "pattern": "^-?[0-9]+([.][0-9]+)?$"}),
        FieldType::Code(codes) => json!({"type": "string", "enum": codes}),
        FieldType::List(items) => json!({"type": "array", "items": schema(*items)}),
        FieldType::Record(shape) => reference(shape.name),
    }
}

/// The body of a JSON push.
fn body(shape: &Shape) -> Value {
    json!({
        "type": "object",
        "description": "The records with their control data.",
        "properties": {
            "records": {"type": "array", "minItems": 1, "items": reference(shape.name)},
            "declaredCount": {
                "type": "integer", "format": "int64", "minimum": 0,
                "description": "Number of records; another number received refuses the push.",
            },
            "declaredAmount": {
                "type": "integer", "format": "int64",
                "description": "Sum of the amounts, VND; another sum received refuses the push.",
            },
            "atomic": {"type": "boolean", "description": "Whether one refused record refuses all."},
            "idempotencyKey": {
                "type": "string", "maxLength": 200,
                "description": "For doors without headers; over REST send the header Idempotency-Key.",
            },
            "purpose": {"type": "string", "maxLength": 200, "description": "What the data is for."},
        },
        "required": ["records"],
        "additionalProperties": false,
    })
}
