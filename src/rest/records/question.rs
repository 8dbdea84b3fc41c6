//! The parameters of a list. That each is known and stands once is seen to by [`crate::rest::strict`].

use chrono::{DateTime, Utc};

use crate::{
    domain::whole,
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
    /// What is wrong with the value of a parameter that every list has.
    pub fn parse(query: &str, filters: &Shape) -> Result<Self> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !COMMON.contains(&&*name) {
                question.filter(&name, &value, filters);
            } else if let Err(message) = question.common(&name, &value) {
                faults.push(Fault::at(name.as_ref(), message));
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
        match name {
            "first" => {
                let range = || Message::new(Code::NumberRange).with("from", 1).with("to", MOST);
                self.first = Some(whole::parse(value).ok_or_else(range)?);
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

    /// Takes a filter as it came; the reader of the filters says what is wrong with it.
    fn filter(&mut self, name: &str, value: &str, filters: &Shape) {
        let field = filters.fields.iter().find(|field| field.name == name);
        let takes_several = field.is_some_and(|field| matches!(field.kind, FieldType::List(_)));
        let value = Cell::Text(value.to_owned());
        match self.filter.fields.iter_mut().find(|(held, _)| held == name) {
            Some((_, Cell::List(values))) => values.push(value),
            _ if takes_several => self.filter.fields.push((name.to_owned(), Cell::List(vec![value]))),
            _ => self.filter.fields.push((name.to_owned(), value)),
        }
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
            ("first=x", "first", Code::NumberRange),
            ("first=%2B5", "first", Code::NumberRange),
            ("first=05", "first", Code::NumberRange),
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
