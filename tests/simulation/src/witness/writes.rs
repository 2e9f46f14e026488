//! What may become of a record in one write, said without looking at the transition that made it.

use std::time::Duration;

use serde_json::Value;
use taskway_cloud::dynamo::task_in;
use taskway_protocol::{End, ErrorKind, Fence, Generation, LONGEST_LEASE, SKEW, State, Task, Time};

use super::{Claim, Kind, Said, Witness, Writer, life};
use crate::table::Write;

/// By so much a beat may lengthen a lease that is as long as it may be.
const MOMENT: Duration = Duration::from_millis(1);

impl Witness {
    /// An item was written. What it is in words, for the story.
    pub fn wrote(&mut self, write: &Write, writer: Writer) -> Option<String> {
        if let Some(message) = write.key.0.strip_prefix("unreadable#") {
            self.kept_aside.insert(message.to_owned());
            return Some(format!("an unreadable message is kept aside ({message})"));
        }
        if let Some(name) = write.key.0.strip_prefix("schedule#") {
            return self.schedule_wrote(name, write, writer);
        }
        self.part_of_firing(write);
        let Some(item) = &write.after else {
            let before = write.before.as_ref().and_then(|item| task_in(item).ok().flatten())?;
            let ended = before.state.name().is_ended();
            self.must(ended, || format!("an open task was deleted: {before:?}"));
            self.records.remove(&before.id.key);
            let name = self.name(before.id);
            return Some(format!("{name} is beyond its retention and deleted"));
        };
        let after = match task_in(item) {
            Ok(after) => after?,
            Err(error) => {
                self.break_rule(format!("a record was written that cannot be read: {error}: {item}"));
                return None;
            }
        };
        self.in_agenda(item, &after);
        let before = self.records.insert(after.id.key, after.clone());
        match &before {
            Some(before) if before.id == after.id => self.changed(before, &after, writer),
            before => {
                let listed = item["cp"]["S"].is_string();
                self.created(before.as_ref(), &after, listed, writer);
            }
        }
        let name = self.name(after.id);
        let was =
            before.filter(|before| before.id == after.id).map_or("nothing".to_owned(), |before| said(&before.state));
        let (g, f, a) = (after.generation.0, after.fence.0, after.attempts);
        Some(format!("{name} from {was} to {}, generation {g}, fence {f}, attempts {a}", said(&after.state)))
    }

    fn in_agenda(&mut self, item: &Value, after: &Task) {
        let (partition, sort) = (&item["ap"]["S"], &item["as"]["S"]);
        let stands = partition.is_string() && sort.is_string();
        let should = after.state.agenda().is_some();
        self.must(stands == should, || format!("the agenda has it: {stands}, and should: {should}: {item}"));
        let expires = item["ttl"]["N"].is_string();
        let ended = after.state.name().is_ended();
        self.must(expires == ended, || format!("it expires: {expires}, and has ended: {ended}: {item}"));
    }

    fn created(&mut self, before: Option<&Task>, after: &Task, listed: bool, writer: Writer) {
        let what = || format!("{after:?} by {writer:?}");
        if self.fired(after, listed, writer) {
            self.must(before.is_none(), || format!("a firing over another record: {before:?} with {}", what()));
            return;
        }
        self.must(listed, || format!("a task is in no list: {}", what()));
        self.must(writer.kind == Kind::Submit, || format!("created by no submit: {}", what()));
        let fresh = after.generation == Generation::FIRST && after.fence == Fence::NONE && after.attempts == 0;
        self.must(fresh, || format!("a life does not begin afresh: {}", what()));
        let waits = matches!(after.state, State::Scheduled { .. } | State::Queued { .. });
        self.must(waits, || format!("a life begins as it should not: {}", what()));
        if let Some(before) = before {
            self.must(before.is_forgotten(writer.now), || {
                format!("a kept record was overwritten: {before:?} with {}", what())
            });
        }
    }

    fn changed(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        // A person may change when and in which lane; nobody else changes anything of what was submitted.
        let person = writer.kind == Kind::Submit && matches!(after.state, State::Scheduled { .. });
        let mut spec = before.spec.clone();
        if person {
            spec.deadline = after.spec.deadline;
            spec.run_at = after.spec.run_at;
            spec.options.priority = after.spec.options.priority;
        }
        self.must(spec == after.spec, || format!("what never changes changed: {}", what()));

        let entered = matches!(after.state, State::Scheduled { .. });
        let generation = before.generation.0 + u32::from(entered);
        self.must(after.generation.0 == generation, || format!("the generation is wrong: {}", what()));

        if let State::Ended { at, retained_until, .. } = &after.state {
            // What is withdrawn is kept for as long as if it had ended at its time.
            let least = after.retained_until(*at);
            let longer = after.retained_until(after.spec.run_at.max(*at));
            let kept = *retained_until == least || self.is_firing(after.id) && *retained_until == longer;
            self.must(kept, || format!("it is not kept for as long as it should be: {}", what()));
            self.must(*at <= writer.now, || format!("ended in the future: {}", what()));
        }
        let claimed = after.fence != before.fence;
        if claimed {
            self.claimed(before, after, writer);
            return;
        }
        match (&before.state, &after.state) {
            (State::Ended { .. }, State::Scheduled { due, .. }) => {
                let asked = self.life(after.id).asked.retry && writer.kind == Kind::Submit;
                self.must(asked, || format!("nobody asked for a retry: {}", what()));
                self.must(after.attempts == 0, || {
                    format!("a retry by a person has all attempts before it: {}", what())
                });
                self.must(after.spec.deadline.is_none_or(|deadline| deadline > *due), || {
                    format!("a passed deadline was kept: {}", what())
                });
            }
            (State::Ended { .. }, _) => self.break_rule(format!("an ended task was changed: {}", what())),
            (State::Running { lease_end, hard_end, .. }, State::Running { lease_end: now, hard_end: end, .. }) => {
                let holder = self.claims.get(&(life(after.id), after.fence.0)).map(|claim| claim.process);
                self.must(holder == Some(writer.process), || format!("a beat of somebody else's: {}", what()));
                self.must(lease_end <= now, || format!("a beat shortens the lease: {}", what()));
                let longest = writer.now.after(LONGEST_LEASE).max(lease_end.after(MOMENT));
                self.must(*now <= longest, || format!("a lease is longer than it may be: {}", what()));
                let same = hard_end.is_none_or(|hard_end| Some(hard_end) == *end) && before.attempts == after.attempts;
                self.must(same, || format!("a beat changes more than the lease: {}", what()));
                let told = |task: &Task| task.progress.map(|progress| progress.at);
                self.must(told(before) <= told(after), || format!("a beat undoes what was told since: {}", what()));
                self.claims.insert((life(after.id), after.fence.0), Claim { process: writer.process, lease_end: *now });
            }
            (State::Running { lease_end, .. }, _) => self.left(before, after, *lease_end, writer),
            (State::Scheduled { .. } | State::Queued { .. }, State::Running { .. }) => {
                self.break_rule(format!("a claim without a new fence: {}", what()));
            }
            (State::Scheduled { due, .. }, State::Queued { due: now }) => {
                self.must(due == now && writer.kind == Kind::Scheduler, || format!("not marked as it was: {}", what()));
            }
            (State::Queued { .. }, State::Queued { .. }) => self.break_rule(format!("queued anew: {}", what())),
            (State::Scheduled { due, .. } | State::Queued { due }, State::Scheduled { due: now, .. }) => {
                let firing = self.is_firing(after.id) && writer.kind == Kind::Scheduler;
                self.must(writer.kind == Kind::Submit || firing, || format!("rescheduled by no submit: {}", what()));
                self.must(before.attempts == after.attempts, || format!("attempts changed: {}", what()));
                let parked = before.generation == Generation::FIRST
                    && before.fence == Fence::NONE
                    && matches!(before.state, State::Queued { .. })
                    && due == now;
                let asked = self.life(after.id).asked.change && !firing;
                self.must(asked || parked, || format!("nobody asked to reschedule it: {}", what()));
            }
            (State::Scheduled { .. } | State::Queued { .. }, State::Ended { end, at, .. }) => {
                self.settled(before, after, *end, *at, writer);
            }
        }
    }

    fn claimed(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        let State::Running { lease_end: lease, .. } = after.state else {
            self.break_rule(format!("a fence without a claim: {}", what()));
            return;
        };
        self.must(writer.kind == Kind::Executor, || format!("claimed by no executor: {}", what()));
        self.starts(before);
        let counted = after.fence.0 == before.fence.0 + 1 && after.attempts == before.attempts + 1;
        self.must(counted, || format!("a claim counts: {}", what()));
        let now = after.started_at.unwrap_or_default();
        match &before.state {
            State::Scheduled { due, .. } | State::Queued { due } => {
                self.must(*due <= now, || format!("started before it is due: {}", what()));
            }
            State::Running { lease_end, .. } => {
                self.must(lease_end.after(SKEW) <= now, || format!("claimed over a live lease: {}", what()));
            }
            State::Ended { .. } => self.break_rule(format!("an ended task was claimed: {}", what())),
        }
        let open = before.spec.deadline.is_none_or(|deadline| now < deadline);
        self.must(open, || format!("started after its deadline: {}", what()));
        let left = after.attempts <= after.spec.retry.max_attempts;
        self.must(left, || format!("beyond its attempts: {}", what()));
        self.must(now <= writer.now, || format!("claimed in the future: {}", what()));
        let lasts = lease <= now.after(LONGEST_LEASE);
        self.must(lasts, || format!("a lease is longer than it may be: {}", what()));
        let claim = Claim { process: writer.process, lease_end: lease };
        let first = self.claims.insert((life(after.id), after.fence.0), claim).is_none();
        self.must(first, || format!("a fence was given twice: {}", what()));
    }

    /// An attempt is over: by its own word, or because nobody held it any more.
    fn left(&mut self, before: &Task, after: &Task, lease_end: Time, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        let holder = self.claims.get(&(life(before.id), before.fence.0)).map(|claim| claim.process);
        let its_own = holder == Some(writer.process);
        let run = self.runs.get(&(life(before.id), before.fence.0)).cloned();
        let said = run.as_ref().and_then(|run| run.said.clone());
        let at = match &after.state {
            State::Ended { at, .. } => *at,
            State::Scheduled { due, .. } | State::Queued { due } => *due,
            State::Running { .. } => return,
        };
        let over = lease_end.after(SKEW) <= at;
        match &after.state {
            State::Ended { end: End::Succeeded, .. } => {
                self.must(its_own, || format!("a success of somebody else's: {}", what()));
                self.must(matches!(said, Some(Said::Done)), || {
                    format!("a success that the handler did not have: {said:?}: {}", what())
                });
            }
            State::Ended { end: End::Failed, .. }
                if after.error.as_ref().is_some_and(|e| e.kind == ErrorKind::Lost) =>
            {
                self.must(over, || format!("lost while it was held: {}", what()));
                let spent = before.attempts >= before.spec.retry.max_attempts;
                self.must(spent, || format!("lost with attempts left: {}", what()));
            }
            State::Ended { end: End::Failed, .. } => {
                self.must(its_own, || format!("a failure of somebody else's: {}", what()));
                let may = match said {
                    Some(Said::Done | Said::Snooze(_) | Said::Continue(_)) => false,
                    Some(Said::Retry(_)) => before.attempts >= before.spec.retry.max_attempts,
                    Some(Said::Fatal) => true,
                    // It was cut.
                    None => match after.error.as_ref().map(|error| error.kind) {
                        Some(ErrorKind::Deadline) => before.spec.deadline.is_some_and(|deadline| deadline <= at),
                        _ => before.attempts >= before.spec.retry.max_attempts,
                    },
                };
                self.must(may, || format!("a failure that the handler did not have: {said:?}: {}", what()));
            }
            State::Ended { end: End::Cancelled, .. } => {
                self.cancelled(before, writer);
                // It learns of it at its next beat; who retries the task meanwhile has two of it, and knows.
                self.stops(before.id, before.fence.0);
            }
            State::Ended { end: End::Expired, .. } => {
                self.must(over, || format!("expired while it was held: {}", what()));
                let passed = before.spec.deadline.is_some_and(|deadline| deadline <= at);
                self.must(passed, || format!("expired before its deadline: {}", what()));
            }
            State::Scheduled { .. } if writer.kind == Kind::Scheduler => {
                self.must(over, || format!("taken from an attempt that holds it: {}", what()));
                self.must(at <= writer.now, || format!("due in the future: {}", what()));
                self.must(before.attempts == after.attempts, || format!("attempts changed: {}", what()));
            }
            State::Scheduled { .. } | State::Queued { .. } => {
                self.must(its_own, || format!("an outcome of somebody else's: {}", what()));
                let (attempts, not_before) = match &said {
                    Some(Said::Snooze(wait)) => (before.attempts - 1, *wait),
                    Some(Said::Continue(wait)) => (0, *wait),
                    Some(Said::Retry(wait)) => (before.attempts, *wait),
                    Some(Said::Done | Said::Fatal) => {
                        self.break_rule(format!("tried again though it said {said:?}: {}", what()));
                        return;
                    }
                    None => (before.attempts, Duration::ZERO),
                };
                self.must(after.attempts == attempts, || format!("attempts are wrong after {said:?}: {}", what()));
                let since = run.map_or(Time::default(), |run| run.ended.unwrap_or(run.began));
                self.must(at >= since.after(not_before), || format!("due too early after {said:?}: {}", what()));
                if matches!(said, None | Some(Said::Retry(_))) {
                    let left = before.attempts < before.spec.retry.max_attempts;
                    self.must(left, || format!("tried again without attempts: {}", what()));
                }
            }
            State::Running { .. } => {}
        }
    }

    /// A task that waited has ended.
    fn settled(&mut self, before: &Task, after: &Task, end: End, at: Time, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        match end {
            End::Cancelled => self.cancelled(before, writer),
            End::Expired => {
                let passed = before.spec.deadline.is_some_and(|deadline| deadline <= at);
                self.must(passed, || format!("expired before its deadline: {}", what()));
            }
            End::Failed => {
                let lost = after.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Lost);
                let spent = before.attempts >= before.spec.retry.max_attempts;
                self.must(lost && spent, || format!("failed while it waited: {}", what()));
            }
            End::Succeeded => self.break_rule(format!("succeeded while it waited: {}", what())),
        }
    }

    fn cancelled(&mut self, before: &Task, writer: Writer) {
        let asked = self.life(before.id).asked.cancel && writer.kind == Kind::Submit;
        let asked = asked || self.is_withdrawn(before, writer);
        self.must(asked, || format!("nobody asked to cancel {before:?}"));
    }
}

fn said(state: &State) -> String {
    match state {
        State::Scheduled { .. } => "scheduled".to_owned(),
        State::Queued { .. } => "queued".to_owned(),
        State::Running { hard_end: None, .. } => "running".to_owned(),
        State::Running { hard_end: Some(_), .. } => "running with a beat".to_owned(),
        State::Ended { .. } => state.name().as_str().to_owned(),
    }
}
