//! The scenario as a whole: what it is computed from, and the steps it is pushed in.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{
    cards, education, electricity, loans,
    plan::{Figures, Plan},
    population::Population,
    reviews,
};
use crate::{
    error::Result,
    exchange::raw::RawRecord,
    rules::Rules,
    scenario::{Step, names::Names, working_days},
    units::list,
};

/// The district in the first half of 2022.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What the report says.
    pub figures: Figures,
    /// What it does not say.
    pub plan: Plan,
    /// The rules the records follow.
    pub rules: Rules,
    /// Who lives there.
    pub people: Population,
    /// Working days of the period.
    pub days: Vec<NaiveDate>,
}

impl Scenario {
    /// The scenario from the files shipped with the program.
    ///
    /// # Errors
    /// The shipped files are tested, so there is none in practice.
    pub fn shipped() -> Result<Self> {
        let figures = Figures::shipped()?;
        let plan = Plan::shipped()?;
        let units = list::read_units(list::SHIPPED_UNITS)?;
        let people = Population::new(&plan, &figures, &units, &Names::shipped()?)?;
        let days = working_days(plan.period_from, plan.period_to, &plan.holidays);
        Ok(Self { figures, plan, rules: Rules::shipped()?, people, days })
    }

    /// The records, in the order in which they must be pushed: people, their classes, what they received.
    ///
    /// # Errors
    /// A plan that contradicts the figures.
    pub fn steps(self) -> Result<Vec<Step>> {
        let scenario = Arc::new(self);
        let loans = loans::turns(&scenario)?;
        let cards = cards::cards(&scenario)?;
        let education = education::turns(&scenario)?;
        let electricity = electricity::turns(&scenario)?;
        let of = |scenario: &Arc<Self>| Arc::clone(scenario);

        let households = scenario.people.households.len();
        let years = scenario.plan.reviews.years.clone();
        let (registry, sheets) = (of(&scenario), of(&scenario));
        let reviews = years.into_iter().flat_map(move |year| {
            let sheets = Arc::clone(&sheets);
            (0..households).map(move |household| reviews::record(&sheets, household, year))
        });
        let reviewed = households * scenario.plan.reviews.years.len();
        Ok(vec![
            scenario.step(
                "labour",
                "households",
                households,
                (0..households).map(move |at| registry.people.record(at)),
            ),
            scenario.step("labour", "household-reviews", reviewed, reviews),
            scenario.each("policy_bank", "loan-disbursements", loans, |of, _, turn| loans::record(of, turn)),
            scenario.each("health", "health-insurance-cards", cards, cards::record),
            scenario.each("education", "education-subsidies", education, |of, _, turn| education::record(of, turn)),
            scenario.each("labour", "electricity-supports", electricity, |of, _, turn| electricity::record(of, turn)),
        ])
    }

    /// A step of things that each make one record.
    fn each<T: Send + 'static>(
        self: &Arc<Self>,
        role: &'static str,
        kind: &'static str,
        things: Vec<T>,
        record: impl Fn(&Self, usize, &T) -> RawRecord + Send + 'static,
    ) -> Step {
        let scenario = Arc::clone(self);
        let count = things.len();
        let records = things.into_iter().enumerate().map(move |(place, thing)| record(&scenario, place, &thing));
        self.step(role, kind, count, records)
    }

    fn step(
        &self,
        role: &'static str,
        kind: &'static str,
        count: usize,
        records: impl Iterator<Item = RawRecord> + Send + 'static,
    ) -> Step {
        Step { role, kind, as_of: self.plan.period_to, count: count as u64, records: Box::new(records) }
    }
}
