//! How many shards of the agenda a tick looks at: as many as may hold something, which may be more than are written to
//! now.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use crate::{Report, Scheduler};

/// What a process knows of the agenda's shards, for all its ticks.
#[derive(Clone, Debug, Default)]
pub struct Known(Arc<AtomicU16>);

impl Scheduler {
    /// How many shards to sweep; read and made known once a process, since a process' setting does not change and
    /// another's ticks for itself. Where it cannot be read those that are written to now are swept, and the next tick
    /// reads again.
    pub(crate) async fn agenda_shards(&self) -> (u16, Report) {
        let known = self.known.0.load(Ordering::Relaxed);
        if known > 0 {
            return (known, Report::default());
        }
        match self.services.store.widen().await {
            Ok(widest) => {
                self.known.0.store(widest.agenda, Ordering::Relaxed);
                (widest.agenda, Report::default())
            }
            Err(error) => {
                tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot read how many shards there are");
                (self.services.store.shards().agenda, Report { failed: 1, ..Report::default() })
            }
        }
    }
}
