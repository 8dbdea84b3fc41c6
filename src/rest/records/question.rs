//! The parameters of a list, read strictly: one that is mistyped must not pass for one that was not given.

use chrono::{DateTime, Utc};

use crate::{
    error::{Error, Result},
    exchange::{
        pull::Pull,
        raw::{Cell, RawRecord},
        record::{FieldType, Shape, shorten},
    },
    listing::{MOST, PageArgs},
    messages::{Code, Fault, Message},
};

/// Parameters that every list has.
pub const COMMON: [&str; 4] = ["first", "after", "descending", "updatedSince"];

/// What is asked of a list.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pairs: Vec<(String, String)>,
    filter: RawRecord,
    first: Option<i32>,
    after: Option<String>,
    descending: bool,
    updated_since: Option<DateTime<Utc>>,
}

impl Question {
    /// Reads a query string against the filters of a kind; everything that is wrong in its form is named.
    ///
    /// # Errors
    /// `UNKNOWN_PARAMETER`, `DUPLICATE_FIELD` and what is wrong with the value of a parameter that every list has.
    pub fn parse(query: &str, filters: &Shape) -> Result<Self> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let taken = if COMMON.contains(&&*name) {
                question.common(&name, &value)
            } else {
                question.filter(&name, &value, filters)
            };
            if let Err(message) = taken {
                faults.push(Fault::at(shorten(&name), message));
            }
            question.pairs.push((name.into_owned(), value.into_owned()));
        }
        if faults.is_empty() { Ok(question) } else { Err(Error::faulty(faults)) }
    }

    /// The page that is asked for.
    pub fn pull(&self) -> Pull {
        Pull {
            filter: self.filter.clone(),
            page: PageArgs { first: self.first, after: self.after.clone(), ..PageArgs::default() },
            descending: self.descending,
            updated_since: self.updated_since,
        }
    }

    /// The query string of the same question after a cursor.
    pub fn after(&self, cursor: &str) -> String {
        let same = self.pairs.iter().filter(|(name, _)| name != "after");
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(same).append_pair("after", cursor).finish()
    }

    fn common(&mut self, name: &str, value: &str) -> Result<(), Message> {
        if self.pairs.iter().any(|(seen, _)| seen == name) {
            return Err(Code::DuplicateField.into());
        }
        match name {
            "first" => {
                let range = || Message::new(Code::NumberRange).with("from", 1).with("to", MOST);
                self.first = Some(value.parse().map_err(|_| range())?);
            }
            "descending" => {
                self.descending = value.parse().map_err(|_| {
                    Message::new(Code::NotInList).with("value", shorten(value)).with("allowed", "true, false")
                })?;
            }
            "updatedSince" => {
                let instant = DateTime::parse_from_rfc3339(value).map_err(|_| {
                    Message::new(Code::CodeFormat)
                        .with("value", shorten(value))
                        .with("expected", "2022-06-30T00:00:00Z")
                })?;
                self.updated_since = Some(instant.with_timezone(&Utc));
            }
            _ => self.after = Some(value.to_owned()),
        }
        Ok(())
    }

    fn filter(&mut self, name: &str, value: &str, filters: &Shape) -> Result<(), Message> {
        let Some(field) = filters.fields.iter().find(|field| field.name == name) else {
            let allowed: Vec<&str> = filters.fields.iter().map(|field| field.name).chain(COMMON).collect();
            return Err(Message::new(Code::UnknownParameter).with("allowed", allowed.join(", ")));
        };
        let value = Cell::Text(value.to_owned());
        let held = self.filter.fields.iter_mut().find(|(held, _)| held == name);
        match (field.kind, held) {
            (FieldType::List(_), Some((_, Cell::List(values)))) => values.push(value),
            (_, Some(_)) => return Err(Code::DuplicateField.into()),
            (FieldType::List(_), None) => self.filter.fields.push((name.to_owned(), Cell::List(vec![value]))),
            (_, None) => self.filter.fields.push((name.to_owned(), value)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kind;

    fn parse(query: &str) -> Result<Question> {
        Question::parse(query, Kind::find("loan-disbursements").unwrap().filter)
    }

    #[test]
    fn a_question_is_read_and_asked_again_after_a_cursor() {
        let question = parse(
            "programme=loan_poor&programme=loan_near_poor&first=2&after=x&updatedSince=2022-06-30T07:00:00%2B07:00",
        )
        .unwrap();

        let pull = question.pull();
        assert_eq!((pull.page.first, pull.page.after.as_deref(), pull.descending), (Some(2), Some("x"), false));
        assert_eq!(pull.updated_since.unwrap().to_rfc3339(), "2022-06-30T00:00:00+00:00");
        assert!(matches!(&pull.filter.fields[..], [(_, Cell::List(programmes))] if programmes.len() == 2));
        assert!(question.after("a b").ends_with("updatedSince=2022-06-30T07%3A00%3A00%2B07%3A00&after=a+b"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, field, code) in [
            ("limit=5", "limit", Code::UnknownParameter),
            ("last=5", "last", Code::UnknownParameter),
            ("first=x", "first", Code::NumberRange),
            ("first=1&first=2", "first", Code::DuplicateField),
            ("unit=060&unit=061", "unit", Code::DuplicateField),
            ("descending=yes", "descending", Code::NotInList),
            ("updatedSince=2022-06-30", "updatedSince", Code::CodeFormat),
        ] {
            let error = parse(query).unwrap_err();
            assert_eq!(
                (error.faults()[0].field.as_deref(), error.faults()[0].message.code),
                (Some(field), code),
                "{query}"
            );
        }
    }
}
