//! An executor of a limited queue: it takes the permits, claims the task, runs the handler, writes the outcome, releases the
//! permits, and dispatches.

use taskway_protocol::{
    Ack, Count, GUARD, HoldEntry, Nonce, Permit, Refusal, SKEW, State, Step, Take, Task, Transition, Verdict, lease,
    may_start, refused,
};

use super::{
    broken::Broken,
    grounds::{Grounds, Origin},
    right::{Edit, Right, Rights},
    scene::{InHand, Scene},
    scope::{Both, Scope},
    work::{Work, Works},
    world::{Late, Settings, key},
};
use crate::{
    actors::{Decision, Outcome},
    instant::{Tick, tick, time},
    record::{MAX_ATTEMPTS, RETAIN, TIMEOUT_SECONDS, born, small},
    rules::Trusted,
    scene::{fence, generation},
    world::Hold,
};

/// How much longer than its lease an attempt that is put off waits, in steps.
const LATER: Tick = 1;

/// The next thing that an executor does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Executor {
    /// Nothing: it has no message.
    #[default]
    Idle,
    /// It reads the record, for a message that does not carry all permits.
    Read { message: InHand, grounds: Grounds },
    /// It takes a permit of this scope for the attempt after the fence that it has read.
    Take { message: InHand, grounds: Grounds, scope: Scope, due: Tick },
    /// It may not start the task, and puts an entry into the hold list of this scope.
    Put { message: InHand, grounds: Grounds, scope: Scope, due: Tick },
    /// It holds the task.
    Hold { message: InHand, grounds: Grounds, scope: Scope, due: Tick },
    /// It claims the task.
    Claim { message: InHand, grounds: Grounds },
    /// It has claimed the task, and looks whether it may start the handler.
    Start { message: InHand, grounds: Grounds, fence: u8, lease_end: Tick },
    /// It runs the handler. `limited` says which permits it has.
    Run { message: InHand, limited: Both<bool>, fence: u8, attempts: u8, lease_end: Tick },
    /// It has released the permits and then writes the outcome. Only a broken executor does so.
    Report { message: InHand, limited: Both<bool>, fence: u8, lease_end: Tick, outcome: Outcome },
    /// It gives the task back.
    GiveBack { message: InHand, limited: Both<bool>, fence: u8 },
    /// It sends the next message of a task that goes on.
    SendNext { message: InHand, limited: Both<bool>, fence: u8, due: Tick },
    /// It gives permits back and dispatches. Then it may delete the message, unless the outcome was refused.
    Tend { message: InHand, works: Works, delete: bool },
    /// It puts the entry of a task that it has held. Only a broken executor does so.
    PutLate { message: InHand, grounds: Grounds, scope: Scope },
    /// It writes the end of a task that no attempt holds and that cannot go on.
    Settle { message: InHand, decision: Decision, grounds: Grounds },
    /// It deletes the message.
    Delete { message: InHand },
}

/// An attempt that an executor runs under a lease that it trusts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Attempt {
    /// The number of the task.
    pub task: u8,
    /// The fence.
    pub fence: u8,
    /// With which permits it began.
    pub limited: Both<bool>,
}

impl Attempt {
    /// The attempt for the rules of a task.
    pub(super) fn trusted(self) -> Trusted {
        Trusted { life: self.task + 1, fence: self.fence }
    }
}

impl Executor {
    /// The message that it has received.
    pub(super) fn in_hand(&mut self) -> Option<&mut InHand> {
        match self {
            Executor::Idle => None,
            Executor::Read { message, .. }
            | Executor::Take { message, .. }
            | Executor::Put { message, .. }
            | Executor::Hold { message, .. }
            | Executor::Claim { message, .. }
            | Executor::Start { message, .. }
            | Executor::Run { message, .. }
            | Executor::Report { message, .. }
            | Executor::GiveBack { message, .. }
            | Executor::SendNext { message, .. }
            | Executor::Tend { message, .. }
            | Executor::PutLate { message, .. }
            | Executor::Settle { message, .. }
            | Executor::Delete { message } => Some(message),
        }
    }

    /// Shows `visit` the permits that it knows, with their tasks and scopes.
    pub(super) fn rights(&mut self, visit: &mut impl FnMut(u8, Scope, &mut Right)) {
        match self {
            Executor::Read { message, grounds }
            | Executor::Take { message, grounds, .. }
            | Executor::Put { message, grounds, .. }
            | Executor::Hold { message, grounds, .. }
            | Executor::Claim { message, grounds }
            | Executor::Start { message, grounds, .. }
            | Executor::PutLate { message, grounds, .. }
            | Executor::Settle { message, grounds, .. } => each_right(message.task, &mut grounds.rights, visit),
            Executor::Tend { message, works, .. } => works.rights(message.task, visit),
            Executor::Idle
            | Executor::Run { .. }
            | Executor::Report { .. }
            | Executor::GiveBack { .. }
            | Executor::SendNext { .. }
            | Executor::Delete { .. } => {}
        }
    }

    /// How long a received message is hidden.
    pub(super) fn visibility() -> Tick {
        steps(lease(TIMEOUT_SECONDS)) + steps(SKEW)
    }

    /// It has received a message that carries these permits. `settings` are those that it knows.
    pub(super) fn begin(scene: &Scene, message: InHand, carried: Rights, settings: Settings) -> Executor {
        let grounds = Grounds::received(scene, message.task, carried, settings);
        match grounds.lacks(scene, message.task) {
            None if !settings.paused => Executor::Claim { message, grounds },
            None | Some(_) => Executor::Read { message, grounds },
        }
    }

    /// How its attempt may end. Empty if it runs none.
    pub(super) fn outcomes(&self, outcomes: &[Outcome]) -> Vec<Outcome> {
        let Executor::Run { attempts, .. } = self else { return Vec::new() };
        let spent = u32::from(*attempts) >= MAX_ATTEMPTS;
        let keeps = [Outcome::RetryNow, Outcome::RetrySoon, Outcome::RetryLater];
        outcomes.iter().filter(|outcome| !spent || !keeps.contains(outcome)).copied().collect()
    }

    /// Does the next thing. `outcome` is how an attempt ends.
    pub(super) fn step(self, scene: &mut Scene, outcome: Outcome) -> Executor {
        match self {
            Executor::Idle => Executor::Idle,
            Executor::Read { message, grounds } => read(scene, message, grounds),
            Executor::Take { message, grounds, scope, due } => take(scene, message, grounds, scope, due),
            Executor::Put { message, grounds, scope, due } => {
                if !scene.breaks(Broken::RecordBeforeEntry) {
                    scene.world.put_hold(scope, entry(message));
                }
                Executor::Hold { message, grounds, scope, due }
            }
            Executor::Hold { message, grounds, scope, due } => hold(scene, message, grounds, scope, due),
            Executor::Claim { message, grounds } => claim(scene, message, grounds),
            Executor::Start { message, grounds, fence, lease_end } => {
                let limited = grounds.limited;
                if grounds.permit(scene, message.task) && may_start(time(scene.clock), time(lease_end)) {
                    let attempts = scene.world.record(message.task).attempts;
                    Executor::Run { message, limited, fence, attempts, lease_end }
                } else {
                    Executor::GiveBack { message, limited, fence }
                }
            }
            Executor::Run { message, limited, fence, lease_end, .. }
                if limited.any() && scene.breaks(Broken::ReleaseBeforeOutcome) =>
            {
                for scope in scene.world.scopes(message.task).filter(|scope| limited[*scope]) {
                    scene.edit(message.task, scope, Edit::Release(fence));
                }
                Executor::Report { message, limited, fence, lease_end, outcome }
            }
            Executor::Report { message, limited, fence, outcome, .. } => {
                let step = report(outcome, fence, scene.clock);
                ended(scene, message, limited, fence, &step)
            }
            Executor::Run { message, limited, fence, .. } => {
                let step = report(outcome, fence, scene.clock);
                ended(scene, message, limited, fence, &step)
            }
            Executor::GiveBack { message, limited, fence } => {
                let now = time(scene.clock);
                let step = Step::GiveBack { fence: crate::scene::fence(fence), now, checkpoint: None };
                ended(scene, message, limited, fence, &step)
            }
            Executor::SendNext { message, limited, fence, due } => {
                scene.send(message.task, message.generation, Rights::default(), due);
                released(scene, message, limited, fence, true)
            }
            Executor::Tend { message, works, delete } => match works.step(scene, message.task) {
                Some(works) => Executor::Tend { message, works, delete },
                None => over(message, delete),
            },
            Executor::PutLate { message, grounds, scope } => {
                scene.world.put_hold(scope, entry(message));
                held(scene, message, grounds, scope)
            }
            Executor::Settle { message, decision, grounds } => match scene.write(message.task, &decision.step()) {
                Ok(settled) => match Ack::shown_by(&settled, settled.id, generation(message.generation)) {
                    Some(_) => not_needed(scene, message, grounds, &settled, true),
                    None => Executor::Idle,
                },
                Err(_) => Executor::Idle,
            },
            Executor::Delete { message } => {
                scene.delete(message);
                Executor::Idle
            }
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self, scene: &Scene) -> Option<Late> {
        match *self {
            Executor::Take { message, grounds, scope, .. } => {
                let task = message.task;
                match wish(scene, message, grounds.fence?, scope) {
                    (Take::New, wished) => Some(Late::Edit { task, scope, edit: Edit::Add(wished) }),
                    (Take::Renew(before), after) => {
                        let edit = Edit::Replace { before: Right::of(before), after };
                        Some(Late::Edit { task, scope, edit })
                    }
                    (Take::Behind | Take::Full, _) => None,
                }
            }
            Executor::Claim { message: InHand { task, generation, .. }, grounds } => {
                Some(Late::Claim { task, generation, at: scene.clock, fence: grounds.fence })
            }
            Executor::Tend { message, works, .. } => works.late(scene, message.task),
            Executor::Idle
            | Executor::Read { .. }
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::Start { .. }
            | Executor::Run { .. }
            | Executor::Report { .. }
            | Executor::GiveBack { .. }
            | Executor::SendNext { .. }
            | Executor::PutLate { .. }
            | Executor::Settle { .. }
            | Executor::Delete { .. } => None,
        }
    }

    /// The attempt that it runs, while it trusts the lease by its own clock.
    pub(super) fn attempt(&self, clock: Tick) -> Option<Attempt> {
        let (Executor::Run { message, fence, limited, lease_end, .. }
        | Executor::Report { message, fence, limited, lease_end, .. }) = *self
        else {
            return None;
        };
        (lease_end - steps(GUARD) > clock).then_some(Attempt { task: message.task, fence, limited })
    }

    /// The same executor after `by` has passed.
    pub(super) fn later(self, by: Tick, clock: Tick) -> Executor {
        let lease = |lease_end: Tick| lease_end.saturating_sub(by).max(0);
        let due = |due: Tick| due.saturating_sub(by).max(-1);
        match self {
            Executor::Idle | Executor::GiveBack { .. } | Executor::Delete { .. } => self,
            Executor::Read { message, grounds } => Executor::Read { message, grounds: grounds.later(by) },
            Executor::Take { message, grounds, scope, due: at } => {
                Executor::Take { message, grounds: grounds.later(by), scope, due: due(at) }
            }
            Executor::Put { message, grounds, scope, due: at } => {
                Executor::Put { message, grounds: grounds.later(by), scope, due: due(at) }
            }
            Executor::Hold { message, grounds, scope, due: at } => {
                Executor::Hold { message, grounds: grounds.later(by), scope, due: due(at) }
            }
            Executor::Claim { message, grounds } => Executor::Claim { message, grounds: grounds.later(by) },
            Executor::Start { message, grounds, fence, lease_end } => {
                Executor::Start { message, grounds: grounds.later(by), fence, lease_end: lease(lease_end) }
            }
            Executor::Run { message, limited, fence, attempts, lease_end } => {
                Executor::Run { message, limited, fence, attempts, lease_end: lease(lease_end) }
            }
            Executor::Report { message, limited, fence, lease_end, outcome } => {
                Executor::Report { message, limited, fence, lease_end: lease(lease_end), outcome }
            }
            Executor::SendNext { message, limited, fence, due: at } => {
                Executor::SendNext { message, limited, fence, due: due(at) }
            }
            Executor::Tend { message, works, delete } => Executor::Tend { message, works: works.later(by), delete },
            Executor::PutLate { message, grounds, scope } => {
                Executor::PutLate { message, grounds: grounds.later(by), scope }
            }
            Executor::Settle { message, decision, grounds } => match decision.later(by, clock) {
                Some(decision) => Executor::Settle { message, decision, grounds: grounds.later(by) },
                None => Executor::Idle,
            },
        }
    }
}

/// Shows `visit` the permits of one task.
pub(super) fn each_right(task: u8, rights: &mut Rights, visit: &mut impl FnMut(u8, Scope, &mut Right)) {
    for (right, scope) in rights.each_mut().into_iter().zip([Scope::Queue, Scope::Key(0)]) {
        if let Some(right) = right {
            visit(task, scope, right);
        }
    }
}

/// A duration of the protocol, in steps.
fn steps(long: std::time::Duration) -> Tick {
    tick(time(0).after(long))
}

/// The entry that holds the task of this message.
const fn entry(message: InHand) -> Hold {
    Hold { life: message.task + 1, generation: message.generation + 1 }
}

fn claiming(message: InHand, now: Tick, expected: Option<u8>) -> Step {
    Step::Claim {
        generation: generation(message.generation),
        owner: Nonce(0),
        now: time(now),
        timeout_seconds: TIMEOUT_SECONDS,
        fence: expected.map(fence),
    }
}

fn read(scene: &mut Scene, message: InHand, mut grounds: Grounds) -> Executor {
    let task = scene.read(message.task);
    let fence = small(task.fence.0.into());
    let step = claiming(message, scene.clock, Some(fence));
    if let Some(refusal) = (Transition { born: born(message.task + 1), step }).refusal(&task) {
        // The permits that the message carries stay. They may be in use.
        return not_taken(scene, message, grounds.without_rights(), refusal, &task);
    }
    let Step::Hold { due, .. } = HoldEntry::step(&task, generation(message.generation), time(scene.clock)) else {
        return Executor::Idle;
    };
    let due = tick(due).max(-1);
    if grounds.paused {
        grounds.fence = Some(fence);
        return Executor::Put { message, grounds, scope: Scope::Queue, due };
    }
    next(scene, message, grounds.after(fence), due)
}

/// What it does next for a task whose fence it has read: it takes the permit that it lacks, or claims the task.
fn next(scene: &Scene, message: InHand, grounds: Grounds, due: Tick) -> Executor {
    match grounds.lacks(scene, message.task) {
        Some(_) if scene.breaks(Broken::NoTake) => Executor::Claim { message, grounds },
        Some(scope) => Executor::Take { message, grounds, scope, due },
        None => Executor::Claim { message, grounds },
    }
}

/// What becomes of the wish for a permit, and the permit.
fn wish(scene: &Scene, message: InHand, read: u8, scope: Scope) -> (Take, Right) {
    let (before, ledger) = (scene.world.right(message.task, scope), scene.world.ledger(scope));
    let wished = Permit::next(fence(read), time(scene.clock + scene.bounds.kept), 0);
    let wished = scene.distinct(message.task, Right::of(before.map_or(wished, |before| wished.after(before.permit()))));
    (ledger.take(&key(message.task), wished.permit(), scene.most(scope).into()), wished)
}

fn take(scene: &mut Scene, message: InHand, mut grounds: Grounds, scope: Scope, due: Tick) -> Executor {
    let Some(read) = grounds.fence else { return Executor::Idle };
    let (take, wished) = wish(scene, message, read, scope);
    let origin = match take {
        Take::New => {
            scene.edit(message.task, scope, Edit::Add(wished));
            Origin::New
        }
        Take::Renew(_) if scene.breaks(Broken::NoNewUntil) => Origin::Renewed,
        Take::Renew(before) => {
            scene.edit(message.task, scope, Edit::Replace { before: Right::of(before), after: wished });
            Origin::Renewed
        }
        Take::Behind => {
            scene.hide(message, scene.clock + 1);
            return Executor::Idle;
        }
        Take::Full => return Executor::Put { message, grounds, scope, due },
    };
    grounds.rights[scope] = Some(wished);
    // A queue whose keys have no limit has the coarser rule for all permits: they may be used by others.
    grounds.origins[scope] = if scene.bounds.key_limit.is_some() { origin } else { Origin::Renewed };
    next(scene, message, grounds, due)
}

fn hold(scene: &mut Scene, message: InHand, grounds: Grounds, scope: Scope, due: Tick) -> Executor {
    let (generation, now) = (generation(message.generation), time(scene.clock));
    let read = fence(grounds.fence.unwrap_or_default());
    match scene.write(message.task, &Step::Hold { generation, now, due: time(due), fence: read }) {
        Ok(_) if scene.breaks(Broken::RecordBeforeEntry) => Executor::PutLate { message, grounds, scope },
        Ok(_) if scene.breaks(Broken::NoDispatchAfterHold) => Executor::Delete { message },
        Ok(_) => held(scene, message, grounds, scope),
        Err((refusal, task)) if scene.breaks(Broken::KeepRenewed) => {
            not_taken(scene, message, grounds.made(), refusal, &task)
        }
        Err((refusal, task)) => not_taken(scene, message, grounds, refusal, &task),
    }
}

/// The task is held in the list of this scope. A task that waits for the queue keeps its key's permit.
fn held(scene: &Scene, message: InHand, grounds: Grounds, scope: Scope) -> Executor {
    let keeps = |of: Scope| match of {
        Scope::Queue => scene.breaks(Broken::KeepQueueWhenHeld),
        Scope::Key(_) => scope == Scope::Queue && !grounds.paused && !scene.breaks(Broken::DropKeyWhenHeld),
    };
    let frees = |of: &Scope| !keeps(*of);
    let mut works = Works::default();
    for of in [Scope::Queue].into_iter().chain(scene.world.key_of(message.task)).filter(frees) {
        if let Some(right) = grounds.rights[of] {
            works.push(Work::Free { scope: of, right });
        }
    }
    works.push(Work::dispatch(scope));
    Executor::Tend { message, works, delete: true }
}

fn claim(scene: &mut Scene, message: InHand, grounds: Grounds) -> Executor {
    match scene.write(message.task, &claiming(message, scene.clock, grounds.fence)) {
        Ok(task) => {
            let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
            Executor::Start { message, grounds, fence: small(task.fence.0.into()), lease_end: tick(lease_end) }
        }
        Err((refusal, task)) => not_taken(scene, message, grounds, refusal, &task),
    }
}

/// The record has refused a claim on these grounds, or a hold.
fn not_taken(scene: &mut Scene, message: InHand, grounds: Grounds, refusal: Refusal, task: &Task) -> Executor {
    match refused(refusal, task, generation(message.generation), time(scene.clock)) {
        Verdict::Ack(_) => not_needed(scene, message, grounds, task, true),
        Verdict::Settle(step) => match Decision::of(&step, scene.clock) {
            Some(decision) => Executor::Settle { message, decision, grounds },
            None => Executor::Idle,
        },
        Verdict::HandBack { until } => {
            scene.hide(message, tick(until));
            not_needed(scene, message, grounds, task, false)
        }
        // Messages of the model have the record's timeout.
        Verdict::ClaimAgain { .. } | Verdict::Leave => not_needed(scene, message, grounds, task, false),
    }
}

/// Writes the outcome of an attempt.
fn ended(scene: &mut Scene, message: InHand, limited: Both<bool>, fence: u8, step: &Step) -> Executor {
    match scene.write(message.task, step) {
        Ok(Task { state: State::Queued { due }, .. }) => Executor::SendNext { message, limited, fence, due: tick(due) },
        Ok(_) => released(scene, message, limited, fence, true),
        Err(_) => released(scene, message, limited, fence, false),
    }
}

/// The outcome is written, or was refused. The queue's permit goes first.
fn released(scene: &Scene, message: InHand, limited: Both<bool>, fence: u8, delete: bool) -> Executor {
    let mut works = Works::default();
    for scope in [Scope::Queue].into_iter().chain(scene.world.key_of(message.task)) {
        if limited[scope] && !(scope != Scope::Queue && scene.breaks(Broken::NoKeyRelease)) {
            works.push(Work::Release { scope, fence });
        }
    }
    if works.is_empty() { over(message, delete) } else { Executor::Tend { message, works, delete } }
}

fn over(message: InHand, delete: bool) -> Executor {
    if delete { Executor::Delete { message } } else { Executor::Idle }
}

/// This record shows that the executor does not get the task. It gives back the permits that nobody can use.
fn not_needed(scene: &Scene, message: InHand, grounds: Grounds, task: &Task, delete: bool) -> Executor {
    let mut works = Works::default();
    for scope in [Scope::Queue].into_iter().chain(scene.world.key_of(message.task)) {
        if let Some(right) = grounds.rights[scope]
            && is_unused(scene, message, right, grounds.origins[scope], task)
        {
            works.push(Work::Free { scope, right });
        }
    }
    if works.is_empty() { over(message, delete) } else { Executor::Tend { message, works, delete } }
}

/// Whether no attempt uses the permit or will use it, given the record of its task.
fn is_unused(scene: &Scene, message: InHand, right: Right, origin: Origin, task: &Task) -> bool {
    let ended = task.state.name().is_ended() || scene.breaks(Broken::FreeBehind);
    let before = task.fence < fence(right.fence) || scene.breaks(Broken::FreeOfAttempt);
    match origin {
        Origin::New => true,
        Origin::Renewed => ended && before,
        Origin::Message => before && (ended || generation(message.generation) < task.generation),
    }
}

/// The step that records this outcome.
fn report(outcome: Outcome, mine: u8, clock: Tick) -> Step {
    let (fence, at) = (fence(mine), time(clock));
    let (count, error, past, checkpoint) = (Count::Keep, None, None, None);
    match outcome {
        Outcome::RetryLater => Step::AgainLater { fence, due: time(clock + LATER), count, error, past, checkpoint },
        Outcome::RetryNow => Step::Again { fence, due: at, count, error, past, checkpoint },
        Outcome::RetrySoon => Step::Again { fence, due: time(clock + 1), count, error, past, checkpoint },
        Outcome::GiveBack => Step::GiveBack { fence, now: at, checkpoint },
        Outcome::Succeed
        | Outcome::Fail
        | Outcome::Snooze
        | Outcome::Continue
        | Outcome::SnoozeLater
        | Outcome::ContinueLater => {
            Step::Succeed { fence, at, retained_until: time(clock + RETAIN), result: None, progress: None, owes: false }
        }
    }
}
