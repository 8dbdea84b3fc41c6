//! The rows of a CSV text and their cells (RFC 4180).
//!
//! The rows are cut here and not by the `csv` crate because a push has to know more than the cells. The crate counts
//! lines short after CRLF and blank lines, takes a quotation mark that is never closed for a cell that holds the rest of
//! the file, without limit or error, and does not tell at which byte of the file a text stops being UTF-8.

use std::borrow::Cow;

use super::super::{
    MAX_RECORD,
    source::{Source, line_breaks},
};
use crate::{
    error::Error,
    messages::{Code, Message},
};

/// Cuts a text into rows.
pub(super) struct Rows<'a> {
    source: Source<'a>,
    delimiter: u8,
    line: u64,
    done: usize,
    spans: Vec<Span>,
}

/// Where a cell stands in its row.
struct Span {
    start: usize,
    end: usize,
    /// Quotation marks in it are written double.
    doubled: bool,
}

/// What comes next in the text.
pub(super) enum Next<'r> {
    /// A row.
    Row(Row<'r>),
    /// A row on this line over the limit, passed over.
    TooLarge(u64),
    /// Nothing.
    End,
}

/// One row.
pub(super) struct Row<'r> {
    /// Line on which it begins, from 1.
    pub(super) line: u64,
    text: &'r str,
    spans: &'r [Span],
}

impl<'r> Row<'r> {
    /// Bytes the row takes.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cell at an index; empty beyond the last.
    pub(super) fn cell(&self, index: usize) -> Cow<'r, str> {
        let Some(span) = self.spans.get(index) else {
            return Cow::Borrowed("");
        };
        let text = &self.text[span.start..span.end];
        if span.doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) }
    }

    /// Whether no cell says anything, as in the rows that spreadsheets leave below a table.
    pub(super) fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| self.text[span.start..span.end].trim().is_empty())
    }
}

/// Why a row could not be cut.
enum Cut {
    /// It goes on beyond the window; inside quotation marks opened so many lines below the row's first.
    Beyond { quoted: Option<u64> },
    /// A quotation mark that neither ends a cell nor is doubled, or is never closed.
    Quotes { lines: u64 },
}

impl<'a> Rows<'a> {
    /// Looks at the first line for the delimiter.
    pub(super) fn new(mut source: Source<'a>) -> Result<Self, Error> {
        let (announced, delimiter) = loop {
            match delimiter(source.rest()) {
                (found, true) => break found,
                (found, false) if source.rest().len() > MAX_RECORD || !source.more()? => break found,
                _ => {}
            }
        };
        source.consume(announced);
        Ok(Self { source, delimiter, line: 1 + u64::from(announced > 0), done: 0, spans: Vec::new() })
    }

    pub(super) fn offset(&self) -> u64 {
        self.source.offset(self.done)
    }

    #[cfg(test)]
    pub(super) fn source(&self) -> &Source<'a> {
        &self.source
    }

    /// The next row that is not empty.
    pub(super) fn next(&mut self) -> Result<Next<'_>, Error> {
        loop {
            self.source.consume(self.done);
            self.done = 0;
            if self.source.rest().is_empty() && !self.source.more()? {
                return Ok(Next::End);
            }
            let line = self.line;
            let Some((length, lines)) = self.cut()? else {
                self.skip_line()?;
                return Ok(Next::TooLarge(line));
            };
            self.line += lines;
            self.done = length;
            if length > MAX_RECORD {
                return Ok(Next::TooLarge(line));
            }
            if matches!(self.spans[..], [Span { start: 0, end: 0, .. }]) {
                continue;
            }
            let text = std::str::from_utf8(&self.source.rest()[..length]).map_err(|error| {
                let offset = self.source.offset(error.valid_up_to());
                Error::invalid(Message::new(Code::NotUtf8).with("offset", offset))
            })?;
            return Ok(Next::Row(Row { line, text, spans: &self.spans }));
        }
    }

    /// Length and lines of the next row; none when it is over the limit.
    fn cut(&mut self) -> Result<Option<(usize, u64)>, Error> {
        loop {
            self.spans.clear();
            let rest = self.source.rest();
            match cut(rest, self.delimiter, self.source.ended(), &mut self.spans) {
                Ok(row) => return Ok(Some(row)),
                Err(Cut::Quotes { lines }) => return Err(bad_quotes(self.line + lines)),
                Err(Cut::Beyond { quoted: Some(lines) }) if rest.len() > MAX_RECORD => {
                    return Err(bad_quotes(self.line + lines));
                }
                Err(Cut::Beyond { .. }) if rest.len() > MAX_RECORD => return Ok(None),
                Err(Cut::Beyond { .. }) => self.source.more()?,
            };
        }
    }

    fn skip_line(&mut self) -> Result<(), Error> {
        self.line += 1;
        loop {
            let rest = self.source.rest();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.source.consume(end + 1);
                return Ok(());
            }
            self.source.consume(rest.len());
            if !self.source.more()? {
                return Ok(());
            }
        }
    }
}

/// Cuts one row from the beginning of a text.
fn cut(bytes: &[u8], delimiter: u8, ended: bool, spans: &mut Vec<Span>) -> Result<(usize, u64), Cut> {
    let mut lines = 0;
    let mut at = 0;
    loop {
        let quoted = bytes.get(at) == Some(&b'"');
        let span =
            if quoted { quoted_cell(bytes, at, ended, lines)? } else { plain_cell(bytes, at, delimiter, ended)? };
        if quoted {
            lines += line_breaks(&bytes[span.start..span.end]);
        }
        at = span.end + usize::from(quoted);
        spans.push(span);
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) if ended => return Ok((at, lines)),
            (Some(b'\r'), Some(b'\n')) => return Ok((at + 2, lines + 1)),
            (None, _) | (Some(b'\r'), None) if !ended => return Err(Cut::Beyond { quoted: None }),
            (Some(b'\n' | b'\r'), _) => return Ok((at + 1, lines + 1)),
            (Some(byte), _) if *byte == delimiter => at += 1,
            _ => return Err(Cut::Quotes { lines }),
        }
    }
}

fn plain_cell(bytes: &[u8], start: usize, delimiter: u8, ended: bool) -> Result<Span, Cut> {
    let found = bytes[start..].iter().position(|byte| *byte == delimiter || matches!(byte, b'\n' | b'\r'));
    match found {
        Some(length) => Ok(Span { start, end: start + length, doubled: false }),
        None if ended => Ok(Span { start, end: bytes.len(), doubled: false }),
        None => Err(Cut::Beyond { quoted: None }),
    }
}

fn quoted_cell(bytes: &[u8], opening: usize, ended: bool, lines: u64) -> Result<Span, Cut> {
    let mut at = opening + 1;
    let mut doubled = false;
    loop {
        let closing = bytes[at..].iter().position(|byte| *byte == b'"').map(|length| at + length);
        match closing.map(|closing| (closing, bytes.get(closing + 1))) {
            Some((closing, Some(b'"'))) => {
                doubled = true;
                at = closing + 2;
            }
            Some((closing, next)) if next.is_some() || ended => {
                return Ok(Span { start: opening + 1, end: closing, doubled });
            }
            None if ended => return Err(Cut::Quotes { lines }),
            _ => return Err(Cut::Beyond { quoted: Some(lines) }),
        }
    }
}

fn bad_quotes(line: u64) -> Error {
    Error::invalid(Message::new(Code::BadQuotes).with("line", line))
}

/// The delimiter of a table by its header line, with the length of a line that only announces it (`sep=;`, as Excel
/// writes); and whether that line was there to its end. Where Windows counts in Vietnamese, Excel's CSV has semicolons.
fn delimiter(text: &[u8]) -> ((usize, u8), bool) {
    if let [b's', b'e', b'p', b'=', announced @ (b',' | b';' | b'\t'), rest @ ..] = text {
        match rest {
            [b'\r', b'\n', ..] => return ((7, *announced), true),
            [b'\n', ..] => return ((6, *announced), true),
            _ => {}
        }
    }
    let (mut commas, mut semicolons, mut tabs, mut quoted, mut begun, mut whole) = (0, 0, 0, false, false, false);
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if begun && !quoted => {
                whole = true;
                break;
            }
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            b'\t' if !quoted => tabs += 1,
            _ => {}
        }
        begun |= !matches!(byte, b'\n' | b'\r');
    }
    let found = match (commas, semicolons, tabs) {
        _ if commas >= semicolons && commas >= tabs => b',',
        _ if semicolons >= tabs => b';',
        _ => b'\t',
    };
    ((0, found), whole)
}
