//! Households and their members.

use std::collections::HashMap;

use async_graphql::{Context, ID, Lookahead, Object};
use chrono::NaiveDate;
use entity::{household, household_member, household_review};
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
        lists::{ByRecord, Lists, Of, Read, weight},
        plain::plain,
        scalars::Date,
        shown::{Shown, shown},
        written::{Row, Rows},
    },
    listing::children::{Part, Place},
    loans::loans,
    registry::{
        self, households, people,
        standing::{ClassPeriod, Standing},
    },
};

/// What belongs to households.
#[derive(Debug, Default)]
pub struct HouseholdRelations {
    units: Related<Uuid, AdministrativeUnit>,
    members: Lists<HouseholdMember>,
    reviews: Lists<HouseholdReview>,
    loans: Lists<Loan>,
    supports: Lists<ElectricitySupport>,
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

    async fn standing(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<Standing> {
        let day = as_of.map_or_else(|| ctx.env().clock.today(), |date| date.0);
        let records = || self.ids();
        let reviews = self.cohort().relations.reviews.most(self.0.row.id, &reviews(ctx, &records)).await?;
        let periods: Vec<ClassPeriod> = reviews
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

    /// Members on a day, today by default, heads first: the first 100 unless `first` says otherwise, at most 500. Where more
    /// follow, the answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        as_of: Option<Date>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<HouseholdMember>, ApiError> {
        let day = as_of.unwrap_or_else(|| Date(ctx.env().clock.today()));
        let records = || self.ids();
        let read = Members { ctx, records: &records };
        self.cohort().relations.members.show(ctx, self.0.row.id, (after, first, Some(day)), &read).await
    }

    /// Yearly reviews, the newest first: the first 100 unless `first` says otherwise, at most 500. Where more follow, the answer's
    /// extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<HouseholdReview>, ApiError> {
        let records = || self.ids();
        let read = reviews(ctx, &records);
        self.cohort().relations.reviews.show(ctx, self.0.row.id, (after, first, None), &read).await
    }

    /// Loans of the household, the newest first: the first 100 unless `first` says otherwise, at most 500. Where more follow, the
    /// answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn loans(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<Loan>, ApiError> {
        let records = || self.ids();
        let read = Of { ctx, children: &loans::OF_HOUSEHOLD, records: &records, make: Loan::of, row: Loan::row };
        self.cohort().relations.loans.show(ctx, self.0.row.id, (after, first, None), &read).await
    }

    /// Electricity support, the newest first: the first 100 unless `first` says otherwise, at most 500. Where more follow, the
    /// answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn electricity_supports(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<ElectricitySupport>, ApiError> {
        let records = || self.ids();
        let read = Of {
            ctx,
            children: &supports::OF_HOUSEHOLD,
            records: &records,
            make: ElectricitySupport::of,
            row: ElectricitySupport::row,
        };
        self.cohort().relations.supports.show(ctx, self.0.row.id, (after, first, None), &read).await
    }
}

/// How reviews are read.
fn reviews<'a>(
    ctx: &'a Context<'a>,
    records: &'a (dyn Fn() -> Vec<Uuid> + Sync),
) -> Of<'a, household_review::Entity, HouseholdReview> {
    let make = |rows: Vec<household_review::Model>| rows.into_iter().map(HouseholdReview).collect();
    Of { ctx, children: &registry::reviews::OF_HOUSEHOLD, records, make, row: |review| &review.0 }
}

/// How members are read: with their persons, and with their numbers where the query asks for them.
struct Members<'a> {
    ctx: &'a Context<'a>,
    records: &'a (dyn Fn() -> Vec<Uuid> + Sync),
}

impl Members<'_> {
    fn numbers(&self) -> bool {
        self.ctx.look_ahead().field("person").field("personalId").exists()
    }

    fn by_household(&self, found: Vec<people::Member>) -> ByRecord<HouseholdMember> {
        by_household(persons::members(found, self.numbers(), None))
    }
}

impl Read<HouseholdMember> for Members<'_> {
    async fn short(&self) -> Result<Option<ByRecord<HouseholdMember>>> {
        let (env, caller) = (self.ctx.env(), self.ctx.caller());
        let found = people::of_households(env, caller, &(self.records)(), self.numbers()).await?;
        Ok(found.map(|found| self.by_household(found)))
    }

    async fn part(&self, part: &Part) -> Result<ByRecord<HouseholdMember>> {
        let (env, caller) = (self.ctx.env(), self.ctx.caller());
        let found = people::part_of_households(env, caller, &(self.records)(), self.numbers(), part).await?;
        Ok(self.by_household(found))
    }

    fn place(&self, member: &HouseholdMember) -> Place {
        people::place(&member.membership)
    }

    fn is_behind(&self, member: &HouseholdMember, place: &Place) -> bool {
        self.place(member) > *place
    }

    fn holds(&self, member: &HouseholdMember, part: &Part) -> bool {
        part.on.is_none_or(|day| member.is_valid_on(day))
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
        let Some(people) = home.people else { return Household::of([home.household]).pop() };
        let cards = wanted.cards.map(|_| people.cards);
        let members = Lists::known(by_household(persons::members(people.members, wanted.numbers, cards)));
        Kin::knowing([home.household], HouseholdRelations { members, ..Default::default() }).pop().map(Household)
    }))
}

/// Households of many keys.
pub async fn by_ids(ctx: &Context<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Household>> {
    let found = households::by_ids(ctx.env(), ctx.caller(), ids).await?;
    Ok(crate::graphql::cohort::index(Household::of(found), |household| household.0.row.id))
}
