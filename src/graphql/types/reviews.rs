//! Yearly reviews.

use async_graphql::{ID, Object};
use entity::household_review;

use crate::{
    domain::poverty::Indicator,
    graphql::{
        codes::{Area, PovertyClass},
        plain::plain,
        scalars::Date,
    },
};

/// The yearly classification of a household.
#[derive(Clone, Debug)]
pub struct HouseholdReview(pub household_review::Model);

plain!(HouseholdReview: id(), year(), area(), score_b1(), score_b2(), computed_class(), decided_class(), decision_no(), decided_on(), valid_from(), valid_to());

/// The yearly classification of a household (Decision 24/2021/QĐ-TTg). It governs support in the year after.
#[Object]
impl HouseholdReview {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Year of the review.
    async fn year(&self) -> i16 {
        self.0.year
    }

    /// Sheet used.
    async fn area(&self) -> Area {
        self.0.area.into()
    }

    /// Points of sheet B1, which estimates income.
    async fn score_b1(&self) -> Option<i16> {
        self.0.score_b1
    }

    /// Points of sheet B2, 10 for each deprived indicator.
    async fn score_b2(&self) -> Option<i16> {
        self.0.score_b2
    }

    /// Indicators in which the household is deprived, as `clean_water`.
    async fn deprivations(&self) -> Vec<&'static str> {
        Indicator::of_bits(self.0.deprivations).map(Indicator::slug).collect()
    }

    /// Class that follows from the scores; null where a score is missing.
    async fn computed_class(&self) -> Option<PovertyClass> {
        self.0.computed_class.map(Into::into)
    }

    /// Class decided by the chairman.
    async fn decided_class(&self) -> PovertyClass {
        self.0.decided_class.into()
    }

    /// Number of the decision.
    async fn decision_no(&self) -> Option<&str> {
        self.0.decision_no.as_deref()
    }

    /// Date of the decision.
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on.map(Date)
    }

    /// First day the class governs support.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }
}
