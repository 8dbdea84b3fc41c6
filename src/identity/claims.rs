//! JSON of tokens, read strictly (RFC 8725): no member twice, no number for a text, no fraction for a time.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::error::Error;

/// Seconds by which clocks of two machines may differ.
pub const LEEWAY: i64 = 30;

/// Longest text a claim may hold, bytes.
const LONGEST_TEXT: usize = 256;

/// What is wrong with a token. The sentence goes to the caller, so it names no expected value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// More than 8 KiB.
    #[error("the token is too large")]
    TooLarge,
    /// Not three parts of base64url, or no JSON objects in them.
    #[error("the token is malformed")]
    Malformed,
    /// An algorithm that is not accepted, or not the one of the key.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// Another kind of token.
    #[error("the token is not of the accepted type")]
    Type,
    /// It demands extensions (RFC 7515, 4.1.11).
    #[error("the token demands an unknown extension")]
    Critical,
    /// No key of that name.
    #[error("the token's key is not known")]
    Key,
    /// Changed, or signed by someone else.
    #[error("the token's signature does not verify")]
    Signature,
    /// Of an issuer that is not trusted.
    #[error("the token's issuer is not known")]
    Issuer,
    /// Meant for someone else.
    #[error("the token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Of a client that was revoked.
    #[error("the client is revoked")]
    Revoked,
    /// A claim is missing, has the wrong type or an impossible value.
    #[error("claim {0} is missing or not valid")]
    Claim(Cow<'static, str>),
}

impl From<Flaw> for Error {
    fn from(flaw: Flaw) -> Self {
        Self::unauthenticated(&flaw.to_string())
    }
}

/// A JSON object in which no member stands twice, at any depth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Map<String, Value>);

impl Object {
    /// Reads one object that fills the whole text.
    pub fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        match serde_json::from_slice(bytes) {
            Ok(Unique(Value::Object(members))) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(Flaw::Malformed),
        }
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member by its name or, where no member bears the whole name, by a path of names with dots between, as
    /// `realm_access.roles`. The whole name comes first because namespaced claims are URLs, which have dots.
    pub fn at(&self, path: &str) -> Option<&Value> {
        self.get(path).or_else(|| {
            let mut names = path.split('.');
            let first = self.get(names.next()?)?;
            names.try_fold(first, |value, name| value.as_object()?.get(name))
        })
    }

    /// A text that is there, short, and holds no control character.
    pub fn text(&self, name: &'static str) -> Result<&str, Flaw> {
        self.get(name).and_then(text).ok_or(Flaw::Claim(name.into()))
    }

    /// A text that may be missing.
    pub fn text_if_any(&self, name: &'static str) -> Result<Option<&str>, Flaw> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// A `NumericDate` (RFC 7519, 2) in whole seconds. Fractions are allowed there, but no issuer needs them.
    pub fn date(&self, name: &'static str) -> Result<i64, Flaw> {
        self.date_if_any(name)?.ok_or(Flaw::Claim(name.into()))
    }

    /// A `NumericDate` that may be missing.
    pub fn date_if_any(&self, name: &'static str) -> Result<Option<i64>, Flaw> {
        // 253402300799 is the last second of the year 9999.
        let read = |value: &Value| value.as_i64().filter(|seconds| (0..=253_402_300_799).contains(seconds));
        self.get(name).map(|value| read(value).ok_or(Flaw::Claim(name.into()))).transpose()
    }

    /// Whether `aud`, a text or a list of texts (RFC 7519, 4.1.3), names one of the wanted.
    pub fn require_audience(&self, wanted: &[&str]) -> Result<(), Flaw> {
        let named = match self.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(list)) => {
                list.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Flaw::Claim("aud".into()))?
            }
            _ => return Err(Flaw::Claim("aud".into())),
        };
        named.iter().any(|one| wanted.contains(one)).then_some(()).ok_or(Flaw::Audience)
    }
}

/// A text of a claim: not empty, short, without control characters (NUL would also break a query on PostgreSQL).
pub fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty() && text.len() <= LONGEST_TEXT && !text.contains(char::is_control))
}

/// The three times of a token, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Made at.
    pub issued: i64,
    /// Valid from.
    pub from: i64,
    /// Valid until, this second no longer.
    pub until: i64,
}

impl Times {
    /// Reads `iat`, `exp` and `nbf`; a missing `nbf` is the time of issue where it may be missing.
    pub fn read(claims: &Object, nbf_required: bool) -> Result<Self, Flaw> {
        let issued = claims.date("iat")?;
        let from = if nbf_required { claims.date("nbf")? } else { claims.date_if_any("nbf")?.unwrap_or(issued) };
        Ok(Self { issued, from, until: claims.date("exp")? })
    }

    /// Refuses a token that lives longer than its issuer gives, is over, or has not begun.
    ///
    /// The end has no leeway: a clock that is behind would only lengthen what was granted.
    pub fn check(self, now: i64, lifetime: i64) -> Result<(), Flaw> {
        if self.until <= self.issued || self.until - self.issued > lifetime + LEEWAY {
            return Err(Flaw::Claim("exp".into()));
        }
        if self.until <= now {
            return Err(Flaw::Expired);
        }
        if self.issued > now + LEEWAY || self.from > now + LEEWAY {
            return Err(Flaw::NotYet);
        }
        Ok(())
    }
}

/// A JSON value whose objects name each member once. `serde_json` alone would keep the last, other readers the first,
/// and the two would see different tokens under one signature.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_stands_once_at_any_depth() {
        assert!(Object::parse(br#"{"a":1,"b":{"c":[{"d":1}]}}"#).is_ok());
        assert!(Object::parse(br#"{"a":1,"a":1}"#).is_err());
        assert!(Object::parse(br#"{"b":{"c":[{"d":1,"d":2}]}}"#).is_err());
        assert!(Object::parse(br#"{"a":1} {}"#).is_err());
        assert!(Object::parse(b"[1]").is_err());
    }

    #[test]
    fn a_time_is_a_whole_number_of_a_calendar_year() {
        for wrong in
            ["1e300", "1.5", "1700000000.0", "-1", "\"1700000000\"", "null", "true", "[1]", "18446744073709551615"]
        {
            let object = Object::parse(format!(r#"{{"exp":{wrong}}}"#).as_bytes()).unwrap();
            assert_eq!(object.date("exp"), Err(Flaw::Claim("exp".into())), "{wrong}");
        }
        assert_eq!(Object::parse(br#"{"exp":1700000000}"#).unwrap().date("exp"), Ok(1_700_000_000));
    }

    #[test]
    fn a_claim_is_found_by_its_whole_name_before_a_path() {
        let object = Object::parse(br#"{"https://a.vn/role":"x","realm":{"roles":["y"]}}"#).unwrap();
        assert_eq!(object.at("https://a.vn/role"), Some(&Value::from("x")));
        assert_eq!(object.at("realm.roles"), Some(&Value::from(vec!["y"])));
        assert_eq!(object.at("realm.roles.0"), None);
    }

    #[test]
    fn a_token_ends_without_leeway_and_begins_with_it() {
        let times = Times { issued: 1000, from: 1000, until: 1900 };
        assert_eq!(times.check(970, 900), Ok(()));
        assert_eq!(times.check(969, 900), Err(Flaw::NotYet));
        assert_eq!(times.check(1899, 900), Ok(()));
        assert_eq!(times.check(1900, 900), Err(Flaw::Expired));
        assert_eq!(Times { until: 1931, ..times }.check(1000, 900), Err(Flaw::Claim("exp".into())));
    }
}
