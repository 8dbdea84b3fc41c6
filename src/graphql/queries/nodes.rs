//! Any record by its key, as Relay asks for it.

use async_graphql::{Context, ID, Interface, Object};
use entity::{
    education_subsidy, electricity_support, health_insurance_card, household_review, loan_disbursement, medical_visit,
};
use sea_orm::{ColumnTrait, EntityTrait, PrimaryKeyTrait, QueryFilter};
use uuid::Uuid;

use super::registry::key;
use crate::{
    error::Result,
    graphql::{
        context::Asking,
        http::ApiError,
        types::{
            education::EducationSubsidy,
            electricity::ElectricitySupport,
            households::Household,
            insurance::{HealthInsuranceCard, MedicalVisit},
            loans::{Loan, LoanDisbursement},
            persons::Person,
            reviews::HouseholdReview,
            units::AdministrativeUnit,
        },
    },
    loans::loans,
    registry::{households, persons},
    units,
};

/// A record with a key of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Key."))]
pub enum Node {
    /// A unit.
    AdministrativeUnit(AdministrativeUnit),
    /// A household.
    Household(Household),
    /// A person.
    Person(Person),
    /// A review.
    HouseholdReview(HouseholdReview),
    /// A loan.
    Loan(Loan),
    /// A disbursement.
    LoanDisbursement(LoanDisbursement),
    /// A card.
    HealthInsuranceCard(HealthInsuranceCard),
    /// A visit.
    MedicalVisit(MedicalVisit),
    /// A subsidy.
    EducationSubsidy(EducationSubsidy),
    /// A support.
    ElectricitySupport(ElectricitySupport),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any record by its key; null when there is none that the caller may see.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>, ApiError> {
        let id = key(&id)?;
        if let Some(node) = registered(ctx, id).await? {
            return Ok(Some(node));
        }
        Ok(recorded(ctx, id).await?)
    }
}

/// Whether the caller may use a root field; what it may not is not found here.
fn may(ctx: &Context<'_>, field: &str) -> bool {
    ctx.caller().require("Query", field).is_ok()
}

async fn registered(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>> {
    let (env, caller) = (ctx.env(), ctx.caller());
    if may(ctx, "household")
        && let Some(row) = households::find(env, caller, id).await?
    {
        return Ok(Household::of([row]).pop().map(Node::Household));
    }
    if may(ctx, "person")
        && let Some(row) = persons::find(env, caller, id).await?
    {
        return Ok(Person::of([row]).pop().map(Node::Person));
    }
    if may(ctx, "loan")
        && let Some(row) = loans::find(env, caller, id).await?
    {
        return Ok(Loan::of([row]).pop().map(Node::Loan));
    }
    Ok(units::by_id(env.db.read(), id).await?.map(|unit| Node::AdministrativeUnit(AdministrativeUnit(unit))))
}

async fn recorded(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>> {
    if may(ctx, "loanDisbursements") {
        let row = one::<loan_disbursement::Entity>(
            ctx,
            "LoanDisbursement",
            loan_disbursement::Column::UnitId,
            |row| row.household_id,
            id,
        )
        .await?;
        if let Some(row) = row {
            return Ok(LoanDisbursement::of([row]).pop().map(Node::LoanDisbursement));
        }
    }
    if may(ctx, "healthInsuranceCards") {
        let unit = health_insurance_card::Column::UnitId;
        if let Some(row) =
            one::<health_insurance_card::Entity>(ctx, "HealthInsuranceCard", unit, |row| row.person_id, id).await?
        {
            return Ok(HealthInsuranceCard::of([row]).pop().map(Node::HealthInsuranceCard));
        }
    }
    if may(ctx, "medicalVisits") {
        let unit = medical_visit::Column::UnitId;
        if let Some(row) = one::<medical_visit::Entity>(ctx, "MedicalVisit", unit, |row| row.person_id, id).await? {
            return Ok(MedicalVisit::of([row]).pop().map(Node::MedicalVisit));
        }
    }
    if may(ctx, "educationSubsidies") {
        let unit = education_subsidy::Column::UnitId;
        if let Some(row) =
            one::<education_subsidy::Entity>(ctx, "EducationSubsidy", unit, |row| row.person_id, id).await?
        {
            return Ok(EducationSubsidy::of([row]).pop().map(Node::EducationSubsidy));
        }
    }
    if may(ctx, "electricitySupports") {
        let unit = electricity_support::Column::UnitId;
        if let Some(row) =
            one::<electricity_support::Entity>(ctx, "ElectricitySupport", unit, |row| row.household_id, id).await?
        {
            return Ok(ElectricitySupport::of([row]).pop().map(Node::ElectricitySupport));
        }
    }
    if ctx.caller().require_filter("Household", "reviews").is_ok() {
        let unit = household_review::Column::UnitId;
        let row = one::<household_review::Entity>(ctx, "HouseholdReview", unit, |row| row.household_id, id).await?;
        return Ok(row.map(|row| Node::HouseholdReview(HouseholdReview(row))));
    }
    Ok(None)
}

/// One record of a kind within the caller's area.
async fn one<E>(
    ctx: &Context<'_>,
    of: &'static str,
    unit: E::Column,
    subject: fn(&E::Model) -> Uuid,
    id: Uuid,
) -> Result<Option<E::Model>>
where
    E: EntityTrait,
    E::PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
    E::Column: ColumnTrait,
{
    let found = E::find_by_id(id).filter(ctx.caller().within(unit)).one(ctx.env().db.read()).await?;
    ctx.caller().disclose(of, found.iter().len(), found.iter().map(subject));
    Ok(found)
}
