//! What commands share: the settings, the database, and who acts when the command line does.

use std::sync::Arc;

use anyhow::anyhow;
use entity::codes::AuditOutcome;
use sea_orm::ConnectionTrait;

use super::Settings;
use crate::{
    access::{Actor, Area, Caller, Disclosure, Role, Scope},
    app::{self, StartError},
    audit::Entry,
    clock::{Clock, Ids},
    config::Config,
    env::Env,
    error::Error,
    messages::Lang,
    rest::context::RequestContext,
    telemetry::{self, TelemetryError},
};

/// Who acts when no client does.
pub const COMMAND_LINE: &str = "command-line";

/// The arguments that every command has.
#[derive(Debug)]
pub struct Context {
    /// Where the settings come from.
    pub settings: Settings,
}

impl Context {
    /// Reads the settings, with what flags of the command say on top, and tells the terminal what is none of ours.
    pub fn config(&self, flags: Vec<(String, String)>) -> anyhow::Result<Config> {
        let config = self.settings_of(flags)?;
        for foreign in &config.ignored {
            eprintln!("ansinh: passed over: {foreign}");
        }
        Ok(config)
    }

    /// The same for a command with a log, which [`begin_log`] tells.
    pub fn settings_of(&self, flags: Vec<(String, String)>) -> anyhow::Result<Config> {
        let flags = self.settings.set.iter().cloned().chain(flags).collect();
        Ok(Config::load(self.settings.config.as_deref(), flags)?)
    }

    /// Connects to a database that has every change of this version.
    pub async fn env(&self) -> anyhow::Result<Env> {
        let env = self.env_as_it_is().await?;
        if !env.db.is_migrated().await? {
            return Err(StartError::NotMigrated.into());
        }
        Ok(env)
    }

    /// Connects to the database, whatever its version.
    pub async fn env_as_it_is(&self) -> anyhow::Result<Env> {
        let db = app::connect(&self.config(Vec::new())?.database).await?;
        let clock = Clock::system();
        Ok(Env::new(db, clock.clone(), Ids::random(clock)))
    }
}

/// Begins the log, and says in it what of the environment is none of ours.
pub fn begin_log(config: &Config) -> Result<(), TelemetryError> {
    telemetry::init_log(&config.log)?;
    for foreign in &config.ignored {
        tracing::warn!(variable = %foreign, "passed over a variable of the environment");
    }
    Ok(())
}

/// A request of the command line itself, in a role.
pub fn internal(role: Role) -> Caller {
    of(Actor { client_id: COMMAND_LINE.to_owned(), role, area: Area::Country, scopes: Scope::ALL.to_vec() })
}

/// A request of the command line on behalf of an actor.
pub fn of(actor: Actor) -> Caller {
    Caller::new(Arc::new(actor), &RequestContext::internal().request_id, None)
}

/// Puts on the trail what the operator did, within the transaction that did it.
pub async fn log(env: &Env, conn: &impl ConnectionTrait, action: &str) -> crate::error::Result<()> {
    let caller = internal(Role::Administrator);
    Entry::new(env, &caller, action, AuditOutcome::Done, &Disclosure::default()).write(conn).await
}

/// The language of the terminal.
pub fn language() -> Lang {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if named.is_some_and(|locale| locale.starts_with("vi")) { Lang::Vi } else { Lang::En }
}

/// An error as a person at a terminal is told: the sentence, every fault, and the cause, which no client would see.
pub fn told(error: &Error) -> anyhow::Error {
    use std::fmt::Write as _;
    let lang = language();
    let mut text = error.message().text(lang);
    for fault in error.faults() {
        let _ = write!(text, "\n  {}: {}", fault.field.as_deref().unwrap_or("-"), fault.message.text(lang));
    }
    if let Some(cause) = error.cause() {
        let _ = write!(text, "\n  {cause}");
    }
    anyhow!(text)
}

/// Turns errors of services into what a person is told.
pub trait Told<T> {
    /// See [`told`].
    fn told(self) -> anyhow::Result<T>;
}

impl<T> Told<T> for crate::error::Result<T> {
    fn told(self) -> anyhow::Result<T> {
        self.map_err(|error| told(&error))
    }
}
