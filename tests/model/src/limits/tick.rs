//! A tick of a limited queue: it promotes, looks after old permits, and dispatches.

use taskway_protocol::{Agenda, Look, Step};

use super::{
    broken::Broken,
    dispatch::Dispatch,
    executor::each_right,
    right::{Edit, Right, Rights},
    scene::Scene,
    scope::Scope,
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
    Settle { task: u8, scope: Scope, right: Right, decision: Decision },
    /// It puts the entry of a held task into the hold list, because the message of an old permit may be lost.
    List { task: u8, scope: Scope, right: Right, generation: u8 },
    /// It frees an old permit.
    Free { task: u8, scope: Scope, right: Right },
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
    /// To look after the permit of this task in the ledger of this scope. It reads the ledger and the record.
    Permit(u8, Scope),
    /// To dispatch this scope.
    Dispatch(Scope),
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
            for scope in world.scopes(task) {
                if world.right(task, scope).is_some() && visits(world, scope) {
                    moves.push(TickMove::Permit(task, scope));
                }
            }
        }
        let scopes = world.all_scopes().into_iter();
        moves.extend(scopes.filter(|scope| world.list(*scope).next().is_some()).map(TickMove::Dispatch));
    }

    /// Makes one choice.
    pub(super) fn step(self, scene: &mut Scene, choice: TickMove) -> Tick {
        match (self, choice) {
            (Tick::Idle, TickMove::Go) => Tick::Idle,
            (Tick::Idle, TickMove::Agenda(task)) => due(scene.world, task).unwrap_or_default(),
            (Tick::Idle, TickMove::Permit(task, scope)) => look(scene, task, scope),
            (Tick::Idle, TickMove::Dispatch(_)) if scene.breaks(Broken::NoTickDispatch) => Tick::Idle,
            (Tick::Idle, TickMove::Dispatch(Scope::Key(_))) if scene.breaks(Broken::NoKeyTickDispatch) => Tick::Idle,
            (Tick::Idle, TickMove::Dispatch(scope)) => Tick::Dispatch(Dispatch::start(scope)),
            (Tick::Promote { task, generation, due }, _) => {
                scene.send(task, generation, Rights::default(), due);
                Tick::Mark { task, generation, due }
            }
            (Tick::Mark { task, generation: sent, due }, _) => {
                // If another write came first, the message still fits the record, or its claim is refused.
                let _ = scene.write(task, &Step::Mark { generation: generation(sent), due: time(due) });
                Tick::Idle
            }
            (Tick::Settle { task, scope, right, decision }, _) => match scene.write(task, &decision.step()) {
                Ok(_) => Tick::Free { task, scope, right },
                // The record has changed. The next tick looks again.
                Err(_) => Tick::Idle,
            },
            (Tick::List { task, scope, right, generation }, _) => {
                scene.world.put_hold(scope, Hold { life: task + 1, generation });
                Tick::Free { task, scope, right }
            }
            (Tick::Free { task, scope, right }, _) => {
                scene.edit(task, scope, Edit::Free(right));
                Tick::Idle
            }
            (Tick::Dispatch(dispatch), _) => dispatch.step(scene).map_or(Tick::Idle, Tick::Dispatch),
        }
    }

    /// The write that it makes next, if that may be made after its death.
    pub(super) fn late(self, scene: &Scene) -> Option<Late> {
        match self {
            Tick::Free { task, scope, right } => Some(Late::Edit { task, scope, edit: Edit::Free(right) }),
            Tick::Dispatch(dispatch) => {
                dispatch.edit(scene).map(|(task, edit)| Late::Edit { task, scope: dispatch.scope, edit })
            }
            Tick::Idle | Tick::Promote { .. } | Tick::Mark { .. } | Tick::Settle { .. } | Tick::List { .. } => None,
        }
    }

    /// Shows `visit` the permits that it knows, with their tasks and scopes.
    pub(super) fn rights(&mut self, visit: &mut impl FnMut(u8, Scope, &mut Right)) {
        match self {
            Tick::Settle { task, scope, right, .. }
            | Tick::List { task, scope, right, .. }
            | Tick::Free { task, scope, right } => visit(*task, *scope, right),
            Tick::Dispatch(dispatch) => {
                if let Some((task, rights)) = dispatch.rights() {
                    each_right(task, rights, visit);
                }
            }
            Tick::Idle | Tick::Promote { .. } | Tick::Mark { .. } => {}
        }
    }

    /// The same tick after `by` has passed.
    pub(super) fn later(self, by: instant::Tick, clock: instant::Tick) -> Tick {
        let earlier = |due: instant::Tick| due.saturating_sub(by).max(-1);
        match self {
            Tick::Idle => self,
            Tick::Promote { task, generation, due } => Tick::Promote { task, generation, due: earlier(due) },
            Tick::Mark { task, generation, due } => Tick::Mark { task, generation, due: earlier(due) },
            Tick::Settle { task, scope, right, decision } => match decision.later(by, clock) {
                Some(decision) => Tick::Settle { task, scope, right: right.later(by), decision },
                None => Tick::Idle,
            },
            Tick::List { task, scope, right, generation } => {
                Tick::List { task, scope, right: right.later(by), generation }
            }
            Tick::Free { task, scope, right } => Tick::Free { task, scope, right: right.later(by) },
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

/// Whether a tick looks after the permits of a scope. In the ledger of a key, what a dead process left does not matter while
/// no task waits for the key.
fn visits(world: &World, scope: Scope) -> bool {
    scope == Scope::Queue || world.list(scope).next().is_some()
}

/// What a tick does about the task's permit.
fn look(scene: &Scene, task: u8, scope: Scope) -> Tick {
    let Some(right) = scene.world.right(task, scope) else { return Tick::Idle };
    let of_key = scope != Scope::Queue;
    if !visits(scene.world, scope) || of_key && scene.breaks(Broken::NoVisit) {
        return Tick::Idle;
    }
    let (permit, now, record) = (right.permit(), time(scene.clock), scene.read(task));
    let ended = record.state.name().is_ended();
    match permit.look(Some(&record), now) {
        _ if scene.breaks(Broken::FreeUnread) && permit.is_old(now) => Tick::Free { task, scope, right },
        Look::Leave if scene.breaks(Broken::FreeAtEnd) && permit.is_old(now) && ended => {
            Tick::Free { task, scope, right }
        }
        Look::Leave => Tick::Idle,
        Look::Settle(_) if scene.breaks(Broken::NoSettle) => Tick::Idle,
        Look::Settle(step) => match Decision::of(&step, scene.clock) {
            Some(decision) => Tick::Settle { task, scope, right, decision },
            None => Tick::Idle,
        },
        Look::List(_) if scene.breaks(Broken::NoList) => Tick::Free { task, scope, right },
        Look::List(entry) => {
            let generation = small(entry.generation.0.into());
            if of_key && waits_for_queue(scene, task, generation) {
                return Tick::Idle;
            }
            Tick::List { task, scope, right, generation }
        }
        Look::Free => Tick::Free { task, scope, right },
    }
}

/// Whether a held task of this generation waits in the queue's list or was sent with the queue's permit, so that it keeps its
/// key's permit.
fn waits_for_queue(scene: &Scene, task: u8, generation: u8) -> bool {
    let listed = scene.world.holds.contains(&(Scope::Queue, Hold { life: task + 1, generation }));
    let sent = scene.world.right(task, Scope::Queue).is_some();
    listed && !scene.breaks(Broken::FreeKeyOfListed) || sent && !scene.breaks(Broken::FreeKeyOfSent)
}
