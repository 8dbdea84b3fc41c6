//! Persons.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use entity::{codes::IdentifierKind, health_insurance_card, person};
use uuid::Uuid;

use super::{
    education::EducationSubsidy,
    households::{self, Household, HouseholdMember},
    insurance::HealthInsuranceCard,
    units::{self, AdministrativeUnit},
};
use crate::{
    education::subsidies,
    error::Result,
    graphql::{
        codes::Sex,
        cohort::{Kin, Related, group, index, kin},
        context::Asking,
        http::ApiError,
        lists::{Keyed, Lists, Of, weight},
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
    homes: Keyed<NaiveDate, HashMap<Uuid, Household>>,
    cards: Lists<HealthInsuranceCard>,
    subsidies: Lists<EducationSubsidy>,
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
        let read = || async {
            let homes = registry::homes_of(ctx.env(), &self.ids(), day).await?;
            let mut ids: Vec<Uuid> = homes.iter().map(|(_, household)| *household).collect();
            ids.sort_unstable();
            ids.dedup();
            let known = households::by_ids(ctx, &ids).await?;
            Ok(homes.into_iter().filter_map(|(person, home)| Some((person, known.get(&home)?.clone()))).collect())
        };
        let homes = &self.cohort().relations.homes;
        let mine = |homes: &HashMap<Uuid, Household>| homes.get(&self.0.row.id).cloned();
        Ok(homes.of(&day, read, mine).await?.map(Row))
    }

    /// Health-insurance cards, the newest first; with a day, those valid on it: the first 100 unless `first` says otherwise, at most
    /// 500. Where more follow, the answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 3) * child_complexity")]
    async fn health_insurance_cards(
        &self,
        ctx: &Context<'_>,
        valid_on: Option<Date>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<HealthInsuranceCard>, ApiError> {
        let records = || self.ids();
        let read = Of {
            ctx,
            children: &cards::OF_PERSON,
            records: &records,
            make: HealthInsuranceCard::of,
            row: HealthInsuranceCard::row,
        };
        self.cohort().relations.cards.show(ctx, self.0.row.id, (after, first, valid_on), &read).await
    }

    /// Education subsidies, the newest first: the first 100 unless `first` says otherwise, at most 500. Where more follow, the
    /// answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn education_subsidies(
        &self,
        ctx: &Context<'_>,
        after: Option<String>,
        #[graphql(default = 100)] first: Option<i32>,
    ) -> Result<Rows<EducationSubsidy>, ApiError> {
        let records = || self.ids();
        let read = Of {
            ctx,
            children: &subsidies::OF_PERSON,
            records: &records,
            make: EducationSubsidy::of,
            row: EducationSubsidy::row,
        };
        self.cohort().relations.subsidies.show(ctx, self.0.row.id, (after, first, None), &read).await
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
        relations.cards = Lists::known(group(HealthInsuranceCard::of(cards), |card| card.0.row.person_id));
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
