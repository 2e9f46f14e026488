//! A process that dispatches: a tick, or the request of a person. A tick also sends what the agenda says.

use taskway_protocol::{Agenda, Step};

use super::{
    broken::Broken,
    dispatch::Dispatch,
    scene::Scene,
    world::{Late, World},
};
use crate::{
    instant::{self, time},
    scene::generation,
};

/// The next thing that it does.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Tick {
    /// Nothing.
    #[default]
    Idle,
    /// It sends the message of a task that is due.
    Promote { task: u8, generation: u8, due: instant::Tick },
    /// It has sent the message.
    Mark { task: u8, generation: u8, due: instant::Tick },
    /// It dispatches.
    Dispatch(Dispatch),
}

/// A choice that a tick has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TickMove {
    /// To do the next thing.
    Go,
    /// To promote this task.
    Agenda(u8),
    /// To dispatch.
    Dispatch,
}

impl Tick {
    /// Adds the choices that a tick has now.
    pub(super) fn moves(&self, world: &World, moves: &mut Vec<TickMove>) {
        if *self != Tick::Idle {
            moves.push(TickMove::Go);
            return;
        }
        moves.extend((0..world.tasks.len() as u8).filter(|task| due(world, *task).is_some()).map(TickMove::Agenda));
        if !world.holds.is_empty() || world.item.waits > 0 {
            moves.push(TickMove::Dispatch);
        }
    }

    /// Makes one choice.
    pub(super) fn step(self, scene: &mut Scene, choice: TickMove) -> Tick {
        match (self, choice) {
            (Tick::Idle, TickMove::Go) => Tick::Idle,
            (Tick::Idle, TickMove::Agenda(task)) => due(scene.world, task).unwrap_or_default(),
            (Tick::Idle, TickMove::Dispatch) if scene.breaks(Broken::NoTickDispatch) => Tick::Idle,
            (Tick::Idle, TickMove::Dispatch) => Tick::Dispatch(Dispatch::Look),
            (Tick::Promote { task, generation, due }, _) => {
                scene.send(task, generation, None, false, due);
                Tick::Mark { task, generation, due }
            }
            (Tick::Mark { task, generation: sent, due }, _) => {
                // If another write came first, the message still fits the record, or its claim is refused.
                let _ = scene.write(task, &Step::Mark { generation: generation(sent), due: time(due) });
                Tick::Idle
            }
            (Tick::Dispatch(dispatch), _) => dispatch.step(scene).map_or(Tick::Idle, Tick::Dispatch),
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(&self) -> Option<Late> {
        match self {
            Tick::Dispatch(dispatch) => dispatch.late(),
            Tick::Idle | Tick::Promote { .. } | Tick::Mark { .. } => None,
        }
    }

    /// The same after `by` has passed.
    pub(super) fn later(self, by: instant::Tick) -> Tick {
        match self {
            Tick::Idle => self,
            Tick::Promote { task, generation, due } => Tick::Promote { task, generation, due: (due - by).max(-1) },
            Tick::Mark { task, generation, due } => Tick::Mark { task, generation, due: (due - by).max(-1) },
            Tick::Dispatch(dispatch) => Tick::Dispatch(dispatch.later(by)),
        }
    }
}

/// What a tick does about the task's entry in the agenda.
fn due(world: &World, task: u8) -> Option<Tick> {
    let record = world.record(task);
    match record.task().state.agenda()? {
        Agenda::Due(due) => Some(Tick::Promote { task, generation: record.generation, due: instant::tick(due) }),
        Agenda::Lease(_) | Agenda::Owed(_) | Agenda::Dead(_) => None,
    }
}
