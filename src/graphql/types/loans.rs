//! Loans and their disbursements.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{loan, loan_disbursement};
use uuid::Uuid;

use super::{
    findings::{Finding, open_findings},
    households::{self, Household},
    persons::{self, Person},
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::vnd::Vnd,
    error::Result,
    graphql::{
        codes::PovertyClass,
        cohort::{Kin, Related, index, kin},
        context::Asking,
        http::ApiError,
        lists::{Lists, Of, weight},
        plain::plain,
        scalars::Date,
        shown::shown,
        written::{Row, Rows},
    },
    loans::{disbursements, loans},
};

/// What belongs to loans.
#[derive(Debug, Default)]
pub struct LoanRelations {
    units: Related<Uuid, AdministrativeUnit>,
    households: Related<Uuid, Household>,
    borrowers: Related<Uuid, Person>,
    disbursements: Lists<LoanDisbursement>,
    disbursed: Related<Uuid, i64>,
}

/// A loan.
#[derive(Clone, Debug)]
pub struct Loan(pub Kin<loan::Model, LoanRelations>);

kin!(Loan of loan::Model, LoanRelations);

shown!(Loan of loan {
    "contractNo": ContractNo,
    "programme": Programme,
    "borrower": PersonId,
    "unit": UnitId,
    "termMonths": TermMonths,
    "annualRatePercent": AnnualRateBp,
    "groupCode": GroupCode,
    "purpose": Purpose,
} never [CreatedAt]);

plain!(Loan: id(), contract_no(), programme(), granted_on(), term_months(), annual_rate_percent(), group_code(), purpose());

impl Loan {
    fn ids(&self) -> Vec<Uuid> {
        self.cohort().each(|row| Some(row.id))
    }
}

/// A loan of the social-policy bank to a household. It keeps the programme it was given under, whatever becomes of the
/// household.
#[Object]
impl Loan {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// Number of the contract at the bank.
    async fn contract_no(&self) -> &str {
        &self.0.row.contract_no
    }

    /// Slug of the loan programme.
    async fn programme(&self) -> &str {
        &self.0.row.programme
    }

    /// The household that borrows; null where it lies outside the caller's area.
    async fn household(&self, ctx: &Context<'_>) -> Result<Option<Row<Household>>, ApiError> {
        let read = || async { households::by_ids(ctx, &self.cohort().each(|row| Some(row.household_id))).await };
        Ok(self.cohort().relations.households.of(&self.0.row.household_id, read).await?.map(Row))
    }

    /// The member who signed, where named.
    async fn borrower(&self, ctx: &Context<'_>) -> Result<Option<Row<Person>>, ApiError> {
        let Some(id) = self.0.row.person_id else { return Ok(None) };
        let read = || async { persons::by_ids(ctx, &self.cohort().each(|row| row.person_id)).await };
        Ok(self.cohort().relations.borrowers.of(&id, read).await?.map(Row))
    }

    /// Commune of the household when the loan was first disbursed.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Row<AdministrativeUnit>>, ApiError> {
        let read = || async { units::by_ids(ctx.env(), &self.cohort().each(|row| Some(row.unit_id))).await };
        Ok(self.cohort().relations.units.of(&self.0.row.unit_id, read).await?.map(Row))
    }

    /// Day of the first disbursement.
    async fn granted_on(&self) -> Date {
        Date(self.0.row.granted_on)
    }

    /// Term in months.
    async fn term_months(&self) -> Option<i16> {
        self.0.row.term_months
    }

    /// Interest, percent a year.
    async fn annual_rate_percent(&self) -> Option<f64> {
        self.0.row.annual_rate_bp.map(|rate| f64::from(rate) / 100.0)
    }

    /// Code of the savings-and-credit group (tổ TK&VV).
    async fn group_code(&self) -> Option<&str> {
        self.0.row.group_code.as_deref()
    }

    /// Purpose as the bank states it.
    async fn purpose(&self) -> Option<&str> {
        self.0.row.purpose.as_deref()
    }

    /// Sum of the disbursements, VND.
    async fn disbursed_amount(&self, ctx: &Context<'_>) -> Result<Vnd, ApiError> {
        let read = || async { disbursements::sums_of_loans(ctx.env(), ctx.caller(), &self.ids()).await };
        Ok(Vnd(self.cohort().relations.disbursed.of(&self.0.row.id, read).await?.unwrap_or_default()))
    }

    /// Payments, the oldest first: the first 100 unless `first` says otherwise, at most 500. Where more follow, the answer's
    /// extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 3) * child_complexity")]
    async fn disbursements(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<LoanDisbursement>, ApiError> {
        let records = || self.ids();
        let read = Of {
            ctx,
            children: &disbursements::OF_LOAN,
            records: &records,
            make: LoanDisbursement::of,
            row: LoanDisbursement::row,
        };
        self.cohort().relations.disbursements.show(ctx, self.0.row.id, (after, first, None), &read).await
    }
}

/// What belongs to disbursements.
#[derive(Debug, Default)]
pub struct DisbursementRelations {
    units: Related<Uuid, AdministrativeUnit>,
    households: Related<Uuid, Household>,
    borrowers: Related<Uuid, Person>,
    loans: Related<Uuid, Loan>,
    findings: Lists<Finding>,
}

/// A disbursement.
#[derive(Clone, Debug)]
pub struct LoanDisbursement(pub Kin<loan_disbursement::Model, DisbursementRelations>);

kin!(LoanDisbursement of loan_disbursement::Model, DisbursementRelations);

shown!(LoanDisbursement of loan_disbursement {
    "loan": LoanId,
    "borrower": PersonId,
    "unit": UnitId,
    "programme": Programme,
    "reference": Reference,
    "amount": Amount,
    "classOnDate": ClassOnDate,
    "recordedAt": CreatedAt,
} never [BatchId]);

plain!(LoanDisbursement: id(), reference(), programme(), amount(), disbursed_on(), class_on_date(), recorded_at());

/// Money paid out under a loan: one turn (lượt) of the report.
#[Object]
impl LoanDisbursement {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// The bank's own reference of the payment.
    async fn reference(&self) -> &str {
        &self.0.row.reference
    }

    /// Slug of the loan programme.
    async fn programme(&self) -> &str {
        &self.0.row.programme
    }

    /// Amount, VND.
    async fn amount(&self) -> Vnd {
        Vnd(self.0.row.amount)
    }

    /// Day of the payment.
    async fn disbursed_on(&self) -> Date {
        Date(self.0.row.disbursed_on)
    }

    /// Class of the household on that day; null where no review governed it.
    async fn class_on_date(&self) -> Option<PovertyClass> {
        self.0.row.class_on_date.map(Into::into)
    }

    /// When it was recorded here.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.row.created_at
    }

    /// The loan.
    async fn loan(&self, ctx: &Context<'_>) -> Result<Option<Row<Loan>>, ApiError> {
        let read = || async {
            let ids = self.cohort().each(|row| Some(row.loan_id));
            let found = loans::by_ids(ctx.env(), ctx.caller(), &ids).await?;
            Ok(index(Loan::of(found), |loan| loan.0.row.id))
        };
        Ok(self.cohort().relations.loans.of(&self.0.row.loan_id, read).await?.map(Row))
    }

    /// The household that borrowed; null where it lies outside the caller's area.
    async fn household(&self, ctx: &Context<'_>) -> Result<Option<Row<Household>>, ApiError> {
        let read = || async { households::by_ids(ctx, &self.cohort().each(|row| Some(row.household_id))).await };
        Ok(self.cohort().relations.households.of(&self.0.row.household_id, read).await?.map(Row))
    }

    /// The member who signed, where named.
    async fn borrower(&self, ctx: &Context<'_>) -> Result<Option<Row<Person>>, ApiError> {
        let Some(id) = self.0.row.person_id else { return Ok(None) };
        let read = || async { persons::by_ids(ctx, &self.cohort().each(|row| row.person_id)).await };
        Ok(self.cohort().relations.borrowers.of(&id, read).await?.map(Row))
    }

    /// Commune of the household on that day.
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
