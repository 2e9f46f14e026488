//! The rules for every accepted write. They do not look at what its transition expects.

use taskway_protocol::{Count, Fence, Generation, State, StateName, Step, Task};

use crate::{
    instant::{Tick, tick, time},
    record::{MAX_ATTEMPTS, small},
    world::Ghost,
};

/// A rule that one write can break.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Rule {
    /// A step led from a state or to a state that is wrong for it, or rescheduled an expired task.
    Move,
    /// A step changed a record whose generation had changed since it was read.
    Stale,
    /// A step that enters the agenda made no new generation, or another step made one.
    Generation,
    /// A claim made no new fence, or another step made one.
    Fence,
    /// An attempt recorded a second outcome, or wrote after it had lost its claim.
    Outcome,
    /// A task was claimed or held before it was due.
    Early,
    /// A task was claimed or held after its deadline.
    Late,
    /// A task was claimed or held when no attempt was left, or its attempts or how often it was given back were counted wrong.
    Attempts,
    /// A task was taken from an executor that still trusts its lease.
    Overlap,
    /// A task was lost with attempts left, or expired before its deadline.
    Settled,
    /// An end that has a callback did not owe it, another end owed one, a step forgot that one is owed, or a second write said
    /// that it is made.
    Owed,
    /// A record that owes a callback would not be kept for long enough, or another one for too long.
    Kept,
    /// A record does not list its callbacks.
    Listed,
    /// A record does not have what the client asked for last.
    Asked,
}

/// An attempt whose executor trusts its lease.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Trusted {
    pub life: u8,
    pub fence: u8,
}

/// The first rule that this write breaks. Also updates the checker's notes.
pub(crate) fn broken(
    before: &Task,
    after: &Task,
    step: &Step,
    clock: Tick,
    trusted: &[Trusted],
    ghost: &mut Ghost,
) -> Option<Rule> {
    let (from, to) = (before.state.name(), after.state.name());
    let fence = small(before.fence.0.into());
    if !legal(from, to, step, before, clock) {
        return Some(Rule::Move);
    }
    if read(step).is_some_and(|generation| generation != before.generation) {
        return Some(Rule::Stale);
    }
    let entered = to == StateName::Scheduled;
    if after.generation.0 != before.generation.0 + u32::from(entered) {
        return Some(Rule::Generation);
    }
    let held = matches!(after.state, State::Scheduled { held: true, .. });
    if entered && held != matches!(step, Step::Hold { .. }) {
        return Some(Rule::Move);
    }
    let claimed = matches!(step, Step::Claim { .. });
    if after.fence.0 != before.fence.0 + u32::from(claimed) {
        return Some(Rule::Fence);
    }
    if entered {
        // A message of the new generation will be sent, even if SQS lost the old one.
        ghost.lost = false;
    }
    match step {
        Step::Claim { .. } => {
            let waited = from == StateName::Running || ghost.not_before <= clock;
            (ghost.not_before, ghost.attempts) = (-1, ghost.attempts + 1);
            if !waited {
                return Some(Rule::Early);
            }
            if before.spec.deadline.is_some_and(|deadline| deadline <= time(clock)) {
                return Some(Rule::Late);
            }
            if u32::from(ghost.attempts) > MAX_ATTEMPTS {
                return Some(Rule::Attempts);
            }
        }
        // It ends in time, or is lost, and does not wait in a hold list for that.
        Step::Hold { .. } => {
            if from != StateName::Running && ghost.not_before > clock {
                return Some(Rule::Early);
            }
            if before.spec.deadline.is_some_and(|deadline| deadline <= time(clock)) {
                return Some(Rule::Late);
            }
            if u32::from(ghost.attempts) >= MAX_ATTEMPTS {
                return Some(Rule::Attempts);
            }
        }
        Step::Again { due, count, .. } | Step::AgainLater { due, count, .. } => {
            ghost.not_before = tick(*due);
            ghost.attempts = match count {
                Count::Keep => ghost.attempts,
                Count::TakeBack => ghost.attempts.saturating_sub(1),
                Count::Reset => 0,
            };
            ghost.given_back = 0;
        }
        Step::GiveBack { now, .. } => {
            ghost.not_before = tick(*now);
            (ghost.attempts, ghost.given_back) = (ghost.attempts.saturating_sub(1), ghost.given_back + 1);
        }
        Step::Reschedule { due, .. } => ghost.not_before = tick(*due),
        Step::Revive { .. } => (ghost.not_before, ghost.attempts, ghost.given_back) = (-1, 0, 0),
        Step::Replace { spec, .. } => {
            if after.spec != **spec {
                return Some(Rule::Asked);
            }
            (ghost.not_before, ghost.attempts, ghost.given_back) = (tick(spec.run_at), 0, 0);
        }
        Step::Lost { .. } if u32::from(ghost.attempts) < MAX_ATTEMPTS => return Some(Rule::Settled),
        Step::Expire { .. } if before.spec.deadline.is_none_or(|deadline| deadline > time(clock)) => {
            return Some(Rule::Settled);
        }
        Step::Lost { .. }
        | Step::Expire { .. }
        | Step::Park { .. }
        | Step::Mark { .. }
        | Step::Heartbeat { .. }
        | Step::Succeed { .. }
        | Step::Fail { .. }
        | Step::LeaseExpired { .. }
        | Step::Cancel { .. }
        | Step::Withdraw { .. }
        | Step::Callback { .. } => {}
    }
    ghost.not_before = if after.state.name().is_ended() { -1 } else { ghost.not_before.max(-1) };
    if after.attempts != u32::from(ghost.attempts) || after.given_back != u32::from(ghost.given_back) {
        return Some(Rule::Attempts);
    }
    if matches!(step, Step::Heartbeat { fence, .. } if *fence != before.fence) {
        return Some(Rule::Outcome);
    }
    if let Some(outcome) = outcome(step) {
        if outcome != before.fence || ghost.outcome >= fence {
            return Some(Rule::Outcome);
        }
        ghost.outcome = fence;
    }
    let taken = matches!(
        step,
        Step::Claim { .. } | Step::Hold { .. } | Step::LeaseExpired { .. } | Step::Lost { .. } | Step::Expire { .. }
    );
    let life = small(before.id.born.as_millis());
    if taken && from == StateName::Running && trusted.contains(&Trusted { life, fence }) {
        return Some(Rule::Overlap);
    }
    None
}

fn legal(from: StateName, to: StateName, step: &Step, before: &Task, clock: Tick) -> bool {
    use StateName::{Queued, Running, Scheduled};
    let (waiting, open) = (matches!(from, Scheduled | Queued), !from.is_ended());
    match step {
        Step::Park { .. } => from == Queued && to == Scheduled && before.fence == Fence::NONE,
        Step::Mark { .. } => from == Scheduled && to == Queued,
        Step::Claim { .. } => open && to == Running,
        Step::Hold { .. } => open && to == Scheduled,
        Step::Heartbeat { .. } => from == Running && to == Running,
        Step::Succeed { .. } => from == Running && to == StateName::Succeeded,
        Step::Fail { .. } => from == Running && to == StateName::Failed,
        Step::Again { .. } | Step::GiveBack { .. } => from == Running && to == Queued,
        Step::AgainLater { .. } | Step::LeaseExpired { .. } => from == Running && to == Scheduled,
        Step::Reschedule { .. } => {
            waiting && to == Scheduled && before.spec.deadline.is_none_or(|deadline| deadline > time(clock))
        }
        Step::Lost { .. } => open && to == StateName::Failed,
        Step::Cancel { .. } => open && to == StateName::Cancelled,
        Step::Withdraw { fence, .. } => {
            waiting && to == StateName::Cancelled && fence.is_none_or(|fence| fence == before.fence)
        }
        Step::Revive { .. } => !open && to == Scheduled && !before.is_forgotten(time(clock)),
        Step::Replace { .. } => to == Scheduled && !before.is_forgotten(time(clock)),
        Step::Expire { .. } => open && to == StateName::Expired,
        Step::Callback { .. } => !open && to == from,
    }
}

/// The generation that was read before the step, if the step names one.
fn read(step: &Step) -> Option<Generation> {
    match step {
        Step::Park { .. } => Some(Generation::FIRST),
        Step::Claim { generation, .. }
        | Step::Hold { generation, .. }
        | Step::Mark { generation, .. }
        | Step::Reschedule { generation, .. }
        | Step::Revive { generation, .. }
        | Step::Replace { generation, .. }
        | Step::Callback { generation, .. } => Some(*generation),
        Step::Heartbeat { .. }
        | Step::Succeed { .. }
        | Step::Fail { .. }
        | Step::Again { .. }
        | Step::AgainLater { .. }
        | Step::GiveBack { .. }
        | Step::LeaseExpired { .. }
        | Step::Lost { .. }
        | Step::Cancel { .. }
        | Step::Withdraw { .. }
        | Step::Expire { .. } => None,
    }
}

fn outcome(step: &Step) -> Option<Fence> {
    match step {
        Step::Succeed { fence, .. }
        | Step::Fail { fence, .. }
        | Step::Again { fence, .. }
        | Step::AgainLater { fence, .. }
        | Step::GiveBack { fence, .. } => Some(*fence),
        Step::Park { .. }
        | Step::Mark { .. }
        | Step::Claim { .. }
        | Step::Hold { .. }
        | Step::Heartbeat { .. }
        | Step::LeaseExpired { .. }
        | Step::Lost { .. }
        | Step::Cancel { .. }
        | Step::Withdraw { .. }
        | Step::Reschedule { .. }
        | Step::Revive { .. }
        | Step::Replace { .. }
        | Step::Expire { .. }
        | Step::Callback { .. } => None,
    }
}
