//! The source of the time. All code outside `shared/protocol` asks a [`Clock`] for the time and waits by it, so a test
//! can stop the time and move it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::future::BoxFuture;
use tokio::sync::watch;

use taskway_protocol::Time;

/// A source of the time that can also wait.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Time;

    /// Waits until [`now`](Clock::now) is `at` or later.
    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()>;

    /// Waits for this long.
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

/// A clock for tests. It stands still until a test moves it. Clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<watch::Sender<Time>>);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn starting_at(start: Time) -> Self {
        ManualClock(Arc::new(watch::Sender::new(start)))
    }

    /// Moves the time forward and ends every wait that is over then.
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
        // Keeps the sender alive: without it the wait would end at once.
        let keep = Arc::clone(&self.0);
        Box::pin(async move {
            let _ = time.wait_for(|now| *now >= at).await;
            drop(keep);
        })
    }
}
