//! Every kind as a path of the document, with its push.

use serde_json::{Value, json};

use super::{
    lists,
    responses::{header_reference, problem_reference},
    shapes::{body_name, reference},
};
use crate::{
    exchange::{batches::MOST_RESULTS, format::Format},
    kinds::{self, Kind},
    rest::push::headers,
};

/// Path and item of every kind.
pub(super) fn paths() -> impl Iterator<Item = (String, Value)> {
    kinds::ALL.into_iter().map(|kind| (kind.path(), json!({"post": operation(&kind), "get": lists::operation(&kind)})))
}

fn operation(kind: &Kind) -> Value {
    json!({
        "tags": ["pushes"],
        "operationId": kind.mutation,
        "summary": format!("Pushes {}.", kind.slug.replace('-', " ")),
        "description": format!(
            "{about}\n\nSend it again when you are not sure that it arrived: a row whose `reference` is stored is answered \
             `DUPLICATE`, and with the same `Idempotency-Key` the first answer comes again. Each row has its own outcome, and \
             a row that does not fit its schema is `REJECTED` in an answer of 200, not a reason to refuse the others; up to {MOST_RESULTS} rows are answered at once, more are at `resultsUrl`.",
            about = kind.shape.about.trim(),
        ),
        "security": [{"oauth2": ["exchange.write"]}],
        "parameters": parameters(),
        "requestBody": {"required": true, "content": content(kind)},
        "responses": responses(),
    })
}

fn parameters() -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "description": description, "schema": schema});
    json!([
        header(
            headers::IDEMPOTENCY_KEY,
            "Same key, body and control data: the first answer again. Same key and something else: 422, unless the first was \
             refused as a whole and stored nothing. Still running: 409. Kept 30 days.",
            json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}),
        ),
        header(
            headers::DECLARED_COUNT,
            "Number of records; another number received refuses the push.",
            json!({"type": "integer", "format": "int64", "minimum": 0}),
        ),
        header(
            headers::DECLARED_AMOUNT,
            "Sum of the amounts, VND; another sum received refuses the push.",
            json!({"type": "integer", "format": "int64", "minimum": 0}),
        ),
        header(headers::ATOMIC, "Whether one refused record refuses all.", json!({"type": "boolean"})),
    ])
}

/// JSON carries the records in one object; a line of NDJSON or a row of CSV is one record, under the same names.
fn content(kind: &Kind) -> Value {
    let lines = format!("One {} a line.", kind.shape.name);
    let rows = "A header of field names and a row a record (for nested records a row each), comma, semicolon or tab.";
    json!({
        Format::Json.media_type(): {"schema": reference(&body_name(kind.shape))},
        Format::Ndjson.media_type(): {"schema": {"type": "string", "description": lines}},
        Format::Csv.media_type(): {"schema": {"type": "string", "description": rows}},
    })
}

fn responses() -> Value {
    let headers = ["Location", "Idempotency-Replayed"].map(|name| (name.to_owned(), header_reference(name)));
    let mut responses = json!({
        "200": {
            "description": "Received; each row has its outcome.",
            "headers": serde_json::Map::from_iter(headers),
            "content": {"application/json": {"schema": reference("Batch")}},
        },
    });
    for status in ["409", "422"] {
        responses[status] = problem_reference(status);
    }
    responses
}
