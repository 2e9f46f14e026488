//! How long the attempts of each handler take, as this process has seen. Tasks that do not say how long they take are ordered by it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The most handlers whose durations a process keeps. Beyond that it learns of no other.
const MOST_HANDLERS: usize = 1_000;

/// So many attempts must have been seen before their median counts.
const LEAST_SEEN: u32 = 5;

/// By how much one attempt moves the median at least, in natural logarithms: five percent. So it follows a handler that gets
/// slower or faster within some fifty attempts.
const LEAST_STEP: f64 = 0.05;

/// The durations of each handler's attempts. Clones learn together.
#[derive(Clone, Default, Debug)]
pub(crate) struct Durations(Arc<Mutex<HashMap<Box<str>, Median>>>);

/// A running estimate of a median, of which each value moves the logarithm a step up or down. The first steps are large.
#[derive(Clone, Copy, Debug)]
struct Median {
    log_ms: f64,
    seen: u32,
}

impl Durations {
    /// Notes how long an attempt took that succeeded.
    pub(crate) fn note(&self, handler: &str, took: Duration) {
        let log_ms = (took.as_secs_f64() * 1_000.0).max(1.0).ln();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(median) = all.get_mut(handler) {
            median.note(log_ms);
        } else if all.len() < MOST_HANDLERS {
            all.insert(handler.into(), Median { log_ms, seen: 1 });
        }
    }

    /// How long an attempt of this handler may take, in milliseconds: the median of those that were seen. `None` until a few were.
    pub(crate) fn expected_ms(&self, handler: &str) -> Option<u32> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let median = all.get(handler).filter(|median| median.seen >= LEAST_SEEN)?;
        Some(median.log_ms.exp().round() as u32)
    }
}

impl Median {
    fn note(&mut self, log_ms: f64) {
        self.seen = self.seen.saturating_add(1);
        let step = (1.0 / f64::from(self.seen)).max(LEAST_STEP);
        let way = log_ms - self.log_ms;
        self.log_ms += way.clamp(-step, step);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn learned(values: impl IntoIterator<Item = u64>) -> Option<u32> {
        let durations = Durations::default();
        values.into_iter().for_each(|ms| durations.note("hash", Duration::from_millis(ms)));
        durations.expected_ms("hash")
    }

    #[test]
    fn a_few_attempts_say_nothing_yet() {
        assert_eq!(learned([100; 4]), None);
        assert_eq!(learned([100; 5]), Some(100));
        assert_eq!(Durations::default().expected_ms("hash"), None);
    }

    #[test]
    fn the_estimate_comes_near_the_median_and_not_the_mean() {
        // Nine in ten take 20 ms, and one takes a minute.
        let values = (0..1_000).map(|n| if n % 10 == 3 { 60_000 } else { 20 });
        let expected = learned(values).unwrap();
        assert!((15..=30).contains(&expected), "{expected}");
    }

    #[test]
    fn the_estimate_follows_a_handler_that_gets_slower() {
        let expected = learned([50; 100].into_iter().chain([500; 60])).unwrap();
        assert!((450..=500).contains(&expected), "{expected}");
    }

    #[test]
    fn the_number_of_handlers_is_bounded() {
        let durations = Durations::default();
        for n in 0..MOST_HANDLERS + 5 {
            (0..5).for_each(|_| durations.note(&n.to_string(), Duration::from_secs(1)));
        }
        assert_eq!(durations.expected_ms("0"), Some(1_000));
        assert_eq!(durations.expected_ms(&MOST_HANDLERS.to_string()), None);
    }
}
