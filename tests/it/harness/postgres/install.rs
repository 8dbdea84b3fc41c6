//! Brings PostgreSQL to a machine that has none, without changing the machine where that can be helped: packages of
//! Debian and its kin are unpacked into a directory of ours, as root or not.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    find::{self, Programs},
    id,
};

/// Installs a server, or says what a person has to do.
pub fn programs() -> Result<Programs, String> {
    let home = home();
    fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    // Test processes that start together install once.
    let lock = File::create(home.join("lock")).map_err(|error| format!("{}: {error}", home.display()))?;
    lock.lock().map_err(|error| format!("{}: {error}", home.display()))?;
    let installed = if is_command("apt-get") && is_command("dpkg") {
        unpacked(&home).map_or_else(|| unpack(&home), Ok)
    } else if is_command("brew") {
        run(Command::new("brew").args(["install", "postgresql@17"]))
            .and_then(|_| find::programs().ok_or_else(|| "brew installed no server".to_owned()))
    } else {
        Err("this system has neither apt-get nor brew".to_owned())
    };
    installed.map_err(|why| {
        format!(
            "none was found and none could be installed ({why}). Install PostgreSQL 15 or newer so that `postgres` and \
             `initdb` are on the PATH, or set ANSINH_TEST_POSTGRES_URL=postgres://USER:PASSWORD@HOST:PORT to a server \
             on which the tests may create databases."
        )
    })
}

/// Where root unpacks must be open to the user that the server runs as, and closed to those who might plant a program.
fn home() -> PathBuf {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    if id(&["-u"]) == Some(0) { PathBuf::from("/var/cache/ansinh-test-postgres") } else { ours }
}

fn is_command(name: &str) -> bool {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).any(|place| place.join(name).exists())
}

/// What an earlier run has unpacked.
fn unpacked(home: &Path) -> Option<Programs> {
    let root = home.join("root");
    let libraries: Vec<PathBuf> = [root.join("usr/lib"), root.join("lib")]
        .iter()
        .flat_map(|parent| fs::read_dir(parent).into_iter().flatten().flatten())
        .filter(|entry| entry.file_name().to_string_lossy().contains("-linux-"))
        .map(|entry| entry.path())
        .collect();
    let libraries = env::join_paths(libraries).ok();
    let places = find::versions(&root.join("usr/lib/postgresql"), "");
    places.into_iter().map(|place| Programs::of(place, libraries.clone())).find(|programs| programs.version().is_some())
}

fn unpack(home: &Path) -> Result<Programs, String> {
    eprintln!("PostgreSQL is not installed: unpacking the system's packages into {}", home.display());
    let apt = Apt::new(home)?;
    run(apt.command("apt-get").arg("update"))?;
    let plan = run(apt.command("apt-get").args(["install", "--simulate", "--no-install-recommends", "postgresql"]))?;
    let names: Vec<&str> = plan
        .lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
        .filter(|name| is_wanted(name))
        .collect();
    if names.is_empty() {
        return Err("the packages hold no postgresql".to_owned());
    }
    let packages = home.join("packages");
    fs::create_dir_all(&packages).map_err(|error| error.to_string())?;
    run(apt.command("apt-get").arg("download").args(names).current_dir(&packages))?;
    for package in fs::read_dir(&packages).map_err(|error| error.to_string())?.flatten() {
        run(Command::new("dpkg").arg("-x").arg(package.path()).arg(home.join("root")))?;
    }
    let _ = fs::remove_dir_all(packages);
    unpacked(home).ok_or_else(|| "what was unpacked does not run, or is older than 15".to_owned())
}

/// Programs and libraries of the server. LLVM serves its compiler alone, which tests leave off.
fn is_wanted(name: &str) -> bool {
    let library = name.starts_with("lib") && !name.starts_with("libllvm") && !name.contains("perl");
    library || (name.starts_with("postgresql-") && name != "postgresql-common" && name != "postgresql-client-common")
}

/// apt with lists and cache of our own, so that it needs no rights and leaves the machine's alone.
struct Apt(Vec<OsString>);

impl Apt {
    fn new(home: &Path) -> Result<Self, String> {
        let mut options = Vec::new();
        for (option, place) in
            [("Dir::State::lists", "lists"), ("Dir::Cache", "cache"), ("Dir::Cache::archives", "debs")]
        {
            let place = home.join(place);
            fs::create_dir_all(place.join("partial")).map_err(|error| error.to_string())?;
            let mut setting = OsString::from(format!("{option}="));
            setting.push(&place);
            options.extend([OsStr::new("-o").to_owned(), setting]);
        }
        for setting in ["Debug::NoLocking=1", "APT::Sandbox::User=root"] {
            options.extend(["-o".into(), setting.into()]);
        }
        Ok(Self(options))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(&self.0).env("LC_ALL", "C");
        command
    }
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
