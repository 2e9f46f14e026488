//! The ways in which the embedded DynamoDB fails.

use std::{io, path::PathBuf};

use dynoxide::DynoxideError;

/// Why the embedded DynamoDB cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DynamoError {
    /// The data directory's path names a file.
    #[error("data directory {} is not a directory", .0.display())]
    NotADirectory(PathBuf),

    /// Another process has the data directory open.
    #[error("data directory {} is in use by another running process{}", path.display(), holder(*pid))]
    InUse {
        /// The data directory.
        path: PathBuf,
        /// The other process, if its lock file could be read.
        pid: Option<u32>,
    },

    /// The data directory cannot be created, read or written.
    #[error("data directory {} cannot be used", path.display())]
    Directory {
        /// The directory or the file in it.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },

    /// The database file is not a database that this version can read.
    #[error("database {} cannot be opened", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// The engine's error.
        source: DynoxideError,
    },

    /// The data directory has a table whose schema differs from the template's.
    #[error("table {table} was created with another {part}; move its data directory away to start afresh")]
    OtherSchema {
        /// The table's name.
        table: String,
        /// The property of the table that differs.
        part: String,
    },

    /// DynamoDB would refuse to create the table.
    #[error("table {table} cannot be created: {reason}")]
    Refused {
        /// The table's name.
        table: String,
        /// What is wrong with the request.
        reason: String,
    },

    /// The engine failed.
    #[error("embedded dynamodb failed")]
    Engine(#[from] DynoxideError),

    /// The HTTP server failed.
    #[error("embedded dynamodb cannot serve: {0}")]
    Serve(String),
}

fn holder(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
