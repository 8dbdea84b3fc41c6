//! The application: what all doors share, and the one router that they make up.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use async_graphql::ValidationMode;
use axum::{
    Router,
    extract::FromRef,
    middleware::{from_fn, from_fn_with_state},
};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DbErr, sqlx::sqlite::SqliteConnectOptions};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    access::Role,
    audit::Recorder,
    clock::{Clock, Ids},
    config::{self, Config, SecretKey},
    db::{self, Db},
    env::Env,
    error::Error,
    graphql::{document, gate::ExchangeGate, http, schema},
    identity::{Identity, IdentityConfig, SealingKey, TrustedIssuer, rates::Rates},
    private,
    rest::{batches, coverage, docs, edge, etag, oauth, openapi, ops, ops::Check, push, records, strict, trail},
    telemetry,
};

/// What all doors share. Cheap to clone, with one count for all of it, as each request takes several.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

/// What an [`App`] holds.
#[derive(Debug)]
pub struct Shared {
    /// Database, time, new keys.
    pub env: Env,
    /// The settings.
    pub config: Config,
    /// Who is asking.
    pub identity: Identity,
    /// How many requests each client may make.
    pub rates: Arc<Rates>,
    /// Writes the entries of reads.
    pub audit: Recorder,
    /// Cancelled when the process is told to stop; answers without an end (subscriptions) watch it.
    pub closing: CancellationToken,
    /// Work that goes on when its client has gone away, such as pushes; [`App::finish`] waits for it.
    pub work: TaskTracker,
}

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Keys cannot be sealed.
    #[error("settings that cannot be used:\n  secret_key is not set; allowed: {}", SecretKey::ALLOWED)]
    NoSecretKey,
    /// The directory of the SQLite file cannot be made.
    #[error("cannot make the directory of the database: {0}")]
    Directory(#[from] std::io::Error),
    /// The database does not answer as it should.
    #[error("cannot use the database: {0}")]
    Database(#[from] DbErr),
    /// The schema is older than the program.
    #[error("the database lacks changes of this version; apply them first: ansinh migrate up")]
    NotMigrated,
    /// Something else of ours.
    #[error("{0}")]
    Service(#[from] Error),
}

/// Connects to the database of the settings. SQLite's file, and the directory that it needs, are made for their owner alone; the
/// files beside it take after it.
///
/// # Errors
/// What the file system or the database says.
pub async fn connect(config: &config::Database) -> Result<Db, StartError> {
    let url = config.url.expose();
    let file = sqlite_file(url);
    if let Some(file) = &file {
        if let Some(directory) = file.parent() {
            private::make_directory(directory)?;
        }
        private::make_file(file)?;
    }
    let settings = db::Settings { statement_timeout: config.statement_timeout, ..db::Settings::new(url, config.pool) };
    let db = Db::open(&settings).await?;
    if let Some(file) = file {
        private::warn_of_open(["", "-wal", "-shm"].map(|ending| private::with_ending(&file, ending)));
    }
    Ok(db)
}

/// The file that a SQLite URL names, as the driver reads it; none for a database in memory and for other databases.
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let (path, parameters) = rest.strip_prefix("//").unwrap_or(rest).split_once('?').unwrap_or((rest, ""));
    let in_memory = path.ends_with(":memory:") || parameters.split('&').any(|parameter| parameter == "mode=memory");
    let options: SqliteConnectOptions = url.parse().ok().filter(|_| !in_memory)?;
    Some(options.get_filename().to_owned()).filter(|file| !file.as_os_str().is_empty())
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// Connects, reads the signing keys (and makes the first), and starts the task of the log.
    ///
    /// # Errors
    /// See [`StartError`]; nothing runs on after one.
    pub async fn start(config: Config, clock: Clock, ids: Ids) -> Result<Self, StartError> {
        let identity_config = identity_config(&config)?;
        let db = connect(&config.database).await?;
        if !db.is_migrated().await? {
            return Err(StartError::NotMigrated);
        }
        let identity = Identity::new(identity_config, db.clone(), clock.clone(), ids.clone())?;
        identity.prepare().await?;
        Ok(Self(Arc::new(Shared {
            audit: Recorder::start(db.clone()),
            rates: Arc::new(Rates::new(clock.clone(), config.limits.rate)),
            env: Env::for_clients(db, clock, ids, config.limits.elsewhere),
            config,
            identity,
            closing: CancellationToken::new(),
            work: TaskTracker::new(),
        })))
    }

    /// The whole service as one router, ready to be served or to be called in a test.
    ///
    /// # Errors
    /// Ours alone: the printed schema cannot be read again.
    pub fn router(&self) -> Result<Router, Error> {
        let open = Router::from(documented_open(self.checks()));
        let guarded = Router::from(documented_guarded())
            .merge(records::routes())
            .route_layer(from_fn(etag::conditional))
            .route_layer(from_fn_with_state(self.config.limits.request_timeout, edge::within))
            .merge(push::routes())
            .route_layer(from_fn_with_state(self.clone(), trail::trail));
        let work = Arc::new(Semaphore::new(self.config.limits.requests));
        let graphql = self.graphql(Arc::clone(&work))?.route_layer(from_fn_with_state(self.clone(), trail::identify));
        let router = open.merge(guarded).merge(graphql).merge(docs::routes()).merge(openapi::routes());
        let router = router.layer(from_fn(strict::strict));
        let router = edge::around(router.with_state(self.clone()), &self.config.limits, work);
        Ok(match edge::cors(&self.config.cors.origins) {
            Some(cors) => router.layer(cors),
            None => router,
        })
    }

    /// The GraphQL door. It records what it shows itself, since one connection may carry many operations.
    fn graphql(&self, work: Arc<Semaphore>) -> Result<Router<Self>, Error> {
        let config = &self.config;
        let gate = ExchangeGate {
            identity: self.identity.clone(),
            env: self.env.clone(),
            audit: self.audit.clone(),
            rates: Arc::clone(&self.rates),
            introspection: config.graphql.introspection,
        };
        let settings = http::Settings {
            limits: document::Limits { depth: config.limits.query_depth as u64, ..document::Limits::default() },
            body_limit: config.limits.body,
            time_limit: config.limits.operation_timeout,
            suggestions: config.graphql.suggestions,
            sockets: config.limits.sockets,
            sockets_per_client: config.limits.sockets_per_client,
            origins: config.cors.origins.iter().cloned().chain(origin_of(&config.issuer)).collect(),
            graphiql: config.graphql.graphiql,
            ..http::Settings::default()
        };
        let schema = |mode| schema::schema(config.limits.query_complexity, config.graphql.suggestions, mode);
        let schemas = [schema(ValidationMode::Strict), schema(ValidationMode::Fast)];
        let door = http::Door::new(schemas, &schema::sdl(), gate, settings, self.closing.clone(), work)?;
        Ok(http::router(door))
    }

    /// Waits until a time for the work whose client may have gone away, then closes the database.
    ///
    /// # Errors
    /// What the database says on closing.
    pub async fn finish(self, until: Instant) -> Result<(), DbErr> {
        self.work.close();
        if tokio::time::timeout_at(until, self.work.wait()).await.is_err() {
            tracing::warn!(open = self.work.len(), "pushes did not finish in time; they leave nothing behind");
        }
        self.env.db.close().await
    }

    fn checks(&self) -> Vec<Check> {
        let [database, storage, migrations] = [(); 3].map(|()| self.env.db.clone());
        let keys = self.identity.clone();
        vec![
            Check::new("database", move || {
                let db = database.clone();
                async move { db.read().execute_unprepared("SELECT 1").await.map(drop) }
            }),
            Check::new("storage", move || {
                let db = storage.clone();
                async move { db.can_store().await }
            }),
            Check::new("migrations", move || {
                let db = migrations.clone();
                async move {
                    let migrated = db.is_migrated().await.map_err(|error| error.to_string())?;
                    if migrated { Ok(()) } else { Err("changes are pending".to_owned()) }
                }
            }),
            Check::new("keys", move || {
                let identity = keys.clone();
                async move { identity.ready().await }
            }),
        ]
    }
}

impl FromRef<App> for Identity {
    fn from_ref(app: &App) -> Self {
        app.identity.clone()
    }
}

/// The routes that ask for no token, with their part of the document.
fn documented_open(checks: Vec<Check>) -> OpenApiRouter<App> {
    oauth::router().merge(ops::routes(checks, telemetry::metrics()))
}

/// The routes that ask for a token, with their part of the document; records in and out are documented from their kinds.
fn documented_guarded() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(batches::routes()).merge(coverage::routes())
}

/// The document of all routes that describe themselves.
pub fn described() -> utoipa::openapi::OpenApi {
    documented_open(Vec::new()).merge(documented_guarded()).into_openapi()
}

/// The origin of the pages that the service has itself.
fn origin_of(issuer: &str) -> Option<String> {
    Url::parse(issuer).ok().map(|url| url.origin().ascii_serialization())
}

fn identity_config(config: &Config) -> Result<IdentityConfig, StartError> {
    let secret = config.secret_key.as_ref().ok_or(StartError::NoSecretKey)?;
    let mut identity = IdentityConfig::new(config.issuer.clone(), SealingKey::new(*secret.expose()));
    identity.lifetime = TimeDelta::from_std(config.token.lifetime).map_err(Error::internal)?;
    identity.issuers = config.issuers.iter().map(trusted_issuer).collect::<Result<_, _>>()?;
    Ok(identity)
}

fn trusted_issuer(config: &config::TrustedIssuer) -> Result<TrustedIssuer, Error> {
    let mut issuer = TrustedIssuer::new(&config.issuer, &config.jwks_uri, &config.audience);
    issuer.role_claim.clone_from(&config.role_claim);
    issuer.unit_claim.clone_from(&config.unit_claim);
    issuer.client_claim.clone_from(&config.client_claim);
    let role = |(name, ours): (&String, &String)| Ok((name.clone(), ours.parse::<Role>()?));
    issuer.roles = config.roles.iter().map(role).collect::<Result<_, String>>().map_err(Error::internal)?;
    Ok(issuer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_sqlite_url_is_found() {
        let file = |path: &str| Some(PathBuf::from(path));
        assert_eq!(sqlite_file("sqlite://data/ansinh.db?mode=rwc"), file("data/ansinh.db"));
        assert_eq!(sqlite_file("sqlite:/var/lib/ansinh.db"), file("/var/lib/ansinh.db"));
        assert_eq!(sqlite_file("sqlite:///var/lib/an%20sinh.db"), file("/var/lib/an sinh.db"));
        assert_eq!(sqlite_file("sqlite::memory:"), None);
        assert_eq!(sqlite_file("sqlite://ansinh.db?mode=memory"), None);
        assert_eq!(sqlite_file("postgres://localhost/ansinh"), None);
    }
}
