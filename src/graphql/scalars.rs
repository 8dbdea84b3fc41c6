//! Scalars of the contract that the library does not have under these names.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;
use serde_json::Value as Json;

use crate::{
    domain::vnd::Vnd,
    exchange::{record::shorten, values},
    messages::{Code, Lang, Message},
};

/// The extension of an error of ours about a scalar, until the door, which knows the caller's language, says it again.
pub const SAID: &str = "said";

/// A day, `YYYY-MM-DD`, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A day, `YYYY-MM-DD`, without a zone.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => values::date(text).map(Self).map_err(|message| wrong(&message)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Whole Vietnamese dong as a 64-bit integer; a JSON number.
#[Scalar(name = "Vnd")]
impl ScalarType for Vnd {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number.as_i64().map(Vnd).ok_or_else(|| wrong(&no_amount(number))),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

fn wrong<T: InputType>(message: &Message) -> InputValueError<T> {
    let error = InputValueError::custom(message.text(Lang::En));
    // A code with texts always goes into JSON.
    let said = serde_json::to_value(message).ok().and_then(|said| Value::from_json(said).ok());
    error.with_extension(SAID, said.unwrap_or_default())
}

fn no_amount(written: &serde_json::Number) -> Message {
    Message::new(Code::NotAnAmount).with("value", shorten(&written.to_string()))
}

/// What is wrong with a variable of a scalar type; the types themselves, as a text in place of a number, are for the library to
/// compare.
pub fn fault(scalar: &str, value: &Json) -> Option<Message> {
    match (scalar, value) {
        ("Date", Json::String(text)) => values::date(text).err(),
        ("Vnd", Json::Number(number)) => number.as_i64().is_none().then(|| no_amount(number)),
        // The specification gives `Int` 32 bits.
        ("Int", Json::Number(number)) if number.is_i64() || number.is_u64() => {
            let fits = number.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
            (!fits).then(|| Message::new(Code::NumberRange).with("from", i32::MIN).with("to", i32::MAX))
        }
        _ => None,
    }
}
