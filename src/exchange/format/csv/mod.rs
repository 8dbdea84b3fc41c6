//! Tables: a header of field names, then a row a record, or a row for each record nested in it.

mod header;
mod rows;

pub(super) use self::header::columns;
use self::{
    header::Column,
    rows::{Next, Row, Rows},
};
use super::{MAX_RECORD, Shape, source::Source, too_large};
use crate::{
    error::Error,
    exchange::raw::{Cell, RawRecord},
    messages::{Code, Fault, Message},
};

/// The column by which the rows of one record are known.
const REFERENCE: &str = "reference";
/// Faults told of one record.
const MAX_FAULTS: usize = 20;

/// Reads the records of a table.
pub(super) struct Table<'a> {
    rows: Rows<'a>,
    columns: Vec<Column>,
    nested: Option<&'static str>,
    open: Option<Open>,
}

/// A record whose rows may go on.
struct Open {
    record: RawRecord,
    members: Vec<Cell>,
    size: usize,
    /// A row over the limit: nothing joins it.
    closed: bool,
}

/// One row, taken apart.
struct Parts {
    own: RawRecord,
    member: RawRecord,
    size: usize,
}

impl<'a> Table<'a> {
    /// Reads the header.
    pub(super) fn new(source: Source<'a>, shape: &Shape) -> Result<Self, Error> {
        let mut rows = Rows::new(source)?;
        let columns = loop {
            match rows.next()? {
                Next::Row(row) if row.is_blank() => {}
                Next::Row(row) => break header::read(&row, shape)?,
                Next::TooLarge(_) => return Err(Error::invalid(too_large())),
                Next::End => return Err(Error::invalid(Code::NoRecords)),
            }
        };
        let nested =
            shape.nested.as_ref().filter(|_| columns.iter().any(|column| column.nested)).map(|(list, _)| *list);
        Ok(Self { rows, columns, nested, open: None })
    }

    pub(super) fn offset(&self) -> u64 {
        self.rows.offset()
    }

    #[cfg(test)]
    pub(super) fn source(&self) -> &Source<'a> {
        self.rows.source()
    }

    pub(super) fn next(&mut self) -> Result<Option<RawRecord>, Error> {
        let Some(list) = self.nested else {
            return Ok(self.next_row()?.map(|row| row.map_or_else(|record| record, |parts| parts.own)));
        };
        loop {
            let begun = match self.next_row()? {
                None => return Ok(self.open.take().map(|open| open.finish(list))),
                Some(Err(record)) => Open { record, members: Vec::new(), size: 0, closed: true },
                Some(Ok(parts)) => match &mut self.open {
                    Some(open) if open.goes_on_with(&parts.own) => {
                        open.join(parts, list);
                        continue;
                    }
                    _ => Open::begin(parts, list),
                },
            };
            if let Some(done) = self.open.replace(begun) {
                return Ok(Some(done.finish(list)));
            }
        }
    }

    /// The next row that says anything; a row over the limit is a record that says so.
    fn next_row(&mut self) -> Result<Option<Result<Parts, RawRecord>>, Error> {
        loop {
            return match self.rows.next()? {
                Next::Row(row) if row.is_blank() => continue,
                Next::Row(row) => Ok(Some(Ok(take_apart(&row, &self.columns)))),
                Next::TooLarge(line) => {
                    let faults = vec![Fault::whole(too_large())];
                    Ok(Some(Err(RawRecord { faults, line: Some(line), ..RawRecord::default() })))
                }
                Next::End => Ok(None),
            };
        }
    }
}

fn take_apart(row: &Row<'_>, columns: &[Column]) -> Parts {
    let mut own = RawRecord { fields: Vec::with_capacity(columns.len() + 1), faults: Vec::new(), line: Some(row.line) };
    let mut member = RawRecord { line: Some(row.line), ..RawRecord::default() };
    for (index, column) in columns.iter().enumerate().take(row.len()) {
        let part = if column.nested { &mut member } else { &mut own };
        part.fields.push((column.name.to_owned(), cell(&row.cell(index), column.list)));
    }
    let beyond = (columns.len()..row.len()).any(|index| !row.cell(index).trim().is_empty());
    if beyond || row.len() < columns.len() {
        let message = Message::new(Code::RaggedRow).with("found", row.len()).with("expected", columns.len());
        own.faults.push(Fault::whole(message));
    }
    Parts { own, member, size: row.size() }
}

impl Open {
    fn begin(parts: Parts, list: &str) -> Self {
        let record = RawRecord { faults: Vec::new(), fields: parts.own.fields.clone(), line: parts.own.line };
        let mut open = Self { record, members: Vec::new(), size: 0, closed: false };
        open.join(parts, list);
        open
    }

    /// The same reference makes rows one record. Where it is missing, rows that agree in everything else are taken
    /// together, so that the household is refused once and not for each of its members.
    fn goes_on_with(&self, own: &RawRecord) -> bool {
        match (reference(&self.record), reference(own)) {
            _ if self.closed => false,
            (Some(held), Some(found)) => held == found,
            (None, None) => self.record.fields == own.fields,
            _ => false,
        }
    }

    fn join(&mut self, parts: Parts, list: &str) {
        let Parts { own, member, size } = parts;
        self.size += size;
        if self.size > MAX_RECORD {
            if !self.record.faults.iter().any(|fault| fault.message.code == Code::RecordTooLarge) {
                self.record.faults.push(Fault::whole(too_large()));
            }
            return;
        }
        for fault in own.faults {
            self.tell(Fault::at(format!("{list}.{}", self.members.len()), fault.message));
        }
        let held = self.record.fields.iter().zip(&own.fields);
        let differing: Vec<String> =
            held.filter(|(held, found)| held != found).map(|((name, _), _)| name.clone()).collect();
        for name in differing {
            self.tell(Fault::at(name, Message::new(Code::RowsDisagree).with("line", own.line.unwrap_or_default())));
        }
        if member.fields.iter().any(|(_, cell)| *cell != Cell::Null) {
            self.members.push(Cell::Record(member));
        }
    }

    fn tell(&mut self, fault: Fault) {
        if self.record.faults.len() < MAX_FAULTS {
            self.record.faults.push(fault);
        }
    }

    fn finish(mut self, list: &str) -> RawRecord {
        if !self.closed {
            self.record.fields.push((list.to_owned(), Cell::List(self.members)));
        }
        self.record
    }
}

fn reference(record: &RawRecord) -> Option<&Cell> {
    record.fields.iter().find(|(name, _)| name == REFERENCE).map(|(_, cell)| cell).filter(|cell| **cell != Cell::Null)
}

fn cell(text: &str, list: bool) -> Cell {
    let text = plain(text);
    if text.is_empty() {
        Cell::Null
    } else if list {
        let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
        Cell::List(items.map(|item| Cell::Text(item.to_owned())).collect())
    } else {
        Cell::Text(text)
    }
}

/// The text that a cell of a spreadsheet means. `="001234"` and `'001234` are how people keep Excel from making a number
/// of digits, and our own exports put the apostrophe before text that would run as a formula.
fn plain(text: &str) -> String {
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.replace("\"\"", "\"");
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit() || super::write::is_marked(first)) => {
            rest.to_owned()
        }
        _ => text.to_owned(),
    }
}
