//! The submit function, called by one client: once without an idempotency key, again and again with one.

use taskway_protocol::{Fence, Generation, State, Step};

use crate::{
    instant::{FAR, NEAR, Tick, later, tick, time},
    record::{id, small},
    scene::{Failed, Scene},
};

/// Lambda stops the submit function after this many steps. They count until the record is there.
const TIMEOUT: Tick = 6;

/// What a client submits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Once, without a key, a task that is due within 15 minutes.
    Near,
    /// Once, without a key, a task that is due much later.
    Far,
    /// A task with a key, again at any time.
    Keyed,
}

/// The next thing that the submit function does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Submitter {
    /// Nothing: nobody has called it.
    #[default]
    Idle,
    /// Nothing: nobody will call it again.
    Done,
    /// It puts the record and sends the message at the same time.
    Both {
        draft: Draft,
        /// Whether the record is there.
        put: bool,
        /// Whether the queue accepted the message, once that is known.
        sent: Option<bool>,
    },
    /// It puts the record before it sends anything.
    Put(Draft),
    /// It sends the message.
    Send {
        life: u8,
        generation: u8,
        due: Tick,
        /// Whether the agenda carries the task already.
        parked: bool,
    },
    /// It parks the task, because the queue did not accept the message.
    Park { life: u8, due: Tick },
    /// It has found a record under its key.
    Replay,
}

/// A task that has no record yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Draft {
    due: Tick,
    deadline: Option<Tick>,
    far: bool,
    since: Tick,
}

/// A choice that the submit function or its client has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SubmitterMove {
    /// The client calls it.
    Call {
        /// The time until the task is due.
        wait: Tick,
        /// The time from there to the deadline, if it has one.
        patience: Option<Tick>,
    },
    /// To put the record.
    Put,
    /// To do the next thing.
    Go,
    /// To send a message that the queue refuses.
    SendRefused,
    /// To do the next thing and miss the answer. The SDK repeats a write whose answer was lost.
    Unheard,
}

impl Submitter {
    /// Adds the choices that it has now.
    pub(crate) fn moves(&self, kind: Kind, deadlines: bool, young: bool, moves: &mut Vec<SubmitterMove>) {
        use SubmitterMove::{Call, Go, Put, SendRefused, Unheard};
        match self {
            Submitter::Idle => {
                let waits: &[Tick] = match kind {
                    Kind::Near => &[0, 1],
                    Kind::Far => &[FAR],
                    Kind::Keyed => &[0],
                };
                for &wait in waits {
                    moves.push(Call { wait, patience: None });
                    if deadlines {
                        moves.push(Call { wait, patience: Some(2) });
                    }
                }
            }
            Submitter::Done => {}
            Submitter::Both { put, sent, .. } => {
                if !put {
                    moves.push(Put);
                }
                if sent.is_none() {
                    moves.extend([Go, SendRefused, Unheard]);
                }
            }
            Submitter::Put(_) => moves.push(Put),
            Submitter::Send { .. } => moves.extend([Go, SendRefused, Unheard]),
            Submitter::Park { .. } => moves.extend([Go, Unheard]),
            // It waits until the first request has sent its message, or must have died.
            Submitter::Replay if young => {}
            Submitter::Replay => moves.push(Go),
        }
    }

    /// Makes one choice.
    pub(crate) fn step(self, scene: &mut Scene, choice: SubmitterMove, kind: Kind) -> Submitter {
        let over = Submitter::over(kind);
        match self {
            Submitter::Done => self,
            Submitter::Idle => match choice {
                SubmitterMove::Call { wait, patience } => {
                    let due = scene.clock + wait;
                    let deadline = patience.map(|patience| due + patience);
                    let draft = Draft { due, deadline, far: wait > NEAR, since: 0 };
                    match kind {
                        Kind::Near => Submitter::Both { draft, put: false, sent: None },
                        Kind::Far | Kind::Keyed => Submitter::Put(draft),
                    }
                }
                SubmitterMove::Put | SubmitterMove::Go | SubmitterMove::SendRefused | SubmitterMove::Unheard => self,
            },
            Submitter::Both { draft, put, sent } => {
                let (put, sent) = match choice {
                    SubmitterMove::Put => {
                        let made = scene.create(draft.due, false, draft.deadline, false);
                        if made.is_none() {
                            return over;
                        }
                        (true, sent)
                    }
                    SubmitterMove::Call { .. }
                    | SubmitterMove::Go
                    | SubmitterMove::SendRefused
                    | SubmitterMove::Unheard => (put, Some(send(scene, 1, 1, draft.due, choice))),
                };
                match (put, sent) {
                    (true, Some(true)) => answer(scene, 1, over),
                    (true, Some(false)) => Submitter::Park { life: 1, due: draft.due },
                    (true, None) => Submitter::Send { life: 1, generation: 1, due: draft.due, parked: false },
                    (false, _) => Submitter::Both { draft, put, sent },
                }
            }
            Submitter::Put(draft) => {
                let young = draft.since == 0 && kind == Kind::Keyed;
                match scene.create(draft.due, draft.far, draft.deadline, young) {
                    Some(life) if draft.far => answer(scene, life, over),
                    Some(life) => Submitter::Send { life, generation: 1, due: draft.due, parked: false },
                    None => Submitter::Replay,
                }
            }
            Submitter::Send { life, generation, due, parked } => {
                // Once the task is parked, a tick can send it.
                if send(scene, life, generation, due, choice) || parked {
                    answer(scene, life, over)
                } else {
                    Submitter::Park { life, due }
                }
            }
            Submitter::Park { life, due } => match scene.write(life, &Step::Park { due: time(due) }) {
                _ if choice == SubmitterMove::Unheard => self,
                // A refusal means that the message was sent and an executor has it.
                Ok(_) | Err(Failed::Refused(..)) => answer(scene, life, over),
                Err(Failed::Absent) => over,
            },
            Submitter::Replay => replay(scene, over),
        }
    }

    /// What it does after its last step.
    pub(crate) const fn over(kind: Kind) -> Submitter {
        match kind {
            Kind::Near | Kind::Far => Submitter::Done,
            Kind::Keyed => Submitter::Idle,
        }
    }

    /// The same function after `by` has passed.
    pub(crate) fn later(self, by: Tick, kind: Kind) -> Submitter {
        let draft = |draft: Draft| Draft {
            due: later(draft.due, by, -1),
            deadline: draft.deadline.map(|at| later(at, by, -2)),
            since: draft.since.saturating_add(by),
            ..draft
        };
        match self {
            // Lambda stops a function that takes too long.
            Submitter::Both { draft, .. } | Submitter::Put(draft) if draft.since.saturating_add(by) > TIMEOUT => {
                Submitter::over(kind)
            }
            Submitter::Idle | Submitter::Done | Submitter::Replay => self,
            Submitter::Both { draft: one, put, sent } => Submitter::Both { draft: draft(one), put, sent },
            Submitter::Put(one) => Submitter::Put(draft(one)),
            Submitter::Send { life, generation, due, parked } => {
                Submitter::Send { life, generation, due: later(due, by, -1), parked }
            }
            Submitter::Park { life, due } => Submitter::Park { life, due: later(due, by, -1) },
        }
    }
}

/// Sends a message. Says whether the function learns that the queue has accepted it.
fn send(scene: &mut Scene, life: u8, generation: u8, due: Tick, choice: SubmitterMove) -> bool {
    if choice != SubmitterMove::SendRefused {
        scene.send(life, generation, due);
    }
    !matches!(choice, SubmitterMove::SendRefused | SubmitterMove::Unheard)
}

fn answer(scene: &mut Scene, life: u8, over: Submitter) -> Submitter {
    scene.accept(life);
    over
}

/// Answers for the task under the same key. The request that submitted it may have died before it sent the message.
fn replay(scene: &mut Scene, over: Submitter) -> Submitter {
    let now = time(scene.clock);
    let Some(task) = scene.world.record.map(|record| record.task()).filter(|task| !task.is_forgotten(now)) else {
        return over;
    };
    let life = small(task.id.born.as_millis());
    debug_assert!(task.id == id(life), "lives are told apart by their births");
    match task.state {
        State::Queued { due } if task.fence == Fence::NONE && task.generation == Generation::FIRST => {
            // Only one of many replays can park the task, and that one sends it.
            match scene.write(life, &Step::Park { due }) {
                Ok(parked) => {
                    let generation = small(parked.generation.0.into());
                    Submitter::Send { life, generation, due: tick(due), parked: true }
                }
                Err(Failed::Refused(..)) => answer(scene, life, over),
                Err(Failed::Absent) => over,
            }
        }
        State::Queued { .. } | State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => {
            answer(scene, life, over)
        }
    }
}
