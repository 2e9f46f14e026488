//! The rule for a queue with a rate, and for each of its fairness keys: no window of the period sees more starts than the rate and its
//! burst.

use std::{collections::BTreeMap, time::Duration};

use taskway_cloud::dynamo::layout::attr;
use taskway_protocol::{TaskId, Time};

use super::Witness;

/// So long after a rate was set, all processes go by it, and none starts by a slot of an earlier one.
const SETTLED: Duration = Duration::from_secs(25);

/// By so much a start may lie beside its slot: two clocks that differ, a process that stalls between the slot, the claim and the
/// start, and the time for which a slot can be used.
const BESIDE: Duration = Duration::from_secs(2 * 5 + 6 + 1);

/// A rate as a person has set it: tasks, seconds and burst.
pub(super) type Rate = [u32; 3];

/// The rate of the queue of a world, and that of each of its fairness keys.
#[derive(Debug, Default)]
pub(super) struct Rates {
    of_queue: Paced,
    of_keys: Paced,
}

/// A rate, and the starts since all processes go by it: of each fairness key, or of the whole queue under no key.
#[derive(Debug, Default)]
struct Paced {
    set: Option<(Rate, Time)>,
    was_set: bool,
    starts: BTreeMap<Option<Box<str>>, Vec<Time>>,
}

impl Paced {
    fn set(&mut self, rate: Option<Rate>, now: Time) {
        if self.set.map(|(rate, _)| rate) != rate {
            let was_set = self.was_set || rate.is_some();
            *self = Paced { set: rate.map(|rate| (rate, now)), was_set, starts: BTreeMap::new() };
        }
    }

    /// Notes a start, and says what is wrong with it.
    fn start(&mut self, key: Option<Box<str>>, now: Time) -> Option<String> {
        let ([tasks, seconds, burst], since) = self.set.filter(|(_, since)| since.after(SETTLED) < now)?;
        let starts = self.starts.entry(key.clone()).or_default();
        starts.push(now);
        let window = Duration::from_secs(u64::from(seconds)) + BESIDE;
        let within = starts.iter().rev().take_while(|start| now.since(**start) < window).count();
        let most = f64::from(tasks) * window.as_secs_f64() / f64::from(seconds) + f64::from(burst);
        (within as f64 > most.ceil()).then(|| {
            format!("{within} attempts of key {key:?} have started within {window:?}, by a rate of {tasks} in {seconds} s, burst {burst}, set at {since:?}")
        })
    }
}

impl Witness {
    /// The rates of the queue and of its keys are set or removed.
    pub(super) fn rates_are(&mut self, [of_queue, of_keys]: [Option<Rate>; 2], now: Time) {
        self.rates.of_queue.set(of_queue, now);
        self.rates.of_keys.set(of_keys, now);
    }

    /// The rate of the queue as it is set.
    pub fn rate(&self) -> Option<[u32; 3]> {
        self.rates.of_queue.set.map(|(rate, _)| rate)
    }

    /// Whether the queue or its keys have or had a rate: an attempt whose claim was answered late does not start.
    pub(super) fn was_paced(&self) -> bool {
        self.rates.of_queue.was_set || self.rates.of_keys.was_set
    }

    /// An attempt starts at this true time.
    pub(super) fn starts_in_turn(&mut self, id: TaskId, now: Time) {
        let key = self.records.get(&id.key).and_then(|task| task.spec.options.fairness_key.clone());
        let of_key = key.and_then(|key| self.rates.of_keys.start(Some(key), now));
        let wrong = self.rates.of_queue.start(None, now).or(of_key);
        if let Some(wrong) = wrong.filter(|_| !self.wild) {
            self.break_rule(wrong);
        }
    }
}

/// The rates of the queue and of its keys, in a queue's settings.
pub(super) fn rates_in(settings: &serde_json::Value) -> [Option<Rate>; 2] {
    [attr::RATE, attr::KEY_RATE].map(|name| {
        let numbers: Vec<u32> =
            settings[name]["S"].as_str()?.split('/').filter_map(|number| number.parse().ok()).collect();
        numbers.try_into().ok()
    })
}
