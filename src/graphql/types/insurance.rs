//! Health-insurance cards, visits and coverage.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::{health_insurance_card, medical_visit};
use uuid::Uuid;

use super::{
    findings::{Finding, open_findings},
    persons::{self, Person},
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::vnd::Vnd,
    graphql::{
        codes::PovertyClass,
        cohort::{Kin, Related, kin},
        context::Asking,
        http::ApiError,
        lists::{Lists, weight},
        plain::{plain, shows},
        scalars::Date,
        shown::shown,
        written::{Row, Rows},
    },
    insurance::coverage,
};

/// What belongs to cards.
#[derive(Debug, Default)]
pub struct CardRelations {
    units: Related<Uuid, AdministrativeUnit>,
    persons: Related<Uuid, Person>,
    findings: Lists<Finding>,
}

/// A card.
#[derive(Clone, Debug)]
pub struct HealthInsuranceCard(pub Kin<health_insurance_card::Model, CardRelations>);

kin!(HealthInsuranceCard of health_insurance_card::Model, CardRelations);

shown!(HealthInsuranceCard of health_insurance_card {
    "reference": Reference,
    "cardNo": CardNo,
    "groupCode": GroupCode,
    "benefitLevel": BenefitLevel,
    "issuedOn": IssuedOn,
    "facilityCode": FacilityCode,
    "unit": UnitId,
} never [BatchId, CreatedAt]);

plain!(HealthInsuranceCard: id(), reference(), card_no(), group_code(), benefit_level(), valid_from(), valid_to(), issued_on(), facility_code());

/// A health-insurance card (thẻ BHYT) and the time it covers.
#[Object]
impl HealthInsuranceCard {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// The issuer's own reference.
    async fn reference(&self) -> &str {
        &self.0.row.reference
    }

    /// Number on the card: 10, 12 or 15 characters; its middle is hidden from roles whose task does not need it.
    async fn card_no(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.caller().number("HealthInsuranceCard", "cardNo", self.0.row.card_no.clone())
    }

    /// Group, two letters: HN poor, CN near-poor, TE child under 6 …
    async fn group_code(&self) -> &str {
        &self.0.row.group_code
    }

    /// Benefit level, 1 to 5.
    async fn benefit_level(&self) -> Option<i16> {
        self.0.row.benefit_level
    }

    /// First day covered.
    async fn valid_from(&self) -> Date {
        Date(self.0.row.valid_from)
    }

    /// Last day covered.
    async fn valid_to(&self) -> Date {
        Date(self.0.row.valid_to)
    }

    /// Day of issue.
    async fn issued_on(&self) -> Option<Date> {
        self.0.row.issued_on.map(Date)
    }

    /// Code of the facility of first visit.
    async fn facility_code(&self) -> Option<&str> {
        self.0.row.facility_code.as_deref()
    }

    /// Who is insured.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Row<Person>>, ApiError> {
        let read = || async { persons::by_ids(ctx, &self.cohort().each(|row| Some(row.person_id))).await };
        Ok(self.cohort().relations.persons.of(&self.0.row.person_id, read).await?.map(Row))
    }

    /// Commune of the person when the card was recorded.
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

/// What belongs to visits.
#[derive(Debug, Default)]
pub struct VisitRelations {
    units: Related<Uuid, AdministrativeUnit>,
    persons: Related<Uuid, Person>,
    findings: Lists<Finding>,
}

/// A visit.
#[derive(Clone, Debug)]
pub struct MedicalVisit(pub Kin<medical_visit::Model, VisitRelations>);

kin!(MedicalVisit of medical_visit::Model, VisitRelations);

shown!(MedicalVisit of medical_visit {
    "reference": Reference,
    "facilityCode": FacilityCode,
    "inpatient": Inpatient,
    "cost": Cost,
    "paidByInsurance": PaidByInsurance,
    "paidByFund": PaidByFund,
    "paidByPatient": PaidByPatient,
    "cardNo": CardNo,
    "unit": UnitId,
} never [BatchId, CreatedAt]);

plain!(MedicalVisit: id(), reference(), visited_on(), facility_code(), inpatient(), cost(), paid_by_insurance(), paid_by_fund(), paid_by_patient());

/// A visit to a doctor that health insurance paid for.
#[Object]
impl MedicalVisit {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// The sender's own reference.
    async fn reference(&self) -> &str {
        &self.0.row.reference
    }

    /// Day of the visit; of a stay, the day of admission.
    async fn visited_on(&self) -> Date {
        Date(self.0.row.visited_on)
    }

    /// Code of the facility.
    async fn facility_code(&self) -> &str {
        &self.0.row.facility_code
    }

    /// Whether the patient stayed; null where it was not said.
    async fn inpatient(&self) -> Option<bool> {
        self.0.row.inpatient
    }

    /// What the visit cost, VND.
    async fn cost(&self) -> Vnd {
        Vnd(self.0.row.cost)
    }

    /// What the insurance paid of it, VND; null where it was not said.
    async fn paid_by_insurance(&self) -> Option<Vnd> {
        self.0.row.paid_by_insurance.map(Vnd)
    }

    /// What a fund for the poor paid of it, VND; null where it was not said.
    async fn paid_by_fund(&self) -> Option<Vnd> {
        self.0.row.paid_by_fund.map(Vnd)
    }

    /// What the patient paid of it, VND; null where it was not said.
    async fn paid_by_patient(&self) -> Option<Vnd> {
        self.0.row.paid_by_patient.map(Vnd)
    }

    /// Number of the card that was shown; its middle is hidden from roles whose task does not need it.
    async fn card_no(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.caller().number("MedicalVisit", "cardNo", self.0.row.card_no.clone()?)
    }

    /// The patient.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Row<Person>>, ApiError> {
        let read = || async { persons::by_ids(ctx, &self.cohort().each(|row| Some(row.person_id))).await };
        Ok(self.cohort().relations.persons.of(&self.0.row.person_id, read).await?.map(Row))
    }

    /// Commune of the patient on the day.
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

/// Why somebody is covered or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "coverage::CoverageReason")]
pub enum CoverageReason {
    /// A card is valid on the day.
    Covered,
    /// No card is known.
    NoCard,
    /// The last card has ended.
    Expired,
    /// The next card begins later.
    NotYetValid,
    /// Nobody of this number is known in the caller's area.
    UnknownPerson,
}

shows!(enums: CoverageReason);

/// Who is covered on a day, in the order asked.
#[derive(Clone, Debug, SimpleObject)]
pub struct InsuranceCoverage {
    /// The day.
    as_of: Date,
    /// One answer for each personal ID.
    results: Rows<InsuranceCoverageResult>,
}

/// The answer for one person.
#[derive(Clone, Debug, SimpleObject)]
pub struct InsuranceCoverageResult {
    /// The number asked for.
    personal_id: String,
    /// Whether a card is valid on the day.
    covered: bool,
    /// Number of the card meant: the one that covers, else the one that ended last or begins next.
    card_no: Option<String>,
    /// Its first day.
    valid_from: Option<Date>,
    /// Its last day.
    valid_to: Option<Date>,
    /// Why.
    reason: CoverageReason,
}

plain!(InsuranceCoverageResult: personal_id, covered, card_no, valid_from, valid_to, reason);

impl From<coverage::CoverageAnswer> for InsuranceCoverage {
    fn from(answer: coverage::CoverageAnswer) -> Self {
        let result = |result: coverage::CoverageResult| InsuranceCoverageResult {
            personal_id: result.personal_id,
            covered: result.covered,
            card_no: result.card_no,
            valid_from: result.valid_from.map(Date),
            valid_to: result.valid_to.map(Date),
            reason: result.reason.into(),
        };
        Self { as_of: Date(answer.as_of), results: Rows(answer.results.into_iter().map(result).collect()) }
    }
}

/// Members of one class in one commune, and how many of them are insured on the day.
#[derive(Clone, Debug, SimpleObject)]
pub struct CoverageSummaryLine {
    /// The commune.
    pub unit: Option<AdministrativeUnit>,
    /// Class of their households; null where no review governs the day.
    pub poverty_class: Option<PovertyClass>,
    /// Members; null where the cell is too small to be shown.
    pub persons: Option<i64>,
    /// Of them covered; null where the cell is too small to be shown.
    pub covered: Option<i64>,
}

plain!(CoverageSummaryLine: poverty_class, persons, covered);
