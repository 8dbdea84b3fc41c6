//! The shape of a record as the file formats need to know it.

use super::{
    format::Shape as Columns,
    record::{FieldType, Record, Shape},
};

/// Names of the fields, of the fields nested in a list of records, and of the lists of plain values.
pub fn columns<R: Record>() -> Columns {
    columns_of(&R::SHAPE)
}

/// The same of a shape.
pub fn columns_of(shape: &Shape) -> Columns {
    let fields = shape.fields;
    let names = fields.iter().map(|field| field.name).collect();
    let nested = fields.iter().find_map(|field| match field.kind {
        FieldType::List(FieldType::Record(shape)) => {
            Some((field.name, shape.fields.iter().map(|field| field.name).collect()))
        }
        _ => None,
    });
    let lists = fields
        .iter()
        .filter(|field| matches!(field.kind, FieldType::List(kind) if !matches!(kind, FieldType::Record(_))))
        .map(|field| field.name)
        .collect();
    Columns { fields: names, nested, lists }
}
