//! A body that is one JSON object, read as strictly as a record of a push.

use super::{source::UTF8_BOM, value::Parser};
use crate::{error::Error, exchange::raw::RawRecord};

/// Reads the one object of a body; a member that stands twice is among its faults.
///
/// # Errors
/// `NOT_JSON` with line and column, `NOT_UTF8`.
pub fn object(body: &[u8]) -> Result<RawRecord, Error> {
    let body = body.strip_prefix(UTF8_BOM).unwrap_or(body);
    let mut parser = Parser::new(body, true);
    let read = parser.record().and_then(|record| parser.finish().map(|()| record));
    read.map_err(|stop| {
        let at = stop.at(body.len());
        let before = String::from_utf8_lossy(&body[..at]);
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) as u64 + 1;
        Error::invalid(stop.message((line, column), at as u64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Code;

    #[test]
    fn an_object_is_read_and_a_broken_one_refused_with_its_place() {
        let read = object(b"\xEF\xBB\xBF {\"a\": 1, \"a\": 2} \n").unwrap();
        assert_eq!((read.fields.len(), read.faults[0].message.code), (1, Code::DuplicateField));
        assert_eq!(object(b"[]").unwrap().faults[0].message.code, Code::NotARecord);

        let message = object("{\n \"ấ\": nul}".as_bytes()).unwrap_err().message().clone();
        assert_eq!((message.code, &*message.params["line"], &*message.params["column"]), (Code::NotJson, "2", "7"));
        assert_eq!(object(b"{} {}").unwrap_err().message().code, Code::NotJson);
        assert_eq!(object(b"").unwrap_err().message().code, Code::NotJson);
    }
}
