//! The threads of blocking handlers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to run a blocking handler on a thread. Other tasks need none.
#[derive(Debug)]
pub struct ThreadPermit(Option<OwnedSemaphorePermit>);

impl ThreadPermit {
    /// No permit.
    pub(super) const NONE: Self = ThreadPermit(None);

    /// Waits for a free thread.
    pub(super) async fn acquire(threads: &Arc<Semaphore>) -> Self {
        // The semaphore is never closed.
        ThreadPermit(Arc::clone(threads).acquire_owned().await.ok())
    }

    /// This permit, or a new one if it is none.
    pub(super) async fn or_acquire(self, threads: &Arc<Semaphore>) -> Self {
        if self.0.is_some() { self } else { Self::acquire(threads).await }
    }
}
