//! Counts which steps, refusals and crash points a run met. A run that missed one names it and fails.

use std::collections::BTreeMap;

use taskway_protocol::{Refusal, Step};
use taskway_runtime::faults::CrashPoint;

/// Refusals that no process receives: the attempt whose heartbeat arrives late has sent a newer one since. The table
/// counts these requests as done late.
pub const UNHEARD: [&str; 1] = ["beaten since"];

/// Refusals that occur a few times in a thousand worlds. A run of fewer worlds need not meet them.
pub const RARE: [&str; 2] = ["attempts left", "forgotten"];

/// Counts by name.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How often each step was written.
    pub written: BTreeMap<String, u64>,
    /// How often each step was refused, by the reason.
    pub refused: BTreeMap<(String, String), u64>,
    /// How often a process came to each crash point, and how often it died there.
    pub points: BTreeMap<CrashPoint, (u64, u64)>,
    /// Items that the audit read.
    pub looked: u64,
    /// Tasks that the audit found lost.
    pub found: u64,
    /// What happened to schedules.
    pub schedules: Scheduled,
}

/// What happened to schedules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scheduled {
    /// Definitions that were put.
    pub put: u64,
    /// Schedules that were deleted.
    pub deleted: u64,
    /// Unfinished changes that a tick undid.
    pub undone: u64,
    /// Times for which a task was created.
    pub fired: u64,
    /// Times for which a cancelled task was written, so that no tick fires them.
    pub barred: u64,
}

impl Scheduled {
    /// Each event with its count.
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("a definition was put", self.put),
            ("a schedule was deleted", self.deleted),
            ("a change was undone", self.undone),
            ("a time was fired", self.fired),
            ("a time was barred", self.barred),
        ]
    }
}

impl Coverage {
    /// A step was written.
    pub fn wrote(&mut self, step: &str) {
        *self.written.entry(step.to_owned()).or_default() += 1;
    }

    /// A step was refused.
    pub fn refused(&mut self, step: &str, refusal: &str) {
        *self.refused.entry((step.to_owned(), refusal.to_owned())).or_default() += 1;
    }

    /// A process came to a crash point, and died there or not.
    pub fn reached(&mut self, point: CrashPoint, died: bool) {
        let of = self.points.entry(point).or_default();
        of.0 += 1;
        of.1 += u64::from(died);
    }

    /// The audit has read items and found tasks.
    pub fn audited(&mut self, looked: u64, found: u64) {
        (self.looked, self.found) = (self.looked + looked, self.found + found);
    }

    /// Adds what happened to a world's schedules.
    pub fn scheduled(&mut self, other: &Scheduled) {
        let of = &mut self.schedules;
        *of = Scheduled {
            put: of.put + other.put,
            deleted: of.deleted + other.deleted,
            undone: of.undone + other.undone,
            fired: of.fired + other.fired,
            barred: of.barred + other.barred,
        };
    }

    /// Adds another world's counts.
    pub fn add(&mut self, other: &Coverage) {
        self.audited(other.looked, other.found);
        self.scheduled(&other.schedules);
        other.written.iter().for_each(|(step, count)| *self.written.entry(step.clone()).or_default() += count);
        other.refused.iter().for_each(|(what, count)| *self.refused.entry(what.clone()).or_default() += count);
        for (point, (reached, died)) in &other.points {
            let of = self.points.entry(*point).or_default();
            (of.0, of.1) = (of.0 + reached, of.1 + died);
        }
    }

    /// Each step with the number of times it was written.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Step::NAMES.iter().map(|&step| (step, self.written.get(step).copied().unwrap_or_default()))
    }

    /// The reasons for which a step was refused, with their counts.
    pub fn reasons(&self, step: &str) -> impl Iterator<Item = (&str, u64)> {
        self.refused.iter().filter(move |((of, _), _)| of == step).map(|((_, why), count)| (why.as_str(), *count))
    }

    /// Each refusal with its count.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Refusal::NAMES.iter().map(|&refusal| {
            (refusal, self.refused.iter().filter(|((_, why), _)| why == refusal).map(|(_, count)| count).sum())
        })
    }

    /// What a run of this many worlds should have met and did not.
    pub fn holes(&self, worlds: u64) -> Vec<String> {
        if worlds < 300 {
            return Vec::new();
        }
        let asked = |refusal: &str| !UNHEARD.contains(&refusal) && (worlds >= 2_000 || !RARE.contains(&refusal));
        let steps = self.steps().filter(|(_, written)| *written == 0);
        let refusals = self.refusals().filter(|(refusal, met)| *met == 0 && asked(refusal));
        let died = |point: &CrashPoint| self.points.get(point).is_some_and(|(_, died)| *died > 0);
        let points = CrashPoint::ALL.into_iter().filter(|point| !died(point));
        let schedules = self.schedules.counts().into_iter().filter(|(_, count)| *count == 0);
        let schedules = schedules.map(|(what, _)| format!("schedules: never met: {what}"));
        let found = (self.found == 0).then(|| "the audit found nothing".to_owned());
        steps
            .map(|(step, _)| format!("no {step} was written"))
            .chain(refusals.map(|(refusal, _)| format!("nothing was refused for: {refusal}")))
            .chain(points.map(|point| format!("no process died at {point:?}")))
            .chain(found)
            .chain(schedules)
            .collect()
    }
}
