//! Who is revoked is so within ten seconds, whichever process is told, and on connections that are open.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use ansinh::{
    access::{Role, Scope},
    identity::clients,
};
use chrono::TimeDelta;

use crate::{
    crash::process::Process,
    harness::{Client, TestApp, TestDatabase, app::SECRET_KEY, both, socket::Socket},
};

const NO_BATCH: &str = "/v1/batches/01812345-0000-7000-8000-000000000000";

/// How long a revoked client may go on.
const SOON: Duration = Duration::from_secs(10);

both! {
    async fn a_revoked_client_is_refused_though_its_token_was_used_before(app: TestApp) {
        let (bank, other) = (app.bank("063").await, app.bank("06").await);
        bank.get(NO_BATCH).await.expect(404);
        let env = &app.app.env;
        clients::revoke(env.db.write(), &env.clock, &bank.name).await.unwrap();

        app.clock.advance(TimeDelta::seconds(4));
        let refused = bank.get(NO_BATCH).await.expect(401);

        assert!(refused.json["detail"].as_str().unwrap().contains("revoked"), "{}", refused.text);
        other.get(NO_BATCH).await.expect(404);
        app.register("bank-new", Role::PolicyBank, Some("063"), &Scope::ALL).await.signed_in().await.get(NO_BATCH).await.expect(404);
    }

    async fn withdrawn_keys_void_the_tokens_that_they_signed(app: TestApp) {
        let before = app.bank("063").await;
        before.get(NO_BATCH).await.expect(404);

        app.app.identity.revoke_keys().await.unwrap();

        before.get(NO_BATCH).await.expect(401);
        assert_eq!(app.get("/.well-known/jwks.json").await.json["keys"].as_array().unwrap().len(), 1);
        app.bank("06").await.get(NO_BATCH).await.expect(404);
    }

    async fn asking_costs_no_statement_more(app: TestApp) {
        let bank = app.bank("063").await;
        let ask = async || {
            let before = app.db().statements();
            bank.get(NO_BATCH).await.expect(404);
            app.db().statements() - before
        };
        ask().await;
        let usual = ask().await;

        app.clock.advance(TimeDelta::seconds(4));

        assert_eq!([ask().await, ask().await, ask().await], [usual + 2, usual, usual], "keys and clients are read once");
    }

    async fn another_process_revokes_and_open_connections_end(database: TestDatabase) {
        let home = tempfile::tempdir().unwrap();
        let process = Process::start(home.path(), &database.url).await;
        let mut clients = Vec::new();
        for name in ["bank", "school"] {
            let added = ansinh(home.path(), &database.url, &["client", "add", name, "--role", "policy_bank", "--client-id", name]);
            let secret = added.lines().find_map(|line| line.strip_prefix("client_secret=")).unwrap();
            clients.push(Client::new(process.base(), name, secret).signed_in().await);
        }
        let [bank, school] = &clients[..] else { panic!("two") };
        let socket = Socket::open(process.base(), bank.token()).await;
        let mut other = Socket::open(process.base(), school.token()).await;
        bank.get(NO_BATCH).await.expect(404);

        ansinh(home.path(), &database.url, &["client", "revoke", "bank"]);
        let revoked = Instant::now();

        assert_eq!(socket.closed(SOON).await, (4403, "Token expired or revoked".to_owned()));
        while bank.get(NO_BATCH).await.status != 401 {
            assert!(revoked.elapsed() < SOON, "a revoked client is still served");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(other.ask("1", "{ viewer { clientId } }").await["type"], "next");
        ansinh(home.path(), &database.url, &["keys", "revoke"]);
        assert_eq!(other.closed(SOON).await.0, 4403);
        school.get(NO_BATCH).await.expect(401);
        process.terminate().await;
    }
}

/// Runs a command of the program beside the one that serves; gives what it prints.
fn ansinh(home: &Path, database: &str, words: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_ansinh"))
        .args(words)
        .env("DATABASE_URL", database)
        .env("ANSINH_SECRET_KEY", SECRET_KEY)
        .current_dir(home)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
