//! What the rules say against a row, whichever kind it is of.

use chrono::NaiveDate;
use entity::{codes::ProgrammeKind, programme};

use super::{Rules, is_in_force};
use crate::messages::{Code, Message};

impl Rules {
    /// Why a slug is refused: it names no programme of the kind.
    pub fn unknown_programme(&self, slug: &str, kind: ProgrammeKind) -> Message {
        let known: Vec<&str> = self.programmes_of(kind).map(|programme| programme.slug.as_str()).collect();
        Message::new(Code::UnknownProgramme).with("value", slug).with("allowed", known.join(", "))
    }

    /// The doubt that a payment on a day raises when the programme was not in force.
    pub fn doubt_in_force(&self, programme: &programme::Model, day: NaiveDate) -> Option<Message> {
        (!is_in_force(programme, day))
            .then(|| Message::new(Code::ProgrammeNotInForce).with("programme", &programme.slug).with("date", day))
    }
}
