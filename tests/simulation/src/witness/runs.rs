//! Attempts as their handlers live them.

use std::{sync::Arc, time::Duration};

use taskway_protocol::{GUARD, StateName, TaskId, Time};

use super::{Witness, life};
use crate::{process::Control, work::SLICE};

/// How long a handler may tidy up when it has learnt that it works in vain, and what rounding adds.
const GRACE: Duration = Duration::from_millis(2_100);

/// What a handler said at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is done.
    Done,
    /// It failed: to be tried again after this long at the earliest.
    Retry(Duration),
    /// It failed for good.
    Fatal,
    /// Not now.
    Snooze(Duration),
    /// A part is done.
    Continue(Duration),
}

/// One run of a handler.
#[derive(Clone, Debug)]
pub struct Run {
    /// Whose.
    pub process: u32,
    /// When it began, by its process's clock.
    pub began: Time,
    /// When it ended, by its process's clock.
    pub ended: Option<Time>,
    /// What it said; nothing when it was cut.
    pub said: Option<Said>,
}

impl Witness {
    /// A handler begins. `submission` is what its payload says, `earliest` when that asked for it to be started after
    /// its birth.
    pub fn begins(
        &mut self,
        id: TaskId,
        fence: u32,
        control: &Arc<Control>,
        now: Time,
        submission: u32,
        earliest: Duration,
    ) {
        let process = control.number;
        // Cancelled between its claim and its start, it runs in vain until its next beat, beside whom a retry started.
        let record = self.records.get(&id.key);
        let holds = record
            .is_some_and(|task| task.id == id && task.fence.0 == fence && task.state.name() == StateName::Running);
        if holds {
            // Whoever was held up for long could not stop in time, and can record nothing.
            let alive = |control: &Control| !control.is_over() && !control.held_up(GRACE + SLICE);
            let others = self.running.iter().filter(|((of, _), control)| *of == life(id) && alive(control));
            let others: Vec<u32> = others.map(|((_, fence), _)| *fence).collect();
            let alone = self.wild || others.is_empty();
            self.must(alone, || format!("{id} begins with fence {fence} while it runs with {others:?}"));
            self.running.insert((life(id), fence), Arc::clone(control));
        }
        let claim = self.claims.get(&(life(id), fence)).copied();
        let trusted = claim.is_some_and(|claim| now < claim.lease_end.before(GUARD));
        self.must(trusted, || format!("{id} begins at {now:?} with a lease that is not trusted any more: {claim:?}"));
        let holder = claim.map(|claim| claim.process);
        self.must(holder == Some(process), || {
            format!("{id} runs with fence {fence} in process {process}, claimed by {holder:?}")
        });
        let run = Run { process, began: now, ended: None, said: None };
        let first = self.runs.insert((life(id), fence), run).is_none();
        self.must(first, || format!("{id} was started twice with fence {fence}"));
        let (of, asked) = {
            let life = self.life(id);
            (life.submission, life.asked)
        };
        let of = of.or_else(|| self.submission_of_firing(id));
        self.must(of.is_none_or(|of| of == submission), || {
            format!("{id} was accepted for submission {of:?} and runs with the payload of {submission}")
        });
        let early = now < id.born.after(earliest) && !asked.change && !asked.retry;
        self.must(!early, || format!("{id} was asked for {earliest:?} after its birth and began at {now:?}"));
    }

    /// A handler is still at it, in a process that was not held up.
    pub fn goes_on(&mut self, id: TaskId, fence: u32, now: Time) {
        if let Some(claim) = self.claims.get(&(life(id), fence)).copied() {
            let held = now < claim.lease_end.before(GUARD).after(GRACE);
            self.must(held, || format!("{id} runs at {now:?} with a lease that ends at {:?}", claim.lease_end));
        }
    }

    /// A handler is gone, by itself or because it was cut.
    pub fn stops(&mut self, id: TaskId, fence: u32) {
        self.running.remove(&(life(id), fence));
    }

    /// A handler has ended.
    pub fn ends(&mut self, id: TaskId, fence: u32, now: Time, said: Said) {
        if let Some(run) = self.runs.get_mut(&(life(id), fence)) {
            (run.ended, run.said) = (Some(now), Some(said));
        }
    }

    /// How many attempts have been started.
    pub fn attempts(&self) -> usize {
        self.runs.len()
    }
}
