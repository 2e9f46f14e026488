//! The data directory: its database file, and the lock that keeps other processes out.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use super::{DynamoError, private};

/// The database file. SQLite keeps its `-wal` and `-shm` files beside it.
pub(super) const DATABASE_FILE: &str = "dynamodb.sqlite";

/// The file that the running process locks. It contains the process id.
pub(super) const LOCK_FILE: &str = "taskway.lock";

/// A locked data directory. Dropping it releases the lock.
pub(super) struct DataDirectory {
    pub(super) database: PathBuf,
    pub(super) lock: File,
}

impl DataDirectory {
    /// Creates the directory if it is missing, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, DynamoError> {
        let path = create(path)?;
        private::directory(&path);
        let lock = lock(&path)?;
        private::files(&path).map_err(|source| DynamoError::Directory { path: path.clone(), source })?;
        Ok(DataDirectory { database: path.join(DATABASE_FILE), lock })
    }

    /// The database file's path as text, which the engine asks for.
    pub(super) fn database_text(&self) -> Result<&str, DynamoError> {
        self.database.to_str().ok_or_else(|| DynamoError::Directory {
            path: self.database.clone(),
            source: io::Error::new(io::ErrorKind::InvalidFilename, "the path is not valid utf-8"),
        })
    }
}

/// Returns an absolute path, because SQLite would take some relative paths for URIs.
fn create(path: &Path) -> Result<PathBuf, DynamoError> {
    if path.exists() && !path.is_dir() {
        return Err(DynamoError::NotADirectory(path.to_owned()));
    }
    let failed = |source| DynamoError::Directory { path: path.to_owned(), source };
    private::create(path).map_err(failed)?;
    fs::canonicalize(path).map_err(failed)
}

fn lock(directory: &Path) -> Result<File, DynamoError> {
    let path = directory.join(LOCK_FILE);
    let failed = |source| DynamoError::Directory { path: path.clone(), source };
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            // The other process may still be writing its id, and some platforms lock reading too. Then the error has no id.
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            return Err(DynamoError::InUse { path: directory.to_owned(), pid: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
    written.map_err(failed)?;
    Ok(file)
}
