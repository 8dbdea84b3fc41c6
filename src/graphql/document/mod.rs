//! Documents are measured before the library validates them, because its validation walks every fragment again at each
//! spread: a document of 1 KB can keep it busy for minutes (the class of CVE-2025-32034). One pass counts the tokens,
//! one parse makes the tree, and every fragment is then measured once, however often it is spread.

mod failures;
mod inputs;
mod limits;
mod measure;
mod order;
mod scan;
mod selected;
mod types;

use async_graphql::{
    Name, Pos, Positioned,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use crate::{
    error::Error,
    messages::{Code, Message},
};

pub use failures::place;
pub use limits::Limits;
pub use measure::Measure;
pub use order::sort;
pub use selected::Selected;
pub use types::TypeMap;

/// Why a document is not run, and where in its text.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong.
    pub error: Error,
    /// Where, when it is about one place.
    pub at: Option<Pos>,
}

impl Refusal {
    /// A refusal about one place of the document.
    pub fn at(error: impl Into<Error>, at: Pos) -> Self {
        Self { error: error.into(), at: Some(at) }
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), at: None }
    }
}

/// What the operation to be run asks for.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Query, mutation or subscription.
    pub operation: OperationType,
    /// The name of the operation, when it has one.
    pub name: Option<String>,
    /// Each field the operation may resolve, once, on the concrete type that resolves it, in the order of the text.
    pub selected: Vec<Selected>,
    /// Where the schema itself is first asked for (`__schema`, `__type`).
    pub introspection: Option<Pos>,
    /// How large the operation is.
    pub measure: Measure,
    /// Variables that must have a value because their type is non-null and they have no default.
    pub required_variables: Vec<RequiredVariable>,
}

/// A variable without which the operation cannot run.
#[derive(Clone, Debug)]
pub struct RequiredVariable {
    /// Its name, without `$`.
    pub name: String,
    /// Its type as written.
    pub ty: String,
    /// Where it is declared.
    pub pos: Pos,
}

/// Reads, measures and inspects a document. `operation_name` chooses among several operations.
///
/// # Errors
/// [`Class::TooComplex`](crate::error::Class::TooComplex) when a limit is passed, `BadUserInput` when the text is no
/// document, a fragment spreads itself, or the operation is not there. What remains is left to validation.
pub fn inspect(
    source: &str,
    operation_name: Option<&str>,
    types: &TypeMap,
    limits: &Limits,
) -> Result<(ExecutableDocument, Inspection), Refusal> {
    scan::scan(source, limits)?;
    let document = parse_query(source).map_err(|error| unreadable(&error))?;
    let measures = measure::document(&document, limits)?;
    let (name, operation) = choose(&document, operation_name)?;
    let walked = selected::walk(&document, &operation.node, types);
    let inspection = Inspection {
        operation: operation.node.ty,
        name: name.map(ToString::to_string),
        selected: walked.selected,
        introspection: walked.introspection,
        measure: measures.of(name),
        required_variables: required_variables(&operation.node),
    };
    Ok((document, inspection))
}

/// The operation of a document that runs under a name.
pub fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    choose(document, name).ok().map(|(_, operation)| &operation.node)
}

fn choose<'d>(
    document: &'d ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'d Name>, &'d Positioned<OperationDefinition>), Refusal> {
    match (&document.operations, wanted) {
        (DocumentOperations::Single(operation), None) => Ok((None, operation)),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.iter();
            match (all.next(), all.next()) {
                (Some((name, operation)), None) => Ok((Some(name), operation)),
                _ => Err(Error::field("operationName", Code::OperationNameRequired).into()),
            }
        }
        (DocumentOperations::Multiple(operations), Some(wanted)) => operations
            .get_key_value(wanted)
            .map(|(name, operation)| (Some(name), operation))
            .ok_or_else(|| no_operation(wanted)),
        (DocumentOperations::Single(_), Some(wanted)) => Err(no_operation(wanted)),
    }
}

fn no_operation(wanted: &str) -> Refusal {
    let name: String = wanted.chars().take(64).collect();
    Error::field("operationName", Message::new(Code::OperationNotFound).with("name", name)).into()
}

fn required_variables(operation: &OperationDefinition) -> Vec<RequiredVariable> {
    operation
        .variable_definitions
        .iter()
        .filter(|definition| !definition.node.var_type.node.nullable && definition.node.default_value.is_none())
        .map(|definition| RequiredVariable {
            name: definition.node.name.node.to_string(),
            ty: definition.node.var_type.node.to_string(),
            pos: definition.pos,
        })
        .collect()
}

/// The parser draws the offending line into its message, however long it is; only its last line says what it wanted.
fn unreadable(error: &parser::Error) -> Refusal {
    let at = error.positions().next().unwrap_or(Pos { line: 1, column: 1 });
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("= ");
    let reason: String = reason.chars().take(200).collect();
    let message =
        Message::new(Code::SyntaxError).with("line", at.line).with("column", at.column).with("reason", reason);
    Refusal::at(Error::invalid(message), at)
}

/// The error of what is larger than a limit.
pub fn too_complex(what: &str, count: u64, limit: u64) -> Error {
    let message = Message::new(Code::TooComplex).with("what", what).with("count", count).with("limit", limit);
    Error::new(crate::error::Class::TooComplex, message)
}

#[cfg(test)]
mod tests;
