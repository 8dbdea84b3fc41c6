//! Record inputs of the schema, made from the same tables of fields that the files are read by. A GraphQL push thus goes
//! through the one reader, and a new kind needs no input type of its own.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Value,
    indexmap::IndexMap,
    registry::{Deprecation, MetaInputValue, MetaType, MetaTypeId, Registry},
};

use super::scalars::Date;
use crate::{
    domain::vnd::Vnd,
    exchange::{
        format::Envelope,
        kind::PushKind,
        push::Push,
        raw::{Cell, RawRecord},
        record::{Field, FieldType, Form, Record, Shape, raw_hash},
        source::Source,
    },
};

/// One record of a kind as it came in.
#[derive(Debug)]
pub struct RecordInput<K>(RawRecord, PhantomData<fn() -> K>);

/// A push: some records with what guards them.
#[derive(Debug)]
pub struct PushInput<K> {
    envelope: Envelope,
    records: Vec<RecordInput<K>>,
}

impl<K: PushKind> PushInput<K> {
    /// The push that the pipeline takes.
    pub fn into_push(self) -> Push {
        let records: Vec<RawRecord> = self.records.into_iter().map(|record| record.0).collect();
        let body_hash = raw_hash(&records);
        Push { source: Source::Records(records.into()), envelope: self.envelope, body_hash, dry_run: false }
    }
}

impl<K: PushKind> InputType for RecordInput<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        K::Record::SHAPE.name.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        // Named first, so that the fields may refer to them.
        <Date as InputType>::create_type_info(registry);
        <Vnd as InputType>::create_type_info(registry);
        let shape = K::Record::SHAPE;
        for nested in nested(&shape) {
            registry.types.entry(nested.name.to_owned()).or_insert_with(|| input_object(nested));
        }
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |_| input_object(&shape))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match cell(value.unwrap_or_default()) {
            Cell::Record(record) => Ok(Self(record, PhantomData)),
            _ => Err(InputValueError::custom("a record must be an object with named fields")),
        }
    }

    fn to_value(&self) -> Value {
        // Only default values are printed, and a record has none.
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: PushKind> InputType for PushInput<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        let mut name: Vec<char> = K::MUTATION.chars().collect();
        name[0] = name[0].to_ascii_uppercase();
        format!("{}Input", name.into_iter().collect::<String>()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let records = <Vec<RecordInput<K>> as InputType>::create_type_info(registry);
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |_| {
            let fields = [
                (
                    "idempotencyKey",
                    "String",
                    "Key against repeats: the same key and records get the first answer again.",
                ),
                ("declaredCount", "Int", "Control total: how many records there are."),
                ("declaredAmount", "Vnd", "Control total: the sum of their amounts, VND."),
                ("atomic", "Boolean", "Whether one row that is not accepted refuses all."),
                ("records", records.as_str(), "The records."),
            ];
            let fields = fields.map(|(name, ty, about)| meta_input(name, ty.to_owned(), about));
            meta_object(&Self::type_name(), "A push of records; each gets its own outcome.", fields)
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let mut take = |name: &str| fields.swap_remove(name);
        let envelope = Envelope {
            idempotency_key: Option::parse(take("idempotencyKey")).map_err(InputValueError::propagate)?,
            declared_count: Option::parse(take("declaredCount")).map_err(InputValueError::propagate)?,
            declared_amount: Option::<Vnd>::parse(take("declaredAmount"))
                .map_err(InputValueError::propagate)?
                .map(|amount| amount.0),
            atomic: Option::parse(take("atomic")).map_err(InputValueError::propagate)?,
            purpose: None,
        };
        let records = Vec::parse(take("records")).map_err(InputValueError::propagate)?;
        Ok(Self { envelope, records })
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The shapes nested in a shape.
fn nested(shape: &Shape) -> Vec<&'static Shape> {
    let of = |kind: &FieldType| match kind {
        FieldType::Record(shape) | FieldType::List(FieldType::Record(shape)) => Some(*shape),
        _ => None,
    };
    shape.fields.iter().filter_map(|field| of(&field.kind)).collect()
}

fn input_object(shape: &Shape) -> MetaType {
    meta_object(
        shape.name,
        shape.about.trim(),
        shape.fields.iter().map(|field| {
            let bang = if field.required { "!" } else { "" };
            meta_input(field.name, format!("{}{bang}", type_name(&field.kind)), &about(field))
        }),
    )
}

fn type_name(kind: &FieldType) -> String {
    match kind {
        FieldType::Text(_) | FieldType::Form(_) | FieldType::Code(_) => "String".to_owned(),
        FieldType::Amount => "Vnd".to_owned(),
        FieldType::Date => "Date".to_owned(),
        FieldType::Whole(..) => "Int".to_owned(),
        FieldType::Decimal => "Float".to_owned(),
        FieldType::List(item) => format!("[{}!]", type_name(item)),
        FieldType::Record(shape) => shape.name.to_owned(),
    }
}

fn about(field: &Field) -> String {
    let about = field.about.trim();
    match field.kind {
        FieldType::Code(codes) | FieldType::List(&FieldType::Code(codes)) => {
            format!("{about} One of: {}.", codes.join(", "))
        }
        FieldType::Text(most) | FieldType::Form(&Form { most, .. }) => format!("{about} At most {most} characters."),
        _ => about.to_owned(),
    }
}

fn meta_object(name: &str, about: &str, fields: impl IntoIterator<Item = MetaInputValue>) -> MetaType {
    MetaType::InputObject {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        input_fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect::<IndexMap<_, _>>(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

fn meta_input(name: &str, ty: String, about: &str) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// A GraphQL value as the pipeline's reader takes it.
fn cell(value: Value) -> Cell {
    match value {
        Value::Null | Value::Binary(_) => Cell::Null,
        Value::Boolean(value) => Cell::Bool(value),
        Value::Number(number) => number.as_i64().map_or_else(|| Cell::Number(number.to_string()), Cell::Int),
        Value::String(text) => Cell::Text(text),
        Value::Enum(name) => Cell::Text(name.to_string()),
        Value::List(values) => Cell::List(values.into_iter().map(cell).collect()),
        Value::Object(fields) => Cell::Record(RawRecord {
            fields: fields.into_iter().map(|(name, value)| (name.to_string(), cell(value))).collect(),
            ..RawRecord::default()
        }),
    }
}
