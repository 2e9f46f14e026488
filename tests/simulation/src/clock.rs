//! One virtual time for a world, and the clocks of its machines, which are off by a little.

use std::{future::Future, pin::Pin, time::Duration};

use taskway_protocol::Time;
use taskway_runtime::clock::Clock;
use tokio::time::{self, Instant};

/// When every world begins: 2026-11-23T08:00:00Z.
pub const START: Time = Time::from_millis(1_795_420_800_000);

/// A clock of a world. The runtime's time is paused: it passes when nothing is left to do, at once, to the next timer.
#[derive(Clone, Copy, Debug)]
pub struct WorldClock {
    began: Instant,
    /// By how many milliseconds it is off.
    off: i64,
}

impl WorldClock {
    /// The true time of a world that begins now.
    pub fn start() -> Self {
        WorldClock { began: Instant::now(), off: 0 }
    }

    /// The same, off by so many milliseconds.
    #[must_use]
    pub fn off_by(self, off: i64) -> Self {
        WorldClock { off, ..self }
    }

    /// How long the world has lasted.
    pub fn elapsed(self) -> Duration {
        self.began.elapsed()
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Time {
        let passed = self.began.elapsed().as_millis() as u64;
        Time::from_millis((START.as_millis() + passed).saturating_add_signed(self.off))
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let wait = at.since(self.now());
        Box::pin(async move {
            if !wait.is_zero() {
                time::sleep(wait).await;
            }
        })
    }
}
