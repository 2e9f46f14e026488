//! A clock with an offset.

use std::{pin::Pin, time::Duration};

use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock};

/// A clock with a fixed offset from the test's clock. It sleeps until its own time.
#[derive(Clone, Debug)]
pub struct Skewed {
    clock: ManualClock,
    off: i64,
}

impl Skewed {
    /// `clock` with an offset in milliseconds. A positive offset is ahead.
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
