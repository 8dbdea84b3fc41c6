//! The GraphQL door with the real schema: nested reading, pages, pushes, and what it withstands.

mod bounded;
mod door;
mod narrow;
mod nested;
mod pages;
mod pushes;
mod signs;

use serde_json::{Value, json};

use crate::harness::{Client, client::Answer};

/// Asks without variables; the answer must be without errors.
async fn ask(client: &Client, query: &str) -> Value {
    let answer = send(client, query).await;
    assert!(answer.json.get("errors").is_none(), "{}", answer.text);
    answer.json["data"].clone()
}

/// Asks without variables.
async fn send(client: &Client, query: &str) -> Answer {
    client.post("/graphql", &json!({ "query": query })).await
}

/// The code of the first error.
fn code(answer: &Answer) -> &str {
    answer.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
