//! Finds the programs of a PostgreSQL server where systems put them.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The oldest version that the service supports.
const OLDEST: u32 = 15;

/// Directories in which each version has one of its own.
const BY_VERSION: [(&str, &str); 5] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

/// Directories of a single version.
const PLAIN: [&str; 4] = ["/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/libexec/postgresql"];

/// The programs of one installation.
#[derive(Clone, Debug)]
pub struct Programs {
    directory: PathBuf,
    libraries: Option<OsString>,
}

impl Programs {
    /// Programs of a directory, with the directories of libraries that the system does not know.
    pub fn of(directory: PathBuf, libraries: Option<OsString>) -> Self {
        Self { directory, libraries }
    }

    /// A program.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Lets a command find the libraries.
    pub fn at_home(&self, command: &mut Command) {
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
    }

    /// The version of the server, where it is one that runs and is new enough.
    pub fn version(&self) -> Option<u32> {
        if !self.path("initdb").exists() {
            return None;
        }
        let mut command = Command::new(self.path("postgres"));
        self.at_home(&mut command);
        let output = command.arg("--version").stderr(Stdio::null()).output().ok()?;
        // As "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)" or "postgres (PostgreSQL) 19beta1".
        let said = String::from_utf8(output.stdout).ok()?;
        let digits: String = said.split_whitespace().nth(2)?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|version| *version >= OLDEST)
    }
}

/// The newest server on this machine.
pub fn programs() -> Option<Programs> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> =
        std::env::split_paths(&path).filter(|place| place.join("postgres").exists()).collect();
    places.extend(BY_VERSION.iter().flat_map(|(parent, prefix)| versions(Path::new(parent), prefix)));
    places.extend(PLAIN.map(PathBuf::from));
    let found = places.into_iter().map(|place| Programs::of(place, None));
    found
        .filter_map(|programs| Some((programs.version()?, programs)))
        .max_by_key(|(version, _)| *version)
        .map(|(_, p)| p)
}

/// The `bin` directories below a directory with one entry a version.
pub fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let versions = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("postgres").exists()).collect()
}
