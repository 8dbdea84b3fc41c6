//! What a kind of record looks like on the wire, told once: JSON, CSV, GraphQL inputs and the OpenAPI document are all made
//! from the same table of fields, and all are read by the same code.

use sha2::{Digest, Sha256};

use super::raw::{Cell, RawRecord};
use crate::messages::{Code, Fault, Message};

/// Type of a field on the wire.
#[derive(Clone, Copy, Debug)]
pub enum FieldType {
    /// Text of at most so many characters.
    Text(usize),
    /// Text of a certain form.
    Form(&'static Form),
    /// Whole VND, more than 0.
    Amount,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A whole number between two bounds.
    Whole(i64, i64),
    /// A decimal number, such as `6.6`; in JSON a number or text.
    Decimal,
    /// One of a list of codes.
    Code(&'static [&'static str]),
    /// A list.
    List(&'static FieldType),
    /// A nested record.
    Record(&'static Shape),
}

/// The form of a text, such as the digits of a number.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Most characters.
    pub most: usize,
    /// Regular expression (ECMA-262) of what is read; what it lets pass may still be refused by a rule behind it.
    pub pattern: &'static str,
}

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldType,
    /// Whether it must be there.
    pub required: bool,
    /// What it is, for the manuals.
    pub about: &'static str,
}

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Name of the type in GraphQL and OpenAPI.
    pub name: &'static str,
    /// What it is, for the manuals.
    pub about: &'static str,
    /// The fields in their order.
    pub fields: &'static [Field],
}

/// A record that is valid as far as it can be told without looking anything up.
pub trait Record: Sized + Send + Sync + 'static {
    /// Its fields.
    const SHAPE: Shape;

    /// Reads it, or says in `site` everything that is wrong with it.
    fn read(raw: RawRecord, site: &mut Site<'_>) -> Option<Self>;

    /// The same record in its one canonical form.
    fn canonical(&self) -> RawRecord;
}

/// Reads a whole record; the faults of its form come first.
pub fn read<R: Record>(mut raw: RawRecord) -> Result<R, Vec<Fault>> {
    let mut faults = std::mem::take(&mut raw.faults);
    // Of what could not be taken apart, it cannot be said which field is missing or wrong.
    if faults.iter().any(|fault| fault.field.is_none()) {
        return Err(faults);
    }
    let mut site = Site::new(&mut faults);
    match R::read(raw, &mut site) {
        Some(record) if faults.is_empty() => Ok(record),
        _ => Err(faults),
    }
}

/// SHA-256 over the canonical form: equal for the same content, whichever door and format it came through.
pub fn content_hash(record: &impl Record) -> Vec<u8> {
    let mut hash = Sha256::new();
    absorb_record(&mut hash, &record.canonical());
    hash.finalize().to_vec()
}

/// SHA-256 over raw records, for a push that came as typed values instead of bytes.
pub fn raw_hash(records: &[RawRecord]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for record in records {
        absorb_record(&mut hash, record);
    }
    hash.finalize().to_vec()
}

fn absorb_record(hash: &mut Sha256, record: &RawRecord) {
    hash.update(b"{");
    for (name, cell) in &record.fields {
        if *cell != Cell::Null {
            absorb_text(hash, name);
            absorb(hash, cell);
        }
    }
    hash.update(b"}");
}

fn absorb(hash: &mut Sha256, cell: &Cell) {
    match cell {
        Cell::Null => hash.update(b"0"),
        Cell::Bool(value) => hash.update([b'b', u8::from(*value)]),
        Cell::Int(value) => {
            hash.update(b"i");
            hash.update(value.to_be_bytes());
        }
        Cell::Number(text) | Cell::Text(text) => absorb_text(hash, text),
        Cell::List(cells) => {
            hash.update(b"[");
            for cell in cells {
                absorb(hash, cell);
            }
            hash.update(b"]");
        }
        Cell::Record(record) => absorb_record(hash, record),
    }
}

fn absorb_text(hash: &mut Sha256, text: &str) {
    hash.update(b"t");
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// Most faults that are told of one record. A list of thousands in it, each wrong, would make an answer many times as long as the
/// record.
const MOST_FAULTS: usize = 100;

/// Where in a record something is read, so that a fault can name the place.
#[derive(Debug)]
pub struct Site<'a> {
    path: String,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Site<'a> {
    /// The record itself.
    pub fn new(faults: &'a mut Vec<Fault>) -> Self {
        Self { path: String::new(), faults }
    }
}

impl Site<'_> {
    /// Notes what is wrong here, unless enough is wrong already.
    pub fn fault(&mut self, message: impl Into<Message>) {
        if self.faults.len() >= MOST_FAULTS {
            return;
        }
        let field = (!self.path.is_empty()).then(|| self.path.clone());
        self.faults.push(Fault { field, message: message.into() });
    }

    /// The same, one name further in.
    pub fn at<T>(&mut self, name: impl std::fmt::Display, inner: impl FnOnce(&mut Site<'_>) -> T) -> T {
        use std::fmt::Write as _;
        let length = self.path.len();
        let dot = if length == 0 { "" } else { "." };
        let _ = write!(self.path, "{dot}{name}");
        let result = inner(self);
        self.path.truncate(length);
        result
    }
}

/// A value that a field can hold.
pub trait Value: Sized {
    /// Its type on the wire.
    const TYPE: FieldType;
    /// Whether a field of this type must be there.
    const REQUIRED: bool = true;

    /// Reads it, or notes what is wrong.
    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self>;

    /// What a missing field means; none where it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// The value in its canonical form.
    fn cell(&self) -> Cell;
}

impl<T: Value> Value for Option<T> {
    const TYPE: FieldType = T::TYPE;
    const REQUIRED: bool = false;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        T::read(cell, site).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Value::cell)
    }
}

impl<T: Value> Value for Vec<T> {
    const TYPE: FieldType = FieldType::List(&T::TYPE);
    const REQUIRED: bool = false;

    fn read(cell: Cell, site: &mut Site<'_>) -> Option<Self> {
        let Cell::List(cells) = cell else {
            site.fault(wrong_type("a list", &cell));
            return None;
        };
        let read: Vec<Option<T>> =
            cells.into_iter().enumerate().map(|(i, cell)| site.at(i, |site| T::read(cell, site))).collect();
        read.into_iter().collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn cell(&self) -> Cell {
        Cell::List(self.iter().map(Value::cell).collect())
    }
}

/// Takes the fields of a raw record one by one; what is left at the end is unknown.
#[derive(Debug)]
pub struct FieldReader {
    fields: Vec<(String, Cell)>,
}

impl FieldReader {
    /// Begins to read.
    pub fn new(raw: RawRecord) -> Self {
        Self { fields: raw.fields }
    }

    /// The value of a field, or none with what is wrong noted.
    pub fn take<T: Value>(&mut self, name: &'static str, site: &mut Site<'_>) -> Option<T> {
        let found = self.fields.iter().position(|(field, _)| field == name);
        let cell = found.map_or(Cell::Null, |at| self.fields.swap_remove(at).1);
        if cell == Cell::Null {
            let absent = T::absent();
            // A field whose form is already known to be wrong is not also missing.
            if absent.is_none() && !site.faults.iter().any(|fault| fault.field.as_deref() == Some(name)) {
                site.at(name, |site| site.fault(Code::Required));
            }
            return absent;
        }
        site.at(name, |site| T::read(cell, site))
    }

    /// Notes every field that nobody took.
    pub fn finish(self, shape: &Shape, site: &mut Site<'_>) {
        for (name, _) in self.fields {
            let name: String = name.chars().take(64).collect();
            let allowed = shape.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
            site.at(name, |site| site.fault(Message::new(Code::UnknownField).with("allowed", allowed)));
        }
    }
}

/// The fault of a cell that is of another type.
pub fn wrong_type(expected: &str, cell: &Cell) -> Message {
    let found = match cell {
        Cell::Null => "nothing".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => format!("the number {value}"),
        Cell::Number(text) => format!("the number {}", shorten(text)),
        Cell::Text(text) => format!("the text {}", shorten(text)),
        Cell::List(_) => "a list".to_owned(),
        Cell::Record(_) => "an object".to_owned(),
    };
    Message::new(Code::WrongType).with("expected", expected).with("found", found)
}

/// Received text as a message may repeat it: short and without control characters.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Declares a record: its struct, its shape on the wire and how it is read, from one list of fields.
///
/// Each field is written as `name "wireName": Type`; `Option` and `Vec` make it optional.
macro_rules! record {
    ($(#[doc = $about:literal])+ $name:ident $wire:literal {
        $($(#[doc = $field_about:literal])+ $field:ident $field_wire:literal: $type:ty,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[doc = $field_about])+ pub $field: $type,)+ }

        impl $crate::exchange::record::Record for $name {
            const SHAPE: $crate::exchange::record::Shape = $crate::exchange::record::Shape {
                name: $wire,
                about: concat!($($about),+),
                fields: &[$($crate::exchange::record::Field {
                    name: $field_wire,
                    kind: <$type as $crate::exchange::record::Value>::TYPE,
                    required: <$type as $crate::exchange::record::Value>::REQUIRED,
                    about: concat!($($field_about),+),
                },)+],
            };

            fn read(
                raw: $crate::exchange::raw::RawRecord,
                site: &mut $crate::exchange::record::Site<'_>,
            ) -> Option<Self> {
                let mut reader = $crate::exchange::record::FieldReader::new(raw);
                $(let $field = reader.take::<$type>($field_wire, site);)+
                reader.finish(&Self::SHAPE, site);
                Some(Self { $($field: $field?,)+ })
            }

            fn canonical(&self) -> $crate::exchange::raw::RawRecord {
                $crate::exchange::raw::RawRecord {
                    fields: vec![$((
                        $field_wire.to_owned(),
                        $crate::exchange::record::Value::cell(&self.$field),
                    ),)+],
                    ..Default::default()
                }
            }
        }

        impl $crate::exchange::record::Value for $name {
            const TYPE: $crate::exchange::record::FieldType = $crate::exchange::record::FieldType::Record(
                &<Self as $crate::exchange::record::Record>::SHAPE,
            );

            fn read(
                cell: $crate::exchange::raw::Cell,
                site: &mut $crate::exchange::record::Site<'_>,
            ) -> Option<Self> {
                match cell {
                    $crate::exchange::raw::Cell::Record(raw) => {
                        <Self as $crate::exchange::record::Record>::read(raw, site)
                    }
                    other => {
                        site.fault($crate::exchange::record::wrong_type("an object", &other));
                        None
                    }
                }
            }

            fn cell(&self) -> $crate::exchange::raw::Cell {
                $crate::exchange::raw::Cell::Record($crate::exchange::record::Record::canonical(self))
            }
        }
    };
}
pub(crate) use record;
