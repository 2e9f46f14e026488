//! How an executor takes a slot for an attempt and waits for it, or sends the message ahead to when the task is expected.

use super::{
    broken::Broken,
    executor::{Executor, Known},
    item::{Answer, Ask, Item, Kind, Slot},
    scene::{InHand, Scene},
    world::Late,
};
use crate::instant::Tick;

/// An executor waits in its process for a time that is no further than this.
const WAIT: Tick = 1;

/// How often an executor asks for a slot.
const TRIES: u8 = 3;

/// How long a message is handed back whose executor is behind, or has missed its slots.
const HANDED_BACK: Tick = 1;

/// A task that needs a slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Turn {
    /// Its message.
    pub message: InHand,
    /// What the executor knows of the settings.
    pub known: Known,
    /// The version of the rate.
    pub version: u8,
    /// Whether the record has the fence of no attempt.
    pub first: bool,
    /// Whether the task is expected.
    pub expected: bool,
    /// How often the executor has asked for a slot.
    pub tries: u8,
}

/// The next thing that an executor does for its slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Next {
    /// It asks for a slot.
    Start,
    /// It asks when the task can be expected.
    Expect,
    /// It writes the item with the slot that it takes. Only a broken executor does so.
    Overwrite(Slot, Item),
    /// It waits for its slot.
    WaitFor(Slot),
    /// It waits for the time at which the task is expected.
    WaitUntil(Tick),
    /// It sends the message ahead.
    Ahead(Tick),
    /// It sends the message ahead after it has deleted the other. Only a broken executor does so.
    AheadDeleted(Tick),
}

impl Turn {
    /// How it asks when the task can be expected. One that was expected before goes with held tasks.
    fn expects(self) -> Kind {
        Kind::Expect { held: self.message.mark == Some(self.version) }
    }

    /// Does the next thing.
    pub(super) fn step(self, next: Next, scene: &mut Scene) -> Executor {
        match next {
            Next::Start => self.start(scene),
            Next::Expect => match scene.ask(self.asks(self.expects(), scene.bounds.ahead)) {
                Answer::Behind => self.hand_back(scene),
                Answer::Begun => Executor::Turn(self, Next::Expect),
                Answer::Times(times) => match times.first() {
                    Some(time) if time.at <= WAIT => self.wait_until(time.at, scene),
                    Some(time) => Executor::Turn(self, Next::Ahead(time.at)),
                    None => Executor::Put { message: self.message },
                },
            },
            Next::Overwrite(slot, item) => {
                scene.world.item = item;
                self.wait_for(slot, scene)
            }
            Next::WaitFor(slot) => self.wait_for(slot, scene),
            Next::WaitUntil(at) => self.wait_until(at, scene),
            Next::Ahead(at) if scene.breaks(Broken::DeleteBeforeSend) => {
                scene.delete(self.message);
                Executor::Turn(self, Next::AheadDeleted(at))
            }
            Next::Ahead(at) | Next::AheadDeleted(at) => {
                scene.send(self.message.task, self.message.generation, Some(self.version), self.first, at);
                Executor::Delete { message: self.message }
            }
        }
    }

    fn asks(self, kind: Kind, by: Tick) -> Ask {
        Ask { version: self.version, kind, count: 1, from: 0, by }
    }

    fn start(self, scene: &mut Scene) -> Executor {
        let free = Executor::Claim { message: self.message, known: self.known, slot: None };
        if scene.breaks(Broken::NoSlot) {
            return free;
        }
        let before = scene.world.item;
        match scene.ask(self.asks(Kind::Start { expected: self.expected }, WAIT)) {
            Answer::Behind if scene.breaks(Broken::BehindStarts) => free,
            Answer::Behind => self.hand_back(scene),
            Answer::Begun => Executor::Turn(self, Next::Start),
            Answer::Times(slots) => match slots.first() {
                Some(slot) if scene.breaks(Broken::Unconditional) => {
                    let item = std::mem::replace(&mut scene.world.item, before);
                    Executor::Turn(self, Next::Overwrite(*slot, item))
                }
                Some(slot) => self.wait_for(*slot, scene),
                None => Executor::Turn(self, Next::Expect),
            },
        }
    }

    /// It has a slot, and looks at the clock.
    fn wait_for(self, slot: Slot, scene: &mut Scene) -> Executor {
        let early = slot.at > 0;
        if early && !scene.breaks(Broken::StartEarly) {
            return Executor::Turn(self, Next::WaitFor(slot));
        }
        if early || slot.is_usable(scene.rate()) || scene.breaks(Broken::ClaimLate) {
            return Executor::Claim { message: self.message, known: self.known, slot: Some(slot) };
        }
        self.again(scene)
    }

    /// Its task is expected soon.
    fn wait_until(self, at: Tick, scene: &mut Scene) -> Executor {
        if at > 0 {
            return Executor::Turn(self, Next::WaitUntil(at));
        }
        Turn { expected: true, ..self }.again(scene)
    }

    /// It asks again, if it may.
    fn again(self, scene: &mut Scene) -> Executor {
        let turn = Turn { tries: self.tries + 1, ..self };
        if turn.tries == TRIES { turn.hand_back(scene) } else { Executor::Turn(turn, Next::Start) }
    }

    fn hand_back(self, scene: &mut Scene) -> Executor {
        scene.hide(self.message, HANDED_BACK);
        Executor::Idle
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(self, next: Next, scene: &Scene) -> Option<Late> {
        match next {
            Next::Start => Some(Late::Ask(self.asks(Kind::Start { expected: self.expected }, WAIT))),
            Next::Expect => Some(Late::Ask(self.asks(self.expects(), scene.bounds.ahead))),
            Next::Overwrite(..) | Next::WaitFor(_) | Next::WaitUntil(_) | Next::Ahead(_) | Next::AheadDeleted(_) => {
                None
            }
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(self, next: Next, by: Tick) -> Executor {
        let turn = Turn { known: self.known.older(), ..self };
        let next = match next {
            Next::Start | Next::Expect => next,
            Next::Overwrite(slot, item) => Next::Overwrite(slot.later(by), item.later(by)),
            Next::WaitFor(slot) => Next::WaitFor(slot.later(by)),
            Next::WaitUntil(at) => Next::WaitUntil((at - by).max(0)),
            Next::Ahead(at) => Next::Ahead((at - by).max(0)),
            Next::AheadDeleted(at) => Next::AheadDeleted((at - by).max(0)),
        };
        Executor::Turn(turn, next)
    }
}

impl Next {
    /// Whether it is only to wait.
    pub(super) fn waits(self) -> bool {
        matches!(self, Next::WaitFor(Slot { at, .. }) | Next::WaitUntil(at) if at > 0)
    }

    /// The slot that the executor knows.
    pub(super) fn slot(self) -> Option<Slot> {
        match self {
            Next::Overwrite(slot, _) | Next::WaitFor(slot) => Some(slot),
            Next::Start | Next::Expect | Next::WaitUntil(_) | Next::Ahead(_) | Next::AheadDeleted(_) => None,
        }
    }
}
