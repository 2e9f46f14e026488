//! The embedded DynamoDB: dynoxide, in memory or in a directory.
//!
//! **What survives.** In a directory the database is one SQLite file in WAL mode with SQLite's default
//! `synchronous = FULL`: a write is on the disk before it is answered, so what was answered survives `kill -9` of this
//! process, and a loss of power as far as the disk keeps its word. A write that was not answered is there in full or
//! not at all. In memory nothing survives the process.
//!
//! **One process a directory.** SQLite would let two in, but each caches what the tables look like, and each would run
//! its own stack on the other's tasks. A lock on a file in the directory keeps the second out. The operating system
//! drops the lock with the process, however that ends, so a lock file that is left over keeps nobody out.

use std::{
    fs::{self, File, TryLockError},
    future::Future,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dynoxide::{
    Database, DynoxideError,
    actions::{
        describe_table::DescribeTableRequest,
        describe_time_to_live::DescribeTimeToLiveRequest,
        update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest},
    },
};
use serde_json::Value;
use taskway_runtime::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{calls::Calls, template::Table};

mod front_door;

/// The database in a data directory. SQLite keeps its `-wal` and `-shm` beside it.
const DATABASE_FILE: &str = "dynamodb.sqlite";

/// The file that the running process holds a lock on; it contains the process id.
const LOCK_FILE: &str = "taskway.lock";

/// How often ended items are looked for. DynamoDB itself takes up to days; a minute shows the effect while one watches,
/// and a sweep reads every row of the tables.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The parts of a table that cannot be other than the template says without the code failing later.
const SCHEMA: &[&str] = &["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"];

/// Why the embedded DynamoDB cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DynamoError {
    /// The data directory's path is taken by something else.
    #[error("data directory {} is not a directory", .0.display())]
    NotADirectory(PathBuf),

    /// Another process has the data directory open.
    #[error("data directory {} is in use by another running process{}", path.display(), holder(*pid))]
    InUse {
        /// The data directory.
        path: PathBuf,
        /// The other process, where it can be told.
        pid: Option<u32>,
    },

    /// The data directory cannot be made, read or written.
    #[error("data directory {} cannot be used", path.display())]
    Directory {
        /// The directory or the file in it.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },

    /// The database file is not a database that this version can read.
    #[error("database {} cannot be opened", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// What the engine says.
        source: DynoxideError,
    },

    /// A table of an earlier run is not what the template says now.
    #[error("table {table} was created with another {part}; move its data directory away to start afresh")]
    OtherSchema {
        /// The table's name.
        table: String,
        /// The property of the table that differs.
        part: String,
    },

    /// A table is not one that DynamoDB would create.
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

/// An open database. Clones share it; the directory is free again when the last one is gone.
#[derive(Clone)]
pub struct Dynamo {
    // Before the lock, so that the database is closed by the time the lock is let go.
    database: Database,
    clock: Arc<dyn Clock>,
    _lock: Option<Arc<File>>,
}

impl Dynamo {
    /// Opens the database in `data_dir`, which is created if it is not there, or in memory.
    ///
    /// In memory, what has ended is judged by `clock`. In a directory it is judged by the machine's clock, since the
    /// engine takes a clock only in memory; `clock` still says when to look.
    pub fn open(data_dir: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self, DynamoError> {
        let Some(data_dir) = data_dir else {
            let database = Database::memory_with_clock(Arc::new(EngineClock(Arc::clone(&clock))))?;
            return Ok(Dynamo { database, clock, _lock: None });
        };
        let data_dir = directory(data_dir)?;
        let lock = lock(&data_dir)?;
        let path = data_dir.join(DATABASE_FILE);
        let text = path.to_str().ok_or_else(|| DynamoError::Directory {
            path: path.clone(),
            source: io::Error::new(io::ErrorKind::InvalidFilename, "the path is not valid utf-8"),
        })?;
        let database = Database::new(text).map_err(|source| DynamoError::Open { path: path.clone(), source })?;
        Ok(Dynamo { database, clock, _lock: Some(Arc::new(lock)) })
    }

    /// Creates the tables that are not there yet. One that is there must be as it would be created now.
    pub fn create_tables(&self, tables: &[Table]) -> Result<(), DynamoError> {
        for table in tables {
            self.create_table(table)?;
            self.set_ttl(table)?;
        }
        Ok(())
    }

    /// Answers DynamoDB's HTTP protocol on `listener`, and deletes what has ended once a minute, until `shutdown`
    /// resolves and the requests under way are answered.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), DynamoError> {
        let server = dynoxide::server::serve_with_shutdown(listener, self.database.clone(), shutdown);
        tokio::select! {
            served = server => served.map_err(DynamoError::Serve),
            () = self.sweep_every(SWEEP_EVERY) => Ok(()),
        }
    }

    /// As [`serve`](Dynamo::serve), and notes in `calls` who asks for what.
    ///
    /// The process must have a TLS provider, though no TLS is spoken: its HTTP client asks for one.
    pub async fn serve_noting(
        &self,
        listener: TcpListener,
        calls: Calls,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), DynamoError> {
        let failed = |error: io::Error| DynamoError::Serve(error.to_string());
        let behind = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let engine = format!("http://{}", behind.local_addr().map_err(failed)?);
        let closed = CancellationToken::new();
        let door = async {
            // First the door, then what is behind it.
            let _last = closed.clone().drop_guard();
            front_door::serve(listener, engine, calls, shutdown).await.map_err(DynamoError::Serve)
        };
        tokio::try_join!(door, self.serve(behind, closed.clone().cancelled_owned())).map(|_| ())
    }

    /// The engine itself, for calls without HTTP.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Deletes the items whose time is over, now. Returns how many there were.
    pub async fn sweep(&self) -> Result<usize, DynamoError> {
        let database = self.database.clone();
        // It reads whole tables under the engine's lock, page by page; no place for an async thread.
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(swept) => Ok(swept?),
            Err(stopped) => Err(DynamoError::Serve(stopped.to_string())),
        }
    }

    /// Sweeps for ever; a sweep that fails is logged and the next one tried.
    async fn sweep_every(&self, period: Duration) {
        loop {
            self.clock.sleep(period).await;
            match self.sweep().await {
                Ok(0) => {}
                Ok(deleted) => tracing::debug!(deleted, "items whose time is over were deleted"),
                Err(error) => tracing::warn!(%error, "looking for items whose time is over failed"),
            }
        }
    }

    fn create_table(&self, table: &Table) -> Result<(), DynamoError> {
        let describe = DescribeTableRequest { table_name: table.name.clone() };
        let refused = |reason: String| DynamoError::Refused { table: table.name.clone(), reason };
        let found = match self.database.describe_table(describe) {
            Ok(found) => serde_json::to_value(found).map_err(|error| refused(error.to_string()))?,
            Err(DynoxideError::ResourceNotFoundException(_)) => {
                let request = serde_json::from_value(table.create.clone())
                    .map_err(|error| refused(error.to_string().replace("VALIDATION:", "")))?;
                return match self.database.create_table(request) {
                    Ok(_) => Ok(()),
                    Err(DynoxideError::ValidationException(reason)) => Err(refused(reason)),
                    Err(error) => Err(error.into()),
                };
            }
            Err(error) => return Err(error.into()),
        };
        match SCHEMA.iter().find(|part| comparable(&table.create[**part]) != comparable(&found["Table"][**part])) {
            Some(part) => Err(self.other_schema(table, part)),
            None => Ok(()),
        }
    }

    fn set_ttl(&self, table: &Table) -> Result<(), DynamoError> {
        let describe = DescribeTimeToLiveRequest { table_name: table.name.clone() };
        let found = serde_json::to_value(self.database.describe_time_to_live(describe)?)
            .map_err(|error| DynamoError::Refused { table: table.name.clone(), reason: error.to_string() })?;
        let found = found["TimeToLiveDescription"]["AttributeName"].as_str();
        match (found, &table.ttl_attribute) {
            (found, wanted) if found == wanted.as_deref() => Ok(()),
            (None, Some(attribute_name)) => {
                let time_to_live_specification =
                    TimeToLiveSpecification { attribute_name: attribute_name.clone(), enabled: true };
                let request = UpdateTimeToLiveRequest { table_name: table.name.clone(), time_to_live_specification };
                self.database.update_time_to_live(request)?;
                Ok(())
            }
            _ => Err(self.other_schema(table, "TimeToLiveSpecification")),
        }
    }

    fn other_schema(&self, table: &Table, part: &str) -> DynamoError {
        DynamoError::OtherSchema { table: table.name.clone(), part: part.to_owned() }
    }
}

/// The part of a table's description that its creation decides, in an order that does not matter.
fn comparable(part: &Value) -> Value {
    /// What DynamoDB adds to a description beside what was asked for.
    const ADDED: &[&str] =
        &["IndexArn", "IndexStatus", "IndexSizeBytes", "ItemCount", "ProvisionedThroughput", "Backfilling"];
    match part {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !ADDED.contains(&name.as_str()))
            .map(|(k, v)| (k.clone(), comparable(v)))
            .collect(),
        // Key elements, attributes, indexes and projected names are all sets: a key's elements carry their role.
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(comparable).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => part.clone(),
    }
}

/// Makes the directory if need be. The path that comes back is absolute, so that SQLite cannot take it for a URI.
fn directory(path: &Path) -> Result<PathBuf, DynamoError> {
    if path.exists() && !path.is_dir() {
        return Err(DynamoError::NotADirectory(path.to_owned()));
    }
    let failed = |source| DynamoError::Directory { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)?;
    fs::canonicalize(path).map_err(failed)
}

fn lock(data_dir: &Path) -> Result<File, DynamoError> {
    let path = data_dir.join(LOCK_FILE);
    let failed = |source| DynamoError::Directory { path: path.clone(), source };
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            // Only to say who; where the platform locks reading too, or the other is still writing, it stays unsaid.
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            return Err(DynamoError::InUse { path: data_dir.to_owned(), pid: text.trim().parse().ok() });
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

/// The engine asks for the time by its own trait.
struct EngineClock(Arc<dyn Clock>);

impl dynoxide::storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        self.0.now().as_secs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_millis() as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests;
