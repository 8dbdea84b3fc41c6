//! Where the rows of a push come from, read in chunks on a thread of their own: parsing goes on while the chunk before is
//! being stored, and memory holds a few chunks, however long the push.

use std::{
    fs::File,
    io::{BufReader, Cursor, Read},
    sync::Arc,
};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{
    format::{Envelope, Format, Reader},
    kind::PushKind,
    raw::{Cell, RawRecord},
    record::{content_hash, read},
    shape::columns,
};
use crate::{
    error::{Error, Result},
    messages::Fault,
};

/// Rows in one chunk: large enough that look-ups are shared by many rows, small enough to hold a few.
pub const CHUNK: usize = 1000;

/// What was received. It can be read any number of times, because a push that meets another is tried again.
#[derive(Clone, Debug)]
pub enum Source {
    /// A body in memory.
    Bytes(Format, Bytes),
    /// A body on disk.
    File(Format, Arc<tempfile::TempPath>),
    /// Records that came as typed values.
    Records(Arc<Vec<RawRecord>>),
}

/// One row after reading.
#[derive(Debug)]
pub struct Row<R> {
    /// Place in the push, from 0.
    pub position: i32,
    /// The sender's reference where it could be read.
    pub reference: Option<String>,
    /// The record with the hash of its content, or what is wrong with it.
    pub record: std::result::Result<(R, Vec<u8>), Vec<Fault>>,
}

/// What the reading thread sends.
#[derive(Debug)]
pub enum Part<R> {
    /// Some rows.
    Rows(Vec<Row<R>>),
    /// The end, with the control data that stood in the body.
    End(Envelope),
}

/// Reads a source row by row of a kind.
pub fn rows<K: PushKind>(source: &Source) -> mpsc::Receiver<Result<Part<K::Record>>> {
    let (sender, receiver) = mpsc::channel(2);
    let source = source.clone();
    tokio::task::spawn_blocking(move || {
        let result = send_all::<K>(&source, &sender);
        if let Err(error) = result {
            // Nobody listens any more when the push was given up.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

/// Bytes of a body that are read at once rather than on a thread of their own.
const SHORT: usize = 1 << 16;

/// Reads a source that is short, at once; none where it is long, or cannot be read to its end.
pub fn few<K: PushKind>(source: &Source, most: usize) -> Option<(Vec<Row<K::Record>>, Envelope)> {
    let (raw, envelope) = match source {
        Source::Bytes(format, bytes) if bytes.len() <= SHORT => {
            let columns = columns::<K::Record>();
            let mut reader = Reader::new(*format, Cursor::new(bytes.clone()), &columns).ok()?;
            let mut raw = Vec::new();
            while raw.len() <= most {
                let mut more = reader.next_chunk(most + 1 - raw.len()).ok()?;
                if more.is_empty() {
                    break;
                }
                raw.append(&mut more);
            }
            (raw, reader.envelope().clone())
        }
        Source::Records(records) if records.len() <= most => (records.to_vec(), Envelope::default()),
        Source::Bytes(..) | Source::File(..) | Source::Records(_) => return None,
    };
    (raw.len() <= most).then(|| (typed::<K>(raw, &mut 0), envelope))
}

fn send_all<K: PushKind>(source: &Source, sender: &mpsc::Sender<Result<Part<K::Record>>>) -> Result<()> {
    match source {
        Source::Bytes(format, bytes) => send_body::<K>(*format, Cursor::new(bytes.clone()), sender),
        Source::File(format, path) => {
            let file = File::open::<&std::path::Path>(path.as_ref().as_ref()).map_err(Error::internal)?;
            send_body::<K>(*format, BufReader::with_capacity(1 << 16, file), sender)
        }
        Source::Records(records) => {
            let mut position = 0;
            for chunk in records.chunks(CHUNK) {
                let part = Part::Rows(typed::<K>(chunk.to_vec(), &mut position));
                if sender.blocking_send(Ok(part)).is_err() {
                    return Ok(());
                }
            }
            let _ = sender.blocking_send(Ok(Part::End(Envelope::default())));
            Ok(())
        }
    }
}

fn send_body<K: PushKind>(
    format: Format,
    body: impl Read + Send,
    sender: &mpsc::Sender<Result<Part<K::Record>>>,
) -> Result<()> {
    let columns = columns::<K::Record>();
    let mut reader = Reader::new(format, body, &columns)?;
    let mut position = 0;
    loop {
        let raw = reader.next_chunk(CHUNK)?;
        if raw.is_empty() {
            let _ = sender.blocking_send(Ok(Part::End(reader.envelope().clone())));
            return Ok(());
        }
        if sender.blocking_send(Ok(Part::Rows(typed::<K>(raw, &mut position)))).is_err() {
            return Ok(());
        }
    }
}

fn typed<K: PushKind>(raw: Vec<RawRecord>, position: &mut i32) -> Vec<Row<K::Record>> {
    raw.into_iter()
        .map(|raw| {
            let reference = raw.fields.iter().find_map(|(name, cell)| match cell {
                Cell::Text(text) if name == "reference" && text.len() <= 200 && !text.contains('\0') => {
                    Some(text.clone())
                }
                _ => None,
            });
            let record = read::<K::Record>(raw).map(|record| {
                let hash = content_hash(&record);
                (record, hash)
            });
            let reference = record.as_ref().map_or(reference, |(record, _)| Some(K::reference(record).to_owned()));
            let row = Row { position: *position, reference, record };
            *position = position.saturating_add(1);
            row
        })
        .collect()
}
