//! The root fields for reading, a file a subject.

mod education;
mod electricity;
mod exchange;
mod insurance;
pub(super) mod loans;
mod nodes;
mod registry;
mod rules;
mod viewer;

use async_graphql::{InputObject, MergedObject};
use chrono::NaiveDate;

use super::scalars::Date;
use crate::listing::PageArgs;

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    viewer::ViewerQuery,
    nodes::NodeQuery,
    registry::RegistryQuery,
    loans::LoanQuery,
    insurance::InsuranceQuery,
    education::EducationQuery,
    electricity::ElectricityQuery,
    rules::RulesQuery,
    exchange::ExchangeQuery,
);

/// A time: from a day to a day, both included; an open end is left out.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl DateRange {
    fn from(range: Option<Self>) -> Option<NaiveDate> {
        range.and_then(|range| range.from).map(|day| day.0)
    }

    fn to(range: Option<Self>) -> Option<NaiveDate> {
        range.and_then(|range| range.to).map(|day| day.0)
    }
}

fn page(after: Option<String>, before: Option<String>, first: Option<i32>, last: Option<i32>) -> PageArgs {
    PageArgs { after, before, first, last }
}

/// Rows that a page of these arguments may have, for the cost of a query.
fn rows(first: Option<i32>, last: Option<i32>) -> usize {
    first.or(last).and_then(|rows| usize::try_from(rows).ok()).unwrap_or(50)
}
