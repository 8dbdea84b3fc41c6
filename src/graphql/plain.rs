//! Fields that show what a record holds. Their resolvers wait for nothing, so that their answers go into the JSON at once, without
//! a future on the heap and without the library's tree. What is not listed, and what takes an argument, goes through the library
//! (see [`written`](super::written)); the resolvers are the same.

use async_graphql::{Context, ID};
use chrono::{DateTime, Datelike, Utc};
use futures_util::FutureExt;

use super::{codes, scalars::Date, written::scalar};
use crate::domain::vnd::Vnd;

/// A type of the schema, with those of its fields that show what it holds.
pub trait Plain {
    /// The resolvers of these fields, or the attributes that are fields themselves.
    const PLAIN: &'static [&'static str] = &[];

    /// Writes what the field at a place of [`PLAIN`](Self::PLAIN) shows; nothing where the library is to be asked after all.
    fn write_plain(&self, _place: usize, _ctx: &Context<'_>, _json: &mut Vec<u8>) -> Option<()> {
        None
    }

    /// The place of a field.
    fn place_of(field: &str) -> Option<usize> {
        Self::PLAIN.iter().position(|resolver| is_called(resolver, field))
    }
}

impl<T: Plain> Plain for &T {
    const PLAIN: &'static [&'static str] = T::PLAIN;

    fn write_plain(&self, place: usize, ctx: &Context<'_>, json: &mut Vec<u8>) -> Option<()> {
        (**self).write_plain(place, ctx, json)
    }
}

/// Whether a resolver answers a field: the library calls `birth_year` `birthYear`.
fn is_called(resolver: &str, field: &str) -> bool {
    // Nearly all that are looked at begin otherwise.
    if resolver.as_bytes().first() != field.as_bytes().first() {
        return false;
    }
    if !resolver.contains('_') {
        return resolver == field;
    }
    let mut words = resolver.split('_');
    let first = words.next().unwrap_or_default();
    let rest = words.try_fold(field.strip_prefix(first), |rest, word| {
        let (initial, others) = (word.chars().next()?.to_ascii_uppercase(), word.get(1..)?);
        Some(rest?.strip_prefix(initial)?.strip_prefix(others))
    });
    rest.flatten() == Some("")
}

/// `plain!(Loan: contract_no(), granted_on())` names resolvers, `plain!(Batch: kind, received)` attributes.
macro_rules! plain {
    ($of:ty: $($name:ident $(($($call:tt)*))?),* $(,)?) => {
        impl $crate::graphql::plain::Plain for $of {
            const PLAIN: &'static [&'static str] = &[$(stringify!($name)),*];

            fn write_plain(
                &self,
                place: usize,
                ctx: &async_graphql::Context<'_>,
                json: &mut Vec<u8>,
            ) -> Option<()> {
                const WRITE: &[fn(&$of, &async_graphql::Context<'_>, &mut Vec<u8>) -> Option<()>] =
                    &[$(|record, _ctx, json| $crate::graphql::plain::plain!(@ record, _ctx, json, $name $(($($call)*))?)),*];
                WRITE.get(place)?(self, ctx, json)
            }
        }
    };
    (@ $record:ident, $ctx:ident, $json:ident, $name:ident ()) => {{
        let shown = $crate::graphql::plain::now($record.$name($ctx))?;
        $crate::graphql::plain::Shows::write(&shown, $json);
        Some(())
    }};
    (@ $record:ident, $ctx:ident, $json:ident, $name:ident) => {{
        $crate::graphql::plain::Shows::write(&$record.$name, $json);
        Some(())
    }};
}
pub(crate) use plain;

/// What a resolver answers without waiting.
pub fn now<V>(answer: impl Future<Output = async_graphql::Result<V>>) -> Option<V> {
    answer.now_or_never()?.ok()
}

/// A value that a plain field shows, in JSON as the library writes it.
pub trait Shows {
    /// Writes it.
    fn write(&self, json: &mut Vec<u8>);
}

impl<V: Shows> Shows for Option<V> {
    fn write(&self, json: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(json),
            None => json.extend_from_slice(b"null"),
        }
    }
}

impl Shows for ID {
    fn write(&self, json: &mut Vec<u8>) {
        scalar(self.as_str(), json);
    }
}

impl Shows for Vnd {
    fn write(&self, json: &mut Vec<u8>) {
        scalar(&self.0, json);
    }
}

impl Shows for DateTime<Utc> {
    fn write(&self, json: &mut Vec<u8>) {
        scalar(&self.to_rfc3339(), json);
    }
}

/// Every fourth value is a day, and chrono takes its digits through a formatter one by one.
impl Shows for Date {
    fn write(&self, json: &mut Vec<u8>) {
        let Some(year) = u32::try_from(self.0.year()).ok().filter(|year| *year <= 9999) else {
            return scalar(&self.0.to_string(), json);
        };
        for (before, number, places) in [(b'"', year, 4), (b'-', self.0.month(), 2), (b'-', self.0.day(), 2)] {
            json.push(before);
            let digits = (0..places).rev().map(|place| number / 10_u32.pow(place) % 10);
            json.extend(digits.filter_map(|digit| u8::try_from(digit).ok()).map(|digit| b'0' + digit));
        }
        json.push(b'"');
    }
}

/// `shows!(enums: PovertyClass)` writes codes by their names in the schema.
macro_rules! shows {
    (scalars: $($scalar:ty),*) => {
        $(impl Shows for $scalar {
            fn write(&self, json: &mut Vec<u8>) {
                scalar(self, json);
            }
        })*
    };
    (enums: $($code:ty),*) => {
        $(impl $crate::graphql::plain::Shows for $code {
            fn write(&self, json: &mut Vec<u8>) {
                let mut codes = <Self as async_graphql::resolver_utils::EnumType>::items().iter();
                let name = codes.find(|item| item.value == *self).map(|item| item.name);
                $crate::graphql::written::scalar(&name, json);
            }
        })*
    };
}
pub(crate) use shows;
shows!(scalars: &str, String, bool, i16, i32, i64, f64);
shows!(enums: codes::Area, codes::BatchStatus, codes::ElectricityGroup, codes::FamilyRelation, codes::PovertyClass,
    codes::ProgrammeKind, codes::RecordStatus, codes::Sex, codes::UnitLevel);

#[cfg(test)]
mod tests;
