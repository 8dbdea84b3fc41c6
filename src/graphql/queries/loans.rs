//! Loans and disbursements.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{
    DateRange, page,
    registry::{key, one_of},
    rows,
};
use crate::{
    domain::vnd::Vnd,
    graphql::{
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        plain::plain,
        types::{
            education::kilograms,
            loans::{Loan, LoanDisbursement},
        },
        written::{Row, Rows},
    },
    loans::{disbursements, loans},
    summing::Summed,
};

/// Which loans are wanted.
#[derive(Default, InputObject)]
struct LoanFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Of one of these programmes.
    programme: Option<Vec<String>>,
    /// Granted in this time.
    granted_on: Option<DateRange>,
}

/// Which disbursements are wanted.
#[derive(Default, InputObject)]
struct LoanDisbursementFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Of one of these programmes.
    programme: Option<Vec<String>>,
    /// Paid in this time.
    disbursed_on: Option<DateRange>,
}

impl From<Option<LoanDisbursementFilter>> for disbursements::DisbursementFilter {
    fn from(filter: Option<LoanDisbursementFilter>) -> Self {
        let filter = filter.unwrap_or_default();
        Self {
            unit: filter.unit,
            programme: filter.programme.unwrap_or_default(),
            from: DateRange::from(filter.disbursed_on),
            to: DateRange::to(filter.disbursed_on),
        }
    }
}

/// One line of the report: a programme with its turns (lượt), distinct beneficiaries and sums. A cell that could tell who is
/// meant is null for roles that see only aggregates.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProgrammeSummary {
    /// Slug of the programme.
    programme: String,
    /// Payments (lượt).
    turns: Option<i64>,
    /// Distinct households or persons.
    beneficiaries: Option<i64>,
    /// Sum, VND.
    amount: Option<Vnd>,
    /// Rice, kg.
    rice_kg: Option<f64>,
}

plain!(ProgrammeSummary: programme, turns, beneficiaries, amount, rice_kg);

impl From<Summed> for ProgrammeSummary {
    fn from(line: Summed) -> Self {
        Self {
            programme: line.programme,
            turns: line.turns,
            beneficiaries: line.beneficiaries,
            amount: line.amount.map(Vnd),
            rice_kg: line.rice_grams.and_then(kilograms),
        }
    }
}

#[derive(Default)]
pub struct LoanQuery;

#[Object]
impl LoanQuery {
    /// One loan by key or by the number of its contract; null when there is none in the caller's area.
    async fn loan(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        contract_no: Option<String>,
    ) -> Result<Option<Row<Loan>>, ApiError> {
        let found = match (id, contract_no) {
            (Some(id), None) => loans::find(ctx.env(), ctx.caller(), key(&id)?).await?,
            (None, Some(number)) => loans::find_by_contract(ctx.env(), ctx.caller(), &number).await?,
            _ => return Err(one_of("id, contractNo").into()),
        };
        Ok(found.and_then(|row| Loan::of([row]).pop()).map(Row))
    }

    /// Loans by the day they were granted; the newest first when `descending`.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn loans(
        &self,
        ctx: &Context<'_>,
        filter: Option<LoanFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<Loan>, ApiError> {
        let filter = filter.unwrap_or_default();
        let filter = loans::LoanFilter {
            unit: filter.unit,
            programme: filter.programme.unwrap_or_default(),
            from: DateRange::from(filter.granted_on),
            to: DateRange::to(filter.granted_on),
        };
        let listing = loans::list(ctx.caller(), &filter, descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), Loan::of).await
    }

    /// Loan disbursements by day; the newest first when `descending`.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn loan_disbursements(
        &self,
        ctx: &Context<'_>,
        filter: Option<LoanDisbursementFilter>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<LoanDisbursement>, ApiError> {
        let listing = disbursements::list(ctx.caller(), &filter.into(), descending.unwrap_or_default());
        nodes(ctx, listing, page(after, before, first, last), LoanDisbursement::of).await
    }

    /// Turns, households and sum of the disbursements by programme: the lines of the report.
    #[graphql(complexity = "20 * child_complexity")]
    async fn loan_summary(
        &self,
        ctx: &Context<'_>,
        filter: Option<LoanDisbursementFilter>,
    ) -> Result<Rows<ProgrammeSummary>, ApiError> {
        let lines = disbursements::summary(ctx.env(), ctx.caller(), &filter.into()).await?;
        Ok(Rows(lines.into_iter().map(ProgrammeSummary::from).collect()))
    }
}
