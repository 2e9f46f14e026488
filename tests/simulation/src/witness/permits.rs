//! The rules for a queue with a limit: attempts run by permits, and there are never more permits than the limit allows.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use taskway_cloud::dynamo::{
    layout::{attr, parse_ledger},
    ledger_in,
};
use taskway_protocol::{Ledger, Part, Permit, Scope, State, Task, TaskId, Time};

use super::{
    LifeKey, Witness,
    holds::KNOWN,
    life,
    runs::{GRACE, SLICE},
};
use crate::table::Write;

/// A write by settings that have changed since arrives within this time.
const LATE: Duration = Duration::from_secs(300);

/// The limits of the queue of a world and of its fairness keys, and their ledgers. No limit of the simulation has more than one
/// share.
#[derive(Debug, Default)]
pub(super) struct Permits {
    ledgers: BTreeMap<Scope, Ledger>,
    of_queue: Limits,
    of_keys: Limits,
    /// The attempts that started by a permit of their queue, or of their key. Others started before all processes knew the
    /// limit, or when it had been removed. Then another process can still take a permit for the same attempt and give it back.
    runs_by_queue: BTreeSet<(LifeKey, u32)>,
    runs_by_key: BTreeSet<(LifeKey, u32)>,
}

/// The limits that were set, each with its time.
#[derive(Debug, Default)]
struct Limits(Vec<(Time, Option<u32>)>);

impl Limits {
    fn last(&self) -> Option<u32> {
        self.0.last().and_then(|(_, limit)| *limit)
    }

    fn set(&mut self, limit: Option<u32>, now: Time) {
        if self.0.is_empty() || self.last() != limit {
            self.0.push((now, limit));
        }
    }

    /// Whether all processes know that there is a limit.
    fn is_known(&self, now: Time) -> bool {
        self.0.last().is_some_and(|(since, limit)| limit.is_some() && since.after(KNOWN) < now)
    }

    /// The greatest limit that a write may go by.
    fn greatest(&self, now: Time) -> u32 {
        let ended = self.0.iter().skip(1).map(|(next, _)| Some(*next)).chain([None]);
        let recent = self.0.iter().zip(ended).filter(|(_, ended)| ended.is_none_or(|at| now < at.after(LATE)));
        recent.filter_map(|((_, limit), _)| *limit).max().unwrap_or_default()
    }
}

impl Permits {
    /// The permit that a task has by its queue, or by this fairness key. A task that was replaced may have one by an earlier key too.
    fn of(&self, id: TaskId, key: Option<&str>) -> Option<Permit> {
        let is_of = |scope: &Scope| match &scope.part {
            Part::Share(_) => key.is_none(),
            Part::Key(name) => key == Some(&**name),
        };
        let of_kind = self.ledgers.iter().filter(|(scope, _)| is_of(scope));
        of_kind.filter_map(|(_, ledger)| ledger.0.get(&id)).next().copied()
    }

    /// The permits of the queue that are out.
    fn out(&self) -> usize {
        self.ledgers.iter().filter(|(scope, _)| !scope.is_key()).map(|(_, ledger)| ledger.0.len()).sum()
    }
}

impl Witness {
    /// Notes a write of a ledger or of a queue's limit, at this true time. Returns its description, or `None` for another
    /// item.
    pub(super) fn limited(&mut self, write: &Write, now: Time) -> Option<String> {
        let scope = parse_ledger(&write.key.0, &write.key.1)?;
        let after = write.after.as_ref().map(ledger_in);
        let Some(Ok(after)) = after else {
            self.break_rule(format!("a ledger is gone or cannot be read: {write:?}"));
            return None;
        };
        let limits = if scope.is_key() { &self.permits.of_keys } else { &self.permits.of_queue };
        let (out, greatest) = (after.0.len(), limits.greatest(now));
        let before = self.permits.ledgers.insert(scope.clone(), after.clone()).unwrap_or_default();
        self.must(out <= before.0.len() || out <= greatest as usize, || {
            format!("{out} permits are out, and the limit is {greatest} at most: {after:?}")
        });
        for (id, permit) in &before.0 {
            if !after.0.contains_key(id) {
                self.permit_is_over(*id, *permit, &scope);
            }
        }
        let said = |permits: &Ledger| permits.0.values().map(|permit| permit.fence.0).collect::<Vec<_>>();
        Some(format!("the ledger has permits for fences {:?}, before {:?}", said(&after), said(&before)))
    }

    /// The limits of the queue and of its keys are set or removed.
    pub(super) fn limits_are(&mut self, [of_queue, of_keys]: [Option<u32>; 2], now: Time) {
        self.permits.of_queue.set(of_queue, now);
        self.permits.of_keys.set(of_keys, now);
    }

    /// A permit was removed: no attempt runs by it any more.
    fn permit_is_over(&mut self, id: TaskId, permit: Permit, scope: &Scope) {
        if let Part::Key(name) = &scope.part
            && self.key_of(id).is_some_and(|key| key != *name)
        {
            // The task was replaced by one of another key.
            return;
        }
        let attempt = (life(id), permit.fence.0);
        let by_permit = if scope.is_key() { &self.permits.runs_by_key } else { &self.permits.runs_by_queue };
        // A process that was frozen could not stop its handler in time.
        let runs = self.running.get(&attempt).is_some_and(|process| process.moves(GRACE + SLICE));
        let runs = runs && by_permit.contains(&attempt) && !self.wild;
        self.must(!runs, || format!("the permit {permit:?} of {id} was taken away while its attempt runs"));
    }

    /// The fairness key of a task.
    fn key_of(&self, id: TaskId) -> Option<Box<str>> {
        self.records.get(&id.key)?.spec.options.fairness_key.clone()
    }

    /// An attempt starts at this true time. It needs the permits of those limits that all processes know.
    pub(super) fn has_permits(&mut self, id: TaskId, fence: u32, now: Time) {
        let key = self.key_of(id);
        let needed =
            [(false, self.permits.of_queue.is_known(now)), (true, key.is_some() && self.permits.of_keys.is_known(now))];
        for (by_key, _) in needed.into_iter().filter(|(_, is_needed)| *is_needed) {
            let by_permit = if by_key { &mut self.permits.runs_by_key } else { &mut self.permits.runs_by_queue };
            by_permit.insert((life(id), fence));
            let own = self.permits.of(id, key.as_deref().filter(|_| by_key));
            let has = own.is_some_and(|permit| permit.fence.0 == fence);
            self.must(has || self.wild, || {
                let whose = if by_key { "its key" } else { "its queue" };
                format!("an attempt starts without a permit of {whose}: {id} with fence {fence}, and has {own:?}")
            });
        }
    }

    /// Whether this held task was sent with a permit of its queue, which a tick looks after.
    pub(super) fn is_permitted(&self, task: &Task) -> bool {
        matches!(task.state, State::Scheduled { held: true, .. }) && self.permits.of(task.id, None).is_some()
    }

    /// Whether the queue or its keys have a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.permits.of_queue.last().is_some() || self.permits.of_keys.last().is_some()
    }

    /// Whether permits of the queue are out. A tick leaves those of a key alone that holds no task.
    pub fn has_permits_out(&self) -> bool {
        self.permits.out() > 0
    }

    /// The queue's permits whose attempts are over were given back or freed.
    pub(super) fn permits_came_back(&mut self) {
        let left = std::mem::take(&mut self.permits);
        self.must(left.out() == 0, || format!("permits are out for ever: {left:?}"));
    }
}

/// The limits of the queue and of its keys, in a queue's settings.
pub(super) fn limits_in(settings: &serde_json::Value) -> [Option<u32>; 2] {
    [attr::CONCURRENCY, attr::KEY_CONCURRENCY].map(|name| settings[name]["N"].as_str()?.parse().ok())
}
