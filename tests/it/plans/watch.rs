//! Listens to the plans that PostgreSQL tells its clients, by the extension `auto_explain`.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::Value;
use tracing::{Event, Metadata, Subscriber, field::Field};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt},
};

/// What makes new connections to a database tell the plan of each statement, and avoid to read tables from end to end: the
/// tables of a test are so small that nothing else would ever pay.
pub const SETTINGS: [(&str, &str); 5] = [
    ("enable_seqscan", "off"),
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_format", "json"),
    ("auto_explain.log_level", "notice"),
];

/// Where sqlx says what the server says.
const TARGET: &str = "sqlx::postgres::notice";

/// A statement and how it was carried out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The statement.
    pub statement: String,
    root: Value,
}

/// All plans that this process has been told. Only the databases that [`SETTINGS`] were given to tell any.
static TOLD: Mutex<Vec<Plan>> = Mutex::new(Vec::new());

/// Begins to listen.
pub fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let notices = Notices.with_filter(filter_fn(|metadata: &Metadata<'_>| metadata.target() == TARGET));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(notices)).unwrap();
    });
}

/// The plans told since this was last asked.
pub fn take() -> Vec<Plan> {
    std::mem::take(&mut TOLD.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Plan {
    /// Reads a notice as `duration: 0.1 ms  plan: { "Query Text": …, "Plan": … }`.
    fn read(notice: &str) -> Option<Self> {
        let (said, json) = notice.split_at(notice.find('{')?);
        if !said.starts_with("duration:") {
            return None;
        }
        let told: Value = serde_json::from_str(json).ok()?;
        Some(Self { statement: told["Query Text"].as_str()?.to_owned(), root: told["Plan"].clone() })
    }

    /// Whether it was made for a value, which then stands in it.
    pub fn knows(&self, value: &str) -> bool {
        self.root.to_string().contains(value)
    }

    /// The tables that it reads from end to end.
    pub fn sequential(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut open = vec![&self.root];
        while let Some(node) = open.pop() {
            if node["Node Type"] == "Seq Scan" {
                found.extend(node["Relation Name"].as_str());
            }
            open.extend(node["Plans"].as_array().into_iter().flatten());
        }
        found
    }
}

struct Notices;

impl<S: Subscriber> Layer<S> for Notices {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            // Text comes as text of a Rust program, in quotes.
            let text = format!("{value:?}");
            let text = serde_json::from_str::<String>(&text).unwrap_or(text);
            if field.name() == "message" {
                TOLD.lock().unwrap_or_else(PoisonError::into_inner).extend(Plan::read(&text));
            }
        });
    }
}
