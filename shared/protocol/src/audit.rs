//! What the audit finds: open tasks that no message, agenda entry or attempt seems to carry, and ended ones whose callback is
//! not made.
//!
//! The audit judges by the record alone. It catches what everything else misses: a message that SQS lost, a submit that
//! died between record and message, an agenda entry in a partition that no tick reads.
//!
//! The audit may send a message that is not needed: one of the two messages then dies at its claim. But it must not
//! multiply the messages of a backlog. So it waits longer in a lane where tasks wait longer. It sends the same task
//! again only after the task's wait has doubled. It computes this from the times of its passes and writes nothing to
//! the record.

use std::time::Duration;

use crate::{Generation, Priority, SKEW, State, Step, Task, Time, overdue};

/// How long a task must be overdue in a lane without a backlog. SQS delays a message by no more than this, so a task
/// that something carries has changed by then.
const SHORTEST_WAIT: Duration = Duration::from_secs(900);

/// How long a task must be overdue at most, whatever the backlog. The lanes keep a message for four days, so no message
/// of this task is left.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 86_400);

/// The audit finds a task that is overdue by [`SHORTEST_WAIT`] plus this many times the longest wait seen in its lane.
const WAIT_FACTOR: u32 = 3;

/// The audit learns a lane's waits from first attempts that started at most this long ago.
pub const RECENT: Duration = Duration::from_secs(3600);

/// What to do about an open task that nothing seems to carry.
#[derive(Clone, PartialEq, Debug)]
pub enum Finding {
    /// A message should have brought the task by now. Send another, and write nothing.
    Send {
        /// When the task was due.
        due: Time,
    },
    /// A tick should have promoted the task by now. Send its message and mark it, as a tick does.
    Promote {
        /// When the task was due.
        due: Time,
    },
    /// Its queue holds the task, or has sent it not long ago. If the hold list has no entry of the task and
    /// [`Criteria::held_is_lost`], send a message and write nothing.
    Held {
        /// When the task was due.
        due: Time,
    },
    /// The task has ended, and its callback is not made. Make it.
    CallBack,
    /// The task's attempt is lost, and neither a message nor the agenda has brought it back. Write this step.
    Settle(Step),
    /// The task is past its deadline and already reads as expired. Write this step. Nothing has failed, so this does
    /// not count as a finding.
    Expire(Step),
}

/// The longest wait in each lane, from a task's due time to its start.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Waits {
    /// In lane `high`.
    pub high: Duration,
    /// In lane `normal`.
    pub normal: Duration,
    /// In lane `low`.
    pub low: Duration,
}

/// The progress of the audit, apart from its place in the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audit {
    /// When the next pass begins.
    pub next: Time,
    /// The pass that is under way.
    pub pass: Option<Pass>,
    /// The last pass that reached the end of the table.
    pub last: Option<LastPass>,
}

/// A pass that is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pass {
    /// When the pass began.
    pub began: Time,
    /// The waits that the pass has seen so far.
    pub waits: Waits,
    /// How many items of all kinds the pass has scanned.
    pub scanned: u64,
    /// How many tasks the pass has found.
    pub found: u64,
}

/// What the next pass must know of the last one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastPass {
    /// When the pass began.
    pub began: Time,
    /// The waits that the pass saw.
    pub waits: Waits,
    /// The waits by which the pass judged at its end: the longer of its own and those of the pass before it.
    pub judged_by: Waits,
}

/// The criteria by which the audit judges a record.
#[derive(Clone, Copy, Debug)]
pub struct Criteria {
    now: Time,
    waits: Waits,
    last: Option<LastPass>,
}

impl Waits {
    /// The longest wait in a lane.
    pub const fn of(&self, lane: Priority) -> Duration {
        match lane {
            Priority::High => self.high,
            Priority::Normal => self.normal,
            Priority::Low => self.low,
        }
    }

    /// Learns from a task whose first attempt started recently. A later attempt, or a task that a person moved or that its
    /// queue held, may have waited for its backoff or for a person, so it says nothing about the lane.
    pub fn learn(&mut self, task: &Task, now: Time) {
        let first = task.attempts == 1 && task.fence.0 == 1 && task.generation == Generation::FIRST;
        let started = task.started_at.filter(|started| first && now.since(*started) <= RECENT);
        let Some(started) = started else { return };
        let longest = match task.spec.options.priority {
            Priority::High => &mut self.high,
            Priority::Normal => &mut self.normal,
            Priority::Low => &mut self.low,
        };
        *longest = (*longest).max(started.since(task.spec.run_at));
    }

    /// The longer of the two waits, for each lane.
    #[must_use]
    pub fn max(&self, other: &Waits) -> Waits {
        Waits { high: self.high.max(other.high), normal: self.normal.max(other.normal), low: self.low.max(other.low) }
    }

    /// How long a task of the lane must be overdue before the audit finds it.
    fn threshold(&self, lane: Priority) -> Duration {
        SHORTEST_WAIT.saturating_add(self.of(lane).saturating_mul(WAIT_FACTOR)).min(LONGEST_WAIT)
    }
}

impl Audit {
    /// The audit of a stack that has not been audited. The first pass begins at `next`.
    pub const fn beginning(next: Time) -> Self {
        Audit { next, pass: None, last: None }
    }

    /// The pass that is under way. If none is and the next one is due, begins it.
    pub fn resume(&mut self, now: Time) -> Option<&mut Pass> {
        if self.pass.is_none() && self.next <= now {
            self.pass = Some(Pass { began: now, waits: Waits::default(), scanned: 0, found: 0 });
        }
        self.pass.as_mut()
    }

    /// Ends the pass, which has reached the end of the table. The next one begins `every` after this one began.
    pub fn finish(&mut self, every: Duration) {
        if let Some(pass) = self.pass.take() {
            self.next = pass.began.after(every);
            self.last = Some(LastPass { began: pass.began, waits: pass.waits, judged_by: self.waits_with(&pass) });
        }
    }

    /// The criteria of the pass at `now`.
    pub fn criteria(&self, now: Time) -> Criteria {
        let waits = self.pass.as_ref().map(|pass| self.waits_with(pass)).unwrap_or_default();
        Criteria { now, waits, last: self.last }
    }

    fn waits_with(&self, pass: &Pass) -> Waits {
        self.last.as_ref().map_or(pass.waits, |last| pass.waits.max(&last.waits))
    }
}

impl Criteria {
    /// What to do about a task, if the audit finds it.
    pub fn finding(&self, task: &Task) -> Option<Finding> {
        let step = overdue(task, self.now);
        if let Some(expire @ Step::Expire { .. }) = step {
            return Some(Finding::Expire(expire));
        }
        let since = match &task.state {
            State::Scheduled { due, .. } | State::Queued { due } => *due,
            State::Running { lease_end, .. } => lease_end.after(SKEW),
            State::Ended { at, owes: true, .. } => {
                return (self.now.since(*at) >= SHORTEST_WAIT).then_some(Finding::CallBack);
            }
            State::Ended { owes: false, .. } => return None,
        };
        let lane = task.spec.options.priority;
        if self.now.since(since) < self.waits.threshold(lane) {
            return None;
        }
        match (step, &task.state) {
            (Some(step), _) => Some(Finding::Settle(step)),
            (None, State::Scheduled { due, held: true }) => Some(Finding::Held { due: *due }),
            (None, State::Scheduled { due, held: false }) => Some(Finding::Promote { due: *due }),
            (None, State::Queued { due }) => self.is_time_again(*due, lane).then_some(Finding::Send { due: *due }),
            (None, State::Running { .. } | State::Ended { .. }) => None,
        }
    }

    /// Whether a held task that no hold list has is lost. A dispatch may have sent it since the settings of its queue were
    /// changed at `changed`, and its message then waits in the lane.
    pub fn held_is_lost(&self, task: &Task, due: Time, changed: Time) -> bool {
        let (since, lane) = (due.max(changed), task.spec.options.priority);
        self.now.since(since) >= self.waits.threshold(lane) && self.is_time_again(since, lane)
    }

    /// Whether to send an overdue task again: it passed its threshold, or its wait doubled, after the last pass began.
    ///
    /// The last pass read the task some time after it began. So two passes may see the same doubling, but none is
    /// missed.
    fn is_time_again(&self, due: Time, lane: Priority) -> bool {
        let Some(last) = &self.last else { return true };
        let (age, before) = (self.now.since(due), last.began.since(due));
        before < last.judged_by.threshold(lane) || doublings(age) > doublings(before)
    }
}

/// How many times [`SHORTEST_WAIT`] has doubled within `age`. It does not depend on the waits, so every pass computes
/// the same number.
fn doublings(age: Duration) -> u32 {
    (age.as_millis() / SHORTEST_WAIT.as_millis()).checked_ilog2().unwrap_or_default()
}

#[cfg(test)]
mod tests;
