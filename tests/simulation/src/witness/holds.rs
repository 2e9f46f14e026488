//! The rules for queues that are paused: what is held is in a hold list, and nothing starts.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use taskway_cloud::dynamo::layout::{SETTINGS_SORT, attr, parse_hold, parse_hold_sort};
use taskway_protocol::{Generation, State, Task, TaskId, Time};

use super::{LifeKey, Witness, life, permits::limits_in, rates::rates_in};
use crate::table::Write;

/// After this time nothing of a paused queue starts.
pub(super) const KNOWN: Duration = Duration::from_secs(5);

/// The queues of a world. All tasks of the simulation are in one.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// The entries of the hold list.
    listed: BTreeSet<(LifeKey, Generation)>,
    /// The same entries by their keys, because a deletion shows only the key.
    by_key: BTreeMap<(String, String), (LifeKey, Generation)>,
    /// Since when the queue is paused.
    paused: Option<Time>,
    /// When its latest pause ended.
    resumed: Option<Time>,
}

impl Witness {
    /// Notes a write of a hold list or of a queue's settings, at this true time. Returns its description, or `None` for
    /// another item.
    pub(crate) fn steered(&mut self, write: &Write, now: Time) -> Option<String> {
        if write.key.1 == SETTINGS_SORT {
            let paused = write.after.as_ref().is_some_and(|item| item[attr::PAUSED]["BOOL"] == true);
            self.holds.resumed = if self.holds.paused.is_some() && !paused { Some(now) } else { self.holds.resumed };
            self.holds.paused = if paused { self.holds.paused.or(Some(now)) } else { None };
            let limits = write.after.as_ref().map_or([None, None], limits_in);
            self.limits_are(limits, now);
            let rates = write.after.as_ref().map_or([None, None], rates_in);
            self.rates_are(rates, now);
            let state = if paused { "is paused" } else { "goes on" };
            return Some(format!("the queue {state}, with limits {limits:?} and rates {rates:?}"));
        }
        if let Some(said) = self.limited(write, now) {
            return Some(said);
        }
        parse_hold(&write.key.0, &write.key.1)?;
        let Some(item) = &write.after else {
            if let Some(entry) = self.holds.by_key.remove(&write.key) {
                self.holds.listed.remove(&entry);
            }
            return Some(format!("an entry leaves the hold list ({})", write.key.1));
        };
        let born = item[attr::BORN]["N"].as_str().and_then(|digits| digits.parse().ok()).map(Time::from_millis);
        let (Some((_, key, generation)), Some(born)) = (parse_hold_sort(&write.key.1), born) else {
            self.break_rule(format!("an entry of a hold list cannot be read: {item}"));
            return None;
        };
        self.holds.by_key.insert(write.key.clone(), ((key, born), generation));
        self.holds.listed.insert(((key, born), generation));
        Some(format!("an entry comes into the hold list ({})", write.key.1))
    }

    /// Whether the hold list has the entry of this held task.
    pub(super) fn is_listed(&self, task: &Task) -> bool {
        matches!(task.state, State::Scheduled { held: true, .. })
            && self.holds.listed.contains(&(life(task.id), task.generation))
    }

    /// Whether the queue is paused.
    pub fn is_paused(&self) -> bool {
        self.holds.paused.is_some()
    }

    /// Whether the queue is paused, or was when a process that claimed a task at this time by its own clock may have looked.
    pub(super) fn was_paused(&self, claimed: Option<Time>) -> bool {
        let lately = self.holds.resumed.zip(claimed).is_some_and(|(at, claimed)| claimed.before(KNOWN) <= at);
        self.is_paused() || lately
    }

    /// An attempt starts at this true time.
    pub fn may_start(&mut self, id: TaskId, fence: u32, now: Time) {
        self.has_permits(id, fence, now);
        self.starts_in_turn(id, now);
        let since = self.holds.paused;
        self.must(since.is_none_or(|since| now <= since.after(KNOWN)), || {
            format!("an attempt starts at {now:?}, and its queue is paused since {since:?}")
        });
    }
}
