//! The rules for a queue with a limit: attempts run by permits, and there are never more permits than the limit allows.

use std::time::Duration;

use taskway_cloud::dynamo::{
    layout::{attr, parse_limit_partition},
    ledger_in,
};
use taskway_protocol::{Ledger, Permit, State, Task, TaskId, Time};

use super::{
    Witness,
    holds::KNOWN,
    life,
    runs::{GRACE, SLICE},
};
use crate::table::Write;

/// A write by settings that have changed since arrives within this time.
const LATE: Duration = Duration::from_secs(300);

/// The limit of the queue of a world, and its ledger. No limit of the simulation has more than one share.
#[derive(Debug, Default)]
pub(super) struct Permits {
    ledger: Ledger,
    /// The limits that were set, each with its time.
    limits: Vec<(Time, Option<u32>)>,
}

impl Permits {
    fn limit(&self) -> Option<u32> {
        self.limits.last().and_then(|(_, limit)| *limit)
    }

    /// The greatest limit that a write may go by.
    fn greatest(&self, now: Time) -> u32 {
        let ended = self.limits.iter().skip(1).map(|(next, _)| Some(*next)).chain([None]);
        let recent = self.limits.iter().zip(ended).filter(|(_, ended)| ended.is_none_or(|at| now < at.after(LATE)));
        recent.filter_map(|((_, limit), _)| *limit).max().unwrap_or_default()
    }
}

impl Witness {
    /// Notes a write of a ledger or of a queue's limit, at this true time. Returns its description, or `None` for another
    /// item.
    pub(super) fn limited(&mut self, write: &Write, now: Time) -> Option<String> {
        parse_limit_partition(&write.key.0)?;
        let after = write.after.as_ref().map(ledger_in);
        let Some(Ok(after)) = after else {
            self.break_rule(format!("a ledger is gone or cannot be read: {write:?}"));
            return None;
        };
        let before = std::mem::replace(&mut self.permits.ledger, after.clone());
        let (out, greatest) = (after.0.len(), self.permits.greatest(now));
        self.must(out <= before.0.len() || out <= greatest as usize, || {
            format!("{out} permits are out, and the limit is {greatest} at most: {after:?}")
        });
        for (id, permit) in &before.0 {
            if !after.0.contains_key(id) {
                self.permit_is_over(*id, *permit);
            }
        }
        let said = |permits: &Ledger| permits.0.values().map(|permit| permit.fence.0).collect::<Vec<_>>();
        Some(format!("the ledger has permits for fences {:?}, before {:?}", said(&after), said(&before)))
    }

    /// A limit is set or removed.
    pub(super) fn limit_is(&mut self, limit: Option<u32>, now: Time) {
        if self.permits.limits.is_empty() || self.permits.limit() != limit {
            self.permits.limits.push((now, limit));
        }
    }

    /// A permit was removed: no attempt runs by it any more.
    fn permit_is_over(&mut self, id: TaskId, permit: Permit) {
        // A process that was frozen could not stop its handler in time.
        let runs = self
            .running
            .iter()
            .any(|((of, fence), process)| *of == life(id) && *fence == permit.fence.0 && process.moves(GRACE + SLICE));
        let runs = runs && !self.wild;
        self.must(!runs, || format!("the permit {permit:?} of {id} was taken away while its attempt runs"));
    }

    /// An attempt starts at this true time. It needs a permit if all processes know that there is a limit.
    pub(super) fn has_permit(&mut self, id: TaskId, fence: u32, now: Time) {
        let known =
            self.permits.limits.last().is_some_and(|(since, limit)| limit.is_some() && since.after(KNOWN) < now);
        let own = self.permits.ledger.0.get(&id).copied();
        let has = own.is_some_and(|permit| permit.fence.0 == fence);
        self.must(!known || has || self.wild, || {
            format!("an attempt of a limited queue starts without a permit: {id} with fence {fence}, and has {own:?}")
        });
    }

    /// Whether this held task was sent with a permit, which a tick looks after.
    pub(super) fn is_permitted(&self, task: &Task) -> bool {
        matches!(task.state, State::Scheduled { held: true, .. }) && self.permits.ledger.0.contains_key(&task.id)
    }

    /// Whether the queue has a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.permits.limit().is_some()
    }

    /// Whether permits are out.
    pub fn has_permits_out(&self) -> bool {
        !self.permits.ledger.0.is_empty()
    }

    /// The permits whose attempts are over were given back or freed.
    pub(super) fn permits_came_back(&mut self) {
        let left = std::mem::take(&mut self.permits.ledger);
        self.must(left.0.is_empty(), || format!("permits are out for ever: {left:?}"));
    }
}

/// The limit in a queue's settings.
pub(super) fn limit_in(settings: &serde_json::Value) -> Option<u32> {
    settings[attr::CONCURRENCY]["N"].as_str()?.parse().ok()
}
