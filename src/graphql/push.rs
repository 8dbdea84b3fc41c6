//! The mutations: one line for each kind of record, all through the same pipeline as files and REST.

use async_graphql::{Context, Object};

use super::{context::Asking, http::ApiError, input::PushInput, types::batches::Batch};
use crate::{
    education::subsidy_push::SubsidyPush,
    electricity::support_push::SupportPush,
    exchange::{kind::PushKind, push::push},
    insurance::{card_push::CardPush, visit_push::VisitPush},
    loans::disbursement_push::DisbursementPush,
    registry::{household_roll::HouseholdRoll, review_roll::ReviewRoll},
};

/// What can be pushed.
#[derive(Default)]
pub struct Mutation;

type Answer = Result<Batch, ApiError>;

#[Object]
impl Mutation {
    /// Registers households with all their members, and brings known ones to what the roll says.
    async fn record_households(&self, ctx: &Context<'_>, input: PushInput<HouseholdRoll>) -> Answer {
        receive(ctx, input).await
    }

    /// Records the class of households by the review of a year.
    async fn record_household_reviews(&self, ctx: &Context<'_>, input: PushInput<ReviewRoll>) -> Answer {
        receive(ctx, input).await
    }

    /// Records loan disbursements.
    async fn record_loan_disbursements(&self, ctx: &Context<'_>, input: PushInput<DisbursementPush>) -> Answer {
        receive(ctx, input).await
    }

    /// Records health-insurance cards.
    async fn record_health_insurance_cards(&self, ctx: &Context<'_>, input: PushInput<CardPush>) -> Answer {
        receive(ctx, input).await
    }

    /// Records visits to a doctor.
    async fn record_medical_visits(&self, ctx: &Context<'_>, input: PushInput<VisitPush>) -> Answer {
        receive(ctx, input).await
    }

    /// Records education subsidies.
    async fn record_education_subsidies(&self, ctx: &Context<'_>, input: PushInput<SubsidyPush>) -> Answer {
        receive(ctx, input).await
    }

    /// Records electricity supports.
    async fn record_electricity_supports(&self, ctx: &Context<'_>, input: PushInput<SupportPush>) -> Answer {
        receive(ctx, input).await
    }
}

async fn receive<K: PushKind>(ctx: &Context<'_>, input: PushInput<K>) -> Answer {
    Ok(push::<K>(ctx.env(), ctx.caller(), &input.into_push()).await?.into())
}
