//! Waiting for a task's end (`Prefer: wait`).
//!
//! A request that waits holds an invocation of the function, and with it a part of the account's concurrency, which the
//! executor and the scheduler need too. So a number of places, in the table, bounds how many requests wait in all
//! invocations together. A request that finds no place is answered after a brief wait. A brief wait needs no place: most
//! tasks that clients wait for end within it, and it costs no write.

use std::{str::FromStr, time::Duration};

use taskway_protocol::{Nonce, Task, Time};

use crate::Submit;

/// How often a waiting request looks whether its task has ended: at first, and at last.
const LOOKS: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(500));

/// How long a request may wait without a place.
const BRIEF: Duration = Duration::from_millis(250);

/// How many places a request looks at, from a random one on.
const TRIES: u16 = 4;

/// How long a place stays taken behind the wait's end, should it not be given back: a request looks at its task once more.
const MARGIN: Duration = Duration::from_secs(2);

/// How many requests may wait at once, each for longer than a quarter of a second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places(u16);

impl Places {
    /// As many as an account has concurrency at first.
    pub const MOST: Places = Places(1_000);
}

impl FromStr for Places {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().all(|digit| digit.is_ascii_digit());
        let places = text.parse().ok().filter(|places| digits && *places <= Places::MOST.0);
        places.map(Places).ok_or_else(|| format!("must be 0 to {}, got {text:?}", Places::MOST.0))
    }
}

/// A place that this request has.
struct Place {
    number: u16,
    holder: Nonce,
}

impl Submit {
    /// The task when it has ended, or as it is when nobody would wait longer. And whether it was waited for as long as was
    /// asked.
    pub(super) async fn wait_for_end(&self, task: Task, until: Time) -> (Task, bool) {
        let brief = self.services.clock.now().after(BRIEF).min(until);
        let task = self.look_until(task, brief).await;
        if task.state_at(self.services.clock.now()).is_ended() || self.services.clock.now() >= until {
            return (task, true);
        }
        let Some(place) = self.take_place(until).await else { return (task, false) };
        let task = self.look_until(task, until).await;
        if let Err(error) = self.services.store.leave_wait(place.number, place.holder).await {
            let error = taskway_runtime::log::causes(&error);
            tracing::warn!(wait.place = place.number, %error, "cannot give back a place of a waiting request; it ends by itself");
        }
        (task, true)
    }

    async fn take_place(&self, until: Time) -> Option<Place> {
        let Places(all) = self.places;
        if all == 0 {
            return None;
        }
        let holder = self.services.nonce();
        let first = u16::try_from(self.services.random.bits() % u64::from(all)).unwrap_or_default();
        for tried in 0..TRIES.min(all) {
            let number = (first + tried) % all;
            let now = self.services.clock.now();
            match self.services.store.take_wait(number, holder, now, until.after(MARGIN)).await {
                Ok(true) => return Some(Place { number, holder }),
                Ok(false) => {}
                Err(error) => {
                    let error = taskway_runtime::log::causes(&error);
                    tracing::warn!(%error, "cannot take a place of a waiting request; it is answered at once");
                    return None;
                }
            }
        }
        tracing::info!(wait.places = all, "no place for a waiting request; it is answered at once");
        None
    }

    /// Looks until the task has ended or the time is over.
    async fn look_until(&self, mut task: Task, until: Time) -> Task {
        let mut pause = LOOKS.0;
        while !task.state_at(self.services.clock.now()).is_ended() && self.services.clock.now() < until {
            self.services.clock.sleep_until(self.services.clock.now().after(pause).min(until)).await;
            pause = (pause * 2).min(LOOKS.1);
            match self.services.store.get(&task.id.key).await {
                Ok(found) if found.id == task.id => task = found,
                // Its retention is over already, or the table does not answer: it was accepted all the same.
                Ok(_) | Err(_) => break,
            }
        }
        task
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_places_is_a_whole_number_within_its_bounds() {
        assert_eq!("0".parse(), Ok(Places(0)));
        assert_eq!("1000".parse(), Ok(Places::MOST));
        for wrong in ["", "-1", "+1", "1.0", "1001", "99999", "1e2", " 1", "x"] {
            assert_eq!(wrong.parse::<Places>(), Err(format!("must be 0 to 1000, got {wrong:?}")));
        }
    }
}
