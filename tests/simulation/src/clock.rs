//! The virtual time of a world, and the clocks of its machines, each with its own offset.

use std::{future::Future, pin::Pin, time::Duration};

use taskway_protocol::Time;
use taskway_runtime::clock::Clock;
use tokio::time::{self, Instant};

/// The time at which every world begins: 2026-11-23T08:00:00Z.
pub const START: Time = Time::from_millis(1_795_420_800_000);

/// A clock of a world. Tokio's time is paused: when no task can run, it jumps to the next timer.
#[derive(Clone, Copy, Debug)]
pub struct WorldClock {
    began: Instant,
    /// The offset from the true time, in milliseconds.
    off: i64,
}

impl WorldClock {
    /// Starts the true time of a world.
    pub fn start() -> Self {
        WorldClock { began: Instant::now(), off: 0 }
    }

    /// The same clock with an offset in milliseconds.
    #[must_use]
    pub fn off_by(self, off: i64) -> Self {
        WorldClock { off, ..self }
    }

    /// The time since the world began.
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
            if wait.is_zero() {
                // On a machine with several cores, what was just started goes on meanwhile: a handler begins.
                tokio::task::yield_now().await;
            } else {
                time::sleep(wait).await;
            }
        })
    }
}
