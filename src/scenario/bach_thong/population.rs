//! The invented people of the district: every household with its commune, village, class and members.

use std::ops::Range;

use chrono::NaiveDate;
use entity::codes::{Area, PovertyClass, UnitLevel};

use super::plan::{Figures, Plan, wrong};
use crate::{
    domain::period::Period,
    error::Result,
    exchange::raw::{Cell, RawRecord},
    scenario::{
        CommuneRef,
        draw::{Draw, scatter},
        names::Names,
        people::{self, Member},
        record::Fields,
        sheet::area_name,
    },
    units::{self, list},
};

/// A household of the district.
#[derive(Clone, Debug)]
pub struct Household {
    /// Place of its commune among those of the district.
    pub commune: usize,
    /// Number within the commune, from 1.
    pub number: usize,
    /// Place of its village among those of the commune.
    pub village: usize,
    /// Class that governs the period.
    pub class: PovertyClass,
    /// Ethnicity.
    pub ethnicity: String,
    /// Its members among all persons, the head first.
    pub members: Range<usize>,
}

/// Everyone in the district.
#[derive(Clone, Debug)]
pub struct Population {
    /// Communes of the district on the last day of the period, by code.
    pub communes: Vec<CommuneRef>,
    /// Households, by commune.
    pub households: Vec<Household>,
    /// Persons, by household.
    pub persons: Vec<Member>,
    /// The household of each person.
    pub household_of: Vec<usize>,
    registered_on: NaiveDate,
    seed: u64,
    birth_province: u8,
    villages: usize,
    village_names: Vec<String>,
}

impl Population {
    /// Makes the people: the same for the same plan and figures.
    ///
    /// # Errors
    /// A plan that contradicts the figures or the list of units.
    pub fn new(plan: &Plan, figures: &Figures, units: &[list::Unit], names: &Names) -> Result<Self> {
        let communes = communes(units, &plan.district, plan.period_to);
        if communes.is_empty() {
            return Err(wrong(format!("no commune of district {} on {}", plan.district, plan.period_to)));
        }
        let mut population = Self {
            communes,
            households: Vec::new(),
            persons: Vec::new(),
            household_of: Vec::new(),
            registered_on: plan.period_to,
            seed: plan.seed,
            birth_province: plan.birth_province,
            villages: figures.count(&plan.population.villages)?,
            village_names: plan.population.village_names.clone(),
        };
        let count = figures.households()?;
        let classes = classes(plan, count);
        let in_commune = count.div_ceil(population.communes.len());
        for (index, class) in classes.into_iter().enumerate() {
            population.settle(index, in_commune, class, plan, names);
        }
        Ok(population)
    }

    fn settle(&mut self, index: usize, in_commune: usize, class: PovertyClass, plan: &Plan, names: &Names) {
        let mut draw = Draw::new(self.seed, "household", index as u64);
        let of = &plan.population;
        let sizes = match class {
            PovertyClass::Poor => &of.poor_sizes,
            PovertyClass::NearPoor => &of.near_poor_sizes,
            _ => &of.other_sizes,
        };
        let size = draw.pick(sizes).copied().unwrap_or(1);
        let ethnicity = draw.pick(&of.ethnicities).cloned().unwrap_or_default();
        let first = self.persons.len();
        self.persons.extend(people::family(names, &ethnicity, size, plan.period_from, &mut draw));
        self.household_of.resize(self.persons.len(), index);
        let commune = index / in_commune;
        let village = (index % in_commune) * self.villages_of(commune) / in_commune;
        let members = first..self.persons.len();
        self.households.push(Household { commune, number: index % in_commune + 1, village, class, ethnicity, members });
    }

    /// Villages of a commune: all of them shared out, the first communes with one more.
    fn villages_of(&self, commune: usize) -> usize {
        let communes = self.communes.len();
        (self.villages / communes + usize::from(commune < self.villages % communes)).max(1)
    }

    /// Name of a household's village.
    pub fn village(&self, household: &Household) -> String {
        if self.communes[household.commune].area == Area::Urban {
            return format!("Tổ phố {}", household.village + 1);
        }
        let before: usize = (0..household.commune).map(|commune| self.villages_of(commune)).sum();
        self.village_names[(before + household.village) % self.village_names.len()].clone()
    }

    /// Code of a household: its commune's with a number, as the commune writes it on the list.
    pub fn household_code(&self, household: &Household) -> String {
        format!("{}-{:04}", self.communes[household.commune].code, household.number)
    }

    /// Personal ID of a person.
    pub fn personal_id(&self, person: usize) -> String {
        let member = &self.persons[person];
        let number = scatter(person as u64, 1_000_000);
        people::personal_id(self.birth_province, member.sex, member.birth_year(), number)
    }

    /// Social-insurance number of a person: ten digits.
    pub fn insurance_no(&self, person: usize) -> String {
        format!("{:02}{:08}", self.birth_province, scatter(person as u64, 100_000_000))
    }

    /// The household of a person.
    pub fn household(&self, person: usize) -> &Household {
        &self.households[self.household_of[person]]
    }

    /// The persons for whom a condition holds, in an order drawn for the stream.
    pub fn drawn(&self, stream: &str, holds: impl Fn(usize, &Member) -> bool) -> Vec<usize> {
        let mut chosen: Vec<usize> = (0..self.persons.len()).filter(|at| holds(*at, &self.persons[*at])).collect();
        chosen.sort_by_cached_key(|at| Draw::new(self.seed, stream, *at as u64).bits());
        chosen
    }

    /// The households for which a condition holds, in an order drawn for the stream.
    pub fn drawn_households(&self, stream: &str, holds: impl Fn(&Household) -> bool) -> Vec<usize> {
        let mut chosen: Vec<usize> = (0..self.households.len()).filter(|at| holds(&self.households[*at])).collect();
        chosen.sort_by_cached_key(|at| Draw::new(self.seed, stream, *at as u64).bits());
        chosen
    }

    /// A household as the wire has it.
    pub fn record(&self, index: usize) -> RawRecord {
        let household = &self.households[index];
        let commune = &self.communes[household.commune];
        let code = self.household_code(household);
        let member = |at: usize| {
            let (id, insurance) = (self.personal_id(at), self.insurance_no(at));
            people::member_cell(&self.persons[at], id, insurance, &household.ethnicity)
        };
        Fields::new()
            .text("reference", format!("HGD-{code}"))
            .text("householdCode", code)
            .text("unitCode", commune.code.as_str())
            .text("registeredOn", self.registered_on.to_string())
            .text("village", self.village(household))
            .text("residenceType", area_name(commune.area))
            .cell("members", Cell::List(household.members.clone().map(member).collect()))
            .build()
    }
}

fn communes(units: &[list::Unit], district: &str, on: NaiveDate) -> Vec<CommuneRef> {
    let mut communes: Vec<CommuneRef> = units
        .iter()
        .filter(|unit| unit.level == UnitLevel::Commune && unit.parent_code == district)
        .filter(|unit| Period::new(unit.valid_from, unit.valid_to).contains(on))
        .map(|unit| CommuneRef { code: unit.code.clone(), area: units::area_of_kind(&unit.kind) })
        .collect();
    communes.sort_by(|a, b| a.code.cmp(&b.code));
    communes
}

/// The class of each household: exactly as many of each as the plan says, drawn over the district.
fn classes(plan: &Plan, count: usize) -> Vec<PovertyClass> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_cached_key(|index| Draw::new(plan.seed, "class", *index as u64).bits());
    let mut classes = vec![PovertyClass::NotPoor; count];
    let (poor, near_poor) = (plan.population.poor_households, plan.population.near_poor_households);
    for (place, index) in order.into_iter().take(poor + near_poor).enumerate() {
        classes[index] = if place < poor { PovertyClass::Poor } else { PovertyClass::NearPoor };
    }
    classes
}
