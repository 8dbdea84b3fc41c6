//! `ansinh seed`: invented records, pushed as the agencies would push them.

mod load;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;

pub use self::load::{Load, begun};
use super::context::{Context, Told};
use crate::{
    access::{Actor, Area, Role, Scope},
    scenario::{CommuneRef, Step, bach_thong, synthetic::Synthetic},
    units,
};

/// Name of the scenario that is shipped.
pub const BACH_THONG: &str = "bach-thong";

/// Fill the database with invented records.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["scenario", "households"]))]
pub struct Seed {
    /// bach-thong: a district in the first half of 2022, whose sums are those of its printed report
    #[arg(long, value_name = "NAME", value_parser = [BACH_THONG])]
    scenario: Option<String>,
    /// That many households with all that belongs to them
    #[arg(long, value_name = "N")]
    households: Option<u64>,
    /// The same seed makes the same records
    #[arg(long = "seed", value_name = "S", default_value_t = 1)]
    number: u64,
    /// Day as of which the records are made; its communes are used
    #[arg(long, value_name = "DATE", default_value = "2026-06-30")]
    on: NaiveDate,
    /// Only communes of this unit [default: the whole country]
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
}

impl Seed {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let env = context.env().await?;
        let (name, steps) = if let Some(households) = self.households {
            let unit = self.unit.as_deref().unwrap_or("all");
            let name = format!("{households}-{}-{}-{unit}", self.number, self.on);
            (name, self.synthetic(&env, households).await?)
        } else {
            let name = self.scenario.unwrap_or_default();
            let steps = scenario(&name)?;
            (name, steps)
        };
        Load { env: &env, name: &name, actor: &agency }.run(steps).await?;
        Ok(env.db.close().await?)
    }

    async fn synthetic(&self, env: &crate::env::Env, households: u64) -> anyhow::Result<Vec<Step>> {
        let conn = env.db.read();
        let within = match &self.unit {
            None => None,
            Some(code) => {
                let unit = units::find(conn, code, Some(self.on)).await?;
                let unit = unit.with_context(|| format!("{code} is no unit on {}", self.on))?;
                Some(units::within(conn, unit.id).await?)
            }
        };
        let mut communes = units::communes(conn, self.on).await?;
        communes.retain(|commune| within.as_ref().is_none_or(|within| within.contains(&commune.id)));
        let communes = communes.iter().map(CommuneRef::from).collect();
        Ok(Synthetic::new(communes, households, self.number, self.on).told()?.steps())
    }
}

/// The steps of a scenario by name.
pub fn scenario(name: &str) -> anyhow::Result<Vec<Step>> {
    if name != BACH_THONG {
        bail!("unknown scenario {name}; known: {BACH_THONG}");
    }
    bach_thong::Scenario::shipped().and_then(bach_thong::Scenario::steps).told()
}

/// The agency of a role, for the whole country, as no client is registered for it.
fn agency(role: Role) -> Actor {
    Actor { client_id: format!("seed-{role}"), role, area: Area::Country, scopes: Scope::ALL.to_vec() }
}
