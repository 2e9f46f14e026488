//! When the audit runs, and how much it reads at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use taskway_protocol::Time;

/// The time from the beginning of one pass to the beginning of the next.
const EVERY: Duration = Duration::from_secs(86_400);

/// How often the audit goes through the table.
///
/// Clones share the time at which the audit is next to be looked at, so that an idle tick reads nothing for it.
#[derive(Clone, Debug)]
pub struct Auditing {
    pub(crate) every: Duration,
    /// The most items of a page. `None`: as many as fit a megabyte.
    pub(crate) page: Option<i32>,
    idle_until: Arc<AtomicU64>,
}

impl Default for Auditing {
    fn default() -> Self {
        Auditing::every(EVERY)
    }
}

impl Auditing {
    /// Begins a pass this long after the beginning of the last, or at once if the last took longer.
    pub fn every(every: Duration) -> Self {
        Auditing { every, page: None, idle_until: Arc::default() }
    }

    /// Reads pages of at most so many items.
    #[must_use]
    pub fn in_pages_of(self, items: i32) -> Self {
        Auditing { page: Some(items), ..self }
    }

    pub(crate) fn is_idle(&self, now: Time) -> bool {
        now.as_millis() < self.idle_until.load(Ordering::Relaxed)
    }

    pub(crate) fn idle_until(&self, at: Time) {
        self.idle_until.store(at.as_millis(), Ordering::Relaxed);
    }
}
