//! Health insurance: coverage, visits, cards and the work lists made from them.

use async_graphql::{Context, InputObject, Object};

use super::{DateRange, page, rows};
use crate::{
    graphql::{
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        scalars::Date,
        types::{
            insurance::{CoverageSummaryLine, HealthInsuranceCard, InsuranceCoverage, MedicalVisit},
            persons::Person,
            units,
        },
        written::Rows,
    },
    insurance::{cards, coverage, summary, visits},
};

/// Which cards are wanted.
#[derive(Default, InputObject)]
struct HealthInsuranceCardFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Ending in this time: the cards that expire.
    valid_to: Option<DateRange>,
    /// Valid on this day.
    valid_on: Option<Date>,
    /// Of this group, as `HN`.
    group_code: Option<String>,
}

/// Which visits are wanted.
#[derive(Default, InputObject)]
struct MedicalVisitFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// In this time.
    visited_on: Option<DateRange>,
    /// At the facility of this code.
    facility_code: Option<String>,
}

#[derive(Default)]
pub struct InsuranceQuery;

#[Object]
impl InsuranceQuery {
    /// Who is covered on a day, today by default: one answer for each of up to 10,000 personal IDs, in the order asked.
    #[graphql(complexity = "personal_ids.len() / 50 + child_complexity")]
    async fn insurance_coverage(
        &self,
        ctx: &Context<'_>,
        personal_ids: Vec<String>,
        as_of: Option<Date>,
    ) -> Result<InsuranceCoverage, ApiError> {
        let answer = coverage::query(ctx.env(), ctx.caller(), &personal_ids, as_of.map(|day| day.0)).await?;
        Ok(answer.into())
    }

    /// Members and insured by commune and class on a day, today by default.
    #[graphql(complexity = "100 * child_complexity")]
    async fn coverage_summary(
        &self,
        ctx: &Context<'_>,
        unit: Option<String>,
        as_of: Option<Date>,
    ) -> Result<Rows<CoverageSummaryLine>, ApiError> {
        let lines = summary::coverage(ctx.env(), ctx.caller(), unit.as_deref(), as_of.map(|day| day.0)).await?;
        let mut ids: Vec<_> = lines.iter().map(|line| line.unit_id).collect();
        ids.dedup();
        let units = units::by_ids(ctx.env(), &ids).await?;
        let line = |line: summary::CoverageLine| CoverageSummaryLine {
            unit: units.get(&line.unit_id).cloned(),
            poverty_class: line.class.map(Into::into),
            persons: line.persons,
            covered: line.covered,
        };
        Ok(Rows(lines.into_iter().map(line).collect()))
    }

    /// Cards by their last day, what expires first standing first.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn health_insurance_cards(
        &self,
        ctx: &Context<'_>,
        filter: Option<HealthInsuranceCardFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<HealthInsuranceCard>, ApiError> {
        let filter = filter.unwrap_or_default();
        let filter = cards::CardFilter {
            unit: filter.unit,
            ends_from: DateRange::from(filter.valid_to),
            ends_to: DateRange::to(filter.valid_to),
            valid_on: filter.valid_on.map(|day| day.0),
            group_code: filter.group_code,
        };
        let listing = cards::list(ctx.caller(), &filter, descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), HealthInsuranceCard::of).await
    }

    /// Visits to a doctor by day; the newest first when `descending`.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn medical_visits(
        &self,
        ctx: &Context<'_>,
        filter: Option<MedicalVisitFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<MedicalVisit>, ApiError> {
        let filter = filter.unwrap_or_default();
        let filter = visits::VisitFilter {
            unit: filter.unit,
            from: DateRange::from(filter.visited_on),
            to: DateRange::to(filter.visited_on),
            facility_code: filter.facility_code,
        };
        let listing = visits::list(ctx.caller(), &filter, descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), MedicalVisit::of).await
    }

    /// Members of poor and near-poor households whom no card covers on a day: entitled but uncovered.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection and a filter")]
    async fn gaps(
        &self,
        ctx: &Context<'_>,
        unit: Option<String>,
        as_of: Option<Date>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<Person>, ApiError> {
        let listing = cards::gaps(ctx.env(), ctx.caller(), unit.as_deref(), as_of.map(|day| day.0));
        nodes(ctx, listing, page(after, before, first, last), Person::of).await
    }

    /// Persons whom two cards cover on the same day: paid for twice.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection and a filter")]
    async fn overlaps(
        &self,
        ctx: &Context<'_>,
        unit: Option<String>,
        as_of: Option<Date>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<Person>, ApiError> {
        let listing = cards::doubles(ctx.env(), ctx.caller(), unit.as_deref(), as_of.map(|day| day.0));
        nodes(ctx, listing, page(after, before, first, last), Person::of).await
    }
}
