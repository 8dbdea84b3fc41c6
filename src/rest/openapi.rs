//! The OpenAPI document: what the handlers say of themselves, and the pushes as their kinds describe them.

pub mod codes;
mod examples;
mod kinds;
mod lists;
mod responses;
mod shapes;

use std::sync::LazyLock;

use axum::{Router, http::header, middleware::from_fn, response::IntoResponse, routing::get};
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::{docs, etag, oauth, problem::ProblemBody};
use crate::{access::Scope, app};

/// The document as it is served and kept in `openapi.json`, with a line end.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
        text.push('\n');
        text
    });
    &TEXT
}

/// The route of the document.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(docs::DOCUMENT, get(serve)).route_layer(from_fn(etag::conditional))
}

async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], text())
}

/// OpenAPI 3.1 of the REST door.
pub fn document() -> Value {
    // Serialising a document made of texts and maps cannot fail; a test reads what comes out.
    let mut document = serde_json::to_value(app::described()).unwrap_or_default();
    document["info"] = json!({
        "title": "An Sinh",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "contact": {"name": "The office that runs this service"},
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    document["servers"] = json!([{"url": "/"}]);
    document["tags"] = json!([
        {"name": "identity", "description": "Tokens and keys."},
        {"name": "pushes", "description": "Records in, and what became of them."},
        {"name": "records", "description": "The same records out."},
        {"name": "questions", "description": "Answers for a day."},
        {"name": "operations", "description": "For operators, inside the network."},
    ]);
    for (path, item) in kinds::paths() {
        document["paths"][path] = item;
    }
    for (name, schema) in problems().chain(shapes::all()).chain(lists::schemas()) {
        document["components"]["schemas"][name] = schema;
    }
    document["components"]["securitySchemes"]["oauth2"] = json!({
        "type": "oauth2",
        "description": "Client credentials; `client_secret_basic`, `client_secret_post` or `private_key_jwt`.",
        "flows": {"clientCredentials": {"tokenUrl": oauth::TOKEN, "scopes": scopes()}},
    });
    responses::complete(&mut document);
    document
}

/// The problem with all that it is made of; handlers do not name it, since all of them may answer it.
fn problems() -> impl Iterator<Item = (String, Value)> {
    let mut schemas = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut schemas);
    schemas.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
}

const ABOUT: &str = "The exchange through which the agencies of a province share one record of who is poor and what \
    support each household received.\n\nErrors are problem details (RFC 9457) with a stable `code`, in Vietnamese or \
    English by `Accept-Language`. A parameter of the URL or a header `Ansinh-…` that an operation does not list is \
    refused. Every read of personal data is logged; `Ansinh-Purpose` says what it is for. What lies \
    outside your area is not found.";

fn scopes() -> Value {
    let about = |scope| match scope {
        Scope::Read => "Ask.",
        Scope::Write => "Push.",
    };
    Scope::ALL
        .into_iter()
        .map(|scope| (scope.as_str().to_owned(), about(scope).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_at_the_top_level_is_what_the_code_prints() {
        let held = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json")).unwrap_or_default();

        assert!(held == text(), "openapi.json is stale; print it anew: cargo run -- openapi > openapi.json");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);

        assert!(found.len() > 20);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn every_operation_has_its_own_name() {
        let document = document();
        let items = document["paths"].as_object().unwrap().values();
        let mut names: Vec<&Value> = items
            .flat_map(|item| item.as_object().unwrap().values())
            .map(|operation| &operation["operationId"])
            .collect();
        let all = names.len();
        names.sort_by_key(ToString::to_string);
        names.dedup();
        assert_eq!(names.len(), all);
    }

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.push(reference.clone());
                }
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
}
