//! The directory of a demo, readable for its owner alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{config::SecretKey, private};

/// The directory.
#[derive(Debug)]
pub struct Place(PathBuf);

impl Place {
    /// Makes the directory where it is missing.
    pub fn make(path: &Path) -> anyhow::Result<Self> {
        private::make_directory(path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// URL of its database.
    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.file("ansinh.db").display())
    }

    /// The key that seals its signing keys, made at random the first time.
    pub fn secret_key(&self) -> anyhow::Result<SecretKey> {
        let path = self.file("secret.key");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = BASE64_STANDARD.encode(rand::random::<[u8; 32]>());
                self.write("secret.key", &text)?;
                text
            }
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        SecretKey::parse(&text).ok_or_else(|| anyhow!("{}: {} is expected", path.display(), SecretKey::ALLOWED))
    }

    /// Writes a file for its owner alone, whole or not at all.
    pub fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.file(name);
        private::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Tells the log of files in it that others may read, as those of an earlier version.
    pub fn warn_of_open(&self) {
        private::warn_of_open(["secret.key", "demo-clients.json"].map(|name| self.file(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::make(&dir.path().join("demo")).unwrap();

        let first = place.secret_key().unwrap();

        assert_eq!(place.secret_key().unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(place.file("secret.key")), mode(place.file(""))), (0o600, 0o700));
        }
    }
}
