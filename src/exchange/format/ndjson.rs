//! One JSON object a line: what is wrong in a line is a fault of that row, and the next line is read.

use super::{
    MAX_RECORD,
    source::{Source, characters},
    too_large,
    value::Parser,
};
use crate::{
    error::Error,
    exchange::raw::RawRecord,
    messages::{Fault, Message},
};

/// Reads lines.
pub(super) struct Ndjson<'a> {
    source: Source<'a>,
    line: u64,
}

impl<'a> Ndjson<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, line: 0 }
    }

    pub(super) fn source(&self) -> &Source<'a> {
        &self.source
    }

    pub(super) fn next(&mut self) -> Result<Option<RawRecord>, Error> {
        loop {
            self.line += 1;
            let Some((length, ending)) = self.line_length()? else {
                return Ok(None);
            };
            let record = if length > MAX_RECORD {
                Some(RawRecord { faults: vec![Fault::whole(too_large())], ..RawRecord::default() })
            } else {
                self.read_line(length)
            };
            if length > MAX_RECORD {
                self.skip_line()?;
            } else {
                self.source.consume(length + ending);
            }
            if let Some(record) = record {
                return Ok(Some(RawRecord { line: Some(self.line), ..record }));
            }
        }
    }

    /// Bytes of the next line and of its ending; more than the limit when it is too long to be read.
    fn line_length(&mut self) -> Result<Option<(usize, usize)>, Error> {
        let mut searched = 0;
        loop {
            let rest = self.source.rest();
            if let Some(found) = rest[searched..].iter().position(|byte| *byte == b'\n') {
                return Ok(Some((searched + found, 1)));
            }
            searched = rest.len();
            if searched > MAX_RECORD {
                return Ok(Some((searched, 0)));
            }
            if !self.source.more()? {
                return Ok((searched > 0).then_some((searched, 0)));
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), Error> {
        loop {
            let rest = self.source.rest();
            if let Some(found) = rest.iter().position(|byte| *byte == b'\n') {
                self.source.consume(found + 1);
                return Ok(());
            }
            self.source.consume(rest.len());
            if !self.source.more()? {
                return Ok(());
            }
        }
    }

    /// The record of a line; none when the line is blank.
    fn read_line(&self, length: usize) -> Option<RawRecord> {
        let text = &self.source.rest()[..length];
        let mut parser = Parser::new(text, true);
        parser.skip_space();
        if parser.at() == length {
            return None;
        }
        let read = parser.record().and_then(|record| parser.finish().map(|()| record));
        Some(read.unwrap_or_else(|stop| {
            let at = stop.at(length);
            let message: Message = stop.message((self.line, 1 + characters(&text[..at])), self.source.offset(at));
            RawRecord { faults: vec![Fault::whole(message)], ..RawRecord::default() }
        }))
    }
}
