//! A tick of a limited queue: it promotes, looks after old permits, and dispatches.

use taskway_protocol::{Agenda, Look, Step};

use super::{
    broken::Broken,
    dispatch::Dispatch,
    right::{Edit, Right},
    scene::Scene,
    world::{Late, World},
};
use crate::{
    actors::Decision,
    instant::{self, time},
    record::small,
    scene::generation,
    world::Hold,
};

/// The next thing that a tick does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Tick {
    /// Nothing. It begins a new sweep when it likes.
    #[default]
    Idle,
    /// It sends the message of a task that is due.
    Promote { task: u8, generation: u8, due: instant::Tick },
    /// It has sent the message.
    Mark { task: u8, generation: u8, due: instant::Tick },
    /// It writes that the attempt of an old permit is lost.
    Settle { task: u8, right: Right, decision: Decision },
    /// It puts the entry of a held task into the hold list, because the message of an old permit may be lost.
    List { task: u8, right: Right, generation: u8 },
    /// It frees an old permit.
    Free { task: u8, right: Right },
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
    /// To look after the permit of this task. It reads the ledger and the record.
    Permit(u8),
    /// To dispatch.
    Dispatch,
}

impl Tick {
    /// Adds the choices that it has now.
    pub(super) fn moves(&self, world: &World, moves: &mut Vec<TickMove>) {
        if *self != Tick::Idle {
            moves.push(TickMove::Go);
            return;
        }
        for task in 0..world.tasks.len() as u8 {
            if due(world, task).is_some() {
                moves.push(TickMove::Agenda(task));
            }
            if world.right(task).is_some() {
                moves.push(TickMove::Permit(task));
            }
        }
        if !world.holds.is_empty() {
            moves.push(TickMove::Dispatch);
        }
    }

    /// Makes one choice.
    pub(super) fn step(self, scene: &mut Scene, choice: TickMove) -> Tick {
        match (self, choice) {
            (Tick::Idle, TickMove::Go) => Tick::Idle,
            (Tick::Idle, TickMove::Agenda(task)) => due(scene.world, task).unwrap_or_default(),
            (Tick::Idle, TickMove::Permit(task)) => look(scene, task),
            (Tick::Idle, TickMove::Dispatch) if scene.breaks(Broken::NoTickDispatch) => Tick::Idle,
            (Tick::Idle, TickMove::Dispatch) => Tick::Dispatch(Dispatch::START),
            (Tick::Promote { task, generation, due }, _) => {
                scene.send(task, generation, None, due);
                Tick::Mark { task, generation, due }
            }
            (Tick::Mark { task, generation: sent, due }, _) => {
                // If another write came first, the message still fits the record, or its claim is refused.
                let _ = scene.write(task, &Step::Mark { generation: generation(sent), due: time(due) });
                Tick::Idle
            }
            (Tick::Settle { task, right, decision }, _) => match scene.write(task, &decision.step()) {
                Ok(_) => Tick::Free { task, right },
                // The record has changed. The next tick looks again.
                Err(_) => Tick::Idle,
            },
            (Tick::List { task, right, generation }, _) => {
                scene.world.put_hold(Hold { life: task + 1, generation });
                Tick::Free { task, right }
            }
            (Tick::Free { task, right }, _) => {
                scene.edit(task, Edit::Free(right));
                Tick::Idle
            }
            (Tick::Dispatch(dispatch), _) => dispatch.step(scene).map_or(Tick::Idle, Tick::Dispatch),
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(self, scene: &Scene) -> Option<Late> {
        match self {
            Tick::Free { task, right } => Some(Late::Edit { task, edit: Edit::Free(right) }),
            Tick::Dispatch(dispatch) => dispatch.edit(scene).map(|(task, edit)| Late::Edit { task, edit }),
            Tick::Idle | Tick::Promote { .. } | Tick::Mark { .. } | Tick::Settle { .. } | Tick::List { .. } => None,
        }
    }

    /// The permit that it knows, with its task.
    pub(super) fn right(&mut self) -> Option<(u8, &mut Right)> {
        match self {
            Tick::Settle { task, right, .. } | Tick::List { task, right, .. } | Tick::Free { task, right } => {
                Some((*task, right))
            }
            Tick::Dispatch(dispatch) => dispatch.right(),
            Tick::Idle | Tick::Promote { .. } | Tick::Mark { .. } => None,
        }
    }

    /// The same tick after `by` has passed.
    pub(super) fn later(self, by: instant::Tick, clock: instant::Tick) -> Tick {
        let earlier = |due: instant::Tick| due.saturating_sub(by).max(-1);
        match self {
            Tick::Idle => self,
            Tick::Promote { task, generation, due } => Tick::Promote { task, generation, due: earlier(due) },
            Tick::Mark { task, generation, due } => Tick::Mark { task, generation, due: earlier(due) },
            Tick::Settle { task, right, decision } => match decision.later(by, clock) {
                Some(decision) => Tick::Settle { task, right: right.later(by), decision },
                None => Tick::Idle,
            },
            Tick::List { task, right, generation } => Tick::List { task, right: right.later(by), generation },
            Tick::Free { task, right } => Tick::Free { task, right: right.later(by) },
            Tick::Dispatch(dispatch) => Tick::Dispatch(dispatch.later(by)),
        }
    }
}

/// What a tick does about the task's entry in the agenda.
fn due(world: &World, task: u8) -> Option<Tick> {
    let record = world.record(task);
    match record.task().state.agenda()? {
        Agenda::Due(due) => Some(Tick::Promote { task, generation: record.generation, due: instant::tick(due) }),
        Agenda::Lease(_) | Agenda::Dead(_) => None,
    }
}

/// What a tick does about the task's permit.
fn look(scene: &Scene, task: u8) -> Tick {
    let Some(right) = scene.world.right(task) else { return Tick::Idle };
    let (permit, now, record) = (right.permit(), time(scene.clock), scene.read(task));
    let ended = record.state.name().is_ended();
    match permit.look(Some(&record), now) {
        _ if scene.breaks(Broken::FreeUnread) && permit.is_old(now) => Tick::Free { task, right },
        Look::Leave if scene.breaks(Broken::FreeAtEnd) && permit.is_old(now) && ended => Tick::Free { task, right },
        Look::Leave => Tick::Idle,
        Look::Settle(_) if scene.breaks(Broken::NoSettle) => Tick::Idle,
        Look::Settle(step) => match Decision::of(&step, scene.clock) {
            Some(decision) => Tick::Settle { task, right, decision },
            None => Tick::Idle,
        },
        Look::List(_) if scene.breaks(Broken::NoList) => Tick::Free { task, right },
        Look::List(entry) => Tick::List { task, right, generation: small(entry.generation.0.into()) },
        Look::Free => Tick::Free { task, right },
    }
}
