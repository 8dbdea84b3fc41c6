//! Every kind as a path of the document, with its push.

use serde_json::{Value, json};

use super::{
    lists,
    shapes::{body_name, reference},
};
use crate::{
    exchange::{batches::MOST_RESULTS, format::Format},
    kinds::{self, Kind},
    rest::{problem, push::headers},
};

/// Path and item of every kind.
pub(super) fn paths() -> impl Iterator<Item = (String, Value)> {
    kinds::ALL
        .into_iter()
        .map(|kind| (format!("/v1/{}", kind.slug), json!({"post": operation(&kind), "get": lists::operation(&kind)})))
}

fn operation(kind: &Kind) -> Value {
    json!({
        "tags": ["pushes"],
        "operationId": kind.mutation,
        "summary": format!("Pushes {}.", kind.slug.replace('-', " ")),
        "description": format!(
            "{about}\n\nSend it again when you are not sure that it arrived: a row whose `reference` is stored is answered \
             `DUPLICATE`, and with the same `Idempotency-Key` the first answer comes again. Each row has its own outcome; \
             up to {MOST_RESULTS} rows are answered at once, more are at `resultsUrl`.",
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
            "Same key and body: the first answer again. Same key, other body: 422. Still running: 409. Kept 30 days.",
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
        header(
            "Ansinh-Purpose",
            "What the data is for; it goes into the log.",
            json!({"type": "string", "maxLength": 200})
        ),
        header("Accept-Language", "Language of the sentences: `vi` or `en`.", json!({"type": "string"})),
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
    let problem = |description: &str| json!({"description": description, "content": {problem::MEDIA_TYPE: {"schema": reference("Problem")}}});
    let location = json!({"description": "Where the push can be looked up.", "schema": {"type": "string"}});
    json!({
        "200": {
            "description": "Received; each row has its outcome.",
            "headers": {"Location": location},
            "content": {"application/json": {"schema": reference("Batch")}},
        },
        "400": problem("The body or a header cannot be read; nothing was stored."),
        "401": problem("No valid token."),
        "403": problem("Your role or your token may not push this kind."),
        "409": problem("The push with this key is still running; Retry-After says when to ask again."),
        "413": problem("The body is too large; the limit is named."),
        "415": problem("The content type is not read here; those that are, are named."),
        "422": problem("The control totals do not agree, an atomic push had a refused row, or the key was used with another body."),
        "503": problem("Nothing was stored; send it again."),
    })
}
