//! The codes that units bear or bore, as a filter by unit may name them.

use std::{collections::HashSet, sync::LazyLock};

use super::{level_of, list};
use crate::{
    error::{Error, Result},
    exchange::record::shorten,
    messages::{Code, Message},
};

/// Every code of the list that is shipped and loaded with the schema. Held in memory, so that a filter by unit costs no statement of
/// its own.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    // A test reads the list; were it broken, the schema could not have been loaded.
    let units = list::read_units(list::SHIPPED_UNITS).unwrap_or_default();
    units.into_iter().map(|unit| unit.code).collect()
});

/// Refuses a code that no unit can bear, and one that none bears or bore.
///
/// # Errors
/// `CODE_FORMAT` or `NO_SUCH_UNIT` of the field `unit`.
pub fn check(code: &str) -> Result<()> {
    if level_of(code).is_none() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = Message::new(Code::CodeFormat).with("value", shorten(code)).with("expected", "19, 063, 01969");
        return Err(Error::field("unit", message));
    }
    if KNOWN.contains(code) {
        return Ok(());
    }
    Err(Error::field("unit", Message::new(Code::NoSuchUnit).with("value", code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_either_era_is_known_and_any_other_refused() {
        for code in ["19", "06", "063", "01969"] {
            assert!(check(code).is_ok(), "{code}");
        }
        for (code, why) in [
            ("zzz", Code::CodeFormat),
            ("", Code::CodeFormat),
            ("0196", Code::CodeFormat),
            ("١٩٦", Code::CodeFormat),
            ("00", Code::NoSuchUnit),
            ("99999", Code::NoSuchUnit),
        ] {
            let error = check(code).unwrap_err();
            assert_eq!(
                (error.faults()[0].message.code, error.faults()[0].field.as_deref()),
                (why, Some("unit")),
                "{code}"
            );
        }
    }
}
