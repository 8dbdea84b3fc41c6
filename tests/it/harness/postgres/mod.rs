//! A PostgreSQL server for the tests: the one that `ANSINH_TEST_POSTGRES_URL` names, else a throw-away cluster of this
//! process that goes when the process goes, however it goes.

mod find;
mod install;

use std::{
    io,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Database};

use self::find::Programs;

/// Names a running server (15 or newer) whose user may create databases, instead of a throw-away cluster. The test that reads
/// plans wants a superuser, because only such a one may have the server tell its plans.
const EXISTING: &str = "ANSINH_TEST_POSTGRES_URL";

/// How long a cluster may take to answer for the first time.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the server and, when the pipe that the tests hold open ends, stops it and takes its directory away.
const KEEPER: &str = r#"
home=$1; shift
exec 3<&0
"$@" </dev/null 3<&- >"$home/log" 2>&1 & server=$!
cat <&3 >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$home"
"#;

/// A server.
pub struct Server {
    url: String,
    keeper: Option<Child>,
}

impl Server {
    /// The server that the tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Server, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| match std::env::var(EXISTING) {
            Ok(url) if !url.is_empty() => Ok(Self { url: without_database(&url), keeper: None }),
            _ => Self::start(Durability::None),
        });
        shared.as_ref().unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}"))
    }

    /// A server of its own that really writes to disk.
    pub fn durable() -> Self {
        Self::start(Durability::Full).unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}"))
    }

    /// URL of one of its databases.
    pub fn database(&self, name: &str) -> String {
        let (base, query) = self.url.split_once('?').map_or((self.url.as_str(), ""), |(base, query)| (base, query));
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        format!("{base}/{name}{query}")
    }

    /// Runs a statement beside all databases, as `CREATE DATABASE`.
    pub async fn administer(&self, statement: &str) {
        let admin = Database::connect(self.database("postgres")).await.expect("the server answers");
        admin.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        admin.close().await.unwrap();
    }

    fn start(durability: Durability) -> Result<Self, String> {
        let programs = find::programs().map_or_else(install::programs, Ok)?;
        let owner = Owner::of_clusters()?;
        let mut last = String::new();
        // Between asking for a free port and using it, somebody else may take it.
        for _ in 0..5 {
            let home = owner.directory()?;
            match Self::start_in(&programs, &owner, &home, durability) {
                Ok(server) => return Ok(server),
                Err(why) => last = why,
            }
            let _ = std::fs::remove_dir_all(&home);
            if !last.contains("could not create any TCP/IP sockets") {
                break;
            }
        }
        Err(last)
    }

    fn start_in(programs: &Programs, owner: &Owner, home: &Path, durability: Durability) -> Result<Self, String> {
        let data = home.join("data");
        initialise(programs, owner, &data)?;
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(KEEPER).arg("keeper").arg(home).arg(programs.path("postgres"));
        command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-k", "", "-p", &port.to_string()]);
        for setting in durability.settings() {
            command.args(["-c", setting]);
        }
        programs.at_home(&mut command);
        owner.own(&mut command);
        // A group of its own: Ctrl-C at the tests must not reach the keeper before it has cleaned up.
        command.process_group(0).current_dir(home).stdin(Stdio::piped()).stdout(Stdio::null());
        let keeper = command.spawn().map_err(|error| format!("cannot run sh: {error}"))?;
        let server = Self { url: format!("postgres://postgres@127.0.0.1:{port}"), keeper: Some(keeper) };
        server.wait_until_ready(&home.join("log"))?;
        Ok(server)
    }

    fn wait_until_ready(&self, log: &Path) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let url = self.database("postgres");
            let answers = on_a_thread(async move { Database::connect(url).await?.close().await }).is_ok();
            if answers {
                return Ok(());
            }
            let said = std::fs::read_to_string(log).unwrap_or_default();
            if said.contains("database system is shut down") || begun.elapsed() > PATIENCE {
                return Err(format!("the server did not start; its log says:\n{said}"));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// What a crash of the machine may cost.
#[derive(Clone, Copy)]
enum Durability {
    /// Everything: most tests never crash.
    None,
    /// Nothing that was acknowledged.
    Full,
}

impl Durability {
    fn settings(self) -> Vec<&'static str> {
        let mut settings = vec!["max_connections=300", "shared_buffers=64MB", "max_wal_size=1GB", "jit=off"];
        if matches!(self, Self::None) {
            // A template that autovacuum is just reading cannot be copied.
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]);
        }
        settings
    }
}

/// As whom a cluster runs: PostgreSQL refuses to run as root.
enum Owner {
    /// The user of the tests.
    Me,
    /// Somebody with fewer rights.
    Other { uid: u32, gid: u32 },
}

impl Owner {
    fn of_clusters() -> Result<Self, String> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Me);
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|user| Some(Self::Other { uid: id(&["-u", user])?, gid: id(&["-g", user])? }))
            .ok_or_else(|| "run by root, and there is no user postgres or nobody to run the server as".to_owned())
    }

    fn directory(&self) -> Result<PathBuf, String> {
        let made = tempfile::Builder::new().prefix("ansinh-postgres-").tempdir();
        let home = made.map_err(|error| format!("no temporary directory: {error}"))?.keep();
        if let Self::Other { uid, gid } = self {
            chown(&home, Some(*uid), Some(*gid)).map_err(|error| format!("{}: {error}", home.display()))?;
        }
        Ok(home)
    }

    fn own(&self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(*uid).gid(*gid);
        }
    }
}

/// Makes a cluster with the collation that most differs from the order of bytes, so that nothing leans on the latter.
fn initialise(programs: &Programs, owner: &Owner, data: &Path) -> Result<(), String> {
    let mut said = String::new();
    for locale in [&["--locale-provider=icu", "--icu-locale=vi-VN", "--locale=C"][..], &["--locale=C"][..]] {
        let mut command = Command::new(programs.path("initdb"));
        command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]).args(locale);
        command.arg("-D").arg(data).env("TZ", "UTC").current_dir("/").stdin(Stdio::null());
        programs.at_home(&mut command);
        owner.own(&mut command);
        let output = command.output().map_err(|error| format!("cannot run initdb: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        eprintln!("initdb {}: {said}", locale.join(" "));
        let _ = std::fs::remove_dir_all(data);
    }
    Err(format!("initdb failed: {said}"))
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()?.trim().parse().ok()).flatten()
}

fn without_database(url: &str) -> String {
    let mut url = url::Url::parse(url).unwrap_or_else(|error| panic!("{EXISTING}: {error}"));
    url.set_path("");
    url.as_str().trim_end_matches('/').to_owned()
}

/// Runs a future to its end on a thread and runtime of its own: it must not depend on the runtime of one test.
pub fn on_a_thread<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    thread::spawn(move || runtime().block_on(future)).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
