//! Persons.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use entity::{codes::IdentifierKind, health_insurance_card, household_member, person};
use uuid::Uuid;

use super::{
    education::EducationSubsidy,
    households::{self, Household, HouseholdMember},
    insurance::HealthInsuranceCard,
    units::{self, AdministrativeUnit},
};
use crate::{
    domain::period::Period,
    education::subsidies,
    error::Result,
    graphql::{
        codes::Sex,
        cohort::{Kin, Related, group, index, kin},
        context::Asking,
        http::ApiError,
        plain::plain,
        scalars::Date,
        shown::shown,
        written::{Row, Rows},
    },
    insurance::cards,
    registry::{households as registry, people, persons},
};

/// What belongs to persons.
#[derive(Debug, Default)]
pub struct PersonRelations {
    units: Related<Uuid, AdministrativeUnit>,
    personal_ids: Related<Uuid, String>,
    insurance_nos: Related<Uuid, String>,
    memberships: Related<Uuid, Vec<household_member::Model>>,
    households: Related<Uuid, Household>,
    cards: Related<Uuid, Vec<HealthInsuranceCard>>,
    subsidies: Related<Uuid, Vec<EducationSubsidy>>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person(pub Kin<person::Model, PersonRelations>);

kin!(Person of person::Model, PersonRelations);

shown!(Person of person {
    "fullName": FullName,
    "birthDate": BirthDate,
    "birthYear": BirthYear,
    "ethnicityCode": EthnicityCode,
    "unit": UnitId,
} never [NameFolded, CreatedAt, UpdatedAt]);

plain!(Person: id(), full_name(), birth_date(), birth_year(), sex(), ethnicity_code());

impl Person {
    fn ids(&self) -> Vec<Uuid> {
        self.cohort().each(|row| Some(row.id))
    }

    /// A number of the person, as much of it as the access table grants.
    async fn number(
        &self,
        ctx: &Context<'_>,
        numbers: &Related<Uuid, String>,
        kind: IdentifierKind,
        field: &str,
    ) -> Result<Option<String>> {
        let read = || async { Ok(persons::numbers_of(ctx.env(), kind, &self.ids()).await?.into_iter().collect()) };
        let number = numbers.of(&self.0.row.id, read).await?;
        Ok(number.and_then(|number| ctx.caller().number("Person", field, number)))
    }
}

/// A person, member of a household.
#[Object]
impl Person {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.row.id.into()
    }

    /// Personal ID (số định danh cá nhân), 12 digits; its middle is hidden from roles whose task does not need it.
    async fn personal_id(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.number(ctx, &self.cohort().relations.personal_ids, IdentifierKind::PersonalId, "personalId").await?)
    }

    /// Social-insurance number.
    async fn insurance_no(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        Ok(self.number(ctx, &self.cohort().relations.insurance_nos, IdentifierKind::InsuranceNo, "insuranceNo").await?)
    }

    /// Full name: family, middle, given.
    async fn full_name(&self) -> &str {
        &self.0.row.full_name
    }

    /// Date of birth where the day is known.
    async fn birth_date(&self) -> Option<Date> {
        self.0.row.birth_date.map(Date)
    }

    /// Year of birth.
    async fn birth_year(&self) -> i16 {
        self.0.row.birth_year
    }

    /// Sex.
    async fn sex(&self) -> Sex {
        self.0.row.sex.into()
    }

    /// National code of the ethnicity, 01 to 55.
    async fn ethnicity_code(&self) -> Option<&str> {
        self.0.row.ethnicity_code.as_deref()
    }

    /// Commune of registration.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Row<AdministrativeUnit>>, ApiError> {
        let read = || async { units::by_ids(ctx.env(), &self.cohort().each(|row| Some(row.unit_id))).await };
        Ok(self.cohort().relations.units.of(&self.0.row.unit_id, read).await?.map(Row))
    }

    /// Household on a day, today by default.
    async fn household(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Result<Option<Row<Household>>, ApiError> {
        let day = as_of.map_or_else(|| ctx.env().clock.today(), |date| date.0);
        let relations = &self.cohort().relations;
        let read = || async {
            let found = registry::memberships_of(ctx.env(), &self.ids()).await?;
            Ok(group(found, |membership| membership.person_id))
        };
        let memberships = relations.memberships.all(read).await?;
        let on_day = |m: &&household_member::Model| Period::new(m.valid_from, m.valid_to).contains(day);
        let mine = memberships.get(&self.0.row.id).and_then(|mine| mine.iter().find(on_day));
        let Some(membership) = mine else { return Ok(None) };
        let read = || async {
            // Every household that any of the persons was ever in, so that another day asks nothing more.
            let mut ids: Vec<Uuid> = memberships.values().flatten().map(|membership| membership.household_id).collect();
            ids.sort_unstable();
            ids.dedup();
            households::by_ids(ctx, &ids).await
        };
        Ok(relations.households.of(&membership.household_id, read).await?.map(Row))
    }

    /// Health-insurance cards, the newest first; with a day, those valid on it.
    #[graphql(complexity = "3 * child_complexity")]
    async fn health_insurance_cards(
        &self,
        ctx: &Context<'_>,
        valid_on: Option<Date>,
    ) -> Result<Rows<HealthInsuranceCard>, ApiError> {
        let read = || async {
            let found = cards::of_persons(ctx.env(), ctx.caller(), &self.ids()).await?;
            Ok(group(HealthInsuranceCard::of(found), |card| card.0.row.person_id))
        };
        let all = self.cohort().relations.cards.of(&self.0.row.id, read).await?.unwrap_or_default();
        let valid = |card: &HealthInsuranceCard| {
            valid_on.is_none_or(|day| Period::new(card.0.row.valid_from, card.0.row.valid_to).contains(day.0))
        };
        Ok(Rows(all.into_iter().filter(valid).collect()))
    }

    /// Education subsidies, the newest first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn education_subsidies(&self, ctx: &Context<'_>) -> Result<Rows<EducationSubsidy>, ApiError> {
        let read = || async {
            let found = subsidies::of_persons(ctx.env(), ctx.caller(), &self.ids()).await?;
            Ok(group(EducationSubsidy::of(found), |subsidy| subsidy.0.row.person_id))
        };
        Ok(Rows(self.cohort().relations.subsidies.of(&self.0.row.id, read).await?.unwrap_or_default()))
    }
}

/// Members of households as they were read; their persons know each other across households, and what else was read: their
/// numbers, their cards.
pub fn members(
    found: Vec<people::Member>,
    numbers: bool,
    cards: Option<Vec<health_insurance_card::Model>>,
) -> Vec<HouseholdMember> {
    let mut relations = PersonRelations::default();
    if let Some(cards) = cards {
        relations.cards = Related::known(group(HealthInsuranceCard::of(cards), |card| card.0.row.person_id));
    }
    if numbers {
        let known = found.iter().filter_map(|member| Some((member.person.id, member.personal_id.clone()?)));
        relations.personal_ids = Related::known(known.collect());
    }
    let (memberships, rows): (Vec<_>, Vec<_>) =
        found.into_iter().map(|member| (member.membership, member.person)).unzip();
    let persons = Kin::knowing(rows, relations).into_iter().map(Person);
    memberships.into_iter().zip(persons).map(|(membership, person)| HouseholdMember { membership, person }).collect()
}

/// Persons of many keys.
pub async fn by_ids(ctx: &Context<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Person>> {
    let found = persons::by_ids(ctx.env(), ctx.caller(), ids).await?;
    Ok(index(Person::of(found), |person| person.0.row.id))
}
