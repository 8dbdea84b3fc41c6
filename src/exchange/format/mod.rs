//! The bodies of a push, read into raw records, and records written out again.
//!
//! The readers are synchronous and pull from any [`Read`]: run them where blocking is allowed. They hold a window of the
//! body and the chunk that was asked for, so memory does not depend on the size of the body. What is wrong with one
//! record is a [`Fault`](crate::messages::Fault) of that record; what makes the rest of the body unreadable is an
//! [`Error`], after which the reader gives that error again.

mod csv;
mod json;
mod ndjson;
mod object;
mod source;
#[cfg(test)]
mod tests;
mod value;
pub mod write;

use std::io::Read;

pub use self::object::object;
use self::{csv::Table, json::Json, ndjson::Ndjson, source::Source};
use crate::{
    error::Error,
    exchange::raw::RawRecord,
    messages::{Code, Message},
};

/// Bytes of the largest record read.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Bytes of the body after which a chunk ends even when fewer records than asked for are in it.
const CHUNK: u64 = 1024 * 1024;

/// The form of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object with `records` and the control data (RFC 8259).
    Json,
    /// A JSON object a line.
    Ndjson,
    /// A header line of field names and a row a record (RFC 4180; comma, semicolon or tab).
    Csv,
}

impl Format {
    /// The format that a `Content-Type` header names; parameters do not matter here: text is UTF-8, and the door refuses what says otherwise.
    pub fn from_content_type(header: &str) -> Option<Self> {
        let media_type = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/json" => Some(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                Some(Self::Ndjson)
            }
            "text/csv" | "application/csv" | "text/tab-separated-values" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The format that the ending of a file name tells, with or without its dot.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.trim_start_matches('.').to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The media type, as it is answered and documented.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
        }
    }
}

/// Control data of a push. JSON carries it in the body, NDJSON and CSV in headers, which the caller merges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Number of records the sender says there are.
    pub declared_count: Option<u64>,
    /// Sum of the amounts the sender says there is, in VND.
    pub declared_amount: Option<i64>,
    /// Whether one refused record refuses all.
    pub atomic: Option<bool>,
    /// Key under which a repeat gets the first answer.
    pub idempotency_key: Option<String>,
    /// What the data is for, for the log.
    pub purpose: Option<String>,
}

/// The columns that a table of a kind may have; JSON needs no such help.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The fields of the record.
    pub fields: Vec<&'static str>,
    /// The field that holds a list of records, and their fields: a table has one row for each of them.
    pub nested: Option<(&'static str, Vec<&'static str>)>,
    /// Fields that hold a list of plain values, which stand in one cell with semicolons between.
    pub lists: Vec<&'static str>,
}

impl Shape {
    /// The columns of a table in their order: the fields of the record, then those of the records nested in it.
    pub fn columns(&self) -> Vec<&'static str> {
        csv::columns(self).into_iter().map(|column| column.name).collect()
    }
}

/// Reads the records of a body, chunk by chunk.
pub struct Reader<'a> {
    body: Body<'a>,
    envelope: Envelope,
    failed: Option<Error>,
}

enum Body<'a> {
    Json(Json<'a>),
    Ndjson(Ndjson<'a>),
    Csv(Box<Table<'a>>),
}

impl<'a> Reader<'a> {
    /// Begins to read. A text that is no UTF-8 is refused here already where its beginning shows it, and so is a table
    /// whose header is wrong or missing (`NO_RECORDS`, `UNKNOWN_FIELD`, `DUPLICATE_FIELD`).
    pub fn new(format: Format, source: impl Read + Send + 'a, shape: &Shape) -> Result<Self, Error> {
        Self::with_window(format, source, shape, source::WINDOW)
    }

    fn with_window(format: Format, source: impl Read + Send + 'a, shape: &Shape, window: usize) -> Result<Self, Error> {
        let source = Source::new(source, window)?;
        let body = match format {
            Format::Json => Body::Json(Json::new(source)),
            Format::Ndjson => Body::Ndjson(Ndjson::new(source)),
            Format::Csv => Body::Csv(Box::new(Table::new(source, shape)?)),
        };
        Ok(Self { body, envelope: Envelope::default(), failed: None })
    }

    /// Up to `most` records, at least one; an empty vector means the end. An error speaks for the whole body: records
    /// given before it belong to a body that cannot be accepted.
    pub fn next_chunk(&mut self, most: usize) -> Result<Vec<RawRecord>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let chunk = self.read_chunk(most.max(1));
        self.failed = chunk.as_ref().err().cloned();
        chunk
    }

    /// Control data found in the body; complete only after the end, since members may follow the records.
    pub fn envelope(&self) -> &Envelope {
        match &self.body {
            Body::Json(json) => &json.envelope,
            Body::Ndjson(_) | Body::Csv(_) => &self.envelope,
        }
    }

    /// Bytes of the body read so far, for progress.
    pub fn offset(&self) -> u64 {
        match &self.body {
            Body::Json(json) => json.source().offset(0),
            Body::Ndjson(ndjson) => ndjson.source().offset(0),
            Body::Csv(table) => table.offset(),
        }
    }

    #[cfg(test)]
    fn window(&self) -> usize {
        match &self.body {
            Body::Json(json) => json.source().size(),
            Body::Ndjson(ndjson) => ndjson.source().size(),
            Body::Csv(table) => table.source().size(),
        }
    }

    fn read_chunk(&mut self, most: usize) -> Result<Vec<RawRecord>, Error> {
        let begun = self.offset();
        let mut chunk = Vec::new();
        while chunk.len() < most && self.offset() - begun < CHUNK {
            let record = match &mut self.body {
                Body::Json(json) => json.next()?,
                Body::Ndjson(ndjson) => ndjson.next()?,
                Body::Csv(table) => table.next()?,
            };
            match record {
                Some(record) => chunk.push(record),
                None => break,
            }
        }
        Ok(chunk)
    }
}

fn too_large() -> Message {
    Message::new(Code::RecordTooLarge).with("limit", MAX_RECORD)
}
