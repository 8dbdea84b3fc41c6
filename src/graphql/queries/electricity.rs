//! Electricity support.

use async_graphql::{Context, InputObject, Object};

use super::{loans::ProgrammeSummary, page, rows};
use crate::{
    electricity::supports,
    graphql::{
        codes::ElectricityGroup,
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        types::electricity::ElectricitySupport,
        written::Rows,
    },
};

/// Which supports are wanted.
#[derive(Default, InputObject)]
struct ElectricitySupportFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Of this year.
    year: Option<i16>,
    /// Of one of these quarters.
    quarter: Option<Vec<i16>>,
    /// Of one of these groups.
    group: Option<Vec<ElectricityGroup>>,
}

impl From<Option<ElectricitySupportFilter>> for supports::SupportFilter {
    fn from(filter: Option<ElectricitySupportFilter>) -> Self {
        let filter = filter.unwrap_or_default();
        Self {
            unit: filter.unit,
            year: filter.year,
            quarter: filter.quarter.unwrap_or_default(),
            group: filter.group.unwrap_or_default().into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Default)]
pub struct ElectricityQuery;

#[Object]
impl ElectricityQuery {
    /// Electricity supports by year; the newest first when `descending`.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn electricity_supports(
        &self,
        ctx: &Context<'_>,
        filter: Option<ElectricitySupportFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<ElectricitySupport>, ApiError> {
        let listing = supports::list(ctx.caller(), &filter.into(), descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), ElectricitySupport::of).await
    }

    /// Turns (one household, one quarter), households and sum: the line of the report.
    async fn electricity_summary(
        &self,
        ctx: &Context<'_>,
        filter: Option<ElectricitySupportFilter>,
    ) -> Result<Rows<ProgrammeSummary>, ApiError> {
        let lines = supports::summary(ctx.env(), ctx.caller(), &filter.into()).await?;
        Ok(Rows(lines.into_iter().map(ProgrammeSummary::from).collect()))
    }
}
