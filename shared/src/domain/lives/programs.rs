//! Who acts: each program is at one point of its path, and can stop there for ever, or for a while.

use std::time::Duration;

use super::world::{Attempt, Failed, KEY, Message, SECOND, World, ms, new_task};
use crate::domain::{
    Ack, Agenda, AttemptError, Count, DeadLetter, ErrorKind, Fence, Generation, LONGEST_MESSAGE_DELAY, Nonce, Reason,
    State, Step, Task, TaskId, Time, Verdict, dead_letter, overdue, refused,
};

/// The submit function is stopped after this.
const SUBMIT_TIMEOUT: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(65);
const LOOK_AHEAD: Duration = Duration::from_secs(300);
/// An executor stops itself this long before its lease ends.
const STOP: Duration = Duration::from_secs(5);

/// Where a program stands: each variant is the next thing that it does.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// Not keyed: put and send at once, in any order.
    PutAndSend {
        task: Task,
        put: bool,
        sent: Option<bool>,
        since: Time,
    },
    /// Keyed, or far ahead.
    Put {
        task: Task,
        since: Time,
    },
    SendFirst {
        id: TaskId,
        generation: Generation,
        due: Time,
        since: Time,
    },
    Park {
        id: TaskId,
        due: Time,
        since: Time,
    },
    Replay {
        since: Time,
    },

    Claim {
        message: Message,
    },
    Start {
        message: Message,
        task: Task,
    },
    Run {
        message: Message,
        attempt: Attempt,
        hard_end: Time,
        task: Task,
    },
    Outcome {
        message: Message,
        attempt: Attempt,
        step: Step,
    },
    SendNext {
        message: Message,
        due: Time,
    },
    Settle {
        message: Message,
        step: Step,
    },
    HandBack {
        message: Message,
        until: Time,
    },
    Delete {
        message: Message,
        ack: Ack,
    },

    Tick,
    Promote {
        id: TaskId,
        generation: Generation,
        due: Time,
    },
    Mark {
        id: TaskId,
        generation: Generation,
        due: Time,
    },
    Sweep {
        id: TaskId,
    },
    Rescue {
        id: TaskId,
        step: Step,
    },
    Drain {
        message: Message,
    },
    DrainSend {
        message: Message,
        at: Time,
    },
    DrainDelete {
        message: Message,
    },

    /// A person has read the record.
    Ask {
        id: TaskId,
        step: Step,
    },
    /// The write is made; the message only hastens it.
    Hasten {
        id: TaskId,
        generation: Generation,
        due: Time,
    },
}

use Program as P;

impl Program {
    pub(super) fn submit(world: &World, keyed: bool, choice: u8) -> Self {
        let now = world.now;
        let wait = [ms(0), ms(0), ms(1_500), ms(60_000), LONGEST_MESSAGE_DELAY, ms(1_500_000)][usize::from(choice % 6)];
        let deadline = choice.is_multiple_of(7).then(|| now.after(wait).after(ms(100_000)));
        let far = wait > LONGEST_MESSAGE_DELAY;
        let task = new_task(world.birth(), now.after(wait), deadline, far);
        if keyed || far {
            P::Put { task, since: now }
        } else {
            P::PutAndSend { task, put: false, sent: None, since: now }
        }
    }

    /// The attempt that this program takes to be its own.
    pub(super) fn attempt(&self) -> Option<Attempt> {
        match self {
            P::Run { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }

    /// Does the next thing. `clock` is the actor's own; `zombie` forgets to stop in time.
    pub(super) fn step(self, world: &mut World, clock: Time, choice: u8, zombie: bool) -> Option<Program> {
        match self {
            P::PutAndSend { since, .. }
            | P::Put { since, .. }
            | P::SendFirst { since, .. }
            | P::Park { since, .. }
            | P::Replay { since }
                if world.now.since(since) > SUBMIT_TIMEOUT =>
            {
                None
            }
            P::PutAndSend { task, put: false, sent, since } if sent.is_some() || choice.is_multiple_of(2) => {
                world.create(&task, clock).ok()?;
                Some(P::PutAndSend { task, put: true, sent, since })
            }
            P::PutAndSend { task, put, sent: None, since } => {
                let delay = due_of(&task).since(clock);
                let sent = Some(world.send(task.id.born, task.generation, delay).is_ok());
                Some(P::PutAndSend { task, put, sent, since })
            }
            P::PutAndSend { task, sent: Some(true), .. } => answer(world, task.id),
            P::PutAndSend { task, since, .. } => Some(P::Park { id: task.id, due: due_of(&task), since }),
            P::Put { task, since } => match world.create(&task, clock) {
                Ok(()) if matches!(task.state, State::Scheduled { .. }) => answer(world, task.id),
                Ok(()) => Some(P::SendFirst { id: task.id, generation: task.generation, due: due_of(&task), since }),
                Err(_) => Some(P::Replay { since }),
            },
            P::SendFirst { id, generation, due, since } => match world.send(id.born, generation, due.since(clock)) {
                Ok(()) => answer(world, id),
                Err(()) => Some(P::Park { id, due, since }),
            },
            P::Park { id, due, .. } => match world.write(clock, id.born, Step::Park { due }) {
                // Refused: somebody else has taken it further.
                Ok(_) | Err(Failed::Refused(..)) => answer(world, id),
                Err(Failed::Absent | Failed::Unanswered) => None,
            },
            P::Replay { since } => {
                let task = world.record.clone()?;
                match task.state {
                    State::Queued { due } if task.fence == Fence::NONE && task.generation == Generation::FIRST => {
                        if clock.since(task.id.born) <= ms(2_000) {
                            return Some(P::Replay { since });
                        }
                        // Parked first, so that of many replays one sends.
                        match world.write(clock, task.id.born, Step::Park { due }) {
                            Ok(parked) => {
                                world.saw("replay sends");
                                Some(P::SendFirst { id: task.id, generation: parked.generation, due, since })
                            }
                            Err(Failed::Refused(..)) => answer(world, task.id),
                            Err(Failed::Absent | Failed::Unanswered) => None,
                        }
                    }
                    State::Queued { .. } | State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => {
                        answer(world, task.id)
                    }
                }
            }

            P::Claim { message } => claim(world, clock, message, choice),
            P::Start { message, task } => {
                let State::Running { lease_end, .. } = task.state else { unreachable!() };
                if lease_end.before(STOP) <= clock && !zombie {
                    return None;
                }
                let attempt = Attempt { born: task.id.born, fence: task.fence, lease_end };
                let hard_end = clock.after(Duration::from_secs(u64::from(task.spec.timeout_seconds)) + STOP);
                Some(P::Run { message, attempt, hard_end, task })
            }
            P::Run { attempt, .. } if attempt.lease_end.before(STOP) <= clock && !zombie => None,
            P::Run { message, attempt, hard_end, task } if choice.is_multiple_of(3) => {
                let lease_end = clock.after(LEASE);
                let fence = attempt.fence;
                let beat = Step::Heartbeat { fence, lease_end, hard_end, progress: None, checkpoint: None };
                world.write(clock, attempt.born, beat).ok()?;
                world.hide(message.handle, LEASE + STOP);
                Some(P::Run { message, attempt: Attempt { lease_end, ..attempt }, hard_end, task })
            }
            P::Run { message, attempt, task, .. } => {
                Some(P::Outcome { step: outcome(&task, clock, choice), message, attempt })
            }
            P::Outcome { message, attempt, step } => {
                let written = world.write(clock, attempt.born, step.clone()).ok()?;
                match step {
                    Step::Again { due, .. } => Some(P::SendNext { message, due }),
                    _ => shown(&written, message),
                }
            }
            P::SendNext { message, due } => match world.send(message.born, message.generation, due.since(clock)) {
                Ok(()) => Some(P::Delete { message, ack: Ack::successor_placed() }),
                Err(()) => Some(P::HandBack { message, until: due }),
            },
            P::Settle { message, step } => {
                let written = world.write(clock, message.born, step).ok()?;
                shown(&written, message)
            }
            P::HandBack { message, until } => {
                world.hide(message.handle, until.since(clock));
                None
            }
            P::Delete { message, ack } => {
                world.saw(match ack.reason() {
                    Reason::GenerationBehind => "ack: generation behind",
                    Reason::LifeOver => "ack: life over",
                    Reason::OtherLife => "ack: other life",
                    Reason::SuccessorPlaced => "ack: successor placed",
                    Reason::KeptAside => "ack: kept aside",
                });
                world.delete(message.handle);
                None
            }

            P::Tick => tick(world, clock),
            P::Promote { id, generation, due } => {
                world.send(id.born, generation, due.since(clock)).ok()?;
                Some(P::Mark { id, generation, due })
            }
            P::Mark { id, generation, due } => {
                let _ = world.write(clock, id.born, Step::Mark { generation, due });
                None
            }
            P::Sweep { id } => {
                let task = world.record.clone().filter(|task| task.id == id)?;
                Some(P::Rescue { id, step: overdue(&task, clock)? })
            }
            P::Rescue { id, step } => {
                let task = world.write(clock, id.born, step).ok()?;
                match task.state {
                    State::Scheduled { due, .. } => Some(P::Promote { id, generation: task.generation, due }),
                    State::Queued { .. } | State::Running { .. } | State::Ended { .. } => None,
                }
            }
            P::Drain { message } => match &world.record {
                None if world.now.since(message.sent_at) > 2 * SUBMIT_TIMEOUT => Some(P::DrainDelete { message }),
                None => None,
                Some(task) => match dead_letter(task, message.id(), message.generation, clock) {
                    DeadLetter::Send { at } => Some(P::DrainSend { message, at }),
                    DeadLetter::Drop(_) => Some(P::DrainDelete { message }),
                },
            },
            P::DrainSend { message, at } => {
                world.send(message.born, message.generation, at.since(clock)).ok()?;
                world.saw("drained");
                Some(P::DrainDelete { message })
            }
            P::DrainDelete { message } => {
                world.delete_dead(message.handle);
                None
            }
            P::Ask { id, step } => {
                let task = world.write(clock, id.born, step).ok()?;
                match task.state {
                    State::Scheduled { due, .. } => Some(P::Hasten { id, generation: task.generation, due }),
                    State::Queued { .. } | State::Running { .. } | State::Ended { .. } => None,
                }
            }
            P::Hasten { id, generation, due } => {
                if due.since(clock) <= LONGEST_MESSAGE_DELAY {
                    let _ = world.send(id.born, generation, due.since(clock));
                }
                None
            }
        }
    }
}

fn answer(world: &mut World, id: TaskId) -> Option<Program> {
    world.accept(id.born);
    None
}

fn due_of(task: &Task) -> Time {
    match task.state {
        State::Scheduled { due, .. } | State::Queued { due } => due,
        State::Running { .. } | State::Ended { .. } => unreachable!(),
    }
}

/// Deletes a message if the record that was just written says that it carries nothing any more.
fn shown(written: &Task, message: Message) -> Option<Program> {
    let ack = Ack::shown_by(written, written.id, message.generation)?;
    Some(P::Delete { message, ack })
}

fn claim(world: &mut World, clock: Time, message: Message, choice: u8) -> Option<Program> {
    let (born, generation) = (message.born, message.generation);
    let step = if world.paused {
        Step::Hold { generation, at: clock }
    } else {
        Step::Claim { generation, owner: Nonce(u64::from(choice)), now: clock, lease_end: clock.after(LEASE) }
    };
    match world.write(clock, born, step) {
        Ok(task) if matches!(task.state, State::Running { .. }) => Some(P::Start { message, task }),
        Ok(held) => shown(&held, message),
        // Its record may be on the way.
        Err(Failed::Absent) => match Ack::no_record(message.sent_at, world.now) {
            Some(ack) => Some(P::Delete { message, ack }),
            None => Some(P::HandBack { message, until: clock.after(2 * SECOND) }),
        },
        Err(Failed::Unanswered) => None,
        Err(Failed::Refused(refusal, task)) => match refused(refusal, &task, generation, clock) {
            Verdict::Ack(ack) => Some(P::Delete { message, ack }),
            Verdict::Settle(step) => Some(P::Settle { message, step }),
            Verdict::HandBack { until } => Some(P::HandBack { message, until }),
            Verdict::Leave => None,
        },
    }
}

fn outcome(task: &Task, clock: Time, choice: u8) -> Step {
    let (fence, at) = (task.fence, clock);
    let again = |wait, count| Step::Again { fence, due: clock.after(ms(wait)), count, error: None, checkpoint: None };
    let later =
        |count| Step::AgainLater { fence, due: clock.after(ms(1_200_000)), count, error: None, checkpoint: None };
    let retained_until = task.retained_until(at);
    match choice / 3 % 11 {
        0 => again(0, Count::Keep),
        1 => again(3_400, Count::Keep),
        2 => again(600_000, Count::Keep),
        3 => again(100_000, Count::TakeBack),
        4 => again(0, Count::Reset),
        5 => later(Count::Keep),
        6 => later(Count::TakeBack),
        7 => {
            let error = AttemptError { kind: ErrorKind::Handler, message: "no".into(), attempt: task.attempts, at };
            Step::Fail { fence, at, retained_until, error }
        }
        _ => Step::Succeed { fence, at, retained_until, result: None, progress: None },
    }
}

fn tick(world: &mut World, clock: Time) -> Option<Program> {
    let task = world.record.as_ref()?;
    let (id, generation) = (task.id, task.generation);
    match task.state.agenda()? {
        Agenda::Due(due) if due <= clock.after(LOOK_AHEAD) => Some(P::Promote { id, generation, due }),
        Agenda::Held(due) if !world.paused => Some(P::Promote { id, generation, due }),
        Agenda::Lease(at) if at <= clock => Some(P::Sweep { id }),
        Agenda::Due(_) | Agenda::Held(_) | Agenda::Lease(_) | Agenda::Dead(_) => None,
    }
}

/// What a person asks for, given what the record says now.
pub(super) fn person(world: &World, clock: Time, choice: u8) -> Option<Program> {
    let task = world.record.clone()?;
    let id = TaskId { key: KEY, born: task.id.born };
    let step = match choice % 6 {
        0 if choice % 12 == 6 => Step::Withdraw { at: clock, retained_until: task.retained_until(clock) },
        0 => Step::Cancel { at: clock, retained_until: task.retained_until(clock) },
        1..4 => Step::Revive {
            generation: task.generation,
            now: clock,
            deadline: task.spec.deadline.filter(|deadline| clock < *deadline),
        },
        _ => {
            let due = clock.after([ms(0), ms(2_500), ms(400_000), ms(1_800_000)][usize::from(choice / 6 % 4)]);
            let deadline = (choice % 8 == 4).then(|| due.after(ms(30_000)));
            Step::Reschedule {
                generation: task.generation,
                now: clock,
                due,
                run_at: Some(due),
                deadline,
                priority: task.spec.priority,
            }
        }
    };
    Some(P::Ask { id, step })
}
