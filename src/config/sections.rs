//! What each key is, what it is when nobody says, and what it may be.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use url::{Host, Url};

use super::{
    Config, Cors, DEFAULT_FILTER, Database, GraphQl, Limits, Log, LogFormat, Secret, SecretKey, Token, TrustedIssuer,
    reader::Section,
};

const ROLES: [&str; 8] =
    ["labour", "health", "education", "policy_bank", "commune", "leadership", "auditor", "administrator"];

/// Reads every key of the settings.
pub(super) fn read(mut root: Section<'_>) -> Config {
    let listen = root
        .optional("listen", "an address with a port, as 127.0.0.1:8080 or [::]:8080", |text| text.parse().ok())
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
    let config = Config {
        database: database(root.section("database")),
        listen,
        workers: root.optional("workers", "a whole number from 1 to 1024", |text| {
            text.parse().ok().filter(|workers| (1..=1024).contains(workers))
        }),
        issuer: root
            .optional(
                "issuer",
                "an http or https URL without query and fragment, as https://ansinh.example.vn",
                base_url,
            )
            .unwrap_or_else(|| url_of(listen)),
        secret_key: secret_key(&mut root),
        limits: limits(root.section("limits")),
        graphql: graphql(root.section("graphql")),
        cors: cors(root.section("cors")),
        token: token(root.section("token")),
        issuers: root.sections("issuers").into_iter().map(trusted_issuer).collect(),
        log: log(root.section("log")),
        ignored: Vec::new(),
    };
    root.finish();
    config
}

fn database(mut section: Section<'_>) -> Database {
    let known = |text: &str| ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    let url = section.hidden("url", "sqlite://PATH, postgres://USER:PASSWORD@HOST:PORT/NAME", |text| {
        known(text).then(|| Secret::new(text))
    });
    let url = url.unwrap_or_else(|| Secret::new("sqlite://data/ansinh.db"));
    let pool = section.number("pool", 16, 1..=1000);
    let statement_timeout = section.seconds("statement_timeout_s", 60);
    section.finish();
    Database { url, pool, statement_timeout }
}

fn secret_key(root: &mut Section<'_>) -> Option<SecretKey> {
    let written = root.hidden("secret_key", SecretKey::ALLOWED, SecretKey::parse);
    let file = root.optional("secret_key_file", "the path of a file that can be read", |path| {
        std::fs::read_to_string(path).ok().map(|text| (path.to_owned(), text))
    });
    let Some((path, text)) = file else { return written };
    let key = SecretKey::parse(&text);
    if key.is_none() {
        root.fault("secret_key_file".to_owned(), format!("content of {path}"), None, SecretKey::ALLOWED);
    } else if written.is_some() {
        root.fault("secret_key_file".to_owned(), format!("{path}, beside secret_key"), None, "one of the two");
    }
    key
}

fn limits(mut section: Section<'_>) -> Limits {
    const MIB: usize = 1 << 20;
    let connections = section.number("connections", 1024, 1..=100_000);
    let limits = Limits {
        body: section.number("body", MIB, 1024..=64 * MIB),
        push_body: section.number("push_body", 256 * MIB, 1024..=16 * 1024 * MIB),
        connections,
        connections_per_peer: section.number("connections_per_peer", connections.div_ceil(2), 1..=100_000),
        requests: section.number("requests", 256, 1..=100_000),
        sockets: section.number("sockets", 512, 1..=100_000),
        sockets_per_client: section.number("sockets_per_client", 64, 1..=100_000),
        body_rate: section.number("body_rate", 4096, 1..=1 << 30),
        header_timeout: section.seconds("header_timeout_s", 10),
        request_timeout: section.seconds("request_timeout_s", 30),
        operation_timeout: section.seconds("operation_timeout_s", 10),
        shutdown_timeout: section.seconds("shutdown_timeout_s", 30),
        query_depth: section.number("query_depth", 15, 3..=100),
        query_complexity: section.number("query_complexity", 20_000, 100..=10_000_000),
        rate: section.number("rate", 3000, 0..=1_000_000),
        elsewhere: section.number("elsewhere", 1000, 0..=1_000_000),
    };
    section.finish();
    limits
}

fn graphql(mut section: Section<'_>) -> GraphQl {
    let graphql = GraphQl {
        introspection: section.switch("introspection", true),
        suggestions: section.switch("suggestions", true),
        graphiql: section.switch("graphiql", true),
    };
    section.finish();
    graphql
}

fn cors(mut section: Section<'_>) -> Cors {
    let origins = section.list("origins", "origins as https://app.example.vn, with commas between", origin);
    section.finish();
    Cors { origins }
}

fn token(mut section: Section<'_>) -> Token {
    let lifetime = Duration::from_secs(section.number("lifetime_s", 900, 60..=86_400));
    section.finish();
    Token { lifetime }
}

fn trusted_issuer(mut section: Section<'_>) -> TrustedIssuer {
    let text = |section: &mut Section<'_>, key, default: &str| {
        section.optional(key, "the name of a claim", named_claim).unwrap_or_else(|| default.to_owned())
    };
    let issuer = TrustedIssuer {
        issuer: section
            .required("issuer", "the iss of its tokens, an http or https URL", |text| base_url(text).is_some()),
        jwks_uri: section.required("jwks_uri", "an https URL, or http on this machine", is_key_url),
        audience: section.required("audience", "the aud of its tokens", |text| !text.is_empty()),
        role_claim: text(&mut section, "role_claim", "role"),
        unit_claim: section.optional("unit_claim", "the name of a claim", named_claim),
        client_claim: text(&mut section, "client_claim", "client_id"),
        roles: section.map("roles", &ROLES),
    };
    section.finish();
    issuer
}

fn log(mut section: Section<'_>) -> Log {
    let log = Log {
        format: section.choice("format", &[("json", LogFormat::Json), ("text", LogFormat::Text)]),
        filter: section
            .optional("filter", "directives as info,sqlx=warn (docs of tracing-subscriber, EnvFilter)", |text| {
                tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned())
            })
            .unwrap_or_else(|| DEFAULT_FILTER.to_owned()),
    };
    section.finish();
    log
}

fn named_claim(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// A URL that paths can be hung on; the slash at its end is dropped so that both spellings are the same issuer.
fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| text.trim_end_matches('/').to_owned())
}

/// An origin as browsers write it: small letters, no default port, no path.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| base_url(text).is_some() && url.path() == "/")?;
    Some(url.origin().ascii_serialization())
}

/// Keys fetched over a plain connection could be anyone's.
fn is_key_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

/// The URL under which a process that listens there is reached from its own machine.
fn url_of(listen: SocketAddr) -> String {
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}
