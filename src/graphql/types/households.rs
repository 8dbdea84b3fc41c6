//! Households and their members.

use std::collections::HashMap;

use async_graphql::{Context, ID, Lookahead, Object};
use chrono::NaiveDate;
use entity::{household, household_member};
use uuid::Uuid;

use super::{
    electricity::ElectricitySupport,
    insurance::HealthInsuranceCard,
    loans::Loan,
    persons::{self, Person},
    reviews::HouseholdReview,
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::period::Period,
    electricity::supports,
    error::Result,
    graphql::{
        codes::{Area, FamilyRelation, PovertyClass},
        cohort::{Kin, Related, group, kin},
        context::Asking,
        http::ApiError,
        plain::plain,
        scalars::Date,
        shown::{Shown, shown},
        written::{Row, Rows},
    },
    loans::loans,
    registry::{
        households, people,
        standing::{ClassPeriod, Standing},
    },
};

/// What belongs to households.
#[derive(Debug, Default)]
pub struct HouseholdRelations {
    units: Related<Uuid, AdministrativeUnit>,
    members: Related<Uuid, Vec<HouseholdMember>>,
    reviews: Related<Uuid, Vec<HouseholdReview>>,
    loans: Related<Uuid, Vec<Loan>>,
    supports: Related<Uuid, Vec<ElectricitySupport>>,
}

/// A household.
#[derive(Clone, Debug)]
pub struct Household(pub Kin<household::Model, HouseholdRelations>);

kin!(Household of household::Model, HouseholdRelations);

shown!(Household of household {
    "code": Code,
    "unit": UnitId,
    "village": Village,
    "address": Address,
    "headName": HeadName,
} never [HeadNameFolded, CreatedAt, UpdatedAt]);

plain!(Household: id(), code(), village(), address(), residence_type(), head_name());

impl Household {
    fn ids(&self) -> Vec<Uuid> {
        self.cohort().each(|row| Some(row.id))
    }

    async fn reviews_of(&self, ctx: &Context<'_>) -> Result<Vec<HouseholdReview>> {
        let read = || async {
            let found = households::reviews_of(ctx.env(), ctx.caller(), &self.ids()).await?;
            Ok(group(found.into_iter().map(HouseholdReview), |review| review.0.household_id))
        };
        Ok(self.cohort().relations.reviews.of(&self.0.row.id, read).await?.unwrap_or_default())
    }

    async fn standing(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<Standing> {
        let day = as_of.map_or_else(|| ctx.env().clock.today(), |date| date.0);
        let periods: Vec<ClassPeriod> = self
            .reviews_of(ctx)
            .await?
            .into_iter()
            .map(|HouseholdReview(review)| ClassPeriod {
                class: review.decided_class,
                decided_on: review.decided_on,
                from: review.valid_from,
                to: review.valid_to,
            })
            .collect();
        Ok(Standing::on(day, &periods))
    }
}

/// A household as its commune registered it: the unit that is poor or not.
#[Object]
impl Household {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// Local code (mã hộ), given by the commune and unique only in it.
    async fn code(&self) -> &str {
        &self.0.row.code
    }

    /// Commune of registration.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Row<AdministrativeUnit>>, ApiError> {
        let read = || async { units::by_ids(ctx.env(), &self.cohort().each(|row| Some(row.unit_id))).await };
        Ok(self.cohort().relations.units.of(&self.0.row.unit_id, read).await?.map(Row))
    }

    /// Village (thôn, bản, tổ dân phố).
    async fn village(&self) -> Option<&str> {
        self.0.row.village.as_deref()
    }

    /// Address below the village.
    async fn address(&self) -> Option<&str> {
        self.0.row.address.as_deref()
    }

    /// Rural or urban.
    async fn residence_type(&self) -> Area {
        self.0.row.residence_type.into()
    }

    /// Full name of the head (chủ hộ).
    async fn head_name(&self) -> &str {
        &self.0.row.head_name
    }

    /// Class on a day, today by default; null where no review governs it.
    async fn poverty_class(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<Option<PovertyClass>, ApiError> {
        Ok(self.standing(ctx, as_of).await?.class.map(Into::into))
    }

    /// Whether it left the poor or near-poor list at most 36 months before a day, today by default.
    async fn newly_escaped(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<bool, ApiError> {
        Ok(self.standing(ctx, as_of).await?.newly_escaped)
    }

    /// Members on a day, today by default.
    #[graphql(complexity = "5 * child_complexity")]
    async fn members(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<Rows<HouseholdMember>, ApiError> {
        let day = as_of.map_or_else(|| ctx.env().clock.today(), |date| date.0);
        let read = || async {
            let numbers = ctx.look_ahead().field("person").field("personalId").exists();
            let found = people::of_households(ctx.env(), ctx.caller(), &self.ids(), numbers).await?;
            Ok(by_household(persons::members(found, numbers, None)))
        };
        let members = self.cohort().relations.members.of(&self.0.row.id, read).await?.unwrap_or_default();
        Ok(Rows(members.into_iter().filter(|member| member.is_valid_on(day)).collect()))
    }

    /// Yearly reviews, the newest first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn reviews(&self, ctx: &Context<'_>) -> Result<Rows<HouseholdReview>, ApiError> {
        Ok(Rows(self.reviews_of(ctx).await?))
    }

    /// Loans of the household, the newest first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn loans(&self, ctx: &Context<'_>) -> Result<Rows<Loan>, ApiError> {
        let read = || async {
            let found = loans::of_households(ctx.env(), ctx.caller(), &self.ids()).await?;
            Ok(group(Loan::of(found), |loan| loan.0.row.household_id))
        };
        Ok(Rows(self.cohort().relations.loans.of(&self.0.row.id, read).await?.unwrap_or_default()))
    }

    /// Electricity support, the newest first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn electricity_supports(&self, ctx: &Context<'_>) -> Result<Rows<ElectricitySupport>, ApiError> {
        let read = || async {
            let found = supports::of_households(ctx.env(), ctx.caller(), &self.ids()).await?;
            Ok(group(ElectricitySupport::of(found), |support| support.0.row.household_id))
        };
        Ok(Rows(self.cohort().relations.supports.of(&self.0.row.id, read).await?.unwrap_or_default()))
    }
}

/// Membership of a person in a household.
#[derive(Clone, Debug)]
pub struct HouseholdMember {
    /// The membership.
    pub membership: household_member::Model,
    /// The person.
    pub person: Person,
}

plain!(HouseholdMember: relation(), valid_from(), valid_to());

impl HouseholdMember {
    fn is_valid_on(&self, day: NaiveDate) -> bool {
        Period::new(self.membership.valid_from, self.membership.valid_to).contains(day)
    }
}

/// Membership of a person in a household, dated.
#[Object]
impl HouseholdMember {
    /// Relation to the head.
    async fn relation(&self) -> FamilyRelation {
        self.membership.relation.into()
    }

    /// First day, where known.
    async fn valid_from(&self) -> Option<Date> {
        self.membership.valid_from.map(Date)
    }

    /// Last day; null while a member.
    async fn valid_to(&self) -> Option<Date> {
        self.membership.valid_to.map(Date)
    }

    /// The member.
    async fn person(&self) -> Row<&Person> {
        Row(&self.person)
    }
}

fn by_household(members: Vec<HouseholdMember>) -> HashMap<Uuid, Vec<HouseholdMember>> {
    group(members, |member| member.membership.household_id)
}

/// What a query on a household asks of it and its people, which may come in the same statement.
fn wanted(household: Lookahead<'_>) -> people::Wanted {
    let person = household.field("members").field("person");
    let numbers = person.field("personalId").exists();
    let cards = person.field("healthInsuranceCards");
    let cards = cards.exists().then(|| HealthInsuranceCard::columns(&[cards]));
    let [household, person] = [household, person].map(|asked| [asked]);
    people::Wanted { household: Household::columns(&household), person: Person::columns(&person), numbers, cards }
}

/// One household by key; with its people, where the query asks for them, in the same statement.
pub async fn by_id(ctx: &Context<'_>, id: Uuid) -> Result<Option<Household>> {
    let asked = ctx.look_ahead();
    if !asked.field("members").exists() {
        return Ok(households::find(ctx.env(), ctx.caller(), id).await?.and_then(|row| Household::of([row]).pop()));
    }
    let wanted = wanted(asked);
    let found = people::of_household(ctx.env(), ctx.caller(), id, wanted).await?;
    Ok(found.and_then(|home| {
        let members = Related::known(by_household(persons::members(
            home.members,
            wanted.numbers,
            wanted.cards.map(|_| home.cards),
        )));
        Kin::knowing([home.household], HouseholdRelations { members, ..Default::default() }).pop().map(Household)
    }))
}

/// Households of many keys.
pub async fn by_ids(ctx: &Context<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Household>> {
    let found = households::by_ids(ctx.env(), ctx.caller(), ids).await?;
    Ok(crate::graphql::cohort::index(Household::of(found), |household| household.0.row.id))
}
