//! What a list makes of the units held: new ones, changed ones, ended ones.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use entity::{administrative_unit::Model, codes::UnitLevel};
use uuid::Uuid;

use super::{
    list::{Faults, Unit},
    name,
};
use crate::{
    clock::Ids,
    error::Result,
    messages::{Code, Message},
};

type Key = (UnitLevel, String, NaiveDate);

/// The units as they will be: those held and those of the list.
pub(super) struct Merged {
    pub(super) units: Vec<Model>,
    /// How they were, by place; none for a new one.
    pub(super) before: Vec<Option<Model>>,
    by_key: HashMap<Key, usize>,
    by_code: HashMap<(UnitLevel, String), Vec<usize>>,
}

impl Merged {
    /// Begins with the units held.
    pub(super) fn new(held: Vec<Model>) -> Self {
        let mut merged = Self { units: vec![], before: vec![], by_key: HashMap::new(), by_code: HashMap::new() };
        for unit in held {
            let before = Some(unit.clone());
            merged.push(unit, before);
        }
        merged
    }

    fn push(&mut self, unit: Model, before: Option<Model>) {
        let place = self.units.len();
        self.by_key.insert((unit.level, unit.code.clone(), unit.valid_from), place);
        self.by_code.entry((unit.level, unit.code.clone())).or_default().push(place);
        self.units.push(unit);
        self.before.push(before);
    }

    /// The unit of a code on a day.
    pub(super) fn on(&self, level: UnitLevel, code: &str, day: NaiveDate) -> Option<&Model> {
        let places = self.by_code.get(&(level, code.to_owned()))?;
        places
            .iter()
            .map(|place| &self.units[*place])
            .filter(|unit| super::is_valid_on(unit, day))
            .max_by_key(|unit| unit.valid_from)
    }

    /// The unit that bears a code now or bore it last.
    pub(super) fn newest(&self, level: UnitLevel, code: &str) -> Option<&Model> {
        let places = self.by_code.get(&(level, code.to_owned()))?;
        places.iter().map(|place| &self.units[*place]).max_by_key(|unit| unit.valid_from)
    }

    /// Takes a list in.
    pub(super) fn take(&mut self, list: &[Unit], ids: &Ids) -> Result<()> {
        let mut faults = Faults::default();
        let mut seen = HashSet::with_capacity(list.len());
        let mut order: Vec<&Unit> = list.iter().collect();
        // Parents first, so that a child finds its parent whatever the order of the file.
        order.sort_by_key(|unit| (unit.level, unit.line));
        for unit in order {
            if !seen.insert((unit.level, unit.code.as_str(), unit.valid_from)) {
                faults.add(unit.line, "code", Message::new(Code::AlreadyRecorded).with("what", &unit.code));
                continue;
            }
            let parent_id = match self.parent_of(unit) {
                Ok(parent) => parent,
                Err(message) => {
                    faults.add(unit.line, "parent_code", message);
                    continue;
                }
            };
            self.put(unit, parent_id, ids);
        }
        faults.refuse()
    }

    fn parent_of(&self, unit: &Unit) -> Result<Option<Uuid>, Message> {
        let level = match (unit.level, unit.parent_code.len()) {
            (UnitLevel::Province, 0) => return Ok(None),
            (UnitLevel::District | UnitLevel::Commune, 2) => UnitLevel::Province,
            (UnitLevel::Commune, 3) => UnitLevel::District,
            _ => {
                return Err(Message::new(Code::CodeFormat)
                    .with("value", &unit.parent_code)
                    .with("expected", "00, 000"));
            }
        };
        let parent = self.on(level, &unit.parent_code, unit.valid_from);
        parent.map(|parent| Some(parent.id)).ok_or_else(|| unknown(&unit.parent_code, unit.valid_from))
    }

    fn put(&mut self, unit: &Unit, parent_id: Option<Uuid>, ids: &Ids) {
        let key = (unit.level, unit.code.clone(), unit.valid_from);
        let place = self.by_key.get(&key).copied();
        let model = Model {
            id: place.map_or_else(|| ids.next(), |place| self.units[place].id),
            level: unit.level,
            code: unit.code.clone(),
            name: unit.name.clone(),
            name_folded: name::folded(&unit.name),
            kind: unit.kind.clone(),
            parent_id,
            valid_from: unit.valid_from,
            // A list that was made before a unit ended does not raise it again.
            valid_to: unit.valid_to.or_else(|| place.and_then(|place| self.units[place].valid_to)),
        };
        match place {
            Some(place) => self.units[place] = model,
            None => self.push(model, None),
        }
    }

    /// Ends the open units whose code begins anew, the day before.
    pub(super) fn end_followed(&mut self) {
        for places in self.by_code.values().filter(|places| places.len() > 1) {
            let mut places = places.clone();
            places.sort_by_key(|place| self.units[*place].valid_from);
            for pair in places.windows(2) {
                let next = self.units[pair[1]].valid_from;
                self.units[pair[0]].valid_to = self.units[pair[0]].valid_to.or(next.checked_sub_days(Days::new(1)));
            }
        }
    }
}

/// There is no unit of that code on that day.
pub(super) fn unknown(code: &str, day: NaiveDate) -> Message {
    Message::new(Code::UnknownUnit).with("value", code).with("date", day)
}
