//! What the audit finds: tasks that are open and that nothing seems to carry any more. From the record alone, for it is
//! the net under those who know more: a message that SQS lost, a submit that died between record and message, an entry of
//! the agenda in a partition that nobody reads.
//!
//! A message that it sends needlessly dies at its claim, so it may err; but a backlog must not breed messages. So it waits
//! longer where tasks wait longer, and of a task that it has sent again it thinks anew only when twice as much time has
//! passed. Nothing of that is written to the record: when a pass sends follows from when the last one looked.

use std::time::Duration;

use crate::{Priority, SKEW, State, Step, Task, Time, overdue};

/// A message's own delay is at most as long, so that nothing that is carried is unchanged for longer, but in a backlog.
const LEAST: Duration = Duration::from_secs(900);

/// The lanes keep a message for four days. Of what is older none is left, whatever the backlog.
const MOST: Duration = Duration::from_secs(4 * 86_400);

/// So much longer than the longest wait seen in its lane nothing is left lying.
const TIMES: u32 = 3;

/// How long ago an attempt may have started whose wait still tells how a lane fares.
pub const LATELY: Duration = Duration::from_secs(3600);

/// What is to be done about a task that is open and, it seems, carried by nothing.
#[derive(Clone, PartialEq, Debug)]
pub enum Finding {
    /// A message should have brought it by now: send another. Nothing is written.
    Send {
        /// When it was due.
        due: Time,
    },
    /// The agenda should have: send it and mark it, as a tick does.
    Promote {
        /// When it was due.
        due: Time,
    },
    /// Its attempt is lost, and neither a message nor the agenda has told: write this.
    Settle(Step),
    /// It reads as expired, which is to be written. Whatever carries it, so this is no fault of anybody's.
    Expire(Step),
}

/// The longest wait of each lane, from when a task was to start to its start.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Waits {
    /// In lane `high`.
    pub high: Duration,
    /// In lane `normal`.
    pub normal: Duration,
    /// In lane `low`.
    pub low: Duration,
}

/// Where the audit stands between two pages of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audit {
    /// When the next pass begins.
    pub next: Time,
    /// The pass that is under way.
    pub pass: Option<Pass>,
    /// The last whole one.
    pub last: Option<LastPass>,
}

/// A pass that is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pass {
    /// When it began.
    pub began: Time,
    /// What it has seen of the lanes.
    pub waits: Waits,
    /// How many items it has looked through.
    pub looked: u64,
    /// How many tasks it has found.
    pub found: u64,
}

/// What of a pass the next one must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastPass {
    /// When it began.
    pub began: Time,
    /// What it saw of the lanes.
    pub waits: Waits,
    /// What it went by at its end: of what it had seen, and the pass before it.
    pub went_by: Waits,
}

/// A look at a record.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    now: Time,
    waits: Waits,
    last: Option<LastPass>,
}

impl Waits {
    /// Of a lane.
    pub const fn of(&self, lane: Priority) -> Duration {
        match lane {
            Priority::High => self.high,
            Priority::Normal => self.normal,
            Priority::Low => self.low,
        }
    }

    /// Learns from a task whose first attempt started lately. A later attempt waited for its backoff, or for a person.
    pub fn learn(&mut self, task: &Task, now: Time) {
        let first = task.attempts == 1 && task.fence.0 == 1;
        let started = task.started_at.filter(|started| first && now.since(*started) <= LATELY);
        let Some(started) = started else { return };
        let longest = match task.spec.priority {
            Priority::High => &mut self.high,
            Priority::Normal => &mut self.normal,
            Priority::Low => &mut self.low,
        };
        *longest = (*longest).max(started.since(task.spec.run_at));
    }

    /// The longer of both, of each lane.
    #[must_use]
    pub fn max(&self, other: &Waits) -> Waits {
        Waits { high: self.high.max(other.high), normal: self.normal.max(other.normal), low: self.low.max(other.low) }
    }

    /// Unchanged for so long, a task of the lane seems to be carried by nothing.
    fn long(&self, lane: Priority) -> Duration {
        LEAST.saturating_add(self.of(lane).saturating_mul(TIMES)).min(MOST)
    }
}

impl Audit {
    /// Nothing has been looked through yet.
    pub const fn beginning(next: Time) -> Self {
        Audit { next, pass: None, last: None }
    }

    /// The pass that is under way, or the one that is due begins; nothing before its time.
    pub fn resume(&mut self, now: Time) -> Option<&mut Pass> {
        if self.pass.is_none() && self.next <= now {
            self.pass = Some(Pass { began: now, waits: Waits::default(), looked: 0, found: 0 });
        }
        self.pass.as_mut()
    }

    /// The pass has come to the table's end; another begins so long after it began.
    pub fn finish(&mut self, every: Duration) {
        if let Some(pass) = self.pass.take() {
            self.next = pass.began.after(every);
            self.last = Some(LastPass { began: pass.began, waits: pass.waits, went_by: self.waits_with(&pass) });
        }
    }

    /// What a look at a record goes by now.
    pub fn look(&self, now: Time) -> Look {
        let waits = self.pass.as_ref().map(|pass| self.waits_with(pass)).unwrap_or_default();
        Look { now, waits, last: self.last }
    }

    fn waits_with(&self, pass: &Pass) -> Waits {
        self.last.as_ref().map_or(pass.waits, |last| pass.waits.max(&last.waits))
    }
}

impl Look {
    /// What is to be done about a task, if something is.
    pub fn finding(&self, task: &Task) -> Option<Finding> {
        let step = overdue(task, self.now);
        if let Some(expire @ Step::Expire { .. }) = step {
            return Some(Finding::Expire(expire));
        }
        let since = match &task.state {
            State::Scheduled { due } | State::Queued { due } => *due,
            State::Running { lease_end, .. } => lease_end.after(SKEW),
            State::Ended { .. } => return None,
        };
        let lane = task.spec.priority;
        if self.now.since(since) < self.waits.long(lane) {
            return None;
        }
        match (step, &task.state) {
            (Some(step), _) => Some(Finding::Settle(step)),
            (None, State::Scheduled { due, .. }) => Some(Finding::Promote { due: *due }),
            (None, State::Queued { due }) => self.is_time_again(*due, lane).then_some(Finding::Send { due: *due }),
            (None, State::Running { .. } | State::Ended { .. }) => None,
        }
    }

    /// Whether a task that is long past its due time was not yet when the last pass looked, or is twice as long past it.
    /// The last pass looked later than it began, so a doubling may be met by two; none is by no pass.
    fn is_time_again(&self, due: Time, lane: Priority) -> bool {
        let Some(last) = &self.last else { return true };
        let (age, before) = (self.now.since(due), last.began.since(due));
        before < last.went_by.long(lane) || doublings(age) > doublings(before)
    }
}

/// How often the least was doubled up to this age. The same in every pass, whatever the lanes' waits are by then.
fn doublings(age: Duration) -> u32 {
    (age.as_millis() / LEAST.as_millis()).checked_ilog2().unwrap_or_default()
}

#[cfg(test)]
mod tests;
