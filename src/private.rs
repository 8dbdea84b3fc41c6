//! Files that their owner alone may read: databases, keys, credentials.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Makes a directory, and those above it that are missing, for their owner alone. One that is there stays as it is.
pub fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file for its owner alone. One that is there stays as it is.
pub fn make_file(path: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Writes a file for its owner alone, whole or not at all: under another name first.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let draft = with_ending(path, ".new");
    let mut file = options().create(true).truncate(true).open(&draft)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

/// Tells the log of files that others may read or write as well. Whose they are is for the operator to say, so they stay so.
pub fn warn_of_open(paths: impl IntoIterator<Item = PathBuf>) {
    for path in paths.into_iter().filter(|path| is_open(path)) {
        let path = path.display();
        tracing::warn!(%path, "others than the owner may read this file; close it to them: chmod 600, and 700 for its directory");
    }
}

/// The path with something more at the end of its name.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("the file").permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_directory(&inner).unwrap();
        assert_eq!((mode(&folder.path().join("a")), mode(&inner)), (0o700, 0o700));

        let file = inner.join("file");
        make_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        write(&file, "text").unwrap();
        make_file(&file).unwrap();
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode(&file)), ("text", 0o600));
        assert!(!is_open(&file));

        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        make_file(&file).unwrap();
        assert!(is_open(&file));
        assert_eq!(mode(&file), 0o640);
        write(&file, "other").unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
