//! The answers that all operations of a kind may give, told once and referred to: problems by their status.

use serde_json::{Map, Value, json};

use super::{examples, shapes::reference};
use crate::rest::{oauth, problem};

/// Status, name, meaning and headers of every problem.
const PROBLEMS: [(&str, &str, &str, &[&str]); 14] = [
    ("400", "BadRequest", "A parameter, header or field is unknown or wrong; `errors` names each.", &[]),
    ("401", "Unauthenticated", "No valid access token.", &["WWW-Authenticate"]),
    ("403", "Forbidden", "Your role or your token may not do this.", &[]),
    ("404", "NotFound", "Nothing of this name in your area, or of yours.", &[]),
    ("406", "NotAcceptable", "None of the formats asked for can be given; those that can, are named.", &[]),
    ("408", "BodyTooSlow", "The body came too slowly; nothing was stored.", &[]),
    ("409", "Running", "The push with this key is still running.", &["Retry-After"]),
    ("413", "PayloadTooLarge", "The body is too large; the limit is named.", &[]),
    ("415", "UnsupportedMediaType", "The content type or its charset is not read here; what is, is named.", &[]),
    (
        "422",
        "Refused",
        "Understood and refused as a whole, nothing was stored: the control totals do not agree, an atomic push had a row \
         that was not accepted, or the key belongs to another push.",
        &[],
    ),
    ("429", "RateLimited", "Too many requests.", &["Retry-After", "RateLimit", "RateLimit-Policy"]),
    ("500", "Internal", "Our own fault; `requestId` finds it in the log.", &[]),
    ("503", "Unavailable", "The service cannot answer now; nothing was stored.", &["Retry-After"]),
    (
        "507",
        "InsufficientStorage",
        "No room to store anything, be it a record or the entry of an answer; nothing was stored.",
        &["Retry-After"],
    ),
];

/// Headers of answers.
const HEADERS: [(&str, &str, &str); 8] = [
    ("ETag", "Names this content; send it as `If-None-Match` the next time.", "string"),
    ("Idempotency-Replayed", "`true` where the first answer to this key is given again.", "boolean"),
    ("Link", "The next page, where there is one: `rel=\"next\"` (RFC 8288).", "string"),
    ("Location", "Where the push can be looked up.", "string"),
    ("RateLimit", "What is left of the quota, and the seconds until it is full again.", "string"),
    ("RateLimit-Policy", "The quotas that hold for the client.", "string"),
    ("Retry-After", "Seconds after which a repeat makes sense.", "integer"),
    ("WWW-Authenticate", "The scheme (RFC 6750).", "string"),
];

/// Fills the document: its components, and for every operation what all of its kind may answer and be told.
pub(super) fn complete(document: &mut Value) {
    document["components"]["responses"] = PROBLEMS.iter().map(problem).collect::<Map<_, _>>().into();
    document["components"]["headers"] = HEADERS.iter().map(header).collect::<Map<_, _>>().into();
    document["components"]["parameters"] = parameters();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            add_responses(path, operation);
            add_parameters(operation, method == "get");
            examples::add(operation);
        }
    }
}

/// Where an answer's header is.
pub(super) fn header_reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// Where the problem of a status is.
pub(super) fn problem_reference(status: &str) -> Value {
    let name = PROBLEMS.iter().find(|(of, ..)| *of == status).map_or("BadRequest", |(_, name, ..)| name);
    json!({"$ref": format!("#/components/responses/{name}")})
}

fn add_responses(path: &str, operation: &mut Value) {
    let is_guarded = operation["security"].as_array().is_some_and(|ways| !ways.is_empty());
    if !is_guarded {
        operation["security"] = json!([]);
    }
    // The token endpoint has the errors of its own standard.
    if path == oauth::TOKEN {
        return;
    }
    let mut statuses = vec!["400"];
    if is_guarded {
        statuses.extend(["401", "403", "429", "500", "503", "507"]);
    }
    if operation["requestBody"].is_object() {
        operation["requestBody"]["required"] = true.into();
        statuses.extend(["408", "413", "415"]);
    }
    if path.contains('{') {
        statuses.push("404");
    }
    for status in statuses {
        if operation["responses"][status].is_null() {
            operation["responses"][status] = problem_reference(status);
        }
    }
}

fn problem((status, name, about, headers): &(&str, &str, &str, &[&str])) -> (String, Value) {
    let headers: Map<_, _> = headers.iter().map(|header| ((*header).to_owned(), header_reference(header))).collect();
    let content = json!({problem::MEDIA_TYPE: {"schema": reference("Problem"), "example": examples::problem(status)}});
    ((*name).to_owned(), json!({"description": about, "headers": headers, "content": content}))
}

fn header((name, about, kind): &(&str, &str, &str)) -> (String, Value) {
    ((*name).to_owned(), json!({"description": about, "schema": {"type": kind}}))
}

/// What every request with a token may say of itself.
fn parameters() -> Value {
    json!({
        "Purpose": {
            "name": "Ansinh-Purpose", "in": "header",
            "description": "What the data is for; it goes into the log. UTF-8.",
            "schema": {"type": "string", "maxLength": 200, "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]*$"},
            "example": "yearly review",
        },
        "Held": {
            "name": "If-None-Match", "in": "header", "description": "The `ETag` of the answer that you hold.",
            "schema": {"type": "string"}, "example": "\"11qYAYKxCrfVS_7T\"",
        },
        "Language": {
            "name": "Accept-Language", "in": "header",
            "description": "Language of the sentences: `vi` or `en`; English when silent.",
            "schema": {"type": "string"},
            "example": "vi",
        },
    })
}

fn add_parameters(operation: &mut Value, is_get: bool) {
    if operation["security"].as_array().is_none_or(Vec::is_empty) {
        return;
    }
    let mut names = vec!["Purpose", "Language"];
    let mut headers = vec!["RateLimit", "RateLimit-Policy"];
    if is_get {
        names.push("Held");
        headers.push("ETag");
        operation["responses"]["304"] = json!({"description": "Unchanged since the answer whose ETag was sent"});
    }
    for header in headers {
        operation["responses"]["200"]["headers"][header] = header_reference(header);
    }
    let shared = names.into_iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.extend(shared),
        None => operation["parameters"] = shared.collect(),
    }
}
