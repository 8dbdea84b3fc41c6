//! Administrative units.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object};
use entity::administrative_unit;
use uuid::Uuid;

use crate::{
    env::Env,
    error::Result,
    graphql::{codes::UnitLevel, context::Asking, http::ApiError, plain::plain, scalars::Date, written::Rows},
    units,
};

/// A province, district or commune with the time it is or was valid.
#[derive(Clone, Debug)]
pub struct AdministrativeUnit(pub administrative_unit::Model);

plain!(AdministrativeUnit: id(), code(), level(), name(), kind(), valid_from(), valid_to());

/// A province, district or commune with the time it is or was valid. A code alone names no territory: codes live on after
/// mergers.
#[Object]
impl AdministrativeUnit {
    /// Key.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Statistics-office code: 2 digits for a province, 3 for a district, 5 for a commune.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Level in the hierarchy.
    async fn level(&self) -> UnitLevel {
        self.0.level.into()
    }

    /// Official name with its type.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Type as the national list prints it, as `xã` or `thị trấn`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// First day; 1900-01-01 where the list gives none.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day; null while in force.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// The units above, the nearest first.
    #[graphql(complexity = "3 * child_complexity")]
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Rows<AdministrativeUnit>, ApiError> {
        let above = Box::pin(units::ancestors(ctx.env().db.read(), &self.0)).await?;
        Ok(Rows(above.into_iter().map(AdministrativeUnit).collect()))
    }

    /// The units right below that are in force on a day; without a day all of them.
    #[graphql(complexity = "20 * child_complexity")]
    async fn children(&self, ctx: &Context<'_>, on: Option<Date>) -> Result<Rows<AdministrativeUnit>, ApiError> {
        let below = Box::pin(units::children(ctx.env().db.read(), self.0.id, on.map(|on| on.0))).await?;
        Ok(Rows(below.into_iter().map(AdministrativeUnit).collect()))
    }
}

/// Units of many keys.
pub async fn by_ids(env: &Env, ids: &[Uuid]) -> Result<HashMap<Uuid, AdministrativeUnit>> {
    let found = units::by_ids(env.db.read(), ids).await?;
    Ok(found.into_iter().map(|(id, unit)| (id, AdministrativeUnit(unit))).collect())
}
