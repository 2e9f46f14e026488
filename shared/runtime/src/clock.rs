//! Where the time comes from. Every wait and every `now` outside the domain goes through a [`Clock`], so that a
//! test can hold time still and move it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::future::BoxFuture;
use tokio::sync::watch;

use taskway_protocol::Time;

/// A source of time that can also be waited on.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Time;

    /// Ends once [`now`](Clock::now) is at `at` or later.
    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()>;

    /// Ends after `for_` has passed.
    fn sleep(&self, for_: Duration) -> BoxFuture<'static, ()> {
        self.sleep_until(self.now().after(for_))
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_millis(since.as_millis() as u64)
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(at.since(self.now())))
    }
}

/// A clock that stands still until it is moved. Clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<watch::Sender<Time>>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn starting_at(start: Time) -> Self {
        ManualClock(Arc::new(watch::Sender::new(start)))
    }

    /// Moves the time forward and wakes every sleeper whose time has come.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = now.after(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        // Keeps the sender alive, so that waiting can end only by the time moving.
        let keep = Arc::clone(&self.0);
        Box::pin(async move {
            let _ = time.wait_for(|now| *now >= at).await;
            drop(keep);
        })
    }
}
