//! `ansinh serve`: the service until it is told to stop.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::context::{Context, begin_log};
use crate::{
    app::App,
    clock::{Clock, Ids},
    config::Config,
    server, telemetry,
};

/// Serve HTTP until told to stop.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    /// The settings, with the flags on top.
    pub fn config(self, context: &Context) -> anyhow::Result<Config> {
        let flags = self.listen.map(|listen| ("listen".to_owned(), listen.to_string()));
        context.settings_of(flags.into_iter().collect())
    }
}

/// Runs the command.
pub async fn run(config: Config) -> anyhow::Result<()> {
    begin_log(&config)?;
    serve(start(config).await?, || ()).await
}

/// Starts the application with the clock of the machine.
pub async fn start(config: Config) -> anyhow::Result<App> {
    let clock = Clock::system();
    Ok(App::start(config, clock.clone(), Ids::random(clock)).await?)
}

/// Serves an application until the process is told to stop, then lets it finish. `ready` is called when it listens.
pub async fn serve(app: App, ready: impl FnOnce()) -> anyhow::Result<()> {
    let limits = app.config.limits.clone();
    let listener = bind(app.config.listen).await?;
    let told = server::termination()?;
    let closing = app.closing.clone();
    tokio::spawn(telemetry::upkeep(telemetry::metrics()));
    tracing::info!(listen = %listener.local_addr()?, issuer = app.config.issuer, "serving");
    ready();
    let shutdown = async move {
        told.cancelled().await;
        closing.cancel();
    };
    let stopped = server::serve(app.router()?, listener, &limits, shutdown).await;
    if let Err(error) = app.finish(stopped.until).await {
        tracing::warn!(%error, "the connections to the database were left as they were");
    }
    tracing::info!(cut = stopped.cut, "stopped");
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let other = "choose another with --listen ADDR:PORT";
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}; {other}"))
}
