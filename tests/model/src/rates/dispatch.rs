//! A dispatch: it sends the tasks at the head of the hold list ahead, to when they are expected.

use taskway_protocol::{Dispatch as Verdict, Fence, HoldEntry};

use super::{
    broken::Broken,
    item::{Answer, Ask, Kind},
    scene::Scene,
    world::{Late, Settings},
};
use crate::{
    instant::{Tick, time},
    record::id,
    scene::generation,
    world::Hold,
};

/// How long after a change of the settings the messages arrive.
const ARRIVAL: Tick = 1;

/// A held task that is sent: its entry, whether no attempt of it has begun, and when it comes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sent {
    entry: Hold,
    first: bool,
    at: Tick,
}

/// What a dispatch sends, and the version by which it is expected.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Sending {
    tasks: Vec<Sent>,
    mark: Option<u8>,
}

/// The next thing that a dispatch does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Dispatch {
    /// It reads the settings, the item, the head of the hold list, and the records.
    Look,
    /// It asks when the tasks can be expected.
    Expect { ask: Ask, tasks: Vec<Sent>, useless: Vec<Hold> },
    /// It sends the messages.
    Send { sending: Sending, remove: Vec<Hold>, paced: bool },
    /// It removes the entries.
    Remove { remove: Vec<Hold>, paced: bool },
    /// It sends the messages after it has removed the entries. Only a broken dispatch does so.
    SendRemoved { sending: Sending, paced: bool },
    /// It looks whether tasks wait.
    LookAgain,
    /// It writes until when tasks wait.
    Wait(Tick),
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
            Dispatch::Expect { ask, mut tasks, useless } => {
                let times = match scene.ask(ask) {
                    Answer::Begun => return Some(Dispatch::Expect { ask, tasks, useless }),
                    Answer::Behind => Vec::new(),
                    Answer::Times(times) => times,
                };
                tasks.truncate(times.len());
                tasks.iter_mut().zip(times).for_each(|(sent, time)| sent.at = time.at);
                Some(sending(scene, Sending { tasks, mark: Some(ask.version) }, useless, true))
            }
            Dispatch::Send { sending, remove, paced } => {
                sending.send(scene);
                Some(Dispatch::Remove { remove, paced })
            }
            Dispatch::Remove { remove, paced } => {
                scene.world.holds.retain(|hold| !remove.contains(hold));
                paced.then_some(Dispatch::LookAgain)
            }
            Dispatch::SendRemoved { sending, paced } => {
                if sending.tasks.iter().any(|sent| scene.world.holds.contains(&sent.entry)) {
                    scene.world.holds.retain(|hold| !sending.tasks.iter().any(|sent| sent.entry == *hold));
                    return Some(Dispatch::SendRemoved { sending, paced });
                }
                sending.send(scene);
                paced.then_some(Dispatch::LookAgain)
            }
            Dispatch::LookAgain => match (scene.world.holds.is_empty(), scene.world.item.waits) {
                (false, _) => (!scene.breaks(Broken::NoWaits)).then(|| Dispatch::Wait(waits(scene))),
                (true, 0) => None,
                (true, _) => (!scene.breaks(Broken::WaitsStay)).then_some(Dispatch::Wait(0)),
            },
            Dispatch::Wait(until) => {
                scene.world.item.waits = until;
                None
            }
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self) -> Option<Late> {
        match self {
            Dispatch::Expect { ask, .. } => Some(Late::Ask(*ask)),
            Dispatch::Wait(until) => Some(Late::Waits(*until)),
            Dispatch::Look
            | Dispatch::Send { .. }
            | Dispatch::Remove { .. }
            | Dispatch::SendRemoved { .. }
            | Dispatch::LookAgain => None,
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Self {
        match &mut self {
            Dispatch::Expect { ask, .. } => *ask = ask.later(by),
            Dispatch::Send { sending, .. } | Dispatch::SendRemoved { sending, .. } => {
                sending.tasks.iter_mut().for_each(|sent| sent.at = (sent.at - by).max(0));
            }
            Dispatch::Wait(until) => *until = (*until - by).max(0),
            Dispatch::Look | Dispatch::Remove { .. } | Dispatch::LookAgain => {}
        }
        self
    }
}

impl Sending {
    fn send(&self, scene: &mut Scene) {
        for Sent { entry, first, at } in &self.tasks {
            scene.send(task(*entry), entry.generation, self.mark, *first, *at);
        }
    }
}

fn waits(scene: &Scene) -> Tick {
    let margin = if scene.breaks(Broken::WaitsTooShort) { 0 } else { scene.bounds.margin };
    scene.bounds.between_ticks + margin
}

fn sending(scene: &Scene, sending: Sending, useless: Vec<Hold>, paced: bool) -> Dispatch {
    if scene.breaks(Broken::RemoveBeforeSend) && !sending.tasks.is_empty() {
        return Dispatch::SendRemoved { sending, paced };
    }
    let remove: Vec<Hold> = sending.tasks.iter().map(|sent| sent.entry).chain(useless).collect();
    match (sending.tasks.is_empty(), remove.is_empty()) {
        (false, _) => Dispatch::Send { sending, remove, paced },
        (true, false) => Dispatch::Remove { remove, paced },
        (true, true) => Dispatch::LookAgain,
    }
}

fn look(scene: &mut Scene) -> Option<Dispatch> {
    let Settings { paused, version } = scene.world.settings;
    if paused {
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
            Verdict::Send => tasks.push(Sent { entry: *entry, first: record.fence == Fence::NONE, at: from }),
            Verdict::Remove => useless.push(*entry),
            Verdict::Skip => {}
        }
    }
    match version {
        Some(version) if !tasks.is_empty() && !scene.breaks(Broken::DispatchWithoutTimes) => {
            let ask = Ask { version, kind: Kind::Expect { held: true }, count: tasks.len() as u8, from, by };
            Some(Dispatch::Expect { ask, tasks, useless })
        }
        None if tasks.is_empty() && useless.is_empty() => None,
        Some(_) | None => Some(sending(scene, Sending { tasks, mark: None }, useless, version.is_some())),
    }
}
