//! `ansinh demo`: everything at once in one directory, to be tried out.

mod clients;
mod place;
mod tour;

use std::{net::SocketAddr, path::PathBuf};

use entity::household;
use sea_orm::{EntityTrait, PaginatorTrait};

use self::{clients::DemoClients, place::Place};
use super::{
    context::{Context, begin_log},
    migrate,
    seed::{self, BACH_THONG, Load, begun},
    serve,
};
use crate::{
    app::{self, App},
    clock::{Clock, Ids},
    config::Config,
    env::Env,
};

/// Try everything out: a database in a directory, invented records, a client for each role.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Where database, key and credentials are kept; remove those three to begin anew
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Demo {
    /// Runs the command.
    pub async fn run(self, context: Context) -> anyhow::Result<()> {
        let place = Place::make(&self.data)?;
        let config = self.config(&context, &place)?;
        begin_log(&config)?;
        place.warn_of_open();
        let env = prepare(&config).await?;
        let clients = DemoClients::ensure(&env, &place).await?;
        load(&env, &clients).await?;
        env.db.close().await?;
        let clock = Clock::system();
        let app = App::start(config, clock.clone(), Ids::random(clock)).await?;
        let tour = tour::text(&app.config.issuer, &place, &clients);
        serve::serve(app, || println!("{tour}")).await
    }

    /// The settings with the database of the directory, whatever else names one.
    fn config(&self, context: &Context, place: &Place) -> anyhow::Result<Config> {
        let mut flags = vec![("database.url".to_owned(), place.database_url())];
        flags.extend([("log.format".to_owned(), "text".to_owned())]);
        flags.extend(self.listen.map(|listen| ("listen".to_owned(), listen.to_string())));
        let mut config = context.settings_of(flags)?;
        if config.secret_key.is_none() {
            config.secret_key = Some(place.secret_key()?);
        }
        Ok(config)
    }
}

async fn prepare(config: &Config) -> anyhow::Result<Env> {
    let clock = Clock::system();
    let env = Env::new(app::connect(&config.database).await?, clock.clone(), Ids::random(clock));
    migrate::up(&env).await?;
    Ok(env)
}

/// Loads the scenario into an empty database, or goes on where a start before was interrupted. Where somebody else's
/// records are, nothing is added.
async fn load(env: &Env, clients: &DemoClients) -> anyhow::Result<()> {
    let is_empty = household::Entity::find().count(env.db.read()).await? == 0;
    if !is_empty && !begun(env, BACH_THONG).await? {
        return Ok(());
    }
    let actors = clients.actors(env).await?;
    let actor = |role| actors[&role].clone();
    Load { env, name: BACH_THONG, actor: &actor }.run(seed::scenario(BACH_THONG)?).await
}
