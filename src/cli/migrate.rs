//! `ansinh migrate`: the schema, and the units and rules that come with the program.

use anyhow::Context as _;
use migration::{MigrationStatus, Migrator, MigratorTrait};

use super::context::{Context, Told};
use crate::{env::Env, rules, units};

/// Bring the database to this version, or back.
#[derive(Debug, clap::Subcommand)]
pub enum Migrate {
    /// Apply every change of this version, and load its administrative units and rules
    Up,
    /// Take changes back, with the data in their tables
    Down {
        /// How many changes
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Print which changes are applied; the exit code is 1 while some are not
    Status,
}

impl Migrate {
    /// Runs the command.
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let env = context.env_as_it_is().await?;
        match self {
            Self::Up => up(&env).await?,
            Self::Down { steps } => env.db.migrate_down(steps).await?,
            Self::Status => status(&env).await?,
        }
        Ok(env.db.close().await?)
    }
}

/// Applies every change and loads units and rules; doing it again changes nothing.
pub async fn up(env: &Env) -> anyhow::Result<()> {
    env.db.migrate().await.context("the schema")?;
    let loaded = units::load::load_shipped(&env.db, &env.ids).await.told().context("the administrative units")?;
    eprintln!("units: {} new, {} changed, {} as before", loaded.inserted, loaded.updated, loaded.unchanged);
    let loaded = rules::load::load_shipped(&env.db, &env.ids).await.told().context("the rules")?;
    eprintln!("rules: {} new, {} changed, {} as before", loaded.inserted, loaded.updated, loaded.unchanged);
    Ok(())
}

async fn status(env: &Env) -> anyhow::Result<()> {
    let mut pending = 0;
    for change in Migrator::get_migration_with_status_read_only(env.db.read()).await? {
        let applied = change.status() == MigrationStatus::Applied;
        pending += usize::from(!applied);
        println!("{} {}", if applied { "applied" } else { "pending" }, change.name());
    }
    anyhow::ensure!(pending == 0, "{pending} changes are pending; apply them: ansinh migrate up");
    Ok(())
}
