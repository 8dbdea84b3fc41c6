//! Invented names of persons, from lists of names by ethnicity.

use std::collections::HashMap;

use entity::codes::Sex;
use serde::Deserialize;

use super::draw::Draw;
use crate::{
    domain::text::clean,
    error::{Error, Result},
    messages::{Code, Message},
};

const NAMES: &[u8] = include_bytes!("../../data/scenarios/names.csv");

#[derive(Deserialize)]
struct Line {
    ethnicity_code: String,
    part: String,
    sex: Option<Sex>,
    value: String,
    weight: u32,
}

/// Names with the sum of the weights up to and with each.
#[derive(Clone, Debug, Default)]
struct List(Vec<(i64, String)>);

impl List {
    fn add(&mut self, value: String, weight: u32) {
        let sum = self.0.last().map_or(0, |(sum, _)| *sum) + i64::from(weight);
        self.0.push((sum, value));
    }

    fn draw(&self, draw: &mut Draw) -> &str {
        let all = self.0.last().map_or(0, |(sum, _)| *sum);
        let drawn = draw.between(1, all);
        let place = self.0.partition_point(|(sum, _)| *sum < drawn);
        self.0.get(place).map_or("", |(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug, Default)]
struct OfEthnicity {
    family: List,
    middle: [List; 2],
    given: [List; 2],
}

/// The lists of all ethnicities that have one.
#[derive(Clone, Debug)]
pub struct Names(HashMap<String, OfEthnicity>);

fn place(sex: Sex) -> usize {
    match sex {
        Sex::Male => 0,
        Sex::Female => 1,
    }
}

impl Names {
    /// The lists shipped with the program.
    ///
    /// # Errors
    /// The shipped file is tested, so there is none in practice.
    pub fn shipped() -> Result<Self> {
        let mut names: HashMap<String, OfEthnicity> = HashMap::new();
        for line in csv::Reader::from_reader(NAMES).into_deserialize() {
            let line: Line =
                line.map_err(|error| Error::invalid(Message::new(Code::BadUserInput).with("reason", error)))?;
            let of = names.entry(line.ethnicity_code).or_default();
            let value = clean(&line.value);
            match (line.part.as_str(), line.sex) {
                ("middle", Some(sex)) => of.middle[place(sex)].add(value, line.weight),
                ("given", Some(sex)) => of.given[place(sex)].add(value, line.weight),
                _ => of.family.add(value, line.weight),
            }
        }
        Ok(Self(names))
    }

    /// A family name.
    pub fn family(&self, ethnicity: &str, draw: &mut Draw) -> &str {
        self.0.get(ethnicity).map_or("", |of| of.family.draw(draw))
    }

    /// A full name with that family name: family, middle, given.
    pub fn full(&self, ethnicity: &str, family: &str, sex: Sex, draw: &mut Draw) -> String {
        let Some(of) = self.0.get(ethnicity) else { return family.to_owned() };
        let middle = of.middle[place(sex)].draw(draw);
        let given = of.given[place(sex)].draw(draw);
        format!("{family} {middle} {given}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_three_parts_and_repeats_for_the_same_draw() {
        let names = Names::shipped().unwrap();
        for ethnicity in ["01", "02", "07", "08", "09"] {
            for sex in [Sex::Male, Sex::Female] {
                let name = |index| {
                    let mut draw = Draw::new(1, "name", index);
                    let family = names.family(ethnicity, &mut draw).to_owned();
                    names.full(ethnicity, &family, sex, &mut draw)
                };
                assert_eq!(name(3), name(3));
                assert_eq!(name(4).split(' ').filter(|part| !part.is_empty()).count(), 3, "{}", name(4));
            }
        }
    }
}
