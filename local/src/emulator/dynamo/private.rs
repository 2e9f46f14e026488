//! Keeps the data directory for its owner alone: payloads and results are in it.
//!
//! A new directory gets mode 0700, and so does one that holds only this stack's files. Somebody's own directory keeps its
//! mode, because other things may be in it for others to read. The files have mode 0600 in any case.

use std::{fs, io, path::Path};

use super::data_directory::{DATABASE_FILE, LOCK_FILE};
use crate::emulator::s3::OBJECTS;

/// Creates the directory and its missing parents. Each of them is its owner's alone.
pub(super) fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Closes the directory to others if it holds only this stack's files. Some file systems have no modes: then a warning has
/// to do.
pub(super) fn directory(path: &Path) {
    let Ok(entries) = fs::read_dir(path) else { return };
    let ours = |name: &str| name == LOCK_FILE || name == OBJECTS || name.starts_with(DATABASE_FILE);
    let only_ours = entries.flatten().all(|entry| entry.file_name().to_str().is_some_and(ours));
    if only_ours && let Err(error) = restrict(path, 0o700) {
        tracing::warn!(%error, "cannot close the data directory {} to others", path.display());
    }
}

/// Creates the directory, or closes it to others if it is there.
///
/// # Errors
/// The directory cannot be created.
pub(crate) fn closed(path: &Path) -> io::Result<()> {
    create(path)?;
    if let Err(error) = restrict(path, 0o700) {
        tracing::warn!(%error, "cannot close the directory {} to others", path.display());
    }
    Ok(())
}

/// Creates the database's file, so that it is never open to others, and closes it and the files beside it. SQLite gives
/// later files the mode of the first.
///
/// # Errors
/// The file cannot be created.
pub(super) fn files(path: &Path) -> io::Result<()> {
    fs::File::options().append(true).create(true).open(path.join(DATABASE_FILE))?;
    for entry in fs::read_dir(path)?.flatten() {
        let ours = |name: &str| name == LOCK_FILE || name.starts_with(DATABASE_FILE);
        if entry.file_name().to_str().is_some_and(ours)
            && let Err(error) = restrict(&entry.path(), 0o600)
        {
            tracing::warn!(%error, "cannot close {} to others", entry.path().display());
        }
    }
    Ok(())
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let permissions: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
