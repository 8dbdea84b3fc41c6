//! How large a document may be.

use serde::Deserialize;

/// Limits of a document. What is counted is counted after fragments are put in place of their spreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the text.
    pub bytes: u64,
    /// Tokens of the text: names, numbers, strings and punctuators.
    pub tokens: u64,
    /// Brackets of any kind open at once; the parser recurses by them.
    pub brackets: u64,
    /// Characters of one name; a name comes back in every answer and error.
    pub name_length: u64,
    /// Operations in the document.
    pub operations: u64,
    /// Fields within fields.
    pub depth: u64,
    /// Fields within fields below `__schema` and `__type`, which the tools' own query takes deep.
    pub introspection_depth: u64,
    /// Lists within lists below `__schema` and `__type`: each level multiplies the answer by the size of a type.
    pub introspection_lists: u64,
    /// Selection sets within selection sets, with those of fragments; the library recurses by them.
    pub nesting: u64,
    /// Fields, spreads and inline fragments.
    pub selections: u64,
    /// Fields under another name.
    pub aliases: u64,
    /// Fields of the root type.
    pub root_fields: u64,
    /// Directives.
    pub directives: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 * 1024,
            tokens: 10_000,
            brackets: 64,
            name_length: 128,
            operations: 20,
            depth: 12,
            introspection_depth: 20,
            introspection_lists: 2,
            nesting: 32,
            selections: 2_000,
            aliases: 30,
            root_fields: 20,
            directives: 50,
        }
    }
}
