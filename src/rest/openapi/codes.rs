//! Lists of codes as schemas, made from the lists themselves.

use std::borrow::Cow;

use entity::codes::{BatchStatus, RecordStatus};
use sea_orm::{ActiveEnum, Iterable};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

use crate::{kinds::ALL, messages::Code};

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let about = "Stable code of a sentence; docs/pushing.md has them all.";
        among(Self::ALL.iter().map(|code| code.as_str().to_owned()), about).into()
    }
}

impl ToSchema for Code {
    fn name() -> Cow<'static, str> {
        "Code".into()
    }
}

/// What a push may have become.
pub fn batch_status() -> Object {
    among(stored::<BatchStatus>(), "`COMPLETED`, or `REFUSED` when nothing of it was stored.")
}

/// What a row may have become.
pub fn record_status() -> Object {
    among(stored::<RecordStatus>(), "What became of the row.")
}

/// The kinds of record.
pub fn kinds() -> Object {
    among(ALL.iter().map(|kind| kind.slug.to_owned()), "Kind of record.")
}

fn stored<E: ActiveEnum<Value = String> + Iterable>() -> impl Iterator<Item = String> {
    E::iter().map(|code| code.to_value())
}

fn among(codes: impl Iterator<Item = String>, about: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).description(Some(about)).build()
}
