//! One JSON value (RFC 8259), read strictly into cells.
//!
//! A general library would do for most of this, yet not for three things that a push needs: a number stays as it was
//! written, a member that stands twice is seen at every level, and the text may end anywhere because more of it is on
//! its way.

use std::borrow::Cow;

use crate::{
    exchange::raw::{Cell, RawRecord},
    messages::{Code, Fault, Message},
};

/// Levels of nesting read; the records of the exchange have three.
const MAX_DEPTH: usize = 32;
/// Members read of one object; the widest record of the exchange has under thirty.
const MAX_FIELDS: usize = 256;
/// Faults told of one record.
const MAX_FAULTS: usize = 20;
/// Characters of a sender's own name that are said back.
const MAX_ECHO: usize = 64;

/// Why the reading of a value stopped.
#[derive(Debug, PartialEq)]
pub(super) enum Stop {
    /// The text ends before the value does.
    End,
    /// The text is no JSON, from this byte on.
    Syntax {
        /// Index of the byte.
        at: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// The byte is no UTF-8.
    NotText {
        /// Index of the byte.
        at: usize,
    },
}

impl Stop {
    /// Index of the byte where it happened, in a text of this length.
    pub(super) fn at(&self, length: usize) -> usize {
        match self {
            Self::End => length,
            Self::Syntax { at, .. } | Self::NotText { at } => *at,
        }
    }

    /// The sentence for it.
    pub(super) fn message(&self, (line, column): (u64, u64), offset: u64) -> Message {
        let reason = match self {
            Self::NotText { .. } => return Message::new(Code::NotUtf8).with("offset", offset),
            Self::Syntax { reason, .. } => reason,
            Self::End => "the text ends before the value does",
        };
        Message::new(Code::NotJson).with("line", line).with("column", column).with("reason", reason)
    }
}

/// A sender's own name for the answer, cut when it is unreasonably long.
pub(super) fn echo(name: &str) -> String {
    match name.char_indices().nth(MAX_ECHO) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}

/// Reads values from a piece of text.
pub(super) struct Parser<'s> {
    bytes: &'s [u8],
    at: usize,
    whole: bool,
}

impl<'s> Parser<'s> {
    /// `whole` says that nothing follows the piece, so that a number may end with it.
    pub(super) fn new(bytes: &'s [u8], whole: bool) -> Self {
        Self { bytes, at: 0, whole }
    }

    /// Index of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Passes over white space.
    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// Refuses anything but white space up to the end.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        self.skip_space();
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.wrong("nothing may follow the value")) }
    }

    /// A record; a value that is no object gives one that says so.
    pub(super) fn record(&mut self) -> Result<RawRecord, Stop> {
        let mut faults = Vec::new();
        match self.value(0, &mut faults)? {
            Cell::Record(record) => Ok(RawRecord { faults, ..record }),
            _ => Ok(RawRecord { faults: vec![Fault::whole(Code::NotARecord)], ..RawRecord::default() }),
        }
    }

    /// Any value, for whoever takes only plain ones and so has no use for faults inside it.
    pub(super) fn any(&mut self) -> Result<Cell, Stop> {
        self.value(0, &mut Vec::new())
    }

    fn value(&mut self, depth: usize, faults: &mut Vec<Fault>) -> Result<Cell, Stop> {
        self.skip_space();
        match self.peek()? {
            b'"' => Ok(Cell::Text(self.string()?.into_owned())),
            b'-' | b'0'..=b'9' => self.number(),
            b'{' | b'[' if depth == MAX_DEPTH => Err(self.wrong("nested too deep")),
            b'{' => self.object(depth + 1, faults).map(Cell::Record),
            b'[' => self.array(depth + 1, faults).map(Cell::List),
            b't' => self.word("true", Cell::Bool(true)),
            b'f' => self.word("false", Cell::Bool(false)),
            b'n' => self.word("null", Cell::Null),
            _ => Err(self.wrong("a value is expected")),
        }
    }

    fn object(&mut self, depth: usize, faults: &mut Vec<Fault>) -> Result<RawRecord, Stop> {
        self.at += 1;
        let mut fields: Vec<(String, Cell)> = Vec::new();
        let mut overflow = false;
        self.skip_space();
        if self.accept(b'}')? {
            return Ok(RawRecord::default());
        }
        loop {
            self.skip_space();
            if self.peek()? != b'"' {
                return Err(self.wrong("a member name in quotation marks is expected"));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.accept(b':')? {
                return Err(self.wrong("a colon is expected"));
            }
            let told = faults.len();
            let value = self.value(depth, faults)?;
            prefix(&mut faults[told..], &name);
            if fields.len() == MAX_FIELDS {
                overflow = true;
            } else if !fields.iter().any(|(held, _)| *held == name) {
                fields.push((name.into_owned(), value));
            } else if faults.len() < MAX_FAULTS {
                faults.push(Fault::at(echo(&name), Code::DuplicateField));
            }
            if !self.goes_on(b'}')? {
                break;
            }
        }
        if overflow && faults.len() < MAX_FAULTS {
            faults.push(Fault::whole(Message::new(Code::TooManyFields).with("limit", MAX_FIELDS)));
        }
        Ok(RawRecord { fields, ..RawRecord::default() })
    }

    fn array(&mut self, depth: usize, faults: &mut Vec<Fault>) -> Result<Vec<Cell>, Stop> {
        self.at += 1;
        let mut list = Vec::new();
        self.skip_space();
        if self.accept(b']')? {
            return Ok(list);
        }
        loop {
            let told = faults.len();
            let value = self.value(depth, faults)?;
            if faults.len() > told {
                prefix(&mut faults[told..], &list.len().to_string());
            }
            list.push(value);
            if !self.goes_on(b']')? {
                return Ok(list);
            }
        }
    }

    /// After an element: a comma and more, or the end of its container.
    fn goes_on(&mut self, end: u8) -> Result<bool, Stop> {
        self.skip_space();
        if self.accept(b',')? {
            return Ok(true);
        }
        if self.accept(end)? {
            return Ok(false);
        }
        Err(self.wrong(if end == b'}' { "a comma or } is expected" } else { "a comma or ] is expected" }))
    }

    fn word(&mut self, word: &'static str, cell: Cell) -> Result<Cell, Stop> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(cell)
        } else if word.as_bytes().starts_with(rest) {
            Err(Stop::End)
        } else {
            Err(self.wrong("a value is expected"))
        }
    }

    /// A number keeps its form unless it is a plain 64-bit integer: `1.0`, `1e3` and `-0` are for the field to judge.
    fn number(&mut self) -> Result<Cell, Stop> {
        let start = self.at;
        self.at += usize::from(self.bytes[start] == b'-');
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let mut integer = true;
        if self.bytes.get(self.at) == Some(&b'.') {
            integer = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            integer = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek()?, b'+' | b'-'));
            self.digits()?;
        }
        if self.at == self.bytes.len() && !self.whole {
            return Err(Stop::End);
        }
        let literal = String::from_utf8_lossy(&self.bytes[start..self.at]);
        match literal.parse() {
            Ok(number) if integer && literal != "-0" => Ok(Cell::Int(number)),
            _ => Ok(Cell::Number(literal.into_owned())),
        }
    }

    fn digits(&mut self) -> Result<(), Stop> {
        if !self.peek()?.is_ascii_digit() {
            return Err(self.wrong("a digit is expected"));
        }
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        Ok(())
    }

    /// A string, from its opening quotation mark; borrowed unless it holds escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'s, str>, Stop> {
        self.at += 1;
        let first = self.plain_run()?;
        if self.accept(b'"')? {
            return Ok(Cow::Borrowed(first));
        }
        let mut text = first.to_owned();
        while !self.accept(b'"')? {
            text.push(self.escape()?);
            text.push_str(self.plain_run()?);
        }
        Ok(Cow::Owned(text))
    }

    /// The characters up to a quotation mark or an escape.
    fn plain_run(&mut self) -> Result<&'s str, Stop> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).ok_or(Stop::End)?;
        let run = std::str::from_utf8(&rest[..length])
            .map_err(|error| Stop::NotText { at: self.at + error.valid_up_to() })?;
        self.at += length;
        if rest[length] < 0x20 {
            return Err(self.wrong("a control character in a string must be escaped"));
        }
        Ok(run)
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let start = self.at;
        self.at += 1;
        let kind = self.peek()?;
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(start),
            _ => return Err(Stop::Syntax { at: start, reason: "no escape of JSON" }),
        })
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Stop> {
        let lone = Stop::Syntax { at: start, reason: "half of a surrogate pair is no character" };
        let high = self.hex4()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).ok_or(lone);
        }
        for expected in [b'\\', b'u'] {
            if !self.accept(expected)? {
                return Err(lone);
            }
        }
        let low = self.hex4()?;
        if !(0xDC00..0xE000).contains(&low) {
            return Err(lone);
        }
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)).ok_or(lone)
    }

    fn hex4(&mut self) -> Result<u32, Stop> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.peek()?).to_digit(16).ok_or_else(|| self.wrong("four hex digits expected"))?;
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::End)
    }

    fn accept(&mut self, byte: u8) -> Result<bool, Stop> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    fn wrong(&self, reason: &'static str) -> Stop {
        Stop::Syntax { at: self.at, reason }
    }
}

/// Puts the name of the container before the paths of faults found inside it.
fn prefix(faults: &mut [Fault], name: &str) {
    for fault in faults {
        let name = echo(name);
        fault.field = Some(match fault.field.take() {
            Some(inner) => format!("{name}.{inner}"),
            None => name,
        });
    }
}
