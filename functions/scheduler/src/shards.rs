//! How many shards of the agenda a tick must read.
//!
//! That may be more than the shards in use now: an entry stays in the shard it was written to, and the setting may have
//! been larger then.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use taskway_cloud::dynamo::Store;

use crate::report::Report;

/// The number of the agenda's shards, shared by all ticks of a process. 0: not read yet.
#[derive(Clone, Debug, Default)]
pub struct KnownShards(Arc<AtomicU16>);

impl KnownShards {
    /// How many shards to sweep.
    ///
    /// The table is read once a process, and raised to this process's own setting. Other processes run ticks of their
    /// own with theirs. If the table cannot be read, this tick sweeps the shards of its own setting, and the next tick
    /// reads again.
    pub(crate) async fn of_agenda(&self, store: &Store) -> (u16, Report) {
        let known = self.0.load(Ordering::Relaxed);
        if known > 0 {
            return (known, Report::default());
        }
        match store.register_shards().await {
            Ok(widest) => {
                self.0.store(widest.agenda, Ordering::Relaxed);
                (widest.agenda, Report::default())
            }
            Err(error) => {
                tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot read how many shards there are");
                (store.shards().agenda, Report { failed: 1, ..Report::default() })
            }
        }
    }
}
