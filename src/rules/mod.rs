//! The law as data: standards, programmes, rates and base amounts, each asked for a day.

mod current;
mod doubts;
pub mod files;
pub mod load;

pub use current::CurrentRules;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{
    base_amount,
    codes::{Area, Measure, ProgrammeKind},
    poverty_standard, programme, programme_rate,
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use crate::domain::period::Period;

/// Slug of the base salary (mức lương cơ sở).
pub const BASE_SALARY: &str = "base_salary";
/// Slug of the electricity price of tier 1, VND a kWh before tax.
pub const ELECTRICITY_TIER1: &str = "electricity_tier1";
/// Stands among eligible classes for households that left both lists at most 36 months ago. It is no class of a
/// review.
pub const NEWLY_ESCAPED: &str = "NEWLY_ESCAPED";

/// All rules at one moment. The tables are small, so a push reads them once and asks in memory.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    programmes: BTreeMap<String, programme::Model>,
    rates: Vec<programme_rate::Model>,
    base_amounts: Vec<base_amount::Model>,
    standards: Vec<poverty_standard::Model>,
}

impl Rules {
    /// Reads all rules, with one statement a table.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self, DbErr> {
        Ok(Self::new(
            programme::Entity::find().all(conn).await?,
            programme_rate::Entity::find().all(conn).await?,
            base_amount::Entity::find().all(conn).await?,
            poverty_standard::Entity::find().all(conn).await?,
        ))
    }

    fn new(
        programmes: Vec<programme::Model>,
        mut rates: Vec<programme_rate::Model>,
        mut base_amounts: Vec<base_amount::Model>,
        standards: Vec<poverty_standard::Model>,
    ) -> Self {
        // The newest first, so that the first that fits is the one in force.
        rates.sort_by_key(|rate| std::cmp::Reverse(rate.valid_from));
        base_amounts.sort_by_key(|amount| std::cmp::Reverse(amount.valid_from));
        let programmes = programmes.into_iter().map(|row| (row.slug.clone(), row)).collect();
        Self { programmes, rates, base_amounts, standards }
    }

    /// The programme of a slug.
    pub fn programme(&self, slug: &str) -> Option<&programme::Model> {
        self.programmes.get(slug)
    }

    /// The programmes of a kind, by slug.
    pub fn programmes_of(&self, kind: ProgrammeKind) -> impl Iterator<Item = &programme::Model> {
        self.programmes.values().filter(move |programme| programme.kind == kind)
    }

    /// Every programme, by slug.
    pub fn programmes(&self) -> impl Iterator<Item = &programme::Model> {
        self.programmes.values()
    }

    /// The figure of a programme on a day.
    pub fn rate(&self, slug: &str, measure: Measure, on: NaiveDate) -> Option<&programme_rate::Model> {
        self.rates.iter().find(|rate| {
            rate.programme == slug
                && rate.measure == measure
                && Period::new(rate.valid_from, rate.valid_to).contains(on)
        })
    }

    /// The national amount on a day.
    pub fn base_amount(&self, slug: &str, on: NaiveDate) -> Option<&base_amount::Model> {
        self.base_amounts.iter().find(|amount| amount.slug == slug && amount.valid_from <= on)
    }

    /// What a programme pays a month on a day, VND: the stated rate or the share of the base salary. Also the figure
    /// it follows from.
    pub fn monthly_rate(&self, slug: &str, on: NaiveDate) -> Option<(i64, &programme_rate::Model)> {
        if let Some(rate) = self.rate(slug, Measure::MonthlyRate, on) {
            return Some((rate.value, rate));
        }
        let share = self.rate(slug, Measure::MonthlyRateOfBaseSalary, on)?;
        Some((self.base_amount(BASE_SALARY, on)?.amount * share.value / 10_000, share))
    }

    /// The poverty standard of an area on a day: the line of the province where it has one, else the national one.
    pub fn standard(&self, area: Area, on: NaiveDate, province: Option<Uuid>) -> Option<&poverty_standard::Model> {
        let fits = |standard: &&poverty_standard::Model| {
            standard.area == area && Period::new(standard.valid_from, standard.valid_to).contains(on)
        };
        let of = |unit: Option<Uuid>| self.standards.iter().filter(fits).find(|standard| standard.unit_id == unit);
        province.and_then(|province| of(Some(province))).or_else(|| of(None))
    }

    /// Every standard.
    pub fn standards(&self) -> &[poverty_standard::Model] {
        &self.standards
    }
}

/// The classes entitled to a programme, as they are stored; none where class does not decide.
pub fn eligible_classes(programme: &programme::Model) -> impl Iterator<Item = &str> {
    programme.eligible_classes.split(',').map(str::trim).filter(|class| !class.is_empty())
}

/// Whether the programme is in force on a day.
pub fn is_in_force(programme: &programme::Model, on: NaiveDate) -> bool {
    Period::new(programme.valid_from, programme.valid_to).contains(on)
}

#[cfg(test)]
mod tests;
