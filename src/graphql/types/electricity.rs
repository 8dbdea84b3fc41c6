//! Electricity support.

use async_graphql::{Context, ID, Object};
use entity::electricity_support;
use uuid::Uuid;

use super::{
    findings::{Finding, open_findings},
    households::{self, Household},
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::vnd::Vnd,
    graphql::{
        codes::ElectricityGroup,
        cohort::{Kin, Related, kin},
        context::Asking,
        http::ApiError,
        lists::{Lists, weight},
        plain::plain,
        scalars::Date,
        shown::shown,
        written::{Row, Rows},
    },
};

/// What belongs to supports.
#[derive(Debug, Default)]
pub struct SupportRelations {
    units: Related<Uuid, AdministrativeUnit>,
    households: Related<Uuid, Household>,
    findings: Lists<Finding>,
}

/// A support.
#[derive(Clone, Debug)]
pub struct ElectricitySupport(pub Kin<electricity_support::Model, SupportRelations>);

kin!(ElectricitySupport of electricity_support::Model, SupportRelations);

shown!(ElectricitySupport of electricity_support {
    "reference": Reference,
    "year": Year,
    "quarter": Quarter,
    "kwh": Kwh,
    "amount": Amount,
    "group": SupportGroup,
    "paidOn": PaidOn,
    "unit": UnitId,
} never [BatchId, CreatedAt]);

plain!(ElectricitySupport: id(), reference(), year(), quarter(), kwh(), amount(), group(), paid_on());

/// Electricity support paid to a household for a quarter (Decision 28/2014/QĐ-TTg).
#[Object]
impl ElectricitySupport {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// The sender's own reference.
    async fn reference(&self) -> &str {
        &self.0.row.reference
    }

    /// Year.
    async fn year(&self) -> i16 {
        self.0.row.year
    }

    /// Quarter, 1 to 4.
    async fn quarter(&self) -> i16 {
        self.0.row.quarter
    }

    /// Consumption supported, kWh.
    async fn kwh(&self) -> Option<i32> {
        self.0.row.kwh
    }

    /// Amount, VND.
    async fn amount(&self) -> Vnd {
        Vnd(self.0.row.amount)
    }

    /// Why it is paid.
    async fn group(&self) -> Option<ElectricityGroup> {
        self.0.row.support_group.map(Into::into)
    }

    /// Day of payment.
    async fn paid_on(&self) -> Option<Date> {
        self.0.row.paid_on.map(Date)
    }

    /// The household; null where it lies outside the caller's area.
    async fn household(&self, ctx: &Context<'_>) -> Result<Option<Row<Household>>, ApiError> {
        let read = || async { households::by_ids(ctx, &self.cohort().each(|row| Some(row.household_id))).await };
        Ok(self.cohort().relations.households.of(&self.0.row.household_id, read).await?.map(Row))
    }

    /// Commune of the household on the day.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Row<AdministrativeUnit>>, ApiError> {
        let read = || async { units::by_ids(ctx.env(), &self.cohort().each(|row| Some(row.unit_id))).await };
        Ok(self.cohort().relations.units.of(&self.0.row.unit_id, read).await?.map(Row))
    }

    /// Doubts that are not settled, the oldest first: the first 100 unless `first` says otherwise, at most 500. Where more follow,
    /// the answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 2) * child_complexity")]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<Finding>, ApiError> {
        let records = || self.cohort().each(|row| Some(row.id));
        let read = open_findings(ctx, &records);
        self.cohort().relations.findings.show(ctx, self.0.row.id, (after, first, None), &read).await
    }
}
