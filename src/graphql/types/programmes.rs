//! Support programmes and poverty standards: the law as data.

use async_graphql::Object;
use entity::{poverty_standard, programme};

use crate::{
    domain::vnd::Vnd,
    graphql::{
        codes::{Area, ProgrammeKind},
        scalars::Date,
    },
};

/// A support programme.
#[derive(Clone, Debug)]
pub struct Programme(pub programme::Model);

/// A support programme: a rule that pays, lends or gives something.
#[Object]
impl Programme {
    /// Slug, as `loan_poor`.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// What it gives.
    async fn kind(&self) -> ProgrammeKind {
        self.0.kind.into()
    }

    /// Name in Vietnamese.
    async fn name_vi(&self) -> &str {
        &self.0.name_vi
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// Classes entitled; empty where class does not decide. `NEWLY_ESCAPED` stands for households that left the lists at
    /// most 36 months ago.
    async fn eligible_classes(&self) -> Vec<&str> {
        crate::rules::eligible_classes(&self.0).collect()
    }

    /// Decree or decision.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }

    /// First day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day; null while in force.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// The poverty standard of a period for one kind of area.
#[derive(Clone, Debug)]
pub struct PovertyStandard(pub poverty_standard::Model);

/// The multidimensional poverty standard of a period, for rural or urban areas.
#[Object]
impl PovertyStandard {
    /// Name of the period, as `2022-2026`.
    async fn period(&self) -> &str {
        &self.0.period
    }

    /// Rural or urban.
    async fn area(&self) -> Area {
        self.0.area.into()
    }

    /// First day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }

    /// Income line, VND a person and month.
    async fn income_line(&self) -> Vnd {
        Vnd(self.0.income_line)
    }

    /// Upper line of the two-line standard of 2016–2021, VND a person and month.
    async fn upper_income_line(&self) -> Option<Vnd> {
        self.0.upper_income_line.map(Vnd)
    }

    /// Points of sheet B1 up to which a household counts as under the line.
    async fn score_line(&self) -> i16 {
        self.0.score_line
    }

    /// Points of sheet B2 from which a household counts as deprived.
    async fn deprivation_line(&self) -> i16 {
        self.0.deprivation_line
    }

    /// Slugs of the indicators.
    async fn indicators(&self) -> Vec<&str> {
        self.0.indicators.split(',').collect()
    }

    /// Decree or decision.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }
}
