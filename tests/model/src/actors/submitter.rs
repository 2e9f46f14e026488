//! The submit function, called by one client: once without a key, again and again with one.

use taskway_protocol::{Fence, Generation, State, Step};

use crate::{
    instant::{FAR, NEAR, Tick, later, tick, time},
    record::{id, small},
    scene::{Failed, Scene},
};

/// The submit function is stopped after this many steps. It is counted until the record is there.
const TIMEOUT: Tick = 6;

/// What a client submits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// At most 15 minutes ahead, without a key: once.
    Near,
    /// Much later, without a key: once.
    Far,
    /// With a key: replayed at any time.
    Keyed,
}

/// Where the submit function stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Submitter {
    /// Not called yet.
    #[default]
    Idle,
    /// Was called once, and will not be again.
    Done,
    /// Puts the record and sends the message side by side.
    Both {
        /// What the client wants.
        draft: Draft,
        /// Whether the record is put.
        put: bool,
        /// Whether the message is sent; or that the queue said no.
        sent: Option<bool>,
    },
    /// Puts the record alone.
    Put(Draft),
    /// Sends the first message.
    Send {
        /// Of which life.
        life: u8,
        /// At which generation.
        generation: u8,
        /// When it is due.
        due: Tick,
        /// Whether the agenda carries it already.
        parked: bool,
    },
    /// The queue refused: the agenda carries the task instead.
    Park {
        /// Of which life.
        life: u8,
        /// When it is due.
        due: Tick,
    },
    /// Found a record under its key.
    Replay,
}

/// A task to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Draft {
    due: Tick,
    deadline: Option<Tick>,
    far: bool,
    since: Tick,
}

/// What the submit function does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SubmitterMove {
    /// Is called with a task that is due so late and has so long a time until its deadline, if any.
    Call {
        /// From now.
        wait: Tick,
        /// After it is due.
        patience: Option<Tick>,
    },
    /// Puts the record.
    Put,
    /// Does the next thing.
    Go,
    /// The queue refuses what it sends.
    SendRefused,
    /// The queue takes what it sends, but the answer is lost.
    SendUnheard,
}

impl Submitter {
    /// What it can do next.
    pub(crate) fn moves(&self, kind: Kind, deadlines: bool, young: bool, moves: &mut Vec<SubmitterMove>) {
        use SubmitterMove::{Call, Go, Put, SendRefused, SendUnheard};
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
                    moves.extend([Go, SendRefused, SendUnheard]);
                }
            }
            Submitter::Put(_) => moves.push(Put),
            Submitter::Send { .. } => moves.extend([Go, SendRefused, SendUnheard]),
            Submitter::Park { .. } => moves.push(Go),
            // It waits until the first submitter has sent, or must have died.
            Submitter::Replay if young => {}
            Submitter::Replay => moves.push(Go),
        }
    }

    /// Does it.
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
                SubmitterMove::Put | SubmitterMove::Go | SubmitterMove::SendRefused | SubmitterMove::SendUnheard => {
                    self
                }
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
                    | SubmitterMove::SendUnheard => (put, Some(send(scene, 1, 1, draft.due, choice))),
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
                // Who has parked it before may leave the rest to the tick.
                if send(scene, life, generation, due, choice) || parked {
                    answer(scene, life, over)
                } else {
                    Submitter::Park { life, due }
                }
            }
            Submitter::Park { life, due } => match scene.write(life, &Step::Park { due: time(due) }) {
                // Refused: it was sent after all, and somebody has it.
                Ok(_) | Err(Failed::Refused(..)) => answer(scene, life, over),
                Err(Failed::Absent) => over,
            },
            Submitter::Replay => replay(scene, over),
        }
    }

    /// After its last step.
    pub(crate) const fn over(kind: Kind) -> Submitter {
        match kind {
            Kind::Near | Kind::Far => Submitter::Done,
            Kind::Keyed => Submitter::Idle,
        }
    }

    /// The same `by` later.
    pub(crate) fn later(self, by: Tick, kind: Kind) -> Submitter {
        let draft = |draft: Draft| Draft {
            due: later(draft.due, by, -1),
            deadline: draft.deadline.map(|at| later(at, by, -2)),
            since: draft.since.saturating_add(by),
            ..draft
        };
        match self {
            // Whoever takes longer than it may is stopped.
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

/// Whether the function hears that the queue has taken it.
fn send(scene: &mut Scene, life: u8, generation: u8, due: Tick, choice: SubmitterMove) -> bool {
    if choice != SubmitterMove::SendRefused {
        scene.send(life, generation, due);
    }
    !matches!(choice, SubmitterMove::SendRefused | SubmitterMove::SendUnheard)
}

fn answer(scene: &mut Scene, life: u8, over: Submitter) -> Submitter {
    scene.accept(life);
    over
}

/// Answers for a task that is there under the same key. Its submitter may have died before it sent the message.
fn replay(scene: &mut Scene, over: Submitter) -> Submitter {
    let now = time(scene.clock);
    let Some(task) = scene.world.record.map(|record| record.task()).filter(|task| !task.is_forgotten(now)) else {
        return over;
    };
    let life = small(task.id.born.as_millis());
    debug_assert!(task.id == id(life), "lives are told apart by their births");
    match task.state {
        State::Queued { due } if task.fence == Fence::NONE && task.generation == Generation::FIRST => {
            // Parked first, so that of many replays one sends.
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
