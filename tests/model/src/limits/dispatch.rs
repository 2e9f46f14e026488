//! A dispatch: it gives the permits of a scope that are free to the tasks in its hold list, and sends them.

use taskway_protocol::{Dispatch as Verdict, HoldEntry, Permit};

use super::{
    broken::Broken,
    right::{Edit, Right, Rights, later_all},
    scene::Scene,
    scope::Scope,
};
use crate::{
    instant::{Tick, time},
    record::{id, small},
    scene::{fence, generation},
    world::Hold,
};

/// A dispatch of one scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Dispatch {
    /// The scope.
    pub scope: Scope,
    turn: Turn,
}

/// The next thing that a dispatch does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Turn {
    /// It reads the ledger, the next entry after this one, and the record.
    Look { after: Hold },
    /// It takes a permit for the attempt after the fence that it has read.
    Take { entry: Hold, fence: u8 },
    /// It sends the message.
    Send { entry: Hold, rights: Rights },
    /// It removes the entry.
    Remove { entry: Hold },
    /// It sends the message after it has removed the entry. Only a broken dispatch does so.
    SendRemoved { entry: Hold, rights: Rights },
}

/// The task of an entry.
pub(super) const fn task(entry: Hold) -> u8 {
    entry.life - 1
}

impl Dispatch {
    /// A dispatch that begins.
    pub(super) const fn start(scope: Scope) -> Dispatch {
        Dispatch { scope, turn: Turn::Look { after: Hold { life: 0, generation: 0 } } }
    }

    /// Does the next thing. `None` at the end.
    pub(super) fn step(self, scene: &mut Scene) -> Option<Dispatch> {
        let scope = self.scope;
        let turn = match self.turn {
            Turn::Look { after } => look(scene, scope, after)?,
            Turn::Take { entry, fence } => {
                let right = permit(scene, entry, fence);
                let has_another = scene.world.right(task(entry), scope).is_some();
                match scene.edit(task(entry), scope, Edit::Add(right)) {
                    true => {
                        let mut rights = Rights::default();
                        rights[scope] = Some(right);
                        sending(scene, entry, rights)
                    }
                    // Another dispatch is about to send it.
                    false if has_another => Turn::Look { after: entry },
                    false => return None,
                }
            }
            Turn::Send { entry, rights } => {
                scene.send(task(entry), entry.generation, rights, scene.clock);
                Turn::Remove { entry }
            }
            Turn::Remove { entry } => {
                scene.world.remove_hold(scope, entry);
                Turn::Look { after: entry }
            }
            Turn::SendRemoved { entry, rights } => {
                if scene.world.holds.contains(&(scope, entry)) {
                    scene.world.remove_hold(scope, entry);
                    return Some(self);
                }
                scene.send(task(entry), entry.generation, rights, scene.clock);
                Turn::Look { after: entry }
            }
        };
        Some(Dispatch { scope, turn })
    }

    /// The change of the ledger that it asks for now.
    pub(super) fn edit(self, scene: &Scene) -> Option<(u8, Edit)> {
        match self.turn {
            Turn::Take { entry, fence } => Some((task(entry), Edit::Add(permit(scene, entry, fence)))),
            Turn::Look { .. } | Turn::Send { .. } | Turn::Remove { .. } | Turn::SendRemoved { .. } => None,
        }
    }

    /// The permits that it knows, with their task.
    pub(super) fn rights(&mut self) -> Option<(u8, &mut Rights)> {
        match &mut self.turn {
            Turn::Send { entry, rights } | Turn::SendRemoved { entry, rights } => Some((task(*entry), rights)),
            Turn::Look { .. } | Turn::Take { .. } | Turn::Remove { .. } => None,
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(mut self, by: Tick) -> Self {
        if let Some((_, rights)) = self.rights() {
            *rights = later_all(*rights, by);
        }
        self
    }
}

/// The permit for the message of an entry, for the attempt after this fence.
fn permit(scene: &Scene, entry: Hold, read: u8) -> Right {
    let right = Right::of(Permit::next(fence(read), time(scene.clock + scene.bounds.sent), 0));
    scene.distinct(task(entry), right)
}

fn sending(scene: &Scene, entry: Hold, rights: Rights) -> Turn {
    if scene.breaks(Broken::RemoveBeforeSend) {
        Turn::SendRemoved { entry, rights }
    } else {
        Turn::Send { entry, rights }
    }
}

fn look(scene: &mut Scene, scope: Scope, after: Hold) -> Option<Turn> {
    let settings = scene.world.settings;
    let limited = settings.limited[scope];
    let room = !settings.paused && (!limited || scene.world.out(scope) < scene.most(scope));
    let entry = scene.world.list(scope).find(|entry| room && *entry > after)?;
    let record = scene.read(task(entry));
    let read = HoldEntry { id: id(entry.life), generation: generation(entry.generation), rank: time(0) };
    let verdict = match read.dispatch(Some(&record), time(0), time(0)) {
        _ if scene.breaks(Broken::DispatchUnread) => Verdict::Send,
        Verdict::Skip if scene.breaks(Broken::DispatchRemovesAhead) => Verdict::Remove,
        Verdict::Skip | Verdict::Remove if scene.breaks(Broken::DispatchStops) => return None,
        verdict @ (Verdict::Send | Verdict::Skip | Verdict::Remove) => verdict,
    };
    Some(match verdict {
        Verdict::Skip => Turn::Look { after: entry },
        Verdict::Remove => Turn::Remove { entry },
        Verdict::Send if !limited => sending(scene, entry, Rights::default()),
        Verdict::Send if scene.world.right(task(entry), scope).is_some() => Turn::Look { after: entry },
        Verdict::Send => Turn::Take { entry, fence: small(record.fence.0.into()) },
    })
}
