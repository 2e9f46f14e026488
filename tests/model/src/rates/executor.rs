//! An executor of a queue with a rate: it takes its turn, claims the task, runs the handler, and writes the outcome.

use taskway_protocol::{
    Ack, Count, Fence, GUARD, HoldEntry, Nonce, Refusal, SKEW, State, Step, Task, Transition, Verdict, lease,
    may_start, refused,
};

use super::{
    broken::Broken,
    item::Slot,
    scene::{InHand, Scene},
    turn::{Next, Turn},
    world::{Late, Message, Settings},
};
use crate::{
    actors::{Decision, Outcome},
    instant::{Tick, tick, time},
    record::{MAX_ATTEMPTS, RETAIN, TIMEOUT_SECONDS, born, small},
    rules::Trusted,
    scene::{fence, generation},
    world::Hold,
};

/// How much longer than its lease an attempt that is put off waits.
const LATER: Tick = 1;

/// What an executor knows of the settings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Known {
    /// The settings that it has read.
    pub settings: Settings,
    /// Whether it read them less than five seconds ago.
    pub fresh: bool,
}

impl Known {
    /// The same some time later.
    pub(super) fn older(self) -> Self {
        Known { fresh: false, ..self }
    }
}

/// The next thing that an executor does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Executor {
    /// Nothing: it has no message.
    #[default]
    Idle,
    /// It reads the record, and then asks for a slot or holds the task.
    Read { message: InHand, known: Known },
    /// It takes a slot, or sends the message ahead.
    Turn(Turn, Next),
    /// It puts an entry into the hold list.
    Put { message: InHand },
    /// It holds the task.
    Hold { message: InHand },
    /// It puts the entry of a task that it has held. Only a broken executor does so.
    PutLate { message: InHand },
    /// It claims the task.
    Claim { message: InHand, known: Known, slot: Option<Slot> },
    /// It has claimed the task, and looks whether it may start the handler.
    Start { message: InHand, known: Known, slot: Option<Slot>, fence: u8, lease_end: Tick },
    /// It runs the handler.
    Run { message: InHand, mark: Option<u8>, fence: u8, attempts: u8, lease_end: Tick },
    /// It gives the task back.
    GiveBack { message: InHand, fence: u8 },
    /// It sends the next message of a task that goes on.
    SendNext { message: InHand, due: Tick, mark: Option<u8> },
    /// It writes the end of a task that no attempt holds and that cannot go on.
    Settle { message: InHand, decision: Decision },
    /// It deletes the message.
    Delete { message: InHand },
}

impl Executor {
    /// The message that it has received.
    pub(super) fn in_hand(&mut self) -> Option<&mut InHand> {
        match self {
            Executor::Idle => None,
            Executor::Read { message, .. }
            | Executor::Turn(Turn { message, .. }, _)
            | Executor::Put { message }
            | Executor::Hold { message }
            | Executor::PutLate { message }
            | Executor::Claim { message, .. }
            | Executor::Start { message, .. }
            | Executor::Run { message, .. }
            | Executor::GiveBack { message, .. }
            | Executor::SendNext { message, .. }
            | Executor::Settle { message, .. }
            | Executor::Delete { message } => Some(message),
        }
    }

    /// The slot that it knows.
    pub(super) fn slot(&self) -> Option<Slot> {
        match *self {
            Executor::Turn(_, next) => next.slot(),
            Executor::Claim { slot, .. } | Executor::Start { slot, .. } => slot,
            Executor::Idle
            | Executor::Read { .. }
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::PutLate { .. }
            | Executor::Run { .. }
            | Executor::GiveBack { .. }
            | Executor::SendNext { .. }
            | Executor::Settle { .. }
            | Executor::Delete { .. } => None,
        }
    }

    /// How long a received message is hidden.
    pub(super) fn visibility() -> Tick {
        steps(lease(TIMEOUT_SECONDS)) + steps(SKEW)
    }

    /// It has received this message, and knows these settings.
    pub(super) fn begin(scene: &Scene, message: InHand, sent: Message, known: Known) -> Executor {
        match known.settings {
            Settings { paused: true, .. } => Executor::Read { message, known },
            Settings { version: None, .. } => Executor::Claim { message, known, slot: None },
            Settings { version: Some(version), .. } if sent.first || scene.breaks(Broken::AskUnread) => {
                turn(scene, message, known, version, sent.first)
            }
            Settings { version: Some(_), .. } => Executor::Read { message, known },
        }
    }

    /// Whether it waits and does nothing else.
    pub(super) fn waits(&self) -> bool {
        matches!(self, Executor::Turn(_, next) if next.waits())
    }

    /// How its attempt may end. Empty if it runs none.
    pub(super) fn outcomes(&self, outcomes: &[Outcome]) -> Vec<Outcome> {
        let Executor::Run { attempts, .. } = self else { return Vec::new() };
        let spent = u32::from(*attempts) >= MAX_ATTEMPTS;
        outcomes.iter().filter(|outcome| !spent || **outcome == Outcome::Succeed).copied().collect()
    }

    /// Does the next thing. `outcome` is how an attempt ends.
    pub(super) fn step(self, scene: &mut Scene, outcome: Outcome) -> Executor {
        match self {
            Executor::Idle => Executor::Idle,
            Executor::Read { message, known } => read(scene, message, known),
            Executor::Turn(turn, next) => turn.step(next, scene),
            Executor::Put { message } => {
                if !scene.breaks(Broken::RecordBeforeEntry) {
                    scene.world.put_hold(entry(message));
                }
                Executor::Hold { message }
            }
            Executor::Hold { message } => hold(scene, message),
            Executor::PutLate { message } => {
                scene.world.put_hold(entry(message));
                Executor::Delete { message }
            }
            Executor::Claim { message, known, slot } => claim(scene, message, known, slot),
            Executor::Start { message, known, slot, fence, lease_end } => {
                start(scene, message, known, slot, (fence, lease_end))
            }
            Executor::Run { message, mark, fence, .. } => ended(scene, message, &report(outcome, fence), mark),
            Executor::GiveBack { message, fence: mine } => {
                let step = Step::GiveBack { fence: fence(mine), now: time(0), checkpoint: None };
                ended(scene, message, &step, None)
            }
            Executor::SendNext { message, due, mark } => {
                scene.send(message.task, message.generation, mark, false, due);
                Executor::Delete { message }
            }
            Executor::Settle { message, decision } => match scene.write(message.task, &decision.step()) {
                Ok(settled) if Ack::shown_by(&settled, settled.id, generation(message.generation)).is_some() => {
                    Executor::Delete { message }
                }
                Ok(_) | Err(_) => Executor::Idle,
            },
            Executor::Delete { message } => {
                scene.delete(message);
                Executor::Idle
            }
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self, scene: &Scene) -> Option<Late> {
        if let Executor::Turn(turn, next) = *self { turn.late(next, scene) } else { None }
    }

    /// The attempt that it runs, while it trusts the lease.
    pub(super) fn attempt(&self) -> Option<Trusted> {
        let Executor::Run { message, fence, lease_end, .. } = *self else { return None };
        (lease_end - steps(GUARD) > 0).then_some(Trusted { life: message.task + 1, fence })
    }

    /// The same executor after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Executor {
        match &mut self {
            Executor::Turn(turn, next) => return turn.later(*next, by),
            Executor::Read { known, .. } => *known = known.older(),
            Executor::Claim { known, slot, .. } => {
                (*known, *slot) = (known.older(), slot.map(|slot| slot.later(by)));
            }
            Executor::Start { known, slot, lease_end, .. } => {
                (*known, *slot) = (known.older(), slot.map(|slot| slot.later(by)));
                *lease_end = (*lease_end - by).max(0);
            }
            Executor::Run { lease_end, .. } => *lease_end = (*lease_end - by).max(0),
            Executor::SendNext { due, .. } => *due = (*due - by).max(-1),
            Executor::Settle { decision, .. } => match decision.later(by, 0) {
                Some(later) => *decision = later,
                None => return Executor::Idle,
            },
            Executor::Idle
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::PutLate { .. }
            | Executor::GiveBack { .. }
            | Executor::Delete { .. } => {}
        }
        self
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

fn claiming(message: InHand) -> Step {
    Step::Claim {
        generation: generation(message.generation),
        owner: Nonce(0),
        now: time(0),
        timeout_seconds: TIMEOUT_SECONDS,
        fence: None,
    }
}

/// It asks for a slot of this version.
fn turn(scene: &Scene, message: InHand, known: Known, version: u8, first: bool) -> Executor {
    let expected = message.mark == Some(version) || message.mark.is_some() && scene.breaks(Broken::MarkOfOtherVersion);
    Executor::Turn(Turn { message, known, version, first, expected, tries: 0 }, Next::Start)
}

fn read(scene: &mut Scene, message: InHand, known: Known) -> Executor {
    let task = scene.read(message.task);
    if let Some(refusal) = (Transition { born: born(message.task + 1), step: claiming(message) }).refusal(&task) {
        return not_taken(scene, message, refusal, &task);
    }
    match known.settings {
        Settings { paused: false, version: Some(version) } => {
            turn(scene, message, known, version, task.fence == Fence::NONE)
        }
        Settings { .. } => Executor::Put { message },
    }
}

fn hold(scene: &mut Scene, message: InHand) -> Executor {
    let step = HoldEntry::step(&scene.read(message.task), generation(message.generation), time(0));
    match scene.write(message.task, &step) {
        Ok(_) if scene.breaks(Broken::RecordBeforeEntry) => Executor::PutLate { message },
        Ok(_) => Executor::Delete { message },
        Err((refusal, task)) => not_taken(scene, message, refusal, &task),
    }
}

fn claim(scene: &mut Scene, message: InHand, known: Known, slot: Option<Slot>) -> Executor {
    match scene.write(message.task, &claiming(message)) {
        Ok(task) => {
            let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
            let fence = small(task.fence.0.into());
            Executor::Start { message, known, slot, fence, lease_end: tick(lease_end) }
        }
        Err((refusal, task)) => not_taken(scene, message, refusal, &task),
    }
}

fn start(
    scene: &mut Scene,
    message: InHand,
    known: Known,
    slot: Option<Slot>,
    (fence, lease_end): (u8, Tick),
) -> Executor {
    let start_by = |slot: Slot| slot.at + scene.bounds.late_by >= 0 || scene.breaks(Broken::StartLate);
    let now = scene.world.settings;
    let had_slot = known.settings.version.is_some();
    let allowed =
        known.fresh || !now.paused && (had_slot || now.version.is_none()) || scene.breaks(Broken::StartUnread);
    if slot.is_none_or(start_by) && allowed && may_start(time(0), time(lease_end)) {
        scene.start(known.settings, slot);
        let attempts = scene.world.record(message.task).attempts;
        let mark = known.settings.version.filter(|_| scene.breaks(Broken::RetryKeepsMark));
        Executor::Run { message, mark, fence, attempts, lease_end }
    } else {
        Executor::GiveBack { message, fence }
    }
}

/// The record has refused a claim or a hold.
fn not_taken(scene: &mut Scene, message: InHand, refusal: Refusal, task: &Task) -> Executor {
    match refused(refusal, task, generation(message.generation), time(0)) {
        Verdict::Ack(_) => Executor::Delete { message },
        Verdict::Settle(step) => {
            Decision::of(&step, 0).map_or(Executor::Idle, |decision| Executor::Settle { message, decision })
        }
        Verdict::HandBack { until } => {
            scene.hide(message, tick(until));
            Executor::Idle
        }
        // Messages of the model have the record's timeout.
        Verdict::ClaimAgain { .. } | Verdict::Leave => Executor::Idle,
    }
}

/// Writes the outcome of an attempt. After a refusal the message stays.
fn ended(scene: &mut Scene, message: InHand, step: &Step, mark: Option<u8>) -> Executor {
    match scene.write(message.task, step) {
        Ok(Task { state: State::Queued { due }, .. }) => Executor::SendNext { message, due: tick(due), mark },
        Ok(_) => Executor::Delete { message },
        Err(_) => Executor::Idle,
    }
}

/// The step that records this outcome.
fn report(outcome: Outcome, mine: u8) -> Step {
    let (fence, at) = (fence(mine), time(0));
    let (count, error, past, checkpoint) = (Count::Keep, None, None, None);
    match outcome {
        Outcome::RetryLater => Step::AgainLater { fence, due: time(LATER), count, error, past, checkpoint },
        Outcome::RetryNow => Step::Again { fence, due: at, count, error, past, checkpoint },
        Outcome::RetrySoon => Step::Again { fence, due: time(1), count, error, past, checkpoint },
        Outcome::GiveBack => Step::GiveBack { fence, now: at, checkpoint },
        Outcome::Succeed
        | Outcome::Fail
        | Outcome::Snooze
        | Outcome::Continue
        | Outcome::SnoozeLater
        | Outcome::ContinueLater => {
            Step::Succeed { fence, at, retained_until: time(RETAIN), result: None, progress: None, owes: false }
        }
    }
}
