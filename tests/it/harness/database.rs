//! A database of its own for each test, copied from a template that is prepared once a process: migrated, with the
//! administrative units and the rules.

use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use ansinh::{
    clock::{Clock, Ids},
    db::Db,
    rules, units,
};
use tempfile::TempDir;

use super::postgres::{Server, on_a_thread};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database that goes with the test.
pub struct TestDatabase {
    /// What the service connects to.
    pub url: String,
    kept: Kept,
}

enum Kept {
    Directory(#[expect(dead_code, reason = "dropping it takes the file away")] TempDir),
    Database { name: String },
}

impl TestDatabase {
    /// A copy of the template.
    pub async fn on(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let file = directory.path().join("ansinh.db");
                std::fs::write(&file, sqlite_template()).unwrap();
                Self { url: sqlite_url(&file), kept: Kept::Directory(directory) }
            }
            Backend::Postgres => {
                let template = postgres_template();
                let server = Server::shared();
                let name = new_name();
                server.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self { url: server.database(&name), kept: Kept::Database { name } }
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Kept::Database { name } = &self.kept {
            let statement = format!("DROP DATABASE {name} WITH (FORCE)");
            on_a_thread(async move { Server::shared().administer(&statement).await });
        }
    }
}

impl TestDatabase {
    /// Gives new connections to a database on a server another setting; settings of extensions take a superuser.
    pub async fn set(&self, setting: &str, value: &str) {
        let Kept::Database { name } = &self.kept else { panic!("{setting} is a setting of PostgreSQL") };
        // An extension's settings are known, and their values checked, only where it is loaded.
        let load = if setting.contains('.') {
            format!("LOAD '{}'; ", setting.split('.').next().unwrap())
        } else {
            String::new()
        };
        Server::shared().administer(&format!("{load}ALTER DATABASE {name} SET {setting} = '{value}'")).await;
    }
}

/// URL of a SQLite file.
pub fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Brings an empty database to where every test begins.
pub async fn prepare(url: &str) {
    let db = Db::connect(url, 2).await.unwrap();
    let ids = Ids::random(Clock::system());
    db.migrate().await.unwrap();
    units::load::load_shipped(&db, &ids).await.unwrap();
    rules::load::load_shipped(&db, &ids).await.unwrap();
    db.close().await.unwrap();
}

/// The file that SQLite tests write out for themselves, held in memory so that none is left behind.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("template.db");
        let url = sqlite_url(&file);
        on_a_thread(async move { prepare(&url).await });
        std::fs::read(file).unwrap()
    })
}

fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("{}_template", new_name());
        let database = name.clone();
        on_a_thread(async move {
            let server = Server::shared();
            server.administer(&format!("CREATE DATABASE {database} TEMPLATE template0")).await;
            prepare(&server.database(&database)).await;
        });
        name
    })
}

/// Unlike any that another process gives on the same server.
fn new_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static PROCESS: OnceLock<u64> = OnceLock::new();
    let process = PROCESS.get_or_init(rand::random);
    format!("ansinh_test_{process:016x}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
