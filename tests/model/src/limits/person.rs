//! A person, who cancels a task, retries it after its end, removes a limit or sets it again, or pauses the queue.

use taskway_protocol::Step;

use super::{scene::Scene, world::World};
use crate::{
    instant::{Tick, time},
    record::RETAIN,
    scene::generation,
};

/// The offset of the clock of the API: the most that it may be behind. So a cancelled attempt seems to have ended early.
pub(super) const CLOCK: Tick = -1;

/// What a person asks for. The API does it with one write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// To cancel this task.
    Cancel(u8),
    /// To run this ended task again.
    Retry(u8),
    /// To remove the queue's limit, or to set it again.
    Change,
    /// To remove the limit of the keys, or to set it again.
    ChangeKeys,
    /// To pause the queue, or to let it go on.
    Pause,
}

impl Wish {
    /// Adds what a person can ask for now.
    pub(super) fn all(world: &World, wishes: &mut Vec<Wish>) {
        for task in 0..world.tasks.len() as u8 {
            let ended = world.record(task).is_ended();
            if !ended && world.left.cancels > 0 {
                wishes.push(Wish::Cancel(task));
            }
            if ended && world.left.retries > 0 {
                wishes.push(Wish::Retry(task));
            }
        }
        let left = world.left;
        let settings =
            [(left.changes.queue, Wish::Change), (left.changes.key, Wish::ChangeKeys), (left.pauses, Wish::Pause)];
        wishes.extend(settings.into_iter().filter(|(left, _)| *left > 0).map(|(_, wish)| wish));
    }

    /// Does it.
    pub(super) fn make(self, scene: &mut Scene) {
        let now = time(scene.clock);
        match self {
            Wish::Cancel(task) => {
                scene.world.left.cancels -= 1;
                let _ = scene.write(task, &Step::Cancel { at: now, retained_until: time(scene.clock + RETAIN) });
            }
            Wish::Retry(task) => {
                scene.world.left.retries -= 1;
                let record = scene.world.record(task);
                let step = Step::Revive { generation: generation(record.generation), now, deadline: None };
                if scene.write(task, &step).is_ok() {
                    scene.world.place(task).exempt = record.fence;
                }
            }
            Wish::Change => {
                scene.world.left.changes.queue -= 1;
                scene.world.settings.limited.queue ^= true;
                scene.world.changed.limited.queue = true;
            }
            Wish::ChangeKeys => {
                scene.world.left.changes.key -= 1;
                scene.world.settings.limited.key ^= true;
                scene.world.changed.limited.key = true;
            }
            Wish::Pause => {
                scene.world.left.pauses -= 1;
                scene.world.settings.paused ^= true;
                scene.world.changed.paused = true;
            }
        }
    }
}
