//! The rules for attempts, as their handlers see them.

use std::{sync::Arc, time::Duration};

use taskway_protocol::{GUARD, StateName, Stored, Task, TaskId, Time};

use super::{Alive, Witness, life};

/// The longest time between two checks of a handler whether it must stop.
pub const SLICE: Duration = Duration::from_millis(1_000);

/// How long a handler may go on after the executor told it to stop, with an allowance for rounding.
pub(super) const GRACE: Duration = Duration::from_millis(2_100);

/// The outcome that a handler returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It succeeded.
    Done,
    /// It failed and asked for another attempt after this wait at the earliest.
    Retry(Duration),
    /// It failed for good.
    Fatal,
    /// It asked to run later, without counting an attempt.
    Snooze(Duration),
    /// It has done a part and asked to continue later.
    Continue(Duration),
}

/// One run of a handler.
#[derive(Clone, Debug)]
pub struct Run {
    /// The number of its process.
    pub process: u32,
    /// When it began, by its process's clock.
    pub began: Time,
    /// When it ended, by its process's clock.
    pub ended: Option<Time>,
    /// Its outcome, or `None` if the executor cut it.
    pub said: Option<Said>,
}

impl Witness {
    /// A handler begins. `submission` is the number in its payload, and `earliest` the shortest time from the task's
    /// birth to the start, also from the payload.
    pub fn begins(
        &mut self,
        id: TaskId,
        fence: u32,
        running: &Arc<dyn Alive>,
        now: Time,
        submission: u32,
        earliest: Duration,
    ) {
        let process = running.number();
        // A task that was cancelled between the claim and the start runs in vain until its next heartbeat. A retry may
        // run beside it.
        let record = self.records.get(&id.key);
        let holds = record
            .is_some_and(|task| task.id == id && task.fence.0 == fence && task.state.name() == StateName::Running);
        if holds {
            // A process that was frozen could not stop its handler in time. It can record nothing.
            let others = self.running.iter().filter(|((of, _), other)| *of == life(id) && other.moves(GRACE + SLICE));
            let others: Vec<u32> = others.map(|((_, fence), _)| *fence).collect();
            let alone = self.wild || others.is_empty();
            self.must(alone, || {
                format!("two attempts overlap: {id} begins with fence {fence} while it runs with {others:?}")
            });
            self.running.insert((life(id), fence), Arc::clone(running));
        }
        let claim = self.claims.get(&(life(id), fence)).copied();
        let trusted = claim.is_some_and(|claim| now < claim.lease_end.before(GUARD));
        self.must(trusted, || {
            format!("an attempt begins too close to the end of its lease: {id} at {now:?} with {claim:?}")
        });
        let holder = claim.map(|claim| claim.process);
        self.must(holder == Some(process), || {
            format!("a process runs a claim of another: {id}, fence {fence}, process {process}, claimed by {holder:?}")
        });
        let run = Run { process, began: now, ended: None, said: None };
        let first = self.runs.insert((life(id), fence), run).is_none();
        self.must(first, || format!("one claim started two attempts: {id} with fence {fence}"));
        let (of, asked, replaced) = {
            let life = self.life(id);
            (life.submission, life.asked, life.replaced)
        };
        // A replaced task is what it was when it was claimed.
        let claimed = claim.filter(|_| replaced);
        let of = if replaced { claim.and_then(|claim| claim.submission) } else { of };
        let of = of.or_else(|| self.submission_of_firing(id));
        self.must(of.is_none_or(|of| of == submission), || {
            format!(
                "an attempt got the payload of another submission: {id} was accepted for {of:?} and runs {submission}"
            )
        });
        let start = claimed.map_or_else(|| id.born.after(earliest), |claim| claim.run_at);
        let early = now < start && !asked.change && !asked.retry;
        self.must(!early, || {
            format!("an attempt begins too early: {id} began at {now:?}, asked for {earliest:?} after its birth")
        });
    }

    /// A handler still runs, in a process that was not frozen.
    pub fn goes_on(&mut self, id: TaskId, fence: u32, now: Time) {
        if let Some(claim) = self.claims.get(&(life(id), fence)).copied() {
            let held = now < claim.lease_end.before(GUARD).after(GRACE);
            self.must(held, || {
                format!("an attempt goes on after its lease: {id} at {now:?}, its lease ends at {:?}", claim.lease_end)
            });
        }
    }

    /// A handler leaves a checkpoint.
    pub fn checkpoints(&mut self, id: TaskId, fence: u32, value: u64) {
        self.checkpoints.insert((life(id), fence), value);
    }

    /// The checkpoint that the latest attempt has left is in its record.
    pub(super) fn must_be_kept(&mut self, before: &Task, after: &Task) {
        let left = self.checkpoints.get(&(life(before.id), before.fence.0)).map(u64::to_string);
        let kept = match (&left, &after.checkpoint) {
            (None, _) => after.checkpoint == before.checkpoint,
            (Some(left), Some(Stored::Inline(text))) => **text == **left,
            (Some(_), Some(Stored::TextPart(_) | Stored::Object(_))) => true,
            (Some(_), None) => false,
        };
        self.must(kept, || format!("a checkpoint was lost: {left:?}: from {before:?}\nto {after:?}"));
    }

    /// A handler's future was dropped, because it ended or was cut.
    pub fn stops(&mut self, id: TaskId, fence: u32) {
        self.running.remove(&(life(id), fence));
    }

    /// A handler returned an outcome.
    pub fn ends(&mut self, id: TaskId, fence: u32, now: Time, said: Said) {
        if let Some(run) = self.runs.get_mut(&(life(id), fence)) {
            (run.ended, run.said) = (Some(now), Some(said));
        }
    }

    /// The number of attempts that started.
    pub fn attempts(&self) -> usize {
        self.runs.len()
    }
}
