//! The rules for each write of a task's record. They do not use the transition that made the write.

use std::time::Duration;

use serde_json::Value;
use taskway_cloud::dynamo::{
    layout::{attr, parse_schedule_partition, parse_unreadable_partition},
    room, task_in,
};
use taskway_protocol::{End, ErrorKind, Fence, GUARD, Generation, LONGEST_LEASE, PastAttempt, SKEW, State, Task, Time};

use super::{Claim, Kind, Said, Witness, Writer, callbacks::kept, life};
use crate::table::Write;

/// By this much a heartbeat may lengthen a lease that already has the greatest length.
const MOMENT: Duration = Duration::from_millis(1);

/// A record with so much room, in bytes, takes the line of a past attempt beside an error's message.
const ROOM_OF_A_LINE: usize = 500;

/// An attempt may be given back before it begins if this time has passed since its claim.
const SLOW_CLAIM: Duration = Duration::from_secs(1);

/// How many times in a row a task may be given back.
const IN_A_ROW: u32 = 20;

impl Witness {
    /// Checks a written item. Returns its description for the story.
    pub fn wrote(&mut self, write: &Write, writer: Writer) -> Option<String> {
        if let Some(message) = parse_unreadable_partition(&write.key.0) {
            self.kept_aside.insert(message.to_owned());
            return Some(format!("an unreadable message is kept aside ({message})"));
        }
        if let Some(name) = parse_schedule_partition(&write.key.0) {
            return self.schedule_wrote(name, write, writer);
        }
        self.part_of_firing(write);
        let Some(item) = &write.after else {
            let before = write.before.as_ref().and_then(|item| task_in(item).ok().flatten())?;
            let ended = before.state.name().is_ended();
            self.must(ended, || format!("a task that had not ended was deleted: {before:?}"));
            self.records.remove(&before.id.key);
            let name = self.name(before.id);
            return Some(format!("{name} is deleted after its retention"));
        };
        let after = match task_in(item) {
            Ok(after) => after?,
            Err(error) => {
                self.break_rule(format!("a record cannot be read: {error}: {item}"));
                return None;
            }
        };
        self.in_agenda(item, &after);
        let before = self.records.insert(after.id.key, after.clone());
        match &before {
            Some(before) if before.id == after.id => self.changed(before, &after, writer),
            before => {
                let listed = item[attr::CATALOG]["S"].is_string();
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
        let (partition, sort) = (&item[attr::AGENDA]["S"], &item[attr::AGENDA_AT]["S"]);
        let stands = partition.is_string() && sort.is_string();
        let should = after.state.agenda().is_some();
        self.must(stands == should, || {
            format!("a record is in the agenda or not, against its state: in it {stands}, expected {should}: {item}")
        });
        let expires = item[attr::TTL]["N"].is_string();
        let ended = after.state.name().is_ended();
        self.must(expires == ended, || {
            format!("a record expires or not, against its state: expires {expires}, ended {ended}: {item}")
        });
    }

    fn created(&mut self, before: Option<&Task>, after: &Task, listed: bool, writer: Writer) {
        let what = || format!("{after:?} by {writer:?}");
        if self.fired(after, listed, writer) {
            self.must(before.is_none(), || format!("a firing overwrote a record: {before:?} with {}", what()));
            return;
        }
        if self.is_new_callback(before, after, listed, writer) {
            return;
        }
        self.must(listed, || format!("a task is in no list: {}", what()));
        self.must(writer.kind == Kind::Submit, || format!("a process other than submit created a task: {}", what()));
        let fresh = after.generation == Generation::FIRST && after.fence == Fence::NONE && after.attempts == 0;
        self.must(fresh, || format!("a new task has been claimed or rescheduled before: {}", what()));
        let waits = matches!(after.state, State::Scheduled { .. } | State::Queued { .. });
        self.must(waits, || format!("a new task does not wait: {}", what()));
        if let Some(before) = before {
            self.must(before.is_forgotten(writer.now), || {
                format!("a record was overwritten before its retention was over: {before:?} with {}", what())
            });
        }
    }

    fn changed(&mut self, before: &Task, after: &Task, writer: Writer) {
        if self.is_replacement(before, after, writer) {
            self.replaced(before, after, writer);
            return;
        }
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        // A person may change the time, the deadline and the priority. Nothing else of the submission ever changes.
        let person = writer.kind == Kind::Submit && matches!(after.state, State::Scheduled { .. });
        let mut spec = before.spec.clone();
        if person {
            spec.deadline = after.spec.deadline;
            spec.run_at = after.spec.run_at;
            spec.options.priority = after.spec.options.priority;
        }
        self.must(spec == after.spec, || format!("a write changed a field that never changes: {}", what()));

        let entered = matches!(after.state, State::Scheduled { .. });
        let generation = before.generation.0 + u32::from(entered);
        self.must(after.generation.0 == generation, || format!("the generation is wrong: {}", what()));

        if before.state.name().is_ended() && after.state.name().is_ended() {
            self.called_back(before, after, writer);
            return;
        }
        if let State::Ended { end, at, retained_until, owes } = &after.state {
            self.owes(after, *end, *owes, writer);
            // A withdrawn firing is retained as long as if it had ended at its time.
            let least = after.retained_until(*at);
            let longer = after.retained_until(after.spec.run_at.max(*at));
            let kept = match owes {
                true => *retained_until >= least.max(kept(*at)),
                false => *retained_until == least || self.is_firing(after.id) && *retained_until == longer,
            };
            // A cancel may have been decided upon what was replaced since, whose retention it writes.
            let kept = kept || *end == End::Cancelled && self.life(after.id).replaced;
            self.must(kept, || format!("the retention is wrong: {}", what()));
            self.must(*at <= writer.now, || format!("a task ended in the future: {}", what()));
            self.end_written(after, writer);
        }
        self.past_kept(before, after, writer);
        let given_back = self.given_back(before, after, writer);
        let claimed = after.fence != before.fence;
        if claimed {
            self.claimed(before, after, writer);
            return;
        }
        match (&before.state, &after.state) {
            (State::Ended { owes, .. }, State::Scheduled { due, .. }) => {
                self.must(!owes, || format!("a retry forgot a callback: {}", what()));
                let asked = self.life(after.id).asked.retry && writer.kind == Kind::Submit;
                self.must(asked, || format!("nobody asked for a retry: {}", what()));
                self.must(after.attempts == 0, || format!("a person's retry did not reset the attempts: {}", what()));
                self.must(after.spec.deadline.is_none_or(|deadline| deadline > *due), || {
                    format!("a retry kept a deadline that has passed: {}", what())
                });
            }
            (State::Ended { .. }, _) => self.break_rule(format!("an ended task was changed: {}", what())),
            (State::Running { lease_end, hard_end, .. }, State::Running { lease_end: now, hard_end: end, .. }) => {
                let holder = self.claims.get(&(life(after.id), after.fence.0)).map(|claim| claim.process);
                self.must(holder == Some(writer.process), || {
                    format!("a heartbeat of a process that does not hold the claim: {}", what())
                });
                self.must(lease_end <= now, || format!("a heartbeat shortens the lease: {}", what()));
                let longest = writer.now.after(LONGEST_LEASE).max(lease_end.after(MOMENT));
                self.must(*now <= longest, || format!("a lease is longer than it may be: {}", what()));
                let same = hard_end.is_none_or(|hard_end| Some(hard_end) == *end) && before.attempts == after.attempts;
                self.must(same, || format!("a heartbeat changes more than the lease: {}", what()));
                let told = |task: &Task| task.progress.map(|progress| progress.at);
                self.must(told(before) <= told(after), || format!("a heartbeat overwrites newer progress: {}", what()));
                if let Some(claim) = self.claims.get_mut(&(life(after.id), after.fence.0)) {
                    claim.lease_end = *now;
                }
            }
            (State::Running { .. }, State::Queued { .. }) if given_back => {}
            (State::Running { lease_end, .. }, State::Scheduled { held: true, .. }) => {
                self.must(lease_end.after(SKEW) <= writer.now, || format!("a running task is held: {}", what()));
                self.held(before, after, writer);
            }
            (State::Running { lease_end, .. }, _) => self.left(before, after, *lease_end, writer),
            (State::Scheduled { .. } | State::Queued { .. }, State::Running { .. }) => {
                self.break_rule(format!("a claim without a new fence: {}", what()));
            }
            (State::Scheduled { due, .. }, State::Queued { due: now }) => {
                self.must(due == now && writer.kind == Kind::Scheduler, || {
                    format!("a mark changes the due time or is not the scheduler's: {}", what())
                });
            }
            (State::Queued { .. }, State::Queued { .. }) => {
                self.break_rule(format!("a queued task was queued again: {}", what()))
            }
            (State::Scheduled { .. } | State::Queued { .. }, State::Scheduled { held: true, .. }) => {
                self.held(before, after, writer);
            }
            (State::Scheduled { due, .. } | State::Queued { due }, State::Scheduled { due: now, .. }) => {
                // What makes a firing or a callback parks it if SQS refuses its message.
                let parks = self.is_firing(after.id) && writer.kind == Kind::Scheduler
                    || self.is_callback(after.id) && writer.kind != Kind::Submit;
                self.must(writer.kind == Kind::Submit || parks, || {
                    format!("a process other than submit rescheduled a task: {}", what())
                });
                self.must(before.attempts == after.attempts, || {
                    format!("a write changed the number of attempts: {}", what())
                });
                let parked = before.generation == Generation::FIRST
                    && before.fence == Fence::NONE
                    && matches!(before.state, State::Queued { .. })
                    && due == now;
                let asked = self.life(after.id).asked.change && !parks;
                self.must(asked || parked, || format!("nobody asked to reschedule it: {}", what()));
            }
            (State::Scheduled { .. } | State::Queued { .. }, State::Ended { end, at, .. }) => {
                self.settled(before, after, *end, *at, writer);
            }
        }
    }

    /// A write adds the attempt that failed to the past ones, or it leaves them as they are. A person's retry removes them.
    fn past_kept(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        if before.state.name().is_ended() {
            self.must(after.past.is_empty(), || format!("a retry kept past attempts: {}", what()));
            return;
        }
        let failed = matches!(before.state, State::Running { .. })
            && !after.state.name().is_ended()
            && after.fence == before.fence
            && after.attempts == before.attempts
            && matches!(after.state, State::Queued { .. } | State::Scheduled { held: false, .. });
        let is_latest =
            |past: &PastAttempt| (past.attempt, Some(past.started_at)) == (before.attempts, before.started_at);
        let (new, known) = match after.past.split_last() {
            Some((last, known)) if failed && is_latest(last) => (Some(last), known),
            Some(_) | None => (None, &*after.past),
        };
        self.must(before.past.ends_with(known), || format!("a past attempt was changed: {}", what()));
        // A continuation counts the attempts anew.
        let anew = known.is_empty() && after.attempts == 0;
        let has_room = room(before) > ROOM_OF_A_LINE;
        self.must(if failed { new.is_some() || !has_room } else { anew || known.len() == before.past.len() }, || {
            format!("a past attempt was lost: {}", what())
        });
        if let Some(new) = new {
            let told = after.error.as_ref().is_some_and(|error| (error.kind, error.at) == (new.kind, new.failed_at));
            self.must(told || new.kind == ErrorKind::Lost, || format!("a past attempt was made up: {}", what()));
        }
    }

    /// Whether a stopping process gives its attempt back. Checks how often that was done, in every write.
    fn given_back(&mut self, before: &Task, after: &Task, writer: Writer) -> bool {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        let holder = self.claims.get(&(life(before.id), before.fence.0)).map(|claim| claim.process);
        let its_own = holder == Some(writer.process) && matches!(before.state, State::Running { .. });
        if after.given_back > before.given_back {
            let run = self.runs.get(&(life(before.id), before.fence.0));
            let (began, said) = (run.is_some(), run.and_then(|run| run.said.clone()));
            let State::Queued { due } = after.state else {
                self.break_rule(format!("a task was given back and does not wait for a message: {}", what()));
                return false;
            };
            self.must(its_own, || format!("a process gave back a task that it does not hold: {}", what()));
            let stops = self.stops.get(&writer.process).copied();
            // The claim took so long that the queue may have been paused meanwhile, or the message named another queue.
            let slow = before.started_at.is_some_and(|claimed| claimed.after(SLOW_CLAIM) <= writer.now)
                || self.held_up.contains(&writer.process);
            // Or what it knew of the queue was too old by then, and the queue could not be read.
            let unread = self.unread.get(&writer.process).copied() >= before.started_at;
            // Or its permit may have got too old.
            let steered = self.was_paused(before.started_at) || self.is_limited() || self.was_paced();
            // Or it does not know the task's handler.
            let strange = self.are_several_programs();
            self.must(
                !began && (slow || unread || steered || strange) || stops.is_some_and(|stops| stops <= writer.now),
                || format!("a process gave a task back and does not stop, but at {stops:?}: {}", what()),
            );
            // The error of a handler that was told to stop may say just that.
            let may = matches!(said, None | Some(Said::Retry(_) | Said::Fatal));
            self.must(may, || format!("a task was given back after {said:?}: {}", what()));
            let counted = after.given_back == before.given_back + 1 && after.attempts + 1 == before.attempts;
            self.must(counted, || format!("a task that was given back is counted wrongly: {}", what()));
            self.must(after.given_back <= IN_A_ROW, || format!("a task was given back too often: {}", what()));
            self.must(due <= writer.now, || format!("a task was given back for later: {}", what()));
            self.must_be_kept(before, after);
            return true;
        }
        // An outcome of its own ends the row, and so does a person's retry. Nothing else does.
        let outcome = its_own && matches!(after.state, State::Queued { .. } | State::Scheduled { held: false, .. });
        let revived = before.state.name().is_ended();
        let row = if writer.kind == Kind::Executor && outcome || revived { 0 } else { before.given_back };
        self.must(after.given_back == row, || {
            format!("how often a task was given back is counted wrongly, expected {row}: {}", what())
        });
        false
    }

    fn claimed(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        let State::Running { lease_end: lease, .. } = after.state else {
            self.break_rule(format!("a fence without a claim: {}", what()));
            return;
        };
        self.must(writer.kind == Kind::Executor, || {
            format!("a process other than an executor claimed a task: {}", what())
        });
        self.must_be_admitted(after, writer);
        self.starts(before);
        let counted = after.fence.0 == before.fence.0 + 1 && after.attempts == before.attempts + 1;
        self.must(counted, || format!("a claim did not count one fence and one attempt: {}", what()));
        let now = after.started_at.unwrap_or_default();
        match &before.state {
            State::Scheduled { due, .. } | State::Queued { due } => {
                self.must(*due <= now, || format!("a task was claimed before it was due: {}", what()));
            }
            State::Running { lease_end, .. } => {
                self.must(lease_end.after(SKEW) <= now, || format!("a task was claimed over a live lease: {}", what()));
            }
            State::Ended { .. } => self.break_rule(format!("an ended task was claimed: {}", what())),
        }
        let open = before.spec.deadline.is_none_or(|deadline| now < deadline);
        self.must(open, || format!("a task was claimed after its deadline: {}", what()));
        let left = after.attempts <= after.spec.options.retry.max_attempts;
        self.must(left, || format!("a task was claimed beyond its attempts: {}", what()));
        self.must(now <= writer.now, || format!("a task was claimed in the future: {}", what()));
        let timeout = Duration::from_secs(after.spec.options.timeout_seconds.into());
        let lasts = lease == now.after((timeout + GUARD).min(LONGEST_LEASE));
        self.must(lasts, || format!("a lease is not as long as the task's timeout says: {}", what()));
        let submission = after.spec.options.expected_duration_ms;
        let claim = Claim { process: writer.process, lease_end: lease, submission, run_at: after.spec.run_at };
        let first = self.claims.insert((life(after.id), after.fence.0), claim).is_none();
        self.must(first, || format!("a fence was given twice: {}", what()));
    }

    /// An executor holds a task.
    fn held(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        self.must(writer.kind == Kind::Executor, || {
            format!("a process other than an executor held a task: {}", what())
        });
        self.must_be_admitted(before, writer);
        let counted = before.attempts == after.attempts;
        self.must(counted, || format!("a hold changed the number of attempts: {}", what()));
        if let (State::Scheduled { due, .. } | State::Queued { due }, State::Scheduled { due: now, .. }) =
            (&before.state, &after.state)
        {
            self.must(*due <= writer.now, || format!("a task was held before it was due: {}", what()));
            self.must(due == now, || format!("a hold changed the time at which the task was due: {}", what()));
        }
        let listed = self.is_listed(after);
        self.must(listed, || format!("a task was held that is not in the hold list: {}", what()));
    }

    /// An attempt is over: it reported an outcome, or it lost its lease.
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
                self.must(its_own, || format!("a process recorded a success without holding the claim: {}", what()));
                self.must(matches!(said, Some(Said::Done)), || {
                    format!("a recorded success that the handler did not return: {said:?}: {}", what())
                });
            }
            State::Ended { end: End::Failed, .. }
                if after.error.as_ref().is_some_and(|e| e.kind == ErrorKind::Lost) =>
            {
                self.must(over, || format!("an attempt was recorded as lost while it held its lease: {}", what()));
                let spent = before.attempts >= before.spec.options.retry.max_attempts;
                self.must(spent, || format!("a task failed as lost with attempts left: {}", what()));
            }
            State::Ended { end: End::Failed, .. } => {
                self.must(its_own, || format!("a process recorded a failure without holding the claim: {}", what()));
                let may = match said {
                    Some(Said::Done | Said::Snooze(_) | Said::Continue(_)) => false,
                    Some(Said::Retry(_)) => before.attempts >= before.spec.options.retry.max_attempts,
                    Some(Said::Fatal) => true,
                    // The executor cut the handler.
                    None => match after.error.as_ref().map(|error| error.kind) {
                        Some(ErrorKind::UnknownHandler) => self.may_be_unknown(after),
                        Some(ErrorKind::Deadline) => before.spec.deadline.is_some_and(|deadline| deadline <= at),
                        _ => before.attempts >= before.spec.options.retry.max_attempts,
                    },
                };
                self.must(may, || format!("a recorded failure that the handler did not return: {said:?}: {}", what()));
            }
            State::Ended { end: End::Cancelled, .. } => {
                self.cancelled(before, writer);
                // The attempt learns of the cancellation at its next heartbeat. A retry before that may overlap with
                // it.
                self.stops(before.id, before.fence.0);
            }
            State::Ended { end: End::Expired, .. } => {
                self.must(over, || format!("a task expired while an attempt held its lease: {}", what()));
                let passed = before.spec.deadline.is_some_and(|deadline| deadline <= at);
                self.must(passed, || format!("a task expired before its deadline: {}", what()));
            }
            // By a tick, or by a resume, which looks at the old permits of the fairness keys.
            State::Scheduled { .. } if matches!(writer.kind, Kind::Scheduler | Kind::Submit) => {
                self.must(over, || format!("a task was rescheduled from an attempt that holds its lease: {}", what()));
                self.must(at <= writer.now, || format!("a rescued task is due in the future: {}", what()));
                self.must(before.attempts == after.attempts, || {
                    format!("a write changed the number of attempts: {}", what())
                });
            }
            State::Scheduled { .. } | State::Queued { .. } => {
                self.must(its_own, || format!("a process recorded an outcome without holding the claim: {}", what()));
                self.must_be_kept(before, after);
                let (attempts, not_before) = match &said {
                    Some(Said::Snooze(wait)) => (before.attempts - 1, *wait),
                    Some(Said::Continue(wait)) => (0, *wait),
                    Some(Said::Retry(wait)) => (before.attempts, *wait),
                    Some(Said::Done | Said::Fatal) => {
                        self.break_rule(format!("another attempt after a final outcome: {said:?}: {}", what()));
                        return;
                    }
                    None => (before.attempts, Duration::ZERO),
                };
                self.must(after.attempts == attempts, || {
                    format!("the attempts are counted wrongly: after {said:?}: {}", what())
                });
                let since = run.map_or(Time::default(), |run| run.ended.unwrap_or(run.began));
                let at_deadline = before.spec.deadline.is_some_and(|deadline| deadline <= at);
                self.must(at >= since.after(not_before) || at_deadline, || {
                    format!("the next attempt is due too early: after {said:?}: {}", what())
                });
                if matches!(said, None | Some(Said::Retry(_))) {
                    let left = before.attempts < before.spec.options.retry.max_attempts;
                    self.must(left, || format!("another attempt when none is left: {}", what()));
                }
            }
            State::Running { .. } => {}
        }
    }

    /// A waiting task has ended.
    fn settled(&mut self, before: &Task, after: &Task, end: End, at: Time, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        match end {
            End::Cancelled => self.cancelled(before, writer),
            End::Expired => {
                let passed = before.spec.deadline.is_some_and(|deadline| deadline <= at);
                self.must(passed, || format!("a task expired before its deadline: {}", what()));
            }
            End::Failed => {
                let lost = after.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Lost);
                let spent = before.attempts >= before.spec.options.retry.max_attempts;
                self.must(lost && spent, || format!("a waiting task failed: {}", what()));
            }
            End::Succeeded => self.break_rule(format!("a waiting task succeeded: {}", what())),
        }
    }

    fn cancelled(&mut self, before: &Task, writer: Writer) {
        let asked = self.life(before.id).asked.cancel && writer.kind == Kind::Submit;
        let asked = asked || self.is_withdrawn(before, writer);
        self.must(asked, || format!("nobody asked to cancel a task: {before:?}"));
    }
}

fn said(state: &State) -> String {
    match state {
        State::Scheduled { .. } => "scheduled".to_owned(),
        State::Queued { .. } => "queued".to_owned(),
        State::Running { hard_end: None, .. } => "running".to_owned(),
        State::Running { hard_end: Some(_), .. } => "running with a heartbeat".to_owned(),
        State::Ended { .. } => state.name().as_str().to_owned(),
    }
}
