//! An open database: its tables, its HTTP server, and the sweep for expired items.

use std::{fs::File, future::Future, io, path::Path, sync::Arc, time::Duration};

use dynoxide::Database;
use taskway_runtime::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{DynamoError, data_directory::DataDirectory, front_door, tables};
use crate::emulator::{calls::Calls, doors::Doors, template::Table};

/// How often the sweep runs. DynamoDB itself may take days to delete an expired item. A minute is short enough to see the
/// effect, and a sweep reads every row of every table.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// An open database. Clones share it. Dropping the last clone frees the data directory.
#[derive(Clone)]
pub struct Dynamo {
    // Declared before the lock, so that the database closes before the lock is released.
    database: Database,
    clock: Arc<dyn Clock>,
    _lock: Option<Arc<File>>,
}

impl Dynamo {
    /// Opens the database in `data_dir`, which it creates if necessary, or in memory without `data_dir`.
    ///
    /// In memory, `clock` decides which items have expired. In a directory the machine's clock decides, because the
    /// engine takes a clock only in memory. In both cases `clock` says when to sweep.
    pub fn open(data_dir: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self, DynamoError> {
        let Some(data_dir) = data_dir else {
            let database = Database::memory_with_clock(Arc::new(EngineClock(Arc::clone(&clock))))?;
            return Ok(Dynamo { database, clock, _lock: None });
        };
        let directory = DataDirectory::open(data_dir)?;
        let database = Database::new(directory.database_text()?)
            .map_err(|source| DynamoError::Open { path: directory.database.clone(), source })?;
        Ok(Dynamo { database, clock, _lock: Some(Arc::new(directory.lock)) })
    }

    /// Creates the missing tables. An existing table must be as the template has it.
    pub fn create_tables(&self, tables: &[Table]) -> Result<(), DynamoError> {
        tables.iter().try_for_each(|table| tables::create(&self.database, table))
    }

    /// Serves DynamoDB's HTTP protocol on `listener`, without doors, and sweeps expired items once a minute. Ends when `shutdown` has
    /// resolved and the open requests are answered.
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

    /// Serves like [`serve`](Dynamo::serve), and lets through the doors what may come in at `front`. The engine itself
    /// listens at `behind`, for the stack's own parts. Records the calls at `front` if there are `calls`.
    pub async fn serve_behind(
        &self,
        doors: Doors,
        front: TcpListener,
        behind: TcpListener,
        calls: Option<Calls>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), DynamoError> {
        let failed = |error: io::Error| DynamoError::Serve(error.to_string());
        let engine = format!("http://{}", behind.local_addr().map_err(failed)?);
        let closed = CancellationToken::new();
        let door = async {
            // The engine stops only after the front door: the door still needs it for open requests.
            let _last = closed.clone().drop_guard();
            front_door::serve(doors, front, engine, calls, shutdown).await.map_err(DynamoError::Serve)
        };
        tokio::try_join!(door, self.serve(behind, closed.clone().cancelled_owned())).map(|_| ())
    }

    /// The engine itself, for calls without HTTP.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Deletes all expired items now. Returns their number.
    pub async fn sweep(&self) -> Result<usize, DynamoError> {
        let database = self.database.clone();
        // The engine reads whole tables under its lock, which would block an async thread.
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(swept) => Ok(swept?),
            Err(stopped) => Err(DynamoError::Serve(stopped.to_string())),
        }
    }

    /// Sweeps for ever. Logs a failed sweep and goes on.
    pub(super) async fn sweep_every(&self, period: Duration) {
        loop {
            self.clock.sleep(period).await;
            match self.sweep().await {
                Ok(0) => {}
                Ok(deleted) => tracing::debug!(deleted, "deleted expired items"),
                Err(error) => {
                    tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot sweep expired items");
                }
            }
        }
    }
}

/// Gives the engine the time in the form of its own trait.
struct EngineClock(Arc<dyn Clock>);

impl dynoxide::storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        self.0.now().as_secs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_millis() as f64 / 1000.0
    }
}
