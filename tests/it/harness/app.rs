//! The whole service in the test's process: its own application on its own database, served on a port of its own.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
};

use ansinh::{
    access::{Role, Scope},
    app::App,
    clock::{Clock, Ids},
    config::{Config, Layers},
    db::Db,
    identity::clients::{self, NewClient},
    server,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::audit_entry;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Client, TestDatabase, client::Answer, database::Backend, people::HouseholdBuilder};

/// When tests happen unless they say otherwise: the last day of the first half of 2022, in the morning in Vietnam.
pub const NOW: &str = "2022-06-30T02:00:00Z";

/// What seals the signing keys of tests.
pub const SECRET_KEY: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5f";

/// A service of one test.
pub struct TestApp {
    /// The application behind the door, for what cannot be seen from outside.
    pub app: App,
    /// Where it listens.
    pub base: String,
    /// The time it believes in.
    pub clock: TestClock,
    flags: Vec<(String, String)>,
    seed: Arc<AtomicU64>,
    numbers: AtomicU32,
    offices: Mutex<HashMap<String, Client>>,
    stop: CancellationToken,
    serving: Option<JoinHandle<server::Stopped>>,
    // Last, because it is dropped last.
    database: TestDatabase,
}

/// A clock that stands until it is moved.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn at(time: &str) -> Self {
        let clock = Self(Arc::default());
        clock.set(time);
        clock
    }

    /// Sets the time.
    pub fn set(&self, time: &str) {
        self.0.store(time.parse::<DateTime<Utc>>().unwrap().timestamp_micros(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn clock(&self) -> Clock {
        let clock = self.clone();
        Clock::from_fn(move || clock.now())
    }
}

impl TestApp {
    /// A service with the usual settings.
    pub async fn on(backend: Backend) -> Self {
        Self::configured(backend, &[]).await
    }

    /// A service with settings of the test's own, as `("limits.body", "2000")`.
    pub async fn configured(backend: Backend, flags: &[(&str, &str)]) -> Self {
        Self::over(TestDatabase::on(backend).await, flags).await
    }

    /// A service on a database that the test has made ready.
    pub async fn over(database: TestDatabase, flags: &[(&str, &str)]) -> Self {
        let url = database.url.clone();
        Self::by_way_of(&url, database, flags).await
    }

    /// The same where the service reaches its database under another URL.
    pub async fn by_way_of(url: &str, database: TestDatabase, flags: &[(&str, &str)]) -> Self {
        let clock = TestClock::at(NOW);
        let flags: Vec<_> = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let seed = Arc::default();
        let app = build(url, &flags, &clock, &seed).await;
        let stop = CancellationToken::new();
        let (address, serving) = serve(&app, &stop).await;
        Self {
            app,
            base: format!("http://{address}"),
            clock,
            flags,
            seed,
            numbers: AtomicU32::new(1),
            offices: Mutex::default(),
            stop,
            serving: Some(serving),
            database,
        }
    }

    /// Stops the service as an operator does and starts it again on the same database. Clients must be made anew.
    pub async fn restart(&mut self) {
        self.stop().await.unwrap();
        self.app = build(&self.database.url, &self.flags, &self.clock, &self.seed).await;
        self.stop = CancellationToken::new();
        let (address, serving) = serve(&self.app, &self.stop).await;
        (self.base, self.serving) = (format!("http://{address}"), Some(serving));
        for office in self.offices.lock().unwrap().values_mut() {
            *office = office.at(&self.base);
        }
    }

    /// Stops the service as an operator does.
    pub async fn stop(&mut self) -> Result<(), DbErr> {
        self.stop.cancel();
        let stopped = self.serving.take().unwrap().await.unwrap();
        self.app.clone().finish(stopped.until).await
    }

    /// Its database.
    pub fn db(&self) -> &Db {
        &self.app.env.db
    }

    /// A number that no other call of this test gets.
    pub fn next_number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The one client of a role and unit, signed in; none for the whole country.
    pub async fn client(&self, role: Role, unit: Option<&str>) -> Client {
        let name = format!("{}-{}", role.as_str().replace('_', "-"), unit.unwrap_or("country"));
        if let Some(client) = self.offices.lock().unwrap().get(&name) {
            return client.clone();
        }
        let client = self.register(&name, role, unit, &Scope::ALL).await.signed_in().await;
        self.offices.lock().unwrap().insert(name, client.clone());
        client
    }

    /// Registers a client; it has no token yet.
    pub async fn register(&self, name: &str, role: Role, unit: Option<&str>, scopes: &[Scope]) -> Client {
        let new = NewClient {
            client_id: Some(name.to_owned()),
            name: name.to_owned(),
            role,
            unit: unit.map(str::to_owned),
            scopes: scopes.to_vec(),
            jwks: None,
        };
        let env = &self.app.env;
        let made = clients::add(env.db.write(), &env.clock, &env.ids, new).await.unwrap();
        Client::new(&self.base, name, made.secret.as_deref().unwrap())
    }

    /// Nobody.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base, "", "")
    }

    /// The social-policy bank of a unit.
    pub async fn bank(&self, unit: &str) -> Client {
        self.client(Role::PolicyBank, Some(unit)).await
    }

    /// The health office of a unit.
    pub async fn health(&self, unit: &str) -> Client {
        self.client(Role::Health, Some(unit)).await
    }

    /// The education office of a unit.
    pub async fn education(&self, unit: &str) -> Client {
        self.client(Role::Education, Some(unit)).await
    }

    /// The labour ministry, which registers households anywhere.
    pub async fn labour(&self) -> Client {
        self.client(Role::Labour, None).await
    }

    /// A household to register.
    pub fn household(&self) -> HouseholdBuilder<'_> {
        HouseholdBuilder::new(self)
    }

    /// How many entries the log has for an action.
    pub async fn audited(&self, action: &str) -> u64 {
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq(action));
        entries.count(self.db().read()).await.unwrap()
    }

    /// How many rows a table holds.
    pub async fn count<E>(&self) -> u64
    where
        E: EntityTrait,
        E::Model: Send + Sync,
    {
        E::find().count(self.db().read()).await.unwrap()
    }

    /// Asks without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.stranger().get(path).await
    }
}

async fn build(url: &str, flags: &[(String, String)], clock: &TestClock, seed: &Arc<AtomicU64>) -> App {
    let mut settings = vec![
        ("database.url".to_owned(), url.to_owned()),
        ("database.pool".to_owned(), "8".to_owned()),
        ("secret_key".to_owned(), SECRET_KEY.to_owned()),
        ("issuer".to_owned(), "http://ansinh.test".to_owned()),
    ];
    settings.extend_from_slice(flags);
    let config = Config::from_layers(Layers { flags: settings, ..Layers::default() }).unwrap();
    let ids = Ids::from_fn(clock.clock(), random_numbers(Arc::clone(seed)));
    App::start(config, clock.clock(), ids).await.unwrap()
}

/// Numbers as good as random that are the same in every run.
fn random_numbers(seed: Arc<AtomicU64>) -> impl Fn() -> [u8; 10] {
    move || {
        // SplitMix64.
        let mut number = seed.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&(number ^ (number >> 31)).to_be_bytes());
        bytes
    }
}

async fn serve(app: &App, stop: &CancellationToken) -> (SocketAddr, JoinHandle<server::Stopped>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, limits, stop) = (app.router().unwrap(), app.config.limits.clone(), stop.clone());
    let serving = tokio::spawn(async move { server::serve(router, listener, &limits, stop.cancelled_owned()).await });
    (address, serving)
}
