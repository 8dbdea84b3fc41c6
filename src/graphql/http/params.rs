//! The parameters of a request: `query`, `operationName`, `variables` and `extensions`.

use async_graphql::{Request, Variables};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    messages::{Code, Fault, Message},
};

/// A well-formed request (GraphQL over HTTP, section 5). Unknown parameters are ignored, as it says.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Map<String, Value>,
    extensions: Map<String, Value>,
}

/// As they stand in JSON; a name that stands twice is an error, which a map would hide.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Raw {
    query: Value,
    operation_name: Value,
    variables: Value,
    extensions: Value,
}

impl Params {
    /// Reads a JSON body.
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Error> {
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let text = std::str::from_utf8(body)
            .map_err(|error| Error::invalid(Message::new(Code::NotUtf8).with("offset", error.valid_up_to())))?;
        match text.trim_start().as_bytes().first() {
            Some(b'[') => return Err(Error::invalid(Code::BatchRefused)),
            Some(b'{') | None => {}
            Some(_) => {
                let value = serde_json::from_str::<Value>(text).map_err(|error| not_json(&error))?;
                let wrong = Message::new(Code::WrongType).with("expected", "object").with("found", kind(&value));
                return Err(Error::faulty(vec![Fault::whole(wrong)]));
            }
        }
        serde_json::from_str::<Raw>(text).map_err(|error| not_json(&error))?.check()
    }

    /// Reads the payload of a `subscribe` message.
    pub(super) fn from_value(payload: Value) -> Result<Self, Error> {
        let found = kind(&payload);
        serde_json::from_value::<Raw>(payload)
            .map_err(|_| {
                Error::field("payload", Message::new(Code::WrongType).with("expected", "object").with("found", found))
            })?
            .check()
    }

    /// Reads the query of a URL, in which `variables` and `extensions` are JSON.
    pub(super) fn from_url(query: &str) -> Result<Self, Error> {
        let mut raw = Raw::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "query" => &mut raw.query,
                "operationName" => &mut raw.operation_name,
                "variables" => &mut raw.variables,
                "extensions" => &mut raw.extensions,
                _ => continue,
            };
            if !slot.is_null() {
                return Err(Error::field(name, Code::DuplicateField));
            }
            *slot = if matches!(&*name, "query" | "operationName") {
                Value::String(value.into_owned())
            } else {
                serde_json::from_str(&value).map_err(|error| Error::field(name, not_json_message(&error)))?
            };
        }
        raw.check()
    }

    /// The request for the library, without what the document decides.
    pub(super) fn into_request(self) -> Request {
        let mut request = Request::new(self.query).variables(Variables::from_json(Value::Object(self.variables)));
        request.operation_name = self.operation_name;
        let extensions = self.extensions.into_iter();
        request.extensions.0.extend(
            extensions
                .filter_map(|(name, value)| async_graphql::Value::from_json(value).ok().map(|value| (name, value))),
        );
        request
    }

    /// Whether a variable is given and not null.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|value| !value.is_null())
    }
}

impl Raw {
    fn check(self) -> Result<Params, Error> {
        let query = text("query", self.query)?.ok_or_else(|| Error::field("query", Code::Required))?;
        // Many clients send an empty name where they mean none.
        let operation_name = text("operationName", self.operation_name)?.filter(|name| !name.is_empty());
        let variables = object("variables", self.variables)?;
        let extensions = object("extensions", self.extensions)?;
        Ok(Params { query, operation_name, variables, extensions })
    }
}

fn text(name: &str, value: Value) -> Result<Option<String>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => Err(wrong(name, "string", &other)),
    }
}

fn object(name: &str, value: Value) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        other => Err(wrong(name, "object", &other)),
    }
}

fn wrong(name: &str, expected: &str, found: &Value) -> Error {
    Error::field(name, Message::new(Code::WrongType).with("expected", expected).with("found", kind(found)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::invalid(not_json_message(error))
}

fn not_json_message(error: &serde_json::Error) -> Message {
    let text = error.to_string();
    let reason: String = text.split(" at line ").next().unwrap_or_default().chars().take(200).collect();
    Message::new(Code::NotJson).with("line", error.line()).with("column", error.column()).with("reason", reason)
}
