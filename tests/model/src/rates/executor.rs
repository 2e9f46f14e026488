//! An executor of a queue with a rate: it looks for a slot, waits for it or sends the task on to it, claims the task, runs
//! the handler, and writes the outcome.

use taskway_protocol::{
    Ack, Count, GUARD, HoldEntry, Nonce, Refusal, SKEW, State, Step, Task, Transition, Verdict, lease, may_start,
    refused,
};

use super::{
    broken::Broken,
    item::{Answer, Ask, Item, Slot},
    scene::{InHand, Scene},
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

/// An executor waits in its process for a slot that is no further than this.
const WAIT: Tick = 1;

/// How long a message is handed back whose executor is behind.
const BEHIND: Tick = 1;

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

/// Why an executor may claim a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Grounds {
    /// A slot, and the fence that the record must have if the slot came with the message.
    Slot(Slot, Option<u8>),
    /// The executor knows no rate. A broken one knows it.
    Free,
}

/// The next thing that an executor does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Executor {
    /// Nothing: it has no message.
    #[default]
    Idle,
    /// It reads the record, and then asks for a slot or holds the task.
    Read { message: InHand, known: Known },
    /// It asks for a slot.
    Reserve { message: InHand, known: Known, fence: u8 },
    /// It writes the item with the slot that it takes. Only a broken executor does so.
    Overwrite { message: InHand, known: Known, fence: u8, slot: Slot, item: Item },
    /// It waits for its slot.
    Wait { message: InHand, known: Known, grounds: Grounds, fence: u8 },
    /// It sends the task on to its slot.
    Forward { message: InHand, slot: Slot, fence: u8 },
    /// It sends the task on after it has deleted the message. Only a broken executor does so.
    ForwardDeleted { message: InHand, slot: Slot, fence: u8 },
    /// It puts an entry into the hold list.
    Put { message: InHand },
    /// It holds the task.
    Hold { message: InHand },
    /// It puts the entry of a task that it has held. Only a broken executor does so.
    PutLate { message: InHand },
    /// It claims the task.
    Claim { message: InHand, known: Known, grounds: Grounds },
    /// It has claimed the task, and looks whether it may start the handler.
    Start { message: InHand, known: Known, grounds: Grounds, fence: u8, lease_end: Tick },
    /// It runs the handler.
    Run { message: InHand, fence: u8, attempts: u8, lease_end: Tick, slot: Option<Slot> },
    /// It gives the task back.
    GiveBack { message: InHand, fence: u8 },
    /// It sends the next message of a task that goes on.
    SendNext { message: InHand, due: Tick, slot: Option<(Slot, u8)> },
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
            | Executor::Reserve { message, .. }
            | Executor::Overwrite { message, .. }
            | Executor::Wait { message, .. }
            | Executor::Forward { message, .. }
            | Executor::ForwardDeleted { message, .. }
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
    pub(super) fn slot(&mut self) -> Option<&mut Slot> {
        match self {
            Executor::Overwrite { slot, .. }
            | Executor::Forward { slot, .. }
            | Executor::ForwardDeleted { slot, .. }
            | Executor::Wait { grounds: Grounds::Slot(slot, _), .. }
            | Executor::Claim { grounds: Grounds::Slot(slot, _), .. }
            | Executor::Start { grounds: Grounds::Slot(slot, _), .. }
            | Executor::Run { slot: Some(slot), .. }
            | Executor::SendNext { slot: Some((slot, _)), .. } => Some(slot),
            Executor::Idle
            | Executor::Read { .. }
            | Executor::Reserve { .. }
            | Executor::Wait { .. }
            | Executor::Put { .. }
            | Executor::Hold { .. }
            | Executor::PutLate { .. }
            | Executor::Claim { .. }
            | Executor::Start { .. }
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
    pub(super) fn begin(scene: &mut Scene, message: InHand, sent: Message, known: Known) -> Executor {
        if known.settings.paused {
            return Executor::Read { message, known };
        }
        let Some(version) = known.settings.version else {
            return Executor::Claim { message, known, grounds: Grounds::Free };
        };
        let endless = scene.breaks(Broken::SlotWithoutEnd) || scene.breaks(Broken::ClaimLate);
        match sent.slot.filter(|(slot, _)| slot.version == version || scene.breaks(Broken::SlotOfOtherVersion)) {
            Some((slot, _)) if slot.at > WAIT && !scene.breaks(Broken::SlotEarly) => {
                scene.hide(message, slot.at);
                Executor::Idle
            }
            Some((slot, fence)) if slot.at >= 0 || endless => {
                let expected = (!scene.breaks(Broken::NoFence)).then_some(fence);
                waiting(scene, message, known, Grounds::Slot(slot, expected), fence)
            }
            Some(_) | None if sent.first || scene.breaks(Broken::ReserveUnread) => {
                Executor::Reserve { message, known, fence: 0 }
            }
            Some(_) | None => Executor::Read { message, known },
        }
    }

    /// Whether it waits for its slot and does nothing else.
    pub(super) fn waits(&self) -> bool {
        matches!(self, Executor::Wait { grounds: Grounds::Slot(slot, _), .. } if slot.at > 0)
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
            Executor::Reserve { message, known, fence } => reserve(scene, message, known, fence),
            Executor::Overwrite { message, known, fence, slot, item } => {
                scene.world.item = item;
                taken(scene, message, known, fence, slot)
            }
            Executor::Wait { message, known, grounds, fence } => waiting(scene, message, known, grounds, fence),
            Executor::Forward { message, .. } if scene.breaks(Broken::DeleteBeforeSend) => {
                scene.delete(message);
                self.deleted()
            }
            Executor::Forward { message, slot, fence } | Executor::ForwardDeleted { message, slot, fence } => {
                scene.send(message.task, message.generation, Some((slot, fence)), slot.at);
                Executor::Delete { message }
            }
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
            Executor::Claim { message, known, grounds } => claim(scene, message, known, grounds),
            Executor::Start { message, known, grounds, fence, lease_end } => {
                start(scene, message, known, grounds, (fence, lease_end))
            }
            Executor::Run { message, fence, slot, .. } => ended(scene, message, &report(outcome, fence), slot),
            Executor::GiveBack { message, fence: mine } => {
                let step = Step::GiveBack { fence: fence(mine), now: time(0), checkpoint: None };
                ended(scene, message, &step, None)
            }
            Executor::SendNext { message, due, slot } => {
                scene.send(message.task, message.generation, slot, due);
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

    fn deleted(self) -> Executor {
        let Executor::Forward { message, slot, fence } = self else { return self };
        Executor::ForwardDeleted { message, slot, fence }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self, scene: &Scene) -> Option<Late> {
        let Executor::Reserve { known: Known { settings: Settings { version, .. }, .. }, .. } = *self else {
            return None;
        };
        Some(Late::Ask(newcomer(scene, version?)))
    }

    /// The attempt that it runs, while it trusts the lease.
    pub(super) fn attempt(&self) -> Option<Trusted> {
        let Executor::Run { message, fence, lease_end, .. } = *self else { return None };
        (lease_end - steps(GUARD) > 0).then_some(Trusted { life: message.task + 1, fence })
    }

    /// The same executor after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Executor {
        if let Some(slot) = self.slot() {
            *slot = slot.later(by);
        }
        match &mut self {
            Executor::Read { known, .. }
            | Executor::Reserve { known, .. }
            | Executor::Wait { known, .. }
            | Executor::Claim { known, .. } => known.fresh = false,
            Executor::Overwrite { known, item, .. } => {
                known.fresh = false;
                *item = item.later(by);
            }
            Executor::Start { known, lease_end, .. } => {
                known.fresh = false;
                *lease_end = (*lease_end - by).max(0);
            }
            Executor::Run { lease_end, .. } => *lease_end = (*lease_end - by).max(0),
            Executor::SendNext { due, .. } => *due = (*due - by).max(-1),
            Executor::Settle { decision, .. } => match decision.later(by, 0) {
                Some(later) => *decision = later,
                None => return Executor::Idle,
            },
            Executor::Idle
            | Executor::Forward { .. }
            | Executor::ForwardDeleted { .. }
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

fn newcomer(scene: &Scene, version: u8) -> Ask {
    Ask { version, count: 1, from: 0, by: scene.bounds.ahead, newcomer: true }
}

fn claiming(message: InHand, expected: Option<u8>) -> Step {
    Step::Claim {
        generation: generation(message.generation),
        owner: Nonce(0),
        now: time(0),
        timeout_seconds: TIMEOUT_SECONDS,
        fence: expected.map(fence),
    }
}

fn read(scene: &mut Scene, message: InHand, known: Known) -> Executor {
    let task = scene.read(message.task);
    if let Some(refusal) = (Transition { born: born(message.task + 1), step: claiming(message, None) }).refusal(&task) {
        return not_taken(scene, message, refusal, &task);
    }
    if known.settings.paused {
        return Executor::Put { message };
    }
    if scene.breaks(Broken::NoSlot) {
        return Executor::Claim { message, known, grounds: Grounds::Free };
    }
    Executor::Reserve { message, known, fence: small(task.fence.0.into()) }
}

fn reserve(scene: &mut Scene, message: InHand, known: Known, fence: u8) -> Executor {
    let Some(version) = known.settings.version else { return Executor::Idle };
    if scene.breaks(Broken::NoSlot) {
        return Executor::Claim { message, known, grounds: Grounds::Free };
    }
    let (ask, before) = (newcomer(scene, version), scene.world.item);
    match scene.reserve(ask) {
        Answer::Behind if scene.breaks(Broken::BehindStarts) => {
            Executor::Claim { message, known, grounds: Grounds::Free }
        }
        Answer::Behind => {
            scene.hide(message, BEHIND);
            Executor::Idle
        }
        Answer::Slots(slots) => match slots.first() {
            Some(slot) if scene.breaks(Broken::Unconditional) => {
                let item = std::mem::replace(&mut scene.world.item, before);
                Executor::Overwrite { message, known, fence, slot: *slot, item }
            }
            Some(slot) => taken(scene, message, known, fence, *slot),
            None => Executor::Put { message },
        },
    }
}

/// It has a slot of its own.
fn taken(scene: &mut Scene, message: InHand, known: Known, fence: u8, slot: Slot) -> Executor {
    if slot.at > WAIT {
        return Executor::Forward { message, slot, fence };
    }
    waiting(scene, message, known, Grounds::Slot(slot, None), fence)
}

/// It has a slot that is near, and looks at the clock.
fn waiting(scene: &mut Scene, message: InHand, known: Known, grounds: Grounds, fence: u8) -> Executor {
    let at = if let Grounds::Slot(slot, _) = grounds { slot.at } else { 0 };
    let endless = scene.breaks(Broken::SlotWithoutEnd) || scene.breaks(Broken::ClaimLate);
    match at {
        1..=Tick::MAX if !scene.breaks(Broken::SlotEarly) => Executor::Wait { message, known, grounds, fence },
        Tick::MIN..=-1 if !endless => Executor::Reserve { message, known, fence },
        _ => Executor::Claim { message, known, grounds },
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

fn claim(scene: &mut Scene, message: InHand, known: Known, grounds: Grounds) -> Executor {
    let expected = if let Grounds::Slot(_, expected) = grounds { expected } else { None };
    match scene.write(message.task, &claiming(message, expected)) {
        Ok(task) => {
            let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
            let fence = small(task.fence.0.into());
            Executor::Start { message, known, grounds, fence, lease_end: tick(lease_end) }
        }
        // Another attempt has used the slot. The task may need one more.
        Err((Refusal::Fence(_), _)) => Executor::Read { message, known },
        Err((refusal, task)) => not_taken(scene, message, refusal, &task),
    }
}

fn start(scene: &mut Scene, message: InHand, known: Known, grounds: Grounds, claimed: (u8, Tick)) -> Executor {
    let (fence, lease_end) = claimed;
    let version = known.settings.version;
    let slot = if let Grounds::Slot(slot, _) = grounds { Some(slot) } else { None };
    let on_time = match (slot, scene.bounds.broken) {
        (Some(slot), Some(Broken::SlotEarly)) => slot.at >= 0,
        (Some(slot), Some(Broken::SlotWithoutEnd)) => slot.at <= 0,
        (Some(slot), Some(Broken::SlotOfOtherVersion)) => slot.at == 0,
        (Some(_), Some(Broken::StartLate)) | (None, _) => true,
        (Some(slot), _) => version.is_some_and(|version| slot.is_usable(scene.rate(), version)),
    };
    let read_again = !known.fresh && !scene.breaks(Broken::StartUnread);
    let allowed = !read_again || scene.world.settings == known.settings;
    if on_time && allowed && may_start(time(0), time(lease_end)) {
        let rate = scene.rate();
        scene.world.start(rate, known.settings, slot);
        let attempts = scene.world.record(message.task).attempts;
        let slot = slot.filter(|_| scene.breaks(Broken::RetryKeepsSlot));
        Executor::Run { message, fence, attempts, lease_end, slot }
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
fn ended(scene: &mut Scene, message: InHand, step: &Step, slot: Option<Slot>) -> Executor {
    match scene.write(message.task, step) {
        Ok(Task { state: State::Queued { due }, fence, .. }) => {
            let slot = slot.map(|slot| (slot, small(fence.0.into())));
            Executor::SendNext { message, due: tick(due), slot }
        }
        Ok(_) => Executor::Delete { message },
        Err(_) => Executor::Idle,
    }
}

/// The step that records this outcome.
fn report(outcome: Outcome, mine: u8) -> Step {
    let (fence, at) = (fence(mine), time(0));
    let (count, error, checkpoint) = (Count::Keep, None, None);
    match outcome {
        Outcome::RetryLater => Step::AgainLater { fence, due: time(LATER), count, error, checkpoint },
        Outcome::RetryNow => Step::Again { fence, due: at, count, error, checkpoint },
        Outcome::RetrySoon => Step::Again { fence, due: time(1), count, error, checkpoint },
        Outcome::GiveBack => Step::GiveBack { fence, now: at, checkpoint },
        Outcome::Succeed
        | Outcome::Fail
        | Outcome::Snooze
        | Outcome::Continue
        | Outcome::SnoozeLater
        | Outcome::ContinueLater => {
            Step::Succeed { fence, at, retained_until: time(RETAIN), result: None, progress: None }
        }
    }
}
