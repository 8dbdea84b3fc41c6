//! Education subsidies.

use async_graphql::{Context, InputObject, Object};

use super::{DateRange, loans::ProgrammeSummary, page, rows};
use crate::{
    domain::school_year::SchoolYear,
    education::subsidies::{self, SubsidyFilter},
    error::{Error, Result},
    graphql::{
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        types::education::EducationSubsidy,
        written::Rows,
    },
};

/// Which subsidies are wanted.
#[derive(Default, InputObject)]
struct EducationSubsidyFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Of one of these programmes.
    programme: Option<Vec<String>>,
    /// Of this school year, as `2021-2022`.
    school_year: Option<String>,
    /// Paid in this time.
    paid_on: Option<DateRange>,
}

impl TryFrom<Option<EducationSubsidyFilter>> for SubsidyFilter {
    type Error = Error;

    fn try_from(filter: Option<EducationSubsidyFilter>) -> Result<Self> {
        let filter = filter.unwrap_or_default();
        let year = filter.school_year.as_deref().map(SchoolYear::parse).transpose();
        Ok(Self {
            unit: filter.unit,
            programme: filter.programme.unwrap_or_default(),
            school_year: year.map_err(|message| Error::field("schoolYear", message))?.map(SchoolYear::text),
            from: DateRange::from(filter.paid_on),
            to: DateRange::to(filter.paid_on),
        })
    }
}

#[derive(Default)]
pub struct EducationQuery;

#[Object]
impl EducationQuery {
    /// Education subsidies by school year; the newest first when `descending`.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn education_subsidies(
        &self,
        ctx: &Context<'_>,
        filter: Option<EducationSubsidyFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<EducationSubsidy>, ApiError> {
        let filter = SubsidyFilter::try_from(filter)?;
        let listing = subsidies::list(ctx.caller(), &filter, descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), EducationSubsidy::of).await
    }

    /// Turns, pupils, sum and rice of the subsidies by programme: the lines of the report.
    #[graphql(complexity = "20 * child_complexity")]
    async fn education_summary(
        &self,
        ctx: &Context<'_>,
        filter: Option<EducationSubsidyFilter>,
    ) -> Result<Rows<ProgrammeSummary>, ApiError> {
        let lines = subsidies::summary(ctx.env(), ctx.caller(), &SubsidyFilter::try_from(filter)?).await?;
        Ok(Rows(lines.into_iter().map(ProgrammeSummary::from).collect()))
    }
}
