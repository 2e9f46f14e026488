//! A dispatch: it takes the slots that are free for the tasks at the head of the hold list, and sends them ahead of time.

use taskway_protocol::{Dispatch as Verdict, HoldEntry};

use super::{
    broken::Broken,
    item::{Answer, Ask, Slot},
    scene::Scene,
    world::{Late, Settings},
};
use crate::{
    instant::{Tick, time},
    record::{id, small},
    scene::generation,
    world::Hold,
};

/// How long after a change of the settings the messages arrive.
const ARRIVAL: Tick = 1;

/// A held task that is sent: its entry, the fence of its record, and its slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sent {
    entry: Hold,
    fence: u8,
    slot: Option<Slot>,
}

/// The next thing that a dispatch does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Dispatch {
    /// It reads the settings, the item, the head of the hold list, and the records.
    Look,
    /// It asks for slots.
    Reserve { ask: Ask, tasks: Vec<Sent>, useless: Vec<Hold> },
    /// It sends the messages.
    Send { tasks: Vec<Sent>, arrival: Tick, remove: Vec<Hold>, version: Option<u8> },
    /// It removes the entries.
    Remove { remove: Vec<Hold>, version: Option<u8> },
    /// It sends the messages after it has removed the entries. Only a broken dispatch does so.
    SendRemoved { tasks: Vec<Sent>, arrival: Tick, version: Option<u8> },
    /// It writes until when tasks wait, if the hold list is not empty.
    Wait,
}

/// The task of an entry.
const fn task(entry: Hold) -> u8 {
    entry.life - 1
}

impl Dispatch {
    /// Does the next thing. `None` at the end.
    pub(super) fn step(self, scene: &mut Scene) -> Option<Dispatch> {
        match self {
            Dispatch::Look => look(scene),
            Dispatch::Reserve { ask, mut tasks, useless } => {
                let Answer::Slots(slots) = scene.reserve(ask) else { return None };
                tasks.truncate(slots.len());
                tasks.iter_mut().zip(slots).for_each(|(sent, slot)| sent.slot = Some(slot));
                Some(sending(scene, tasks, ask.from, useless, Some(ask.version)))
            }
            Dispatch::Send { tasks, arrival, remove, version } => {
                send(scene, &tasks, arrival);
                Some(Dispatch::Remove { remove, version })
            }
            Dispatch::Remove { remove, version } => {
                scene.world.holds.retain(|hold| !remove.contains(hold));
                version.map(|_| Dispatch::Wait)
            }
            Dispatch::SendRemoved { tasks, arrival, version } => {
                if tasks.iter().any(|sent| scene.world.holds.contains(&sent.entry)) {
                    scene.world.holds.retain(|hold| !tasks.iter().any(|sent| sent.entry == *hold));
                    return Some(Dispatch::SendRemoved { tasks, arrival, version });
                }
                send(scene, &tasks, arrival);
                version.map(|_| Dispatch::Wait)
            }
            Dispatch::Wait => {
                if !scene.world.holds.is_empty() && !scene.breaks(Broken::NoWaits) {
                    scene.world.item.waits = waits(scene);
                }
                None
            }
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self, scene: &Scene) -> Option<Late> {
        match self {
            Dispatch::Reserve { ask, .. } => Some(Late::Ask(*ask)),
            Dispatch::Wait => Some(Late::Waits(waits(scene))),
            Dispatch::Look | Dispatch::Send { .. } | Dispatch::Remove { .. } | Dispatch::SendRemoved { .. } => None,
        }
    }

    /// The slots that it knows.
    pub(super) fn slots(&mut self) -> Vec<&mut Slot> {
        match self {
            Dispatch::Send { tasks, .. } | Dispatch::SendRemoved { tasks, .. } => {
                tasks.iter_mut().filter_map(|sent| sent.slot.as_mut()).collect()
            }
            Dispatch::Look | Dispatch::Reserve { .. } | Dispatch::Remove { .. } | Dispatch::Wait => Vec::new(),
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Self {
        self.slots().into_iter().for_each(|slot| *slot = slot.later(by));
        match &mut self {
            Dispatch::Reserve { ask, .. } => *ask = ask.later(by),
            Dispatch::Send { arrival, .. } | Dispatch::SendRemoved { arrival, .. } => *arrival = (*arrival - by).max(0),
            Dispatch::Look | Dispatch::Remove { .. } | Dispatch::Wait => {}
        }
        self
    }
}

fn waits(scene: &Scene) -> Tick {
    let margin = if scene.breaks(Broken::WaitsTooShort) { 0 } else { scene.bounds.margin };
    scene.bounds.between_ticks + margin
}

fn send(scene: &mut Scene, tasks: &[Sent], arrival: Tick) {
    for sent in tasks {
        let slot = sent.slot.map(|slot| (slot, sent.fence));
        scene.send(task(sent.entry), sent.entry.generation, slot, arrival);
    }
}

fn sending(scene: &Scene, tasks: Vec<Sent>, arrival: Tick, useless: Vec<Hold>, version: Option<u8>) -> Dispatch {
    if scene.breaks(Broken::RemoveBeforeSend) && !tasks.is_empty() {
        return Dispatch::SendRemoved { tasks, arrival, version };
    }
    let remove: Vec<Hold> = tasks.iter().map(|sent| sent.entry).chain(useless).collect();
    match (tasks.is_empty(), remove.is_empty()) {
        (false, _) => Dispatch::Send { tasks, arrival, remove, version },
        (true, false) => Dispatch::Remove { remove, version },
        (true, true) => Dispatch::Wait,
    }
}

fn look(scene: &mut Scene) -> Option<Dispatch> {
    let Settings { paused, version } = scene.world.settings;
    if paused || scene.world.holds.is_empty() {
        return None;
    }
    let is_new = scene.world.young > 0 && !scene.breaks(Broken::ArriveAtOnce);
    let from = if is_new { ARRIVAL } else { 0 };
    let by = scene.bounds.ahead + scene.bounds.reserve;
    let most = version.map_or(u8::MAX, |version| scene.world.item.free(scene.rate(), version, from, by));
    let (mut tasks, mut useless) = (Vec::new(), Vec::new());
    for entry in scene.world.holds.iter().take(most.into()) {
        let record = scene.read(task(*entry));
        let read = HoldEntry { id: id(entry.life), generation: generation(entry.generation), rank: time(0) };
        let verdict = match read.dispatch(Some(&record), time(0), time(0)) {
            _ if scene.breaks(Broken::DispatchUnread) => Verdict::Send,
            Verdict::Skip if scene.breaks(Broken::DispatchRemovesAhead) => Verdict::Remove,
            verdict @ (Verdict::Send | Verdict::Skip | Verdict::Remove) => verdict,
        };
        match verdict {
            Verdict::Send => tasks.push(Sent { entry: *entry, fence: small(record.fence.0.into()), slot: None }),
            Verdict::Remove => useless.push(*entry),
            Verdict::Skip => {}
        }
    }
    match version {
        Some(version) if !tasks.is_empty() && !scene.breaks(Broken::DispatchWithoutSlots) => {
            let ask = Ask { version, count: tasks.len() as u8, from, by, newcomer: false };
            Some(Dispatch::Reserve { ask, tasks, useless })
        }
        None if tasks.is_empty() && useless.is_empty() => None,
        Some(_) | None => Some(sending(scene, tasks, from, useless, version)),
    }
}
