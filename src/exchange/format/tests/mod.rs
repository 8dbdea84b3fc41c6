//! What the readers make of bodies good and bad.

mod broken;
mod csv;
mod json;
mod ndjson;
mod round_trip;

use super::*;
use crate::{
    exchange::raw::Cell,
    messages::{Fault, Lang},
};

type Read<T = Vec<RawRecord>> = Result<T, Error>;

fn loans() -> Shape {
    Shape { fields: vec!["reference", "personalId", "amount", "purpose"], ..Shape::default() }
}

fn households() -> Shape {
    Shape {
        fields: vec!["reference", "householdCode", "address", "members"],
        nested: Some(("members", vec!["personalId", "fullName"])),
        lists: Vec::new(),
    }
}

/// Reads a whole body through the usual window and through a narrow one, which must not differ.
fn read_with(format: Format, shape: &Shape, body: &[u8]) -> Read<(Vec<RawRecord>, Envelope)> {
    let wide = read_through(format, shape, body, source::WINDOW);
    let narrow = read_through(format, shape, body, 16);
    match (&wide, &narrow) {
        (Ok(wide), Ok(narrow)) => assert_eq!(wide, narrow),
        (Err(wide), Err(narrow)) => {
            assert_eq!(wide.message(), narrow.message());
            assert_eq!(wide.faults(), narrow.faults());
        }
        _ => panic!("the window decides: {wide:?} {narrow:?}"),
    }
    wide
}

fn read_through(format: Format, shape: &Shape, body: &[u8], window: usize) -> Read<(Vec<RawRecord>, Envelope)> {
    let mut reader = Reader::with_window(format, body, shape, window)?;
    let mut records = Vec::new();
    loop {
        let chunk = reader.next_chunk(3)?;
        if chunk.is_empty() {
            return Ok((records, reader.envelope().clone()));
        }
        records.extend(chunk);
    }
}

fn read(format: Format, body: impl AsRef<[u8]>) -> Read {
    read_with(format, &loans(), body.as_ref()).map(|(records, _)| records)
}

/// Code, path and sentence of an error that refuses a whole body.
fn refusal<T: std::fmt::Debug>(result: Read<T>) -> String {
    let error = result.unwrap_err();
    assert!(error.status() < 500, "{error:?}");
    if error.faults().is_empty() {
        return format!("{} {}", error.message().code, error.message().text(Lang::En));
    }
    told(error.faults())
}

fn told(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| {
            let field = fault.field.as_deref().unwrap_or("-");
            format!("{} {field}: {}", fault.message.code, fault.message.text(Lang::En))
        })
        .collect();
    lines.join("\n")
}

fn field<'r>(record: &'r RawRecord, name: &str) -> &'r Cell {
    record.fields.iter().find(|(held, _)| held == name).map_or(&Cell::Null, |(_, cell)| cell)
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

#[test]
fn formats_are_known_by_type_and_by_ending() {
    assert_eq!(Format::from_content_type("Text/CSV; charset=utf-8"), Some(Format::Csv));
    assert_eq!(Format::from_content_type("application/json"), Some(Format::Json));
    assert_eq!(Format::from_content_type("application/xml"), None);
    assert_eq!(Format::from_content_type(""), None);
    assert_eq!(Format::from_extension(".CSV"), Some(Format::Csv));
    assert_eq!(Format::from_extension("ndjson"), Some(Format::Ndjson));
    assert_eq!(Format::from_extension("xls"), None);
    for format in [Format::Json, Format::Ndjson, Format::Csv] {
        assert_eq!(Format::from_content_type(format.media_type()), Some(format));
    }
}

#[test]
fn an_error_stays() {
    let shape = loans();
    let mut reader = Reader::new(Format::Json, &br#"{"records":[{},{},x]}"#[..], &shape).unwrap();
    assert_eq!(reader.next_chunk(2).unwrap().len(), 2);
    let first = reader.next_chunk(2).unwrap_err();
    assert_eq!(reader.next_chunk(2).unwrap_err().message(), first.message());
}

#[test]
fn a_chunk_ends_with_its_share_of_the_body_too() {
    let shape = loans();
    let body = format!("{{\"reference\":\"{}\"}}\n", "x".repeat(600_000)).repeat(5);
    let mut reader = Reader::new(Format::Ndjson, body.as_bytes(), &shape).unwrap();
    let mut sizes = Vec::new();
    loop {
        let chunk = reader.next_chunk(1000).unwrap();
        if chunk.is_empty() {
            break;
        }
        sizes.push(chunk.len());
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(reader.offset(), body.len() as u64);
}
