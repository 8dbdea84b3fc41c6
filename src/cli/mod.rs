//! The command line: a file a command. It translates, as every door does, and holds no rules.

mod client;
mod context;
mod demo;
mod import;
mod keys;
mod migrate;
mod policy;
mod progress;
mod seed;
mod serve;
mod token;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use self::context::Context;
use crate::{app::StartError, config::ConfigError, graphql::schema, rest::openapi};

/// Exit code of what was refused or failed.
const FAILED: u8 = 1;

/// Exit code of settings or arguments that cannot be used.
const UNUSABLE: u8 = 2;

/// An Sinh: the exchange of poverty-reduction records between agencies.
#[derive(Debug, Parser)]
#[command(name = "ansinh", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Where the settings come from; later ones override earlier ones.
#[derive(Debug, clap::Args)]
struct Settings {
    /// TOML file with the settings [default: ansinh.toml where it is there]
    #[arg(long, value_name = "FILE", env = "ANSINH_CONFIG", hide_env_values = true, global = true)]
    config: Option<PathBuf>,
    /// One setting by its key, as --set database.pool=8; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value, global = true)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP until told to stop
    Serve(serve::Serve),
    /// Bring the database to this version, or back
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Try everything out: a database in a directory, invented records, a client for each role
    Demo(demo::Demo),
    /// Fill the database with invented records
    Seed(seed::Seed),
    /// Register the systems of the agencies
    #[command(subcommand)]
    Client(client::Client),
    /// Look after the keys that tokens are signed with
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print an access token for a client
    Token(token::Token),
    /// Push a file
    Import(import::Import),
    /// Print the GraphQL schema
    Schema,
    /// Print the OpenAPI document
    Openapi,
    /// Print who may ask, push and see what, as it is enforced
    Policy,
}

/// Runs what the command line asks for.
pub fn main() -> ExitCode {
    match carry_out(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ansinh: {error:#}");
            let unusable = error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(StartError::NoSecretKey));
            if unusable { UNUSABLE.into() } else { FAILED.into() }
        }
    }
}

fn carry_out(cli: Cli) -> anyhow::Result<ExitCode> {
    let context = Context { settings: cli.settings };
    match cli.command {
        Command::Serve(command) => {
            let config = command.config(&context)?;
            runtime(config.workers)?.block_on(serve::run(config))?;
        }
        Command::Migrate(command) => complete(command.run(&context))?,
        Command::Demo(command) => complete(command.run(context))?,
        Command::Seed(command) => complete(command.run(&context))?,
        Command::Client(command) => complete(command.run(&context))?,
        Command::Keys(command) => complete(command.run(&context))?,
        Command::Token(command) => complete(command.run(&context))?,
        Command::Import(command) => return complete(command.run(&context)),
        Command::Schema => print!("{}", schema::sdl()),
        Command::Openapi => print!("{}", openapi::text()),
        Command::Policy => policy::run(),
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command to its end.
fn complete<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    runtime(None)?.block_on(command)
}

/// Where everything runs; with as many workers as there are processors where no number is given.
fn runtime(workers: Option<usize>) -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers);
    }
    builder.enable_all().build()
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.trim().is_empty());
    let (key, value) = pair.ok_or("write KEY=VALUE, as database.pool=8")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn there_are_as_many_workers_as_told() {
        assert_eq!(runtime(Some(3)).unwrap().metrics().num_workers(), 3);
        assert!(runtime(None).unwrap().metrics().num_workers() > 0);
    }

    #[test]
    fn a_setting_is_a_key_and_a_value() {
        assert_eq!(key_value("a.b=c=d").unwrap(), ("a.b".to_owned(), "c=d".to_owned()));
        assert!(key_value("a.b").is_err() && key_value("=c").is_err());
    }
}
