//! An executor of a limited queue: it takes a permit, claims the task, runs the handler, writes the outcome, releases the
//! permit, and dispatches.

use taskway_protocol::{
    Ack, Count, GUARD, HoldEntry, Nonce, Permit, Refusal, SKEW, State, Step, Take, Task, Transition, Verdict, lease,
    may_start, refused,
};

use super::{
    broken::Broken,
    dispatch::Dispatch,
    right::{Edit, Right},
    scene::{InHand, Scene},
    world::{Late, key},
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
    /// It reads the record, for a message without a usable permit.
    Read { message: InHand },
    /// It takes a permit for the attempt after the fence that it has read.
    Take { message: InHand, fence: u8, due: Tick },
    /// It has found no room, and puts an entry into the hold list.
    Put { message: InHand, due: Tick, fence: u8 },
    /// It holds the task.
    Hold { message: InHand, due: Tick, fence: u8 },
    /// It claims the task.
    Claim { message: InHand, grounds: Grounds },
    /// It has claimed the task, and looks whether it may start the handler.
    Start { message: InHand, grounds: Grounds, fence: u8, lease_end: Tick },
    /// It runs the handler.
    Run { message: InHand, limited: bool, fence: u8, attempts: u8, lease_end: Tick },
    /// It has released the permit and then writes the outcome. Only a broken executor does so.
    Report { message: InHand, fence: u8, lease_end: Tick, outcome: Outcome },
    /// It gives the task back.
    GiveBack { message: InHand, limited: bool, fence: u8 },
    /// It sends the next message of a task that goes on.
    SendNext { message: InHand, limited: bool, fence: u8, due: Tick },
    /// It releases the permit of its attempt. Then it may delete the message, unless the outcome was refused.
    Release { message: InHand, fence: u8, delete: bool },
    /// It frees the permit that it has taken for a task that has ended.
    Free { message: InHand, right: Right },
    /// It dispatches.
    Dispatch { message: InHand, dispatch: Dispatch, delete: bool },
    /// It puts the entry of a task that it has held. Only a broken executor does so.
    PutLate { message: InHand },
    /// It writes the end of a task that no attempt holds and that cannot go on.
    Settle { message: InHand, decision: Decision, right: Option<Right> },
    /// It deletes the message.
    Delete { message: InHand },
}

/// Why an executor may claim a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Grounds {
    /// It has a permit.
    Right(Right),
    /// It has no permit but behaves as if it had. Only a broken executor does so.
    Nothing {
        /// The fence that it has read.
        fence: u8,
    },
    /// Its queue had no limit when it read the settings, less than five seconds ago or earlier.
    NoLimit { known: bool },
}

impl Grounds {
    fn expected(self) -> Option<u8> {
        match self {
            Grounds::Right(right) => Some(right.fence - 1),
            Grounds::Nothing { fence } => Some(fence),
            Grounds::NoLimit { .. } => None,
        }
    }

    fn is_limited(self) -> bool {
        !matches!(self, Grounds::NoLimit { .. })
    }

    fn later(self, by: Tick) -> Self {
        match self {
            Grounds::Right(right) => Grounds::Right(right.later(by)),
            Grounds::Nothing { .. } => self,
            Grounds::NoLimit { .. } => Grounds::NoLimit { known: false },
        }
    }
}

/// An attempt that an executor runs under a lease that it trusts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Attempt {
    /// The number of the task.
    pub task: u8,
    /// The fence.
    pub fence: u8,
    /// Whether it began with a permit.
    pub limited: bool,
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
            Executor::Read { message }
            | Executor::Take { message, .. }
            | Executor::Put { message, .. }
            | Executor::Hold { message, .. }
            | Executor::Claim { message, .. }
            | Executor::Start { message, .. }
            | Executor::Run { message, .. }
            | Executor::Report { message, .. }
            | Executor::GiveBack { message, .. }
            | Executor::SendNext { message, .. }
            | Executor::Release { message, .. }
            | Executor::Free { message, .. }
            | Executor::Dispatch { message, .. }
            | Executor::PutLate { message }
            | Executor::Settle { message, .. }
            | Executor::Delete { message } => Some(message),
        }
    }

    /// The permit that it knows, with its task.
    pub(super) fn right(&mut self) -> Option<(u8, &mut Right)> {
        match self {
            Executor::Claim { message, grounds: Grounds::Right(right), .. }
            | Executor::Start { message, grounds: Grounds::Right(right), .. }
            | Executor::Free { message, right }
            | Executor::Settle { message, right: Some(right), .. } => Some((message.task, right)),
            Executor::Dispatch { dispatch, .. } => dispatch.right(),
            Executor::Idle
            | Executor::Read { .. }
            | Executor::Take { .. }
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::Claim { .. }
            | Executor::Start { .. }
            | Executor::Run { .. }
            | Executor::Report { .. }
            | Executor::GiveBack { .. }
            | Executor::SendNext { .. }
            | Executor::Release { .. }
            | Executor::PutLate { .. }
            | Executor::Settle { .. }
            | Executor::Delete { .. } => None,
        }
    }

    /// How long a received message is hidden.
    pub(super) fn visibility() -> Tick {
        steps(lease(TIMEOUT_SECONDS)) + steps(SKEW)
    }

    /// It has received a message. `limited` is what it knows of the settings.
    pub(super) fn begin(scene: &Scene, message: InHand, right: Option<Right>, limited: bool) -> Executor {
        if !limited {
            return Executor::Claim { message, grounds: Grounds::NoLimit { known: true } };
        }
        match right {
            Some(right) if usable(scene, right) => Executor::Claim { message, grounds: Grounds::Right(right) },
            Some(_) | None => Executor::Read { message },
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
            Executor::Read { message } => read(scene, message),
            Executor::Take { message, fence, due } => take(scene, message, fence, due),
            Executor::Put { message, due, fence } => {
                if !scene.breaks(Broken::RecordBeforeEntry) {
                    scene.world.put_hold(entry(message));
                }
                Executor::Hold { message, due, fence }
            }
            Executor::Hold { message, due, fence } => hold(scene, message, due, fence),
            Executor::Claim { message, grounds } => claim(scene, message, grounds),
            Executor::Start { message, grounds, fence, lease_end } => {
                let limited = grounds.is_limited();
                let permitted = match grounds {
                    Grounds::Right(right) => scene.breaks(Broken::StartLate) || usable(scene, right),
                    Grounds::NoLimit { known: false } => !scene.world.limited,
                    Grounds::NoLimit { known: true } | Grounds::Nothing { .. } => true,
                };
                if permitted && may_start(time(scene.clock), time(lease_end)) {
                    let attempts = scene.world.record(message.task).attempts;
                    Executor::Run { message, limited, fence, attempts, lease_end }
                } else {
                    Executor::GiveBack { message, limited, fence }
                }
            }
            Executor::Run { message, limited: true, fence, lease_end, .. }
                if scene.breaks(Broken::ReleaseBeforeOutcome) =>
            {
                scene.edit(message.task, Edit::Release(fence));
                Executor::Report { message, fence, lease_end, outcome }
            }
            Executor::Report { message, fence, outcome, .. } => {
                let step = report(outcome, fence, scene.clock);
                ended(scene, message, true, fence, &step)
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
                scene.send(message.task, message.generation, None, due);
                released(message, limited, fence, true)
            }
            Executor::Release { message, fence, delete } => {
                scene.edit(message.task, Edit::Release(fence));
                if scene.breaks(Broken::NoDispatchAfterRelease) {
                    return over(message, delete);
                }
                Executor::Dispatch { message, dispatch: Dispatch::START, delete }
            }
            Executor::Free { message, right } => {
                scene.edit(message.task, Edit::Free(right));
                Executor::Dispatch { message, dispatch: Dispatch::START, delete: true }
            }
            Executor::Dispatch { message, dispatch, delete } => match dispatch.step(scene) {
                Some(dispatch) => Executor::Dispatch { message, dispatch, delete },
                None => over(message, delete),
            },
            Executor::PutLate { message } => {
                scene.world.put_hold(entry(message));
                Executor::Dispatch { message, dispatch: Dispatch::START, delete: true }
            }
            Executor::Settle { message, decision, right } => match scene.write(message.task, &decision.step()) {
                Ok(settled) => match Ack::shown_by(&settled, settled.id, generation(message.generation)) {
                    Some(_) => not_needed(scene, message, right, &settled),
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
            Executor::Take { message, fence, .. } => match wish(scene, message, fence) {
                (Take::New, wished) => Some(Late::Edit { task: message.task, edit: Edit::Add(wished) }),
                (Take::Renew(before), after) => {
                    let edit = Edit::Replace { before: Right::of(before), after };
                    Some(Late::Edit { task: message.task, edit })
                }
                (Take::Behind | Take::Full, _) => None,
            },
            Executor::Claim { message: InHand { task, generation, .. }, grounds } => {
                Some(Late::Claim { task, generation, at: scene.clock, fence: grounds.expected() })
            }
            Executor::Release { message, fence, .. } => {
                Some(Late::Edit { task: message.task, edit: Edit::Release(fence) })
            }
            Executor::Free { message, right } => Some(Late::Edit { task: message.task, edit: Edit::Free(right) }),
            Executor::Dispatch { dispatch, .. } => dispatch.edit(scene).map(|(task, edit)| Late::Edit { task, edit }),
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
        let (message, fence, limited, lease_end) = match *self {
            Executor::Run { message, fence, limited, lease_end, .. } => (message, fence, limited, lease_end),
            Executor::Report { message, fence, lease_end, .. } => (message, fence, true, lease_end),
            Executor::Idle
            | Executor::Read { .. }
            | Executor::Take { .. }
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::Claim { .. }
            | Executor::Start { .. }
            | Executor::GiveBack { .. }
            | Executor::SendNext { .. }
            | Executor::Release { .. }
            | Executor::Free { .. }
            | Executor::Dispatch { .. }
            | Executor::PutLate { .. }
            | Executor::Settle { .. }
            | Executor::Delete { .. } => return None,
        };
        (lease_end - steps(GUARD) > clock).then_some(Attempt { task: message.task, fence, limited })
    }

    /// The same executor after `by` has passed.
    pub(super) fn later(self, by: Tick, clock: Tick) -> Executor {
        let lease = |lease_end: Tick| lease_end.saturating_sub(by).max(0);
        let due = |due: Tick| due.saturating_sub(by).max(-1);
        match self {
            Executor::Idle
            | Executor::Read { .. }
            | Executor::GiveBack { .. }
            | Executor::Release { .. }
            | Executor::PutLate { .. }
            | Executor::Delete { .. } => self,
            Executor::Take { message, fence, due: at } => Executor::Take { message, fence, due: due(at) },
            Executor::Put { message, due: at, fence } => Executor::Put { message, due: due(at), fence },
            Executor::Hold { message, due: at, fence } => Executor::Hold { message, due: due(at), fence },
            Executor::Claim { message, grounds } => Executor::Claim { message, grounds: grounds.later(by) },
            Executor::Start { message, grounds, fence, lease_end } => {
                Executor::Start { message, grounds: grounds.later(by), fence, lease_end: lease(lease_end) }
            }
            Executor::Run { message, limited, fence, attempts, lease_end } => {
                Executor::Run { message, limited, fence, attempts, lease_end: lease(lease_end) }
            }
            Executor::Report { message, fence, lease_end, outcome } => {
                Executor::Report { message, fence, lease_end: lease(lease_end), outcome }
            }
            Executor::SendNext { message, limited, fence, due: at } => {
                Executor::SendNext { message, limited, fence, due: due(at) }
            }
            Executor::Free { message, right } => Executor::Free { message, right: right.later(by) },
            Executor::Dispatch { message, dispatch, delete } => {
                Executor::Dispatch { message, dispatch: dispatch.later(by), delete }
            }
            Executor::Settle { message, decision, right } => match decision.later(by, clock) {
                Some(decision) => Executor::Settle { message, decision, right: right.map(|right| right.later(by)) },
                None => Executor::Idle,
            },
        }
    }
}

/// A duration of the protocol, in steps.
fn steps(long: std::time::Duration) -> Tick {
    tick(time(0).after(long))
}

fn usable(scene: &Scene, right: Right) -> bool {
    time(scene.clock) < right.permit().usable_until()
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

fn read(scene: &mut Scene, message: InHand) -> Executor {
    let task = scene.read(message.task);
    let fence = small(task.fence.0.into());
    let step = claiming(message, scene.clock, Some(fence));
    match (Transition { born: born(message.task + 1), step }).refusal(&task) {
        Some(refusal) => not_taken(scene, message, None, refusal, &task),
        None if scene.breaks(Broken::NoTake) => Executor::Claim { message, grounds: Grounds::Nothing { fence } },
        None => {
            let Step::Hold { due, .. } = HoldEntry::step(&task, generation(message.generation), time(scene.clock))
            else {
                return Executor::Idle;
            };
            Executor::Take { message, fence, due: tick(due).max(-1) }
        }
    }
}

/// What becomes of the wish for a permit, and the permit.
fn wish(scene: &Scene, message: InHand, read: u8) -> (Take, Right) {
    let (before, ledger) = (scene.world.right(message.task), scene.world.ledger());
    let wished = Permit::next(fence(read), time(scene.clock + scene.bounds.kept), 0);
    let wished = before.map_or(wished, |before| wished.after(before.permit()));
    (ledger.take(&key(message.task), wished, scene.most().into()), Right::of(wished))
}

fn take(scene: &mut Scene, message: InHand, read: u8, due: Tick) -> Executor {
    let (take, wished) = wish(scene, message, read);
    match take {
        Take::New => {
            scene.edit(message.task, Edit::Add(wished));
        }
        Take::Renew(_) if scene.breaks(Broken::NoNewUntil) => {}
        Take::Renew(before) => {
            scene.edit(message.task, Edit::Replace { before: Right::of(before), after: wished });
        }
        Take::Behind => {
            scene.hide(message, scene.clock + 1);
            return Executor::Idle;
        }
        Take::Full => return Executor::Put { message, due, fence: read },
    }
    Executor::Claim { message, grounds: Grounds::Right(wished) }
}

fn hold(scene: &mut Scene, message: InHand, due: Tick, read: u8) -> Executor {
    let (generation, now) = (generation(message.generation), time(scene.clock));
    match scene.write(message.task, &Step::Hold { generation, now, due: time(due), fence: fence(read) }) {
        Ok(_) if scene.breaks(Broken::RecordBeforeEntry) => Executor::PutLate { message },
        Ok(_) if scene.breaks(Broken::NoDispatchAfterHold) => Executor::Delete { message },
        Ok(_) => Executor::Dispatch { message, dispatch: Dispatch::START, delete: true },
        Err((refusal, task)) => not_taken(scene, message, None, refusal, &task),
    }
}

fn claim(scene: &mut Scene, message: InHand, grounds: Grounds) -> Executor {
    match scene.write(message.task, &claiming(message, scene.clock, grounds.expected())) {
        Ok(task) => {
            let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
            Executor::Start { message, grounds, fence: small(task.fence.0.into()), lease_end: tick(lease_end) }
        }
        Err((refusal, task)) => {
            let right = match grounds {
                Grounds::Right(right) => Some(right),
                Grounds::Nothing { .. } | Grounds::NoLimit { .. } => None,
            };
            not_taken(scene, message, right, refusal, &task)
        }
    }
}

/// The record has refused a claim by this permit, or a hold.
fn not_taken(scene: &mut Scene, message: InHand, right: Option<Right>, refusal: Refusal, task: &Task) -> Executor {
    match refused(refusal, task, generation(message.generation), time(scene.clock)) {
        Verdict::Ack(_) => not_needed(scene, message, right, task),
        Verdict::Settle(step) => match Decision::of(&step, scene.clock) {
            Some(decision) => Executor::Settle { message, decision, right },
            None => Executor::Idle,
        },
        Verdict::HandBack { until } => {
            scene.hide(message, tick(until));
            Executor::Idle
        }
        // Messages of the model have the record's timeout.
        Verdict::ClaimAgain { .. } | Verdict::Leave => Executor::Idle,
    }
}

/// Writes the outcome of an attempt.
fn ended(scene: &mut Scene, message: InHand, limited: bool, fence: u8, step: &Step) -> Executor {
    match scene.write(message.task, step) {
        Ok(Task { state: State::Queued { due }, .. }) => Executor::SendNext { message, limited, fence, due: tick(due) },
        Ok(_) => released(message, limited, fence, true),
        Err(_) => released(message, limited, fence, false),
    }
}

/// The outcome is written, or was refused.
fn released(message: InHand, limited: bool, fence: u8, delete: bool) -> Executor {
    if limited { Executor::Release { message, fence, delete } } else { over(message, delete) }
}

fn over(message: InHand, delete: bool) -> Executor {
    if delete { Executor::Delete { message } } else { Executor::Idle }
}

/// The record shows that the message is not needed. Its permit is not needed either if the task has ended before that
/// attempt: no message can claim it any more.
fn not_needed(scene: &Scene, message: InHand, right: Option<Right>, task: &Task) -> Executor {
    let Some(right) = right else { return Executor::Delete { message } };
    let ended = task.state.name().is_ended() || scene.breaks(Broken::FreeBehind);
    let before = task.fence < fence(right.fence) || scene.breaks(Broken::FreeOfAttempt);
    if ended && before { Executor::Free { message, right } } else { Executor::Delete { message } }
}

/// The step that records this outcome.
fn report(outcome: Outcome, mine: u8, clock: Tick) -> Step {
    let (fence, at) = (fence(mine), time(clock));
    let (count, error, checkpoint) = (Count::Keep, None, None);
    match outcome {
        Outcome::RetryLater => Step::AgainLater { fence, due: time(clock + LATER), count, error, checkpoint },
        Outcome::RetryNow => Step::Again { fence, due: at, count, error, checkpoint },
        Outcome::RetrySoon => Step::Again { fence, due: time(clock + 1), count, error, checkpoint },
        Outcome::GiveBack => Step::GiveBack { fence, now: at, checkpoint },
        Outcome::Succeed
        | Outcome::Fail
        | Outcome::Snooze
        | Outcome::Continue
        | Outcome::SnoozeLater
        | Outcome::ContinueLater => {
            Step::Succeed { fence, at, retained_until: time(clock + RETAIN), result: None, progress: None }
        }
    }
}
