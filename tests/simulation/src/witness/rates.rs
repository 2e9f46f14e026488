//! The rule for a queue with a rate: no window of its period sees more starts than the rate and its burst.

use std::time::Duration;

use taskway_cloud::dynamo::layout::attr;
use taskway_protocol::Time;

use super::Witness;

/// So long after a rate was set, all processes go by it, and none starts by a slot of an earlier one.
const SETTLED: Duration = Duration::from_secs(25);

/// By so much a start may lie beside its slot: two clocks that differ, a process that stalls between the slot, the claim and the
/// start, and the time for which a slot can be used.
const BESIDE: Duration = Duration::from_secs(2 * 5 + 6 + 1);

/// A rate as a person has set it: tasks, seconds and burst.
pub(super) type Rate = [u32; 3];

/// The rate of the queue of a world, and the starts since all processes go by it.
#[derive(Debug, Default)]
pub(super) struct Rates {
    set: Option<(Rate, Time)>,
    was_set: bool,
    starts: Vec<Time>,
}

impl Witness {
    /// A rate is set or removed.
    pub(super) fn rate_is(&mut self, rate: Option<Rate>, now: Time) {
        if self.rates.set.map(|(rate, _)| rate) != rate {
            let was_set = self.rates.was_set || rate.is_some();
            self.rates = Rates { set: rate.map(|rate| (rate, now)), was_set, starts: Vec::new() };
        }
    }

    /// The rate as it is set.
    pub fn rate(&self) -> Option<[u32; 3]> {
        self.rates.set.map(|(rate, _)| rate)
    }

    /// Whether the queue has or had a rate: an attempt whose claim was answered late does not start.
    pub(super) fn was_paced(&self) -> bool {
        self.rates.was_set
    }

    /// An attempt starts at this true time.
    pub(super) fn starts_in_turn(&mut self, now: Time) {
        let Some(([tasks, seconds, burst], since)) = self.rates.set.filter(|(_, since)| since.after(SETTLED) < now)
        else {
            return;
        };
        self.rates.starts.push(now);
        let window = Duration::from_secs(u64::from(seconds)) + BESIDE;
        let within = self.rates.starts.iter().rev().take_while(|start| now.since(**start) < window).count();
        let most = f64::from(tasks) * window.as_secs_f64() / f64::from(seconds) + f64::from(burst);
        self.must(within as f64 <= most.ceil() || self.wild, || {
            format!("{within} attempts have started within {window:?}, by a rate of {tasks} in {seconds} s, burst {burst}, set at {since:?}")
        });
    }
}

/// The rate in a queue's settings.
pub(super) fn rate_in(settings: &serde_json::Value) -> Option<Rate> {
    let numbers: Vec<u32> =
        settings[attr::RATE]["S"].as_str()?.split('/').filter_map(|number| number.parse().ok()).collect();
    numbers.try_into().ok()
}
