//! The body of a JSON push: control data and records in any order, one record in memory at a time.

use super::{
    Envelope, MAX_RECORD,
    source::Source,
    too_large,
    value::{Parser, Stop, echo},
};
use crate::{
    error::Error,
    exchange::raw::{Cell, RawRecord},
    messages::{Code, Fault, Message},
};

/// The members a body may have.
const MEMBERS: [&str; 6] = ["records", "declaredCount", "declaredAmount", "atomic", "idempotencyKey", "purpose"];

/// Where in the body the reading stands.
#[derive(Clone, Copy)]
enum Place {
    Start,
    FirstMember,
    NextMember,
    FirstRecord,
    NextRecord,
    Done,
}

/// Walks through a body.
pub(super) struct Json<'a> {
    source: Source<'a>,
    place: Place,
    seen: Vec<&'static str>,
    pub(super) envelope: Envelope,
}

impl<'a> Json<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, place: Place::Start, seen: Vec::new(), envelope: Envelope::default() }
    }

    pub(super) fn source(&self) -> &Source<'a> {
        &self.source
    }

    pub(super) fn next(&mut self) -> Result<Option<RawRecord>, Error> {
        loop {
            match self.place {
                Place::Start => self.open()?,
                Place::FirstMember => {
                    if self.accept(b'}')? {
                        self.close()?;
                    } else {
                        self.member()?;
                    }
                }
                Place::NextMember => {
                    if self.accept(b'}')? {
                        self.close()?;
                    } else {
                        self.expect(b',', "a comma or } is expected")?;
                        self.member()?;
                    }
                }
                Place::FirstRecord | Place::NextRecord => {
                    if self.accept(b']')? {
                        self.place = Place::NextMember;
                        continue;
                    }
                    if matches!(self.place, Place::NextRecord) {
                        self.expect(b',', "a comma or ] is expected")?;
                    }
                    self.place = Place::NextRecord;
                    return self.record().map(Some);
                }
                Place::Done => return Ok(None),
            }
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        if self.accept(b'{')? {
            self.place = Place::FirstMember;
            return Ok(());
        }
        // A list of records may be long, and is not what is asked for whatever is in it.
        let listed = self.peek()? == Some(b'[');
        let cell = if listed { Cell::List(Vec::new()) } else { self.value()? };
        Err(Error::invalid(wrong_type("{\"records\": [...]}", &cell)))
    }

    /// After the last brace nothing may come, and the records must have been there.
    fn close(&mut self) -> Result<(), Error> {
        if self.peek()?.is_some() {
            return Err(self.refuse(&Stop::Syntax { at: 0, reason: "nothing may follow the body" }));
        }
        if !self.seen.contains(&"records") {
            return Err(Error::field("records", Code::Required));
        }
        self.place = Place::Done;
        Ok(())
    }

    fn member(&mut self) -> Result<(), Error> {
        if self.peek()? != Some(b'"') {
            return Err(self.unexpected("a member name in quotation marks is expected"));
        }
        let name =
            self.read("a member name is expected", |parser| parser.string().map(std::borrow::Cow::into_owned))?;
        self.expect(b':', "a colon is expected")?;
        let Some(known) = MEMBERS.into_iter().find(|member| *member == name) else {
            let message = Message::new(Code::UnknownField).with("allowed", MEMBERS.join(", "));
            return Err(Error::field(echo(&name), message));
        };
        if self.seen.contains(&known) {
            return Err(Error::field(known, Code::DuplicateField));
        }
        self.seen.push(known);
        if known == "records" && self.accept(b'[')? {
            self.place = Place::FirstRecord;
            return Ok(());
        }
        let cell = self.value()?;
        self.place = Place::NextMember;
        self.envelope.set(known, cell).map_err(|message| Error::field(known, message))
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is tied to one lifetime of its text")]
    fn value(&mut self) -> Result<Cell, Error> {
        self.read("a value is expected", |parser| parser.any())
    }

    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is tied to one lifetime of its text")]
    fn record(&mut self) -> Result<RawRecord, Error> {
        self.peek()?;
        match self.attempt(|parser| parser.record())? {
            Ok(record) => Ok(record),
            Err(Stop::End) if self.source.rest().len() > MAX_RECORD => {
                self.skip_value()?;
                Ok(RawRecord { faults: vec![Fault::whole(too_large())], ..RawRecord::default() })
            }
            Err(stop) => Err(self.refuse(&stop)),
        }
    }

    /// A value outside the records, which must fit the window.
    fn read<T>(
        &mut self,
        missing: &'static str,
        parse: impl Fn(&mut Parser<'_>) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        if self.peek()?.is_none() {
            return Err(self.unexpected(missing));
        }
        match self.attempt(parse)? {
            Ok(value) => Ok(value),
            Err(Stop::End) if self.source.rest().len() > MAX_RECORD => Err(Error::invalid(too_large())),
            Err(stop) => Err(self.refuse(&stop)),
        }
    }

    /// Parses at the window's beginning; where the window ends too early it is widened and the value read again.
    fn attempt<T>(&mut self, parse: impl Fn(&mut Parser<'_>) -> Result<T, Stop>) -> Result<Result<T, Stop>, Error> {
        loop {
            let rest = self.source.rest();
            let mut parser = Parser::new(rest, self.source.ended());
            match parse(&mut parser) {
                Ok(value) => {
                    let length = parser.at();
                    if length > MAX_RECORD {
                        return Ok(Err(Stop::End));
                    }
                    self.source.consume(length);
                    return Ok(Ok(value));
                }
                Err(Stop::End) if rest.len() <= MAX_RECORD => {
                    if !self.source.more()? {
                        return Ok(Err(Stop::End));
                    }
                }
                Err(stop) => return Ok(Err(stop)),
            }
        }
    }

    /// Passes over a value too large to be read, by its brackets and strings alone.
    fn skip_value(&mut self) -> Result<(), Error> {
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        loop {
            let rest = self.source.rest();
            for (at, byte) in rest.iter().enumerate() {
                if in_string {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => in_string = false,
                        _ => {}
                    }
                    continue;
                }
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' | b',' if depth == 0 => {
                        self.source.consume(at);
                        return Ok(());
                    }
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
            }
            self.source.consume(rest.len());
            if !self.source.more()? {
                return Err(self.refuse(&Stop::End));
            }
        }
    }

    /// The next byte that is no white space, left in place.
    fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let mut parser = Parser::new(self.source.rest(), false);
            parser.skip_space();
            let passed = parser.at();
            self.source.consume(passed);
            if let Some(byte) = self.source.rest().first() {
                return Ok(Some(*byte));
            }
            if !self.source.more()? {
                return Ok(None);
            }
        }
    }

    fn accept(&mut self, byte: u8) -> Result<bool, Error> {
        let found = self.peek()? == Some(byte);
        if found {
            self.source.consume(1);
        }
        Ok(found)
    }

    fn expect(&mut self, byte: u8, reason: &'static str) -> Result<(), Error> {
        if self.accept(byte)? { Ok(()) } else { Err(self.unexpected(reason)) }
    }

    fn unexpected(&self, reason: &'static str) -> Error {
        let ended = self.source.rest().is_empty();
        self.refuse(&if ended { Stop::End } else { Stop::Syntax { at: 0, reason } })
    }

    fn refuse(&self, stop: &Stop) -> Error {
        let at = stop.at(self.source.rest().len());
        Error::invalid(stop.message(self.source.position(at), self.source.offset(at)))
    }
}

impl Envelope {
    /// Takes a control member; `null` is as good as absent.
    fn set(&mut self, member: &str, cell: Cell) -> Result<(), Message> {
        match (member, cell) {
            (name, Cell::Null) if name != "records" => {}
            ("declaredCount", Cell::Int(count)) => {
                let range = || Message::new(Code::NumberRange).with("from", 0).with("to", i64::MAX);
                self.declared_count = Some(u64::try_from(count).map_err(|_| range())?);
            }
            ("declaredAmount", Cell::Int(amount)) => self.declared_amount = Some(amount),
            ("atomic", Cell::Bool(atomic)) => self.atomic = Some(atomic),
            ("idempotencyKey", Cell::Text(key)) => self.idempotency_key = Some(key),
            ("purpose", Cell::Text(purpose)) => self.purpose = Some(purpose),
            ("records", cell) => return Err(wrong_type("array", &cell)),
            ("declaredCount" | "declaredAmount", cell) => return Err(wrong_type("integer", &cell)),
            ("atomic", cell) => return Err(wrong_type("boolean", &cell)),
            (_, cell) => return Err(wrong_type("string", &cell)),
        }
        Ok(())
    }
}

/// The types under the names that JSON itself gives them, the same in both languages.
fn wrong_type(expected: &str, found: &Cell) -> Message {
    let found = match found {
        Cell::Null => "null",
        Cell::Bool(_) => "boolean",
        Cell::Int(_) | Cell::Number(_) => "number",
        Cell::Text(_) => "string",
        Cell::List(_) => "array",
        Cell::Record(_) => "object",
    };
    Message::new(Code::WrongType).with("expected", expected).with("found", found)
}
