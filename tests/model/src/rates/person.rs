//! A person, who pauses the queue, lets it go on, and changes, removes or sets its rate.

use super::world::{Settings, World};
use crate::instant::Tick;

/// How long a change counts as new.
const NEW: Tick = 2;

/// What a person asks for. The API writes the settings, and then dispatches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// To pause the queue, or to let it go on.
    Pause,
    /// To set another rate.
    Change,
    /// To remove the rate, or to set one again.
    Remove,
}

impl Wish {
    /// Adds what a person can ask for now.
    pub(super) fn all(world: &World, wishes: &mut Vec<Wish>) {
        if world.left.pauses > 0 {
            wishes.push(Wish::Pause);
        }
        if world.left.changes > 0 && world.settings.version.is_some() {
            wishes.push(Wish::Change);
        }
        if world.left.removals > 0 {
            wishes.push(Wish::Remove);
        }
    }

    /// Writes the settings. Says whether a dispatch follows.
    pub(super) fn make(self, world: &mut World) -> bool {
        let before = world.settings;
        let next = world.versions + 1;
        let (left, after) = match (self, before.version) {
            (Wish::Pause, _) => (&mut world.left.pauses, Settings { paused: !before.paused, ..before }),
            (Wish::Change, _) | (Wish::Remove, None) => {
                world.versions = next;
                let left = if self == Wish::Change { &mut world.left.changes } else { &mut world.left.removals };
                (left, Settings { version: Some(next), ..before })
            }
            (Wish::Remove, Some(_)) => (&mut world.left.removals, Settings { version: None, ..before }),
        };
        *left -= 1;
        world.settings = after;
        world.before.push(before);
        let eased = before.paused && !after.paused || before.version.is_some() && before.version != after.version;
        if eased {
            world.young = NEW;
        }
        eased && !after.paused
    }
}
