//! Households, persons and administrative units.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use uuid::Uuid;

use super::{page, rows};
use crate::{
    error::{Error, Result},
    graphql::{
        codes::PovertyClass,
        connection::{Nodes, nodes},
        context::Asking,
        http::ApiError,
        scalars::Date,
        types::{self, households::Household, persons::Person, units::AdministrativeUnit},
        written::{Row, Rows},
    },
    messages::{Code, Message},
    registry::{households, persons},
    units,
};

/// Which households are wanted.
#[derive(Default, InputObject)]
struct HouseholdFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Of one of these classes on the day `asOf`.
    poverty_class: Option<Vec<PovertyClass>>,
    /// Whose head's name begins so, in any spelling of accents.
    search: Option<String>,
}

/// How households are sorted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "households::HouseholdOrder")]
enum HouseholdOrder {
    /// By their code.
    #[default]
    Code,
    /// In the order of recording.
    Recorded,
}

/// Which persons are wanted.
#[derive(Default, InputObject)]
struct PersonFilter {
    /// In the area of the unit that bears or bore this code.
    unit: Option<String>,
    /// Whose name begins so, in any spelling of accents.
    search: Option<String>,
    /// Born in this year.
    birth_year: Option<i16>,
}

#[derive(Default)]
pub struct RegistryQuery;

#[Object]
impl RegistryQuery {
    /// One household by key or by its local code; null when there is none in the caller's area, or several bear the code.
    async fn household(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        code: Option<String>,
    ) -> Result<Option<Row<Household>>, ApiError> {
        let found = match (id, code) {
            (Some(id), None) => types::households::by_id(ctx, key(&id)?).await?,
            (None, Some(code)) => {
                let found = households::find_by_code(ctx.env(), ctx.caller(), &code).await?;
                found.and_then(|row| Household::of([row]).pop())
            }
            _ => return Err(one_of("id, code").into()),
        };
        Ok(found.map(Row))
    }

    /// Households of the caller's area. Classes are those of the day `asOf`, today by default.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection, a filter and an order")]
    async fn households(
        &self,
        ctx: &Context<'_>,
        filter: Option<HouseholdFilter>,
        as_of: Option<Date>,
        order_by: Option<HouseholdOrder>,
        descending: Option<bool>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<Household>, ApiError> {
        let filter = filter.unwrap_or_default();
        let filter = households::HouseholdFilter {
            unit: filter.unit,
            poverty_class: filter.poverty_class.unwrap_or_default().into_iter().map(Into::into).collect(),
            search: filter.search,
        };
        let order = (order_by.unwrap_or_default().into(), descending.unwrap_or_default());
        let listing = households::list(ctx.env(), ctx.caller(), &filter, as_of.map(|day| day.0), order);
        nodes(ctx, listing, page(after, before, first, last), Household::of).await
    }

    /// One person by key or by personal ID; null when there is none in the caller's area.
    async fn person(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        personal_id: Option<String>,
    ) -> Result<Option<Row<Person>>, ApiError> {
        let found = match (id, personal_id) {
            (Some(id), None) => persons::find(ctx.env(), ctx.caller(), key(&id)?).await?,
            (None, Some(number)) => persons::find_by_personal_id(ctx.env(), ctx.caller(), &number).await?,
            _ => return Err(one_of("id, personalId").into()),
        };
        Ok(found.and_then(|row| Person::of([row]).pop()).map(Row))
    }

    /// Persons of the caller's area: by name when they are searched by name, else in the order of recording.
    #[graphql(complexity = "rows(first, last) * child_complexity")]
    async fn persons(
        &self,
        ctx: &Context<'_>,
        filter: Option<PersonFilter>,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> Result<Nodes<Person>, ApiError> {
        let filter = filter.unwrap_or_default();
        let filter = persons::PersonFilter { unit: filter.unit, search: filter.search, birth_year: filter.birth_year };
        nodes(ctx, persons::list(ctx.caller(), &filter), page(after, before, first, last), Person::of).await
    }

    /// The unit that bears a code on a day; without a day the one that bears it now or bore it last.
    async fn administrative_unit(
        &self,
        ctx: &Context<'_>,
        code: String,
        on: Option<Date>,
    ) -> Result<Option<Row<AdministrativeUnit>>, ApiError> {
        let found = units::find(ctx.env().db.read(), &code, on.map(|day| day.0)).await?;
        Ok(found.map(AdministrativeUnit).map(Row))
    }

    /// Units whose name begins so, with or without the type before it, in any spelling of accents; at most 50.
    #[graphql(complexity = "50 * child_complexity")]
    async fn administrative_units(
        &self,
        ctx: &Context<'_>,
        search: String,
        on: Option<Date>,
    ) -> Result<Rows<AdministrativeUnit>, ApiError> {
        let found = units::search(ctx.env().db.read(), &search, on.map(|day| day.0), 50).await?;
        Ok(Rows(found.into_iter().map(AdministrativeUnit).collect()))
    }
}

/// The key that an ID holds.
pub fn key(id: &ID) -> Result<Uuid> {
    let message = || {
        Message::new(Code::CodeFormat).with("value", crate::exchange::record::shorten(id)).with("expected", "a UUID")
    };
    Uuid::parse_str(id).map_err(|_| Error::field("id", message()))
}

/// Exactly one of some arguments is wanted.
pub fn one_of(fields: &str) -> Error {
    Error::invalid(Message::new(Code::OneOf).with("fields", fields))
}
