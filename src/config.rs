//! The settings, read once: a TOML file, overridden by `ANSINH_*` in the environment, overridden by flags.
//!
//! A key of a table is written `table.key` on the command line and `ANSINH_TABLE__KEY` in the environment.
//! `DATABASE_URL` and `RUST_LOG` stand for `database.url` and `log.filter`. Nothing else reads the environment.

mod reader;
mod secret;
mod sections;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use config::{Environment, File, FileFormat, Source};

use self::reader::Section;
pub use self::{
    reader::Fault,
    secret::{Secret, SecretKey},
};

/// The file that is read when it is there and `--config` names no other.
pub const DEFAULT_FILE: &str = "ansinh.toml";

/// What the log shows unless told otherwise: our own events, and of the database layer only what went wrong.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn,sea_orm=warn";

/// Variables of the family that are no settings: the path of the file, and what tests are run with.
const NOT_SETTINGS: [&str; 2] = ["ANSINH_CONFIG", "ANSINH_TEST"];

/// All settings of one process.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database: Database,
    /// Address and port that the HTTP door listens on.
    pub listen: SocketAddr,
    /// Threads of `serve` that carry requests out; none given, as many as the machine has processors. What reads long bodies and
    /// files has threads of its own.
    pub workers: Option<usize>,
    /// Public URL of this service without a slash at its end: `iss` of its tokens, base of its metadata (RFC 8414).
    pub issuer: String,
    /// Seals the signing keys at rest. Where there is none, the caller decides whether it can go on.
    pub secret_key: Option<SecretKey>,
    /// Sizes, numbers and times that nobody may pass.
    pub limits: Limits,
    /// What the GraphQL door tells about itself.
    pub graphql: GraphQl,
    /// Pages of other hosts that may use the service from a browser.
    pub cors: Cors,
    /// The tokens that this service issues.
    pub token: Token,
    /// Other issuers whose tokens are accepted.
    pub issuers: Vec<TrustedIssuer>,
    /// The log.
    pub log: Log,
    /// Variables of the environment that begin as ours do and are none of ours, to be told of.
    pub ignored: Vec<Fault>,
}

/// Where the records are kept.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: Secret,
    /// Most connections open at once.
    pub pool: u32,
    /// How long one statement may take. PostgreSQL alone.
    pub statement_timeout: Duration,
}

/// Sizes, numbers and times that nobody may pass.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of an ordinary body: JSON, GraphQL, a form.
    pub body: usize,
    /// Bytes of a push, which is read as a stream.
    pub push_body: usize,
    /// Connections open at once.
    pub connections: usize,
    /// Of these, how many one peer address may have.
    pub connections_per_peer: usize,
    /// Requests at work at the same time; a further one is answered 503 at once.
    pub requests: usize,
    /// WebSocket connections of all clients, open at once.
    pub sockets: usize,
    /// Of these, how many one client may have.
    pub sockets_per_client: usize,
    /// Bytes a second that a body must have brought on average once `request_timeout` has been waited for it.
    pub body_rate: u64,
    /// How long the head of a request may take, counted from the connection or the end of the answer before; so also
    /// how long a kept connection may be idle.
    pub header_timeout: Duration,
    /// How long a request without its own limit may take.
    pub request_timeout: Duration,
    /// How long one GraphQL operation may take.
    pub operation_timeout: Duration,
    /// How long accepted requests may go on after the signal to stop.
    pub shutdown_timeout: Duration,
    /// Levels of a GraphQL query.
    pub query_depth: usize,
    /// Weight of a GraphQL query, as its fields state it.
    pub query_complexity: usize,
    /// Requests a second of one client, those of a minute at once; 0: as many as it likes.
    pub rate: u32,
    /// Refusals an hour that tell one client of records outside its reach; 0: as many as there are.
    pub elsewhere: u32,
}

/// What the GraphQL door tells about itself.
#[derive(Clone, Copy, Debug)]
pub struct GraphQl {
    /// Whether `__schema` and `__type` answer.
    pub introspection: bool,
    /// Whether an unknown name is answered with the nearest known ones.
    pub suggestions: bool,
    /// Whether a browser that opens `/graphql` gets GraphiQL.
    pub graphiql: bool,
}

/// Pages of other hosts that may use the service from a browser.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Their origins, as browsers write them (`https://app.example.vn`); none: no page but our own.
    pub origins: Vec<String>,
}

/// The tokens that this service issues.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// From `iat` to `exp`.
    pub lifetime: Duration,
}

/// Another issuer (`OpenID` Connect or RFC 9068) and how its claims are to be read.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// `iss`, compared letter by letter.
    pub issuer: String,
    /// Where its public keys are (RFC 7517): https, or http on this machine.
    pub jwks_uri: String,
    /// `aud` that its tokens must name.
    pub audience: String,
    /// Claim with the role; a dot steps into an object, as `realm_access.roles`.
    pub role_claim: String,
    /// Claim with the code of the administrative unit; none: every token of this issuer is for the whole area.
    pub unit_claim: Option<String>,
    /// Claim with the name of the client.
    pub client_claim: String,
    /// From the issuer's role names to ours; empty: the names are ours.
    pub roles: BTreeMap<String, String>,
}

/// What the log looks like.
#[derive(Clone, Debug)]
pub struct Log {
    /// For a machine or for a person.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

/// Form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Words for a terminal.
    Text,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was asked for cannot be read.
    #[error("cannot read the settings in {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{} line {line} is not TOML: {reason}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// What the parser says; the line itself may hold a secret and is not shown.
        reason: String,
    },
    /// The layers do not fit on each other, as a table in one and a number in the other.
    #[error("the settings cannot be merged: {0}")]
    Unmergeable(String),
    /// Keys or values that are wrong, all of them.
    #[error("{}", lines(.0))]
    Wrong(Vec<Fault>),
}

/// The layers that settings come from, the later over the earlier.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The TOML file with its text.
    pub file: Option<(PathBuf, String)>,
    /// Variables of the environment; those that are no settings are passed over.
    pub environment: HashMap<String, String>,
    /// Keys with dots and values, as the flags give them.
    pub flags: Vec<(String, String)>,
}

impl Config {
    /// Reads the named file (or [`DEFAULT_FILE`] when it is there), the environment of the process, and the flags.
    pub fn load(path: Option<&Path>, flags: Vec<(String, String)>) -> Result<Self, ConfigError> {
        let named = path.map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_path_buf);
        let file = match std::fs::read_to_string(&named) {
            Ok(text) => Some((named, text)),
            Err(cause) if path.is_none() && cause.kind() == std::io::ErrorKind::NotFound => None,
            Err(cause) => return Err(ConfigError::Unreadable { path: named, cause }),
        };
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::from_layers(Layers { file, environment, flags })
    }

    /// Reads the settings from layers that are already at hand. Relative paths in them are taken from the working
    /// directory.
    pub fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let merged = merge(layers)?;
        let faults = RefCell::new(Vec::new());
        let mut config = sections::read(Section::root(merged, &faults));
        // A program beside ours may have variables of such names; a value of a key of ours must be right.
        let (ignored, wrong) = faults.into_inner().into_iter().partition(Fault::is_foreign);
        config.ignored = ignored;
        if wrong.is_empty() { Ok(config) } else { Err(ConfigError::Wrong(wrong)) }
    }
}

fn merge(layers: Layers) -> Result<config::Map<String, config::Value>, ConfigError> {
    let mut builder = config::Config::builder();
    if let Some((path, text)) = &layers.file {
        check_toml(path, text)?;
        builder = builder.add_source(Named(path.display().to_string(), text.clone()));
    }
    let environment = Environment::with_prefix("ANSINH").prefix_separator("_").separator("__").ignore_empty(true);
    builder = builder.add_source(environment.source(Some(settings_of(layers.environment))));
    for (key, value) in layers.flags {
        builder = builder.set_override(key, value).map_err(|error| ConfigError::Unmergeable(error.to_string()))?;
    }
    builder.build().and_then(|merged| merged.collect()).map_err(|error| ConfigError::Unmergeable(error.to_string()))
}

/// The text of a file whose values remember the file's name; the library forgets it for a text.
#[derive(Clone, Debug)]
struct Named(String, String);

impl Source for Named {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<config::Map<String, config::Value>, config::ConfigError> {
        let table = File::from_str(&self.1, FileFormat::Toml).collect()?;
        Ok(table.into_iter().map(|(key, value)| (key, named(value, &self.0))).collect())
    }
}

fn named(value: config::Value, origin: &String) -> config::Value {
    use config::ValueKind::{Array, Table};
    let kind = match value.kind {
        Table(table) => Table(table.into_iter().map(|(key, value)| (key, named(value, origin))).collect()),
        Array(items) => Array(items.into_iter().map(|value| named(value, origin)).collect()),
        kind => kind,
    };
    config::Value::new(Some(origin), kind)
}

fn check_toml(path: &Path, text: &str) -> Result<(), ConfigError> {
    let Err(error) = text.parse::<toml::Table>() else { return Ok(()) };
    let start = error.span().map_or(0, |span| span.start);
    Err(ConfigError::NotToml {
        path: path.to_owned(),
        line: text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1,
        reason: error.message().to_owned(),
    })
}

fn settings_of(mut environment: HashMap<String, String>) -> HashMap<String, String> {
    for (usual, ours) in [("DATABASE_URL", "ANSINH_DATABASE__URL"), ("RUST_LOG", "ANSINH_LOG__FILTER")] {
        if let Some(value) = environment.remove(usual).filter(|value| !value.is_empty()) {
            environment.entry(ours.to_owned()).or_insert(value);
        }
    }
    environment.retain(|name, _| name.starts_with("ANSINH_") && !NOT_SETTINGS.iter().any(|no| name.starts_with(no)));
    environment
}

fn lines(faults: &[Fault]) -> String {
    struct Lines<'f>(&'f [Fault]);
    impl fmt::Display for Lines<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("settings that cannot be used:")?;
            self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
        }
    }
    Lines(faults).to_string()
}

#[cfg(test)]
mod tests;
