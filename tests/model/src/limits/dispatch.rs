//! A dispatch: it gives the permits that are free to the tasks in the hold list, and sends them.

use taskway_protocol::{Dispatch as Verdict, HoldEntry, Permit, Task};

use super::{
    broken::Broken,
    right::{Edit, Right},
    scene::Scene,
};
use crate::{
    instant::{Tick, time},
    record::{id, small},
    scene::{fence, generation},
    world::Hold,
};

/// The next thing that a dispatch does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Dispatch {
    /// It reads the ledger, the next entry after this one, and the record.
    Look { after: Hold },
    /// It takes a permit for the attempt after the fence that it has read.
    Take { entry: Hold, fence: u8 },
    /// It sends the message.
    Send { entry: Hold, right: Option<Right> },
    /// It removes the entry.
    Remove { entry: Hold },
    /// It sends the message after it has removed the entry. Only a broken dispatch does so.
    SendRemoved { entry: Hold, right: Option<Right> },
}

/// The task of an entry.
pub(super) const fn task(entry: Hold) -> u8 {
    entry.life - 1
}

impl Dispatch {
    /// A dispatch that begins.
    pub(super) const START: Dispatch = Dispatch::Look { after: Hold { life: 0, generation: 0 } };

    /// Does the next thing. `None` at the end.
    pub(super) fn step(self, scene: &mut Scene) -> Option<Dispatch> {
        match self {
            Dispatch::Look { after } => look(scene, after),
            Dispatch::Take { entry, fence: read } => {
                let edit = take(scene, entry, read);
                let Edit::Add(right) = edit else { return None };
                let has_another = scene.world.right(task(entry)).is_some();
                match scene.edit(task(entry), edit) {
                    true => Some(sending(scene, entry, Some(right))),
                    // Another dispatch is about to send it.
                    false if has_another => Some(Dispatch::Look { after: entry }),
                    false => None,
                }
            }
            Dispatch::Send { entry, right } => {
                scene.send(task(entry), entry.generation, right, scene.clock);
                Some(Dispatch::Remove { entry })
            }
            Dispatch::Remove { entry } => {
                scene.world.remove_hold(entry);
                Some(Dispatch::Look { after: entry })
            }
            Dispatch::SendRemoved { entry, right } => {
                if scene.world.holds.contains(&entry) {
                    scene.world.remove_hold(entry);
                    return Some(self);
                }
                scene.send(task(entry), entry.generation, right, scene.clock);
                Some(Dispatch::Look { after: entry })
            }
        }
    }

    /// The change of the ledger that it asks for now.
    pub(super) fn edit(self, scene: &Scene) -> Option<(u8, Edit)> {
        match self {
            Dispatch::Take { entry, fence } => Some((task(entry), take(scene, entry, fence))),
            Dispatch::Look { .. } | Dispatch::Send { .. } | Dispatch::Remove { .. } | Dispatch::SendRemoved { .. } => {
                None
            }
        }
    }

    /// The permit that it knows, with its task.
    pub(super) fn right(&mut self) -> Option<(u8, &mut Right)> {
        match self {
            Dispatch::Send { entry, right } | Dispatch::SendRemoved { entry, right } => {
                Some((task(*entry), right.as_mut()?))
            }
            Dispatch::Look { .. } | Dispatch::Take { .. } | Dispatch::Remove { .. } => None,
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Self {
        if let Some((_, right)) = self.right() {
            *right = right.later(by);
        }
        self
    }
}

fn take(scene: &Scene, entry: Hold, read: u8) -> Edit {
    let task = Task { fence: fence(read), ..scene.read(task(entry)) };
    Edit::Add(Right::of(Permit::next(task.fence, time(scene.clock + scene.bounds.sent), 0)))
}

fn sending(scene: &Scene, entry: Hold, right: Option<Right>) -> Dispatch {
    if scene.breaks(Broken::RemoveBeforeSend) {
        Dispatch::SendRemoved { entry, right }
    } else {
        Dispatch::Send { entry, right }
    }
}

fn look(scene: &mut Scene, after: Hold) -> Option<Dispatch> {
    let room = !scene.world.limited || scene.world.out() < scene.most();
    let entry = *scene.world.holds.iter().find(|entry| room && **entry > after)?;
    let record = scene.read(task(entry));
    let read = HoldEntry { id: id(entry.life), generation: generation(entry.generation), rank: time(0) };
    let verdict = match read.dispatch(Some(&record), time(0), time(0)) {
        _ if scene.breaks(Broken::DispatchUnread) => Verdict::Send,
        Verdict::Skip if scene.breaks(Broken::DispatchRemovesAhead) => Verdict::Remove,
        Verdict::Skip | Verdict::Remove if scene.breaks(Broken::DispatchStops) => return None,
        verdict @ (Verdict::Send | Verdict::Skip | Verdict::Remove) => verdict,
    };
    Some(match verdict {
        Verdict::Skip => Dispatch::Look { after: entry },
        Verdict::Remove => Dispatch::Remove { entry },
        Verdict::Send if !scene.world.limited => sending(scene, entry, None),
        Verdict::Send if scene.world.right(task(entry)).is_some() => Dispatch::Look { after: entry },
        Verdict::Send => Dispatch::Take { entry, fence: small(record.fence.0.into()) },
    })
}
