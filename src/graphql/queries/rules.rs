//! The law as data: programmes and poverty standards.

use async_graphql::{Context, Object};

use crate::{
    domain::period::Period,
    graphql::{
        codes::ProgrammeKind,
        context::Asking,
        http::ApiError,
        scalars::Date,
        types::programmes::{PovertyStandard, Programme},
    },
    rules::{Rules, is_in_force},
};

#[derive(Default)]
pub struct RulesQuery;

#[Object]
impl RulesQuery {
    /// Support programmes; with a day, those in force on it.
    #[graphql(complexity = "40 * child_complexity")]
    async fn programmes(
        &self,
        ctx: &Context<'_>,
        kind: Option<ProgrammeKind>,
        on: Option<Date>,
    ) -> Result<Vec<Programme>, ApiError> {
        let rules = Rules::load(ctx.env().db.read()).await?;
        let kind = kind.map(entity::codes::ProgrammeKind::from);
        let mut wanted: Vec<_> = rules
            .programmes()
            .filter(|programme| kind.is_none_or(|kind| programme.kind == kind))
            .filter(|programme| on.is_none_or(|day| is_in_force(programme, day.0)))
            .cloned()
            .map(Programme)
            .collect();
        wanted.sort_by(|one, other| one.0.slug.cmp(&other.0.slug));
        Ok(wanted)
    }

    /// Poverty standards; with a day, those in force on it.
    #[graphql(complexity = "10 * child_complexity")]
    async fn poverty_standards(&self, ctx: &Context<'_>, on: Option<Date>) -> Result<Vec<PovertyStandard>, ApiError> {
        let rules = Rules::load(ctx.env().db.read()).await?;
        let holds = |standard: &&entity::poverty_standard::Model| {
            on.is_none_or(|day| Period::new(standard.valid_from, standard.valid_to).contains(day.0))
        };
        Ok(rules.standards().iter().filter(holds).cloned().map(PovertyStandard).collect())
    }
}
