//! Whom a row means: the person of its number and the household of the day, or the household of its code.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::matching::{KnownHousehold, KnownPerson, Matches};
use crate::{
    domain::personal_id::PersonalId,
    error::Result,
    exchange::{kind::Unstored, values::UnitCode},
    messages::{Code, Fault, Message},
    units,
};

/// Whom a row means.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The household on the day of the row.
    pub household: KnownHousehold,
    /// The person, where one is named.
    pub person_id: Option<Uuid>,
    person: Option<&'a KnownPerson>,
}

impl Subject<'_> {
    /// Doubts about the name and year of birth that were sent.
    pub fn doubts(&self, full_name: Option<&str>, birth_year: Option<i16>) -> Vec<Message> {
        self.person.map_or_else(Vec::new, |person| person.doubts(full_name, birth_year))
    }
}

/// Resolves the rows of a chunk from what was looked up for all of them.
#[derive(Debug)]
pub struct Resolver {
    /// Persons, households and classes.
    pub matches: Matches,
    units: HashMap<String, Vec<Uuid>>,
}

impl Resolver {
    /// Looks up the commune codes that rows give beside a household code.
    pub async fn load(
        conn: &impl ConnectionTrait,
        matches: Matches,
        codes: impl Iterator<Item = &UnitCode>,
    ) -> Result<Self> {
        let codes: Vec<&str> = codes.map(|code| code.0.as_str()).collect();
        Ok(Self { matches, units: units::ids_of_codes(conn, &codes).await? })
    }

    /// The household of a code, or why the row must wait.
    pub fn household(&self, code: &str, unit: Option<&UnitCode>) -> Result<KnownHousehold, Unstored> {
        let units = unit.map(|unit| self.units.get(&unit.0).map_or(&[][..], Vec::as_slice));
        self.matches.household(code, units).map_err(Unstored::Waits)
    }

    /// Whom a row means on a day, by number first; or why it must wait or is refused.
    pub fn subject(
        &self,
        id: Option<&PersonalId>,
        household_code: Option<&str>,
        unit: Option<&UnitCode>,
        day: NaiveDate,
    ) -> Result<Subject<'_>, Unstored> {
        let by_code = || household_code.map(|code| self.household(code, unit));
        let Some(id) = id else {
            let household = by_code().ok_or_else(|| {
                let message = Message::new(Code::OneOf).with("fields", "personalId, householdCode");
                Unstored::Refused(Fault::at("personalId", message))
            })??;
            return Ok(Subject { household, person_id: None, person: None });
        };
        let person = self.matches.person(id).map_err(Unstored::Waits)?;
        let household = match person.household_on(day) {
            Some(household) => household,
            None => by_code().ok_or_else(|| Unstored::Waits(Message::new(Code::NoHousehold).with("date", day)))??,
        };
        Ok(Subject { household, person_id: Some(person.id), person: Some(person) })
    }
}
