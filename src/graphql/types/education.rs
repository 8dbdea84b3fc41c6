//! Education subsidies.

use async_graphql::{Context, ID, Object};
use entity::education_subsidy;
use uuid::Uuid;

use super::{
    findings::{Finding, open_findings},
    persons::{self, Person},
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::vnd::Vnd,
    graphql::{
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

/// What belongs to subsidies.
#[derive(Debug, Default)]
pub struct SubsidyRelations {
    units: Related<Uuid, AdministrativeUnit>,
    persons: Related<Uuid, Person>,
    findings: Lists<Finding>,
}

/// A subsidy.
#[derive(Clone, Debug)]
pub struct EducationSubsidy(pub Kin<education_subsidy::Model, SubsidyRelations>);

kin!(EducationSubsidy of education_subsidy::Model, SubsidyRelations);

shown!(EducationSubsidy of education_subsidy {
    "reference": Reference,
    "programme": Programme,
    "schoolYear": SchoolYear,
    "semester": Semester,
    "months": HalfMonths,
    "monthlyRate": MonthlyRate,
    "amount": Amount,
    "riceKg": RiceGrams,
    "legalBasis": LegalBasis,
    "schoolCode": SchoolCode,
    "paidOn": PaidOn,
    "unit": UnitId,
} never [BatchId, CreatedAt]);

plain!(EducationSubsidy: id(), reference(), programme(), school_year(), semester(), months(), monthly_rate(), amount(), rice_kg(), legal_basis(), school_code(), paid_on());

/// Support paid to a pupil for a semester or school year.
#[Object]
impl EducationSubsidy {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// The office's own reference.
    async fn reference(&self) -> &str {
        &self.0.row.reference
    }

    /// Slug of the programme.
    async fn programme(&self) -> &str {
        &self.0.row.programme
    }

    /// School year, as `2021-2022`.
    async fn school_year(&self) -> &str {
        &self.0.row.school_year
    }

    /// Semester 1 or 2; null for the whole year.
    async fn semester(&self) -> Option<i16> {
        self.0.row.semester
    }

    /// Months paid, whole or half.
    async fn months(&self) -> Option<f64> {
        self.0.row.half_months.map(|halves| f64::from(halves) / 2.0)
    }

    /// Rate a month, VND.
    async fn monthly_rate(&self) -> Option<Vnd> {
        self.0.row.monthly_rate.map(Vnd)
    }

    /// Amount, VND; null for support in kind.
    async fn amount(&self) -> Option<Vnd> {
        self.0.row.amount.map(Vnd)
    }

    /// Rice, kg.
    async fn rice_kg(&self) -> Option<f64> {
        self.0.row.rice_grams.and_then(kilograms)
    }

    /// Decree it was paid under.
    async fn legal_basis(&self) -> Option<&str> {
        self.0.row.legal_basis.as_deref()
    }

    /// Code of the school.
    async fn school_code(&self) -> Option<&str> {
        self.0.row.school_code.as_deref()
    }

    /// Day of payment.
    async fn paid_on(&self) -> Option<Date> {
        self.0.row.paid_on.map(Date)
    }

    /// The pupil.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Row<Person>>, ApiError> {
        let read = || async { persons::by_ids(ctx, &self.cohort().each(|row| Some(row.person_id))).await };
        Ok(self.cohort().relations.persons.of(&self.0.row.person_id, read).await?.map(Row))
    }

    /// Commune of the pupil on the day.
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

/// Grams as kilograms; exact, since no sum of a country reaches 2⁵³ grams.
pub fn kilograms(grams: i64) -> Option<f64> {
    let (kilograms, rest) = (i32::try_from(grams / 1000).ok()?, i32::try_from(grams % 1000).ok()?);
    Some(f64::from(kilograms) + f64::from(rest) / 1000.0)
}
