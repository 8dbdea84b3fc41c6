//! Electricity support paid in the half-year: a turn is one household in one quarter.

use chrono::{Datelike, NaiveDate};
use entity::codes::{Measure, PovertyClass};

use super::{plan::wrong, scenario::Scenario};
use crate::{
    error::Result,
    exchange::raw::RawRecord,
    scenario::{
        draw::Draw,
        record::Fields,
        split::{self, Spread},
    },
};

/// Months of a quarter.
const MONTHS: i64 = 3;

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The household.
    pub household: usize,
    /// Why it is paid.
    pub group: &'static str,
    /// Quarter.
    pub quarter: i64,
    /// Amount, VND.
    pub amount: i64,
    /// kWh that the amount stands for; none for the row with the remainder.
    pub kwh: Option<i64>,
    /// The commune's reference.
    pub reference: String,
}

/// All turns, quarter by quarter.
pub fn turns(scenario: &Scenario) -> Result<Vec<Turn>> {
    let plan = &scenario.plan.electricity;
    let count = scenario.figures.count(&plan.count)?;
    let total = scenario.figures.value(&plan.amount)?;
    let on = scenario.plan.period_to;
    let rate = |measure| scenario.rules.rate("electricity", measure, on).map(|rate| rate.value);
    let month = rate(Measure::QuarterlyAmount).ok_or_else(|| wrong("electricity has no quarterly amount"))? / MONTHS;
    let kwh = rate(Measure::QuarterlyKwh).ok_or_else(|| wrong("electricity has no quarterly kWh"))? / MONTHS;
    let mut draw = Draw::new(scenario.plan.seed, "electricity", 0);
    let parts = split::split(total, count, month, (1, MONTHS), Spread::Full, &mut draw).map_err(wrong)?;

    let households = households(scenario, count.div_ceil(plan.quarters.len().max(1)))?;
    let turn = |at: usize| {
        let (household, group) = households[at % households.len()];
        let left_over = if at == parts.remainder_row { parts.remainder } else { 0 };
        Turn {
            household,
            group,
            quarter: plan.quarters[at / households.len()],
            amount: parts.units[at] * month + left_over,
            kwh: Some(parts.units[at] * kwh).filter(|_| left_over == 0),
            reference: format!("{}22-{:06}", plan.prefix, at + 1),
        }
    };
    Ok((0..count).map(turn).collect())
}

/// The households paid and why: some for other grounds, all others because they are poor.
fn households(scenario: &Scenario, count: usize) -> Result<Vec<(usize, &'static str)>> {
    let plan = &scenario.plan.electricity;
    let drawn = |class: PovertyClass| scenario.people.drawn_households("electricity", |of| of.class == class);
    let others = drawn(PovertyClass::NotPoor);
    let (social, off_grid) = (plan.social_policy_households, plan.off_grid_households);
    let poor = count.checked_sub(social + off_grid).ok_or_else(|| wrong("more other households than turns"))?;
    let mut households: Vec<(usize, &str)> =
        drawn(PovertyClass::Poor).into_iter().take(poor).map(|at| (at, "POOR")).collect();
    households.extend(others.iter().take(social).map(|at| (*at, "SOCIAL_POLICY")));
    households.extend(others.iter().skip(social).take(off_grid).map(|at| (*at, "OFF_GRID")));
    if households.len() < count {
        return Err(wrong(format!("{} households are too few for {count}", households.len())));
    }
    Ok(households)
}

/// A turn as the wire has it.
pub fn record(scenario: &Scenario, turn: &Turn) -> RawRecord {
    let people = &scenario.people;
    let year = scenario.plan.period_to.year();
    // Communes pay in the last month of the quarter.
    let month = u32::try_from(turn.quarter * MONTHS).unwrap_or(12);
    let days: Vec<NaiveDate> = scenario.days.iter().copied().filter(|day| day.month() == month).collect();
    let paid_on = Draw::new(scenario.plan.seed, &turn.reference, 0).pick(&days).copied();
    Fields::new()
        .text("reference", turn.reference.as_str())
        .text("householdCode", people.household_code(&people.households[turn.household]))
        .int("year", i64::from(year))
        .int("quarter", turn.quarter)
        .maybe(turn.kwh, |fields, kwh| fields.int("kwh", kwh))
        .int("amount", turn.amount)
        .text("group", turn.group)
        .maybe(paid_on, |fields, day| fields.day("paidOn", day))
        .build()
}
