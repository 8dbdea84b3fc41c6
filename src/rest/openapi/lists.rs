//! The list of every kind in the document, made from its filters and from the fields that are told back.

use serde_json::{Map, Value, json};

use super::{
    responses::{header_reference, problem_reference},
    shapes::{nullable, reference, schema},
};
use crate::{
    exchange::{
        format::Format,
        pull::OWN,
        record::{Field, FieldType, Shape},
    },
    kinds::{self, Kind},
    listing::{DEFAULT, MOST},
};

/// The records told back and the pages that carry them, by name.
pub(super) fn schemas() -> impl Iterator<Item = (String, Value)> {
    kinds::ALL.into_iter().flat_map(|kind| [(told_name(&kind), told(&kind)), (page_name(&kind), page(&kind))])
}

/// The operation of a kind.
pub(super) fn operation(kind: &Kind) -> Value {
    json!({
        "tags": ["records"],
        "operationId": name(kind),
        "summary": format!("Lists {}.", kind.slug.replace('-', " ")),
        "description": "The records of your area in the shape in which they are pushed, page by page. A field that your role \
            may not read is left out, a number that it may not know is masked. To keep a copy, ask with `updatedSince` and \
            follow the pages; ask from a little before the last `recordedAt` the next time, since pushes may end in \
            another order than they began.",
        "security": [{"oauth2": ["exchange.read"]}],
        "parameters": parameters(kind.filter),
        "responses": responses(kind),
    })
}

/// Name of the operation.
pub(super) fn name(kind: &Kind) -> String {
    format!("list{}", kind.mutation.trim_start_matches("record"))
}

fn parameters(filters: &Shape) -> Value {
    let query = |name: &str, about: &str, schema: Value| json!({"name": name, "in": "query", "description": about, "schema": schema});
    let own = filters.fields.iter().map(|field| query(field.name, field.about.trim(), schema(field.kind)));
    let common = [
        query(
            "first",
            "Records in the page.",
            json!({"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}),
        ),
        query(
            "after",
            "`endCursor` of the page before; the other parameters stay as they were.",
            json!({"type": "string", "minLength": 1, "maxLength": 1000}),
        ),
        query("descending", "The last in order first.", json!({"type": "boolean", "default": false})),
        query(
            "updatedSince",
            "Only what was recorded or changed at this instant or later, in that order.",
            json!({"type": "string", "format": "date-time"}),
        ),
    ];
    own.chain(common).collect()
}

fn responses(kind: &Kind) -> Value {
    let lines = format!("One {} a line.", told_name(kind));
    let rows = "A header of field names and a row a record (for nested records a row each).";
    json!({
        "200": {
            "description": "A page of records.",
            "headers": {"Link": header_reference("Link")},
            "content": {
                Format::Json.media_type(): {"schema": reference(&page_name(kind))},
                Format::Ndjson.media_type(): {"schema": {"type": "string", "description": lines}},
                Format::Csv.media_type(): {"schema": {"type": "string", "description": rows}},
            },
        },
        "406": problem_reference("406"),
    })
}

fn told_name(kind: &Kind) -> String {
    kind.subject.to_owned()
}

fn page_name(kind: &Kind) -> String {
    format!("{}Page", kind.subject)
}

fn page(kind: &Kind) -> Value {
    json!({
        "type": "object",
        "description": "A page of records.",
        "properties": {
            "records": {"type": "array", "items": reference(&told_name(kind))},
            "pageInfo": {
                "type": "object",
                "properties": {
                    "endCursor": {"type": ["string", "null"], "description": "What to send as `after`; null where the page is empty."},
                    "hasNextPage": {"type": "boolean", "description": "Whether more follow."},
                },
                "required": ["endCursor", "hasNextPage"],
            },
        },
        "required": ["records", "pageInfo"],
    })
}

/// Beside the key and the time no field is required: which are told depends on the role.
fn told(kind: &Kind) -> Value {
    let mut properties = Map::new();
    let own = [
        (OWN[0], json!({"type": "string", "format": "uuid", "description": "Key of the record."})),
        (
            OWN[1],
            json!({"type": "string", "format": "date-time", "description": "When it was recorded or last changed."}),
        ),
    ];
    properties.extend(own.map(|(name, schema)| (name.to_owned(), schema)));
    properties.extend(fields(kind, kind.shape, ""));
    json!({"type": "object", "description": kind.shape.about.trim(), "properties": properties, "required": OWN})
}

fn fields(kind: &Kind, shape: &Shape, within: &str) -> Map<String, Value> {
    let is_told = |field: &&Field| kind.told.iter().any(|told| told.name == format!("{within}{}", field.name));
    let property = |field: &Field| {
        let schema = match field.kind {
            FieldType::List(FieldType::Record(nested)) => {
                let properties = fields(kind, nested, &format!("{within}{}.", field.name));
                json!({"type": "array", "items": {"type": "object", "description": nested.about.trim(), "properties": properties}})
            }
            plain @ FieldType::List(_) => schema(plain),
            // A number that the role may not know is told with its middle hidden.
            FieldType::Form(form) => json!({"type": ["string", "null"], "maxLength": form.most}),
            plain => nullable(schema(plain)),
        };
        let mut schema = schema;
        schema["description"] = field.about.trim().into();
        (field.name.to_owned(), schema)
    };
    shape.fields.iter().filter(is_told).map(property).collect()
}
