//! The bytes of a body through a small window, so that a file of any size takes the same memory.

use std::io::{self, Read};

use crate::{
    error::Error,
    messages::{Code, Message},
};

/// First size of the window; it grows only for a record that does not fit, and the readers stop that at their limit.
pub(super) const WINDOW: usize = 128 * 1024;

pub(super) const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// A window on a body that knows where in the whole it stands.
pub(super) struct Source<'a> {
    reader: Box<dyn Read + Send + 'a>,
    window: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    offset: u64,
    line: u64,
    column: u64,
}

impl<'a> Source<'a> {
    /// Fills the first window; a byte order mark of UTF-8 is passed over, UTF-16 and UTF-32 are refused by name.
    pub(super) fn new(reader: impl Read + Send + 'a, window: usize) -> Result<Self, Error> {
        let mut source = Self {
            reader: Box::new(reader),
            window: vec![0; window.max(4)],
            start: 0,
            end: 0,
            ended: false,
            offset: 0,
            line: 1,
            column: 1,
        };
        source.more()?;
        if is_utf16(source.rest()) {
            return Err(Error::invalid(Message::new(Code::NotUtf8).with("offset", "0, UTF-16")));
        }
        if source.rest().starts_with(UTF8_BOM) {
            // The mark takes no column: the first visible character stands in column 1.
            source.start = UTF8_BOM.len();
            source.column = 0;
        }
        Ok(source)
    }

    /// What is in the window and not yet consumed.
    pub(super) fn rest(&self) -> &[u8] {
        &self.window[self.start..self.end]
    }

    /// Whether the window reaches to the end of the body.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Marks the first bytes of the rest as done with.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count.min(self.end - self.start);
    }

    /// Brings more of the body into the window, keeping the rest; false when there is no more.
    pub(super) fn more(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        self.drop_consumed();
        if self.end == self.window.len() {
            self.window.resize(self.window.len() * 2, 0);
        }
        let before = self.end;
        while self.end < self.window.len() {
            match self.reader.read(&mut self.window[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(error)),
            }
        }
        Ok(self.end > before)
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.window.len()
    }

    /// Offset in the body, from 0, of a byte of the rest.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.offset + (self.start + at) as u64
    }

    /// Line and column, from 1, of a byte of the rest; columns count characters. Looks through the whole window, so it
    /// is for the one error that ends the reading.
    pub(super) fn position(&self, at: usize) -> (u64, u64) {
        advance((self.line, self.column), &self.window[..(self.start + at).min(self.end)])
    }

    fn drop_consumed(&mut self) {
        (self.line, self.column) = advance((self.line, self.column), &self.window[..self.start]);
        self.offset += self.start as u64;
        self.window.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }
}

/// Characters of a piece of UTF-8, the last of which may be cut.
pub(super) fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

/// Line feeds in a piece.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

fn advance((line, column): (u64, u64), passed: &[u8]) -> (u64, u64) {
    let breaks = line_breaks(passed);
    match passed.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => (line + breaks, 1 + characters(&passed[last + 1..])),
        None => (line, column + characters(passed)),
    }
}

/// UTF-16 and UTF-32 by their mark, or by the zero bytes that their plain letters are full of.
fn is_utf16(head: &[u8]) -> bool {
    match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..] => true,
        [a, b, c, d, ..] => {
            let zero = [*a == 0, *b == 0, *c == 0, *d == 0];
            matches!(zero, [true, false, true, false] | [false, true, false, true])
        }
        _ => false,
    }
}

/// A sender that went away is told so; a disk that fails is ours.
fn unreadable(error: io::Error) -> Error {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error.kind() {
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => {
            Error::invalid(Code::BodyIncomplete).caused_by(error)
        }
        _ => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_small_and_counts_on() {
        let body = "ấ23456789\n".repeat(100_000);
        let mut source = Source::new(body.as_bytes(), WINDOW).unwrap();
        let mut lines = 0;
        loop {
            while source.rest().len() < 12 && source.more().unwrap() {}
            if source.rest().is_empty() {
                break;
            }
            assert_eq!(source.position(3), (lines + 1, 2));
            assert_eq!(source.offset(0), lines * 12);
            source.consume(12);
            lines += 1;
            if lines > 12_000 && lines % 5_000 != 0 {
                // Positions are dear; look at some of them only.
                while lines % 5_000 != 0 && source.rest().len() >= 12 {
                    source.consume(12);
                    lines += 1;
                }
            }
        }
        assert_eq!(lines, 100_000);
        assert!(source.window.len() == WINDOW);
    }

    #[test]
    fn marks_are_known() {
        assert_eq!(Source::new(&b"\xEF\xBB\xBF{}"[..], WINDOW).unwrap().rest(), b"{}");
        assert_eq!(Source::new(&b"\xEF\xBB\xBF{}"[..], WINDOW).unwrap().position(0), (1, 1));
        for utf16 in [&b"\xFF\xFE{\0}\0"[..], b"\xFE\xFF\0{\0}", b"{\0}\0", b"\0{\0}", b"\xFF\xFE\0\0"] {
            let refusal = Source::new(utf16, 4).err().unwrap();
            assert_eq!(refusal.message().code, Code::NotUtf8);
            assert!(refusal.to_string().contains("UTF-16"), "{refusal}");
        }
        assert!(Source::new(&b""[..], 4).unwrap().rest().is_empty());
    }

    struct Broken(io::ErrorKind);
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_broken_connection_is_the_senders_and_a_broken_disk_ours() {
        let code = |kind| Source::new(Broken(kind), WINDOW).err().unwrap().message().code;
        assert_eq!(code(io::ErrorKind::UnexpectedEof), Code::BodyIncomplete);
        assert_eq!(code(io::ErrorKind::Other), Code::Internal);
    }
}
