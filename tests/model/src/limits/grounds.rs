//! Why an executor may claim a task.

use super::{
    broken::Broken,
    right::{Right, Rights, later_all},
    scene::Scene,
    scope::{Both, Scope},
    world::Settings,
};
use crate::instant::{Tick, time};

/// Where an executor has a permit from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Origin {
    /// It has made the permit. No other process can use it without replacing it.
    New,
    /// It has replaced a permit, by which another process may be about to start the attempt.
    #[default]
    Renewed,
    /// The message carried it. A copy of the message may be with another process.
    Message,
}

/// Why an executor may claim a task, as far as it knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Grounds {
    /// The fence that the record must have, or `None` if the attempt needs no permit.
    pub fence: Option<u8>,
    /// Which permits the attempt needs.
    pub limited: Both<bool>,
    /// The permits that the executor has.
    pub rights: Rights,
    /// Where it has them from.
    pub origins: Both<Origin>,
    /// Whether the queue is paused.
    pub paused: bool,
    /// Whether it has read the settings less than five seconds ago. Also `false` if a change of them does not matter.
    pub known: bool,
}

/// Whether an executor may still start an attempt by this permit.
pub(super) fn usable(scene: &Scene, right: Right) -> bool {
    time(scene.clock) < right.permit().usable_until()
}

impl Grounds {
    /// A message has come with these permits, and the executor knows these settings.
    pub(super) fn received(scene: &Scene, task: u8, carried: Rights, settings: Settings) -> Grounds {
        let has_key = scene.world.key_of(task).is_some();
        let limited = Both { queue: settings.limited.queue, key: settings.limited.key && has_key };
        let mut rights = carried.map(|right| right.filter(|right| usable(scene, *right)));
        for (scope, right) in [Scope::Queue, Scope::Key(0)].into_iter().zip(rights.each_mut()) {
            if !limited[scope] && !settings.paused {
                *right = None;
            }
        }
        let may_change = |scope: Scope| scene.bounds.has(scope) && !limited[scope];
        let known = may_change(Scope::Queue) || has_key && may_change(Scope::Key(0)) || scene.bounds.pauses > 0;
        let carried = if scene.bounds.key_limit.is_some() { Origin::Message } else { Origin::Renewed };
        let origins = rights.map(|right| right.map_or(Origin::default(), |_| carried));
        // Without a read it knows the fence from a permit.
        let fence = rights.queue.or(rights.key).map(|right| right.fence - 1);
        Grounds { fence, limited, rights, origins, paused: settings.paused, known }
    }

    /// The same after the executor has read this fence. Permits for other attempts do not count.
    pub(super) fn after(mut self, fence: u8) -> Self {
        for right in self.rights.each_mut() {
            *right = right.filter(|right| right.fence == fence + 1);
        }
        self.fence = self.limited.any().then_some(fence);
        self
    }

    /// The scope of the permit that it needs next: the key comes first.
    pub(super) fn lacks(&self, scene: &Scene, task: u8) -> Option<Scope> {
        let mut scopes: Vec<Scope> = scene.world.scopes(task).collect();
        if scene.breaks(Broken::QueueFirst) {
            scopes.reverse();
        }
        scopes.into_iter().find(|scope| self.limited[*scope] && self.rights[*scope].is_none())
    }

    /// The same without permits.
    pub(super) fn without_rights(self) -> Self {
        Grounds { rights: Rights::default(), origins: Both::default(), ..self }
    }

    /// The same with the permits that it has made itself.
    pub(super) fn made(mut self) -> Self {
        for (right, origin) in self.rights.each_mut().into_iter().zip(self.origins.each_mut()) {
            *right = right.filter(|_| *origin == Origin::New);
        }
        self
    }

    /// Whether the attempt may start now that the task is claimed.
    pub(super) fn permit(&self, scene: &Scene, task: u8) -> bool {
        let settings = scene.world.settings;
        let is_usable = |scope: Scope| {
            let right = self.rights[scope];
            let late = scene.breaks(Broken::StartLate) || scope != Scope::Queue && scene.breaks(Broken::StartKeyLate);
            scene.breaks(Broken::NoTake) || late && right.is_some() || right.is_some_and(|right| usable(scene, right))
        };
        let needs = |scope: Scope| self.limited[scope] || !self.known && settings.limited[scope];
        (self.known || !settings.paused) && scene.world.scopes(task).all(|scope| !needs(scope) || is_usable(scope))
    }

    /// The grounds after `by` has passed.
    pub(super) fn later(self, by: Tick) -> Self {
        Grounds { rights: later_all(self.rights, by), known: false, ..self }
    }
}
