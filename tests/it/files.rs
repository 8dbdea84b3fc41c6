//! What the program writes to disk is for its owner alone.
#![cfg(unix)]

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use crate::{
    crash::process::Process,
    harness::{
        app::SECRET_KEY,
        database::{prepare, sqlite_url},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_made_for_its_owner_alone_with_all_that_stands_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("data/of/ansinh.db");
    let url = sqlite_url(&file);

    assert!(ansinh(home.path(), &url, &["migrate", "up"], &[]).status.success());
    let process = Process::start(home.path(), &url).await;

    for directory in ["data", "data/of"] {
        assert_eq!(mode(&home.path().join(directory)), 0o700, "{directory}");
    }
    for ending in ["", "-wal", "-shm"] {
        assert_eq!(mode(&file.with_file_name(format!("ansinh.db{ending}"))), 0o600, "{ending}");
    }
    process.terminate().await;
    assert!(!fs::read_to_string(home.path().join("log")).unwrap().contains("others than the owner"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_others_may_read_is_told_of_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ansinh.db");
    prepare(&sqlite_url(&file)).await;
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();

    Process::start(home.path(), &sqlite_url(&file)).await.terminate().await;

    let log = fs::read_to_string(home.path().join("log")).unwrap();
    assert!(log.contains("others than the owner may read this file") && log.contains("ansinh.db"), "{log}");
    assert_eq!(mode(&file), 0o644);
}

#[tokio::test]
async fn a_foreign_variable_is_told_of_and_a_key_that_nobody_drew_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let url = sqlite_url(&home.path().join("ansinh.db"));

    let told = ansinh(home.path(), &url, &["migrate", "up"], &[("ANSINH_WEB__COLOUR", "red")]);
    let wrong = ansinh(home.path(), &url, &["migrate", "up"], &[("ANSINH_DATABASE__POOL", "red")]);
    let weak = ansinh(home.path(), &url, &["keys", "rotate"], &[("ANSINH_SECRET_KEY", &"00".repeat(32))]);

    assert!(
        told.status.success() && words(&told).contains("web (in the environment, unknown key)"),
        "{}",
        words(&told)
    );
    assert_eq!((wrong.status.code(), weak.status.code()), (Some(2), Some(2)));
    assert!(words(&wrong).contains("database.pool (in the environment) is \"red\""), "{}", words(&wrong));
    assert!(words(&weak).contains("secret_key (in the environment); allowed: 32 random bytes"), "{}", words(&weak));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

fn words(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn ansinh(home: &Path, database: &str, words: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ansinh"))
        .args(words)
        .env("DATABASE_URL", database)
        .env("ANSINH_SECRET_KEY", SECRET_KEY)
        .envs(environment.iter().copied())
        .current_dir(home)
        .output()
        .unwrap()
}
