//! The headers of a push, read strictly. That no header of ours is mistyped is seen to by [`crate::rest::strict`].

use axum::http::{HeaderMap, header};

use crate::{
    domain::whole,
    error::{Error, Result},
    exchange::format::{Envelope, Format},
    messages::{Code, Fault, Message},
};

/// Key under which a repeat gets the first answer.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Number of records that the sender says there are.
pub const DECLARED_COUNT: &str = "Ansinh-Declared-Count";

/// Sum of the amounts that the sender says there is, VND.
pub const DECLARED_AMOUNT: &str = "Ansinh-Declared-Amount";

/// Whether one refused record refuses all.
pub const ATOMIC: &str = "Ansinh-Atomic";

/// Headers of our own that a push may have.
pub const OURS: [&str; 4] = [DECLARED_COUNT, DECLARED_AMOUNT, ATOMIC, "Ansinh-Purpose"];

/// Formats that a push may have.
pub const FORMATS: [Format; 3] = [Format::Json, Format::Ndjson, Format::Csv];

/// The format of the body; 415 where it is none of ours, or is compressed.
pub fn format(headers: &HeaderMap) -> Result<Format> {
    let encoding = one(headers, header::CONTENT_ENCODING.as_str())?;
    if let Some(encoding) = encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported(encoding, "identity"));
    }
    let kind = one(headers, header::CONTENT_TYPE.as_str())?.unwrap_or("-");
    Format::from_content_type(kind).ok_or_else(|| unsupported(kind, &FORMATS.map(Format::media_type).join(", ")))
}

/// The control data; every header that is wrong is named.
pub fn envelope(headers: &HeaderMap) -> Result<Envelope> {
    let mut reader = HeaderReader { headers, faults: Vec::new() };
    let envelope = Envelope {
        idempotency_key: reader.read(IDEMPOTENCY_KEY, |text| {
            let fine = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
            fine.then(|| text.to_owned()).ok_or_else(|| {
                Message::new(Code::CodeFormat).with("value", IDEMPOTENCY_KEY).with("expected", "1–200 ASCII signs")
            })
        }),
        declared_count: reader.read(DECLARED_COUNT, |text| {
            let count = number(text, "a whole number of records in digits, without zeros in front")?;
            // As many as a JSON body may declare.
            i64::try_from(count).map_err(|_| Message::new(Code::NumberRange).with("from", 0).with("to", i64::MAX))?;
            Ok(count)
        }),
        declared_amount: reader.read(DECLARED_AMOUNT, |text| {
            i64::try_from(number(text, "a whole number of VND in digits, without zeros in front")?)
                .map_err(|_| Message::new(Code::AmountTooLarge).with("limit", i64::MAX))
        }),
        atomic: reader.read(ATOMIC, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Message::new(Code::NotInList).with("value", short(text)).with("allowed", "true, false")),
        }),
        purpose: None,
    };
    if reader.faults.is_empty() { Ok(envelope) } else { Err(Error::faulty(reader.faults)) }
}

/// Bytes that the body is announced to have.
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

struct HeaderReader<'h> {
    headers: &'h HeaderMap,
    faults: Vec<Fault>,
}

impl HeaderReader<'_> {
    fn read<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, Message>) -> Option<T> {
        let parsed = match one(self.headers, name) {
            Ok(text) => text.map(|text| parse(text.trim()).map_err(|message| Fault::at(name, message))),
            Err(error) => {
                self.faults.extend_from_slice(error.faults());
                return None;
            }
        };
        match parsed? {
            Ok(value) => Some(value),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }
}

/// The one value of a header.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::field(name, Code::HeaderTwice));
    }
    let text = first.map(|value| std::str::from_utf8(value.as_bytes()));
    text.transpose().map_err(|_| Error::field(name, Code::HeaderNotUtf8))
}

/// Digits alone: `+5`, `05`, `5.0` and `5,000` are refused.
fn number(text: &str, expected: &str) -> Result<u64, Message> {
    whole::parse(text)
        .ok_or_else(|| Message::new(Code::NotANumber).with("value", short(text)).with("expected", expected))
}

fn unsupported(found: &str, allowed: &str) -> Error {
    let message = Message::new(Code::UnsupportedMediaType).with("found", short(found)).with("allowed", allowed);
    Error::invalid(message).with_status(415)
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn fault(pairs: &[(&'static str, &str)]) -> (String, Code) {
        let error = envelope(&headers(pairs)).unwrap_err();
        let fault = &error.faults()[0];
        (fault.field.clone().unwrap(), fault.message.code)
    }

    #[test]
    fn control_data_are_read_from_the_headers() {
        let envelope = envelope(&headers(&[
            ("idempotency-key", "day-2026-03-01"),
            ("ansinh-declared-count", "12"),
            ("ansinh-declared-amount", "600000000"),
            ("ansinh-atomic", "true"),
            ("ansinh-purpose", "daily push"),
        ]))
        .unwrap();

        assert_eq!(envelope.idempotency_key.as_deref(), Some("day-2026-03-01"));
        assert_eq!((envelope.declared_count, envelope.declared_amount), (Some(12), Some(600_000_000)));
        assert_eq!(envelope.atomic, Some(true));
    }

    #[test]
    fn a_wrong_header_is_named() {
        let count = |text| fault(&[("ansinh-declared-count", text)]);
        for wrong in ["", "-1", "+1", "007", "1.0", "1,000", "0x10", "99999999999999999999999"] {
            assert_eq!(count(wrong), (DECLARED_COUNT.to_owned(), Code::NotANumber), "{wrong}");
        }
        let amount = fault(&[("ansinh-declared-amount", "18446744073709551615")]);
        assert_eq!(amount, (DECLARED_AMOUNT.to_owned(), Code::AmountTooLarge));
        assert_eq!(fault(&[("ansinh-atomic", "yes")]), (ATOMIC.to_owned(), Code::NotInList));
        assert_eq!(fault(&[("idempotency-key", "a b")]), (IDEMPOTENCY_KEY.to_owned(), Code::CodeFormat));
        assert_eq!(fault(&[("idempotency-key", "")]).1, Code::CodeFormat);
        assert_eq!(fault(&[("ansinh-atomic", "true"), ("ansinh-atomic", "true")]).1, Code::HeaderTwice);
    }

    #[test]
    fn every_wrong_header_is_told_at_once() {
        let error = envelope(&headers(&[("ansinh-atomic", "1"), ("ansinh-declared-count", "x")])).unwrap_err();

        assert_eq!(error.faults().len(), 2);
    }

    #[test]
    fn the_content_type_decides_the_format() {
        assert_eq!(format(&headers(&[("content-type", "text/csv; charset=utf-8")])).unwrap(), Format::Csv);
        for wrong in
            [&[("content-type", "text/plain")][..], &[], &[("content-type", "text/csv"), ("content-encoding", "gzip")]]
        {
            let error = format(&headers(wrong)).unwrap_err();
            assert_eq!((error.status(), error.message().code), (415, Code::UnsupportedMediaType));
        }
        let told = format(&HeaderMap::new()).unwrap_err().to_string();
        assert!(told.contains("application/json, application/x-ndjson, text/csv"), "{told}");
    }
}
