//! A clock that is wrong.

use std::{pin::Pin, time::Duration};

use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock};

/// A clock that is off by a fixed number of milliseconds, and sleeps by its own time.
#[derive(Clone, Debug)]
pub struct Skewed {
    clock: ManualClock,
    off: i64,
}

impl Skewed {
    /// `clock`, off by so many milliseconds: ahead, or behind where they are negative.
    pub fn of(clock: &ManualClock, off: i64) -> Self {
        Skewed { clock: clock.clone(), off }
    }

    fn shifted(at: Time, by: i64) -> Time {
        Time::from_millis(at.as_millis().saturating_add_signed(by))
    }
}

impl Clock for Skewed {
    fn now(&self) -> Time {
        Self::shifted(self.clock.now(), self.off)
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep_until(Self::shifted(at, -self.off))
    }

    fn sleep(&self, for_: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(for_)
    }
}
