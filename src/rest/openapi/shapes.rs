//! The record shapes as JSON schemas (draft 2020-12), made from the same tables of fields that read the records.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    domain::vnd::Vnd,
    exchange::record::{FieldType, Record, Shape},
    insurance::coverage::MOST,
    kinds,
    rest::coverage,
};

/// Every record and every record nested in one, with the bodies that carry them, and the question, by name.
pub(super) fn all() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    add(&coverage::Question::SHAPE, &mut schemas);
    // A list may be left out everywhere else.
    let question = schemas.entry(coverage::Question::SHAPE.name.to_owned()).or_default();
    question["required"] = json!(["personalIds"]);
    let ids = &mut question["properties"]["personalIds"];
    (ids["type"], ids["minItems"], ids["maxItems"]) = ("array".into(), 1.into(), MOST.into());
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
            let schema = schema(field.kind);
            let mut schema = if field.required { schema } else { nullable(schema) };
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

/// The same schema for a value that may be null, which is as good as left out.
pub(super) fn nullable(mut schema: Value) -> Value {
    match &mut schema["type"] {
        Value::Array(types) => types.push("null".into()),
        single => *single = Value::Array(vec![single.take(), "null".into()]),
    }
    if let Some(codes) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        codes.push(Value::Null);
    }
    schema
}

/// The schema of a value.
pub(super) fn schema(kind: FieldType) -> Value {
    match kind {
        FieldType::Text(most) => json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": TEXT}),
        FieldType::Form(form) => json!({"type": "string", "maxLength": form.most, "pattern": form.pattern}),
        FieldType::Amount => json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": Vnd::MOST}),
        FieldType::Date => json!({"type": "string", "format": "date", "pattern": DAY}),
        FieldType::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        FieldType::Decimal => json!({
            "type": ["number", "string"], "minimum": 0, "exclusiveMaximum": 1_000_000,
            "pattern": "^(0|[1-9][0-9]{0,5})([.,][0-9]{1,3})?$",
        }),
        FieldType::Code(codes) => json!({"type": "string", "enum": codes}),
        FieldType::List(items) => json!({"type": "array", "items": schema(*items)}),
        FieldType::Record(shape) => reference(shape.name),
    }
}

/// Text that is not blank and holds no control characters.
const TEXT: &str = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F]\
    [^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$";

/// A day of the years that are read.
const DAY: &str = "^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$";

/// The body of a JSON push.
fn body(shape: &Shape) -> Value {
    json!({
        "type": "object",
        "description": "The records with their control data.",
        "properties": {
            "records": {"type": "array", "minItems": 1, "items": reference(shape.name)},
            "declaredCount": {
                "type": ["integer", "null"], "format": "int64", "minimum": 0,
                "description": "Number of records; another number received refuses the push.",
            },
            "declaredAmount": {
                "type": ["integer", "null"], "format": "int64",
                "description": "Sum of the amounts, VND; another sum received refuses the push.",
            },
            "atomic": {"type": ["boolean", "null"], "description": "Whether one refused record refuses all."},
            "idempotencyKey": {
                "type": ["string", "null"], "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$",
                "description": "For doors without headers; over REST send the header Idempotency-Key.",
            },
            "purpose": {"type": ["string", "null"], "maxLength": 200, "description": "What the data is for."},
        },
        "required": ["records"],
        "additionalProperties": false,
    })
}
