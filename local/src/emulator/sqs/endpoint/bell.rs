//! Wakes the receives that wait for messages of one queue.
//!
//! A waiting receive sleeps until a call rings the bell. One of them, the keeper, also sleeps until the next message falls
//! due. When the keeper leaves, for any reason, the next waiter takes over. So one message wakes one waiter instead of all
//! of them, and nothing polls.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use taskway_protocol::Time;
use tokio::sync::{Notify, futures::Notified};

/// The bell of one queue.
#[derive(Debug)]
pub(super) struct Bell {
    waiters: Notify,
    keeper: Notify,
    has_keeper: AtomicBool,
    /// When the keeper looks again, in milliseconds since the epoch. `u64::MAX` if it waits for no message.
    armed: AtomicU64,
}

impl Bell {
    pub(super) fn new() -> Self {
        Bell {
            waiters: Notify::new(),
            keeper: Notify::new(),
            has_keeper: AtomicBool::new(false),
            armed: AtomicU64::new(u64::MAX),
        }
    }

    /// Resolves when this waiter is woken.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.waiters.notified()
    }

    /// Wakes one waiter. If that waiter has just given up, tokio wakes the next one.
    pub(super) fn wake_one(&self) {
        self.waiters.notify_one();
    }

    pub(super) fn wake_all(&self) {
        self.waiters.notify_waiters();
    }

    /// Wakes the keeper if it would sleep past `due`.
    pub(super) fn wake_keeper(&self, due: Time) {
        if due.as_millis() < self.armed.load(Ordering::SeqCst) {
            self.keeper.notify_one();
        }
    }
}

/// Held by the keeper of a bell. Dropping it makes room for the next keeper.
pub(super) struct Keeper(Arc<Bell>);

impl Keeper {
    /// Returns `None` if the bell has a keeper.
    pub(super) fn of(bell: &Arc<Bell>) -> Option<Self> {
        let free = bell.has_keeper.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        free.then(|| Keeper(Arc::clone(bell)))
    }

    /// Says when the keeper looks again; `None` if no message will fall due.
    pub(super) fn arm(&self, due: Option<Time>) {
        self.0.armed.store(due.map_or(u64::MAX, Time::as_millis), Ordering::SeqCst);
    }

    /// Resolves when a message falls due sooner than the keeper knew.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.0.keeper.notified()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.armed.store(u64::MAX, Ordering::SeqCst);
        self.0.has_keeper.store(false, Ordering::SeqCst);
        self.0.wake_one();
    }
}
