//! An executor: receives a message, claims, runs, writes the outcome, places what follows.

use std::time::Duration;

use taskway_protocol::{
    Ack, Count, ErrorKind, GUARD, Nonce, Refusal, SKEW, State, Step, Task, Verdict, lease, refused,
};

use super::{Decision, error};
use crate::{
    instant::{Tick, tick, time},
    message::InHand,
    record::{MAX_ATTEMPTS, RETAIN, TIMEOUT_SECONDS, small},
    rules::Trusted,
    scene::{Failed, Scene, fence, generation},
    world::World,
};

/// How long an attempt may run, in steps: one more than its lease, as with attempts that have to renew it.
const ATTEMPT: Tick = 4;

/// Where an executor stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Executor {
    /// Has nothing.
    #[default]
    Idle,
    /// Has received a message.
    Claim {
        /// It.
        message: InHand,
    },
    /// The answer to its claim was lost, and the client repeats the very same request.
    Reclaim {
        /// The message.
        message: InHand,
    },
    /// Runs the handler. Nothing makes it stop when its lease ends: then it is a zombie.
    Run {
        /// The message.
        message: InHand,
        /// The attempt's.
        fence: u8,
        /// The attempts so far.
        attempts: u8,
        /// When it believes its lease to end.
        lease_end: Tick,
        /// When it must end.
        hard_end: Tick,
    },
    /// Has written that the task goes on, and sends its next message.
    SendNext {
        /// The old message.
        message: InHand,
        /// When the next is due.
        due: Tick,
    },
    /// Found a task that nobody holds and that cannot go on.
    Settle {
        /// The message.
        message: InHand,
        /// What is to be written.
        decision: Decision,
    },
    /// Is about to delete the message.
    Delete {
        /// It.
        message: InHand,
    },
}

/// How an attempt ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// It succeeded.
    Succeed,
    /// It failed for good.
    Fail,
    /// Again at once.
    RetryNow,
    /// Again in five seconds.
    RetrySoon,
    /// Again in a time that no message can be delayed by.
    RetryLater,
    /// Again in five seconds, and it did not count.
    Snooze,
    /// Again at once, and counting begins anew.
    Continue,
}

impl Outcome {
    /// All of them.
    pub const ALL: &'static [Outcome] = &[
        Outcome::Succeed,
        Outcome::Fail,
        Outcome::RetryNow,
        Outcome::RetrySoon,
        Outcome::RetryLater,
        Outcome::Snooze,
        Outcome::Continue,
    ];
}

/// What an executor does, where it has a choice or a fault meets it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExecutorMove {
    /// Does the next thing.
    Go,
    /// Does it, but the answer is lost.
    Unheard,
    /// The queue refuses to take what it sends.
    SendRefused,
    /// Renews its lease.
    Beat,
    /// Renews its lease and does not hear of it.
    BeatUnheard,
    /// Ends the attempt.
    End(Outcome),
}

impl Executor {
    /// What it holds.
    pub(crate) fn in_hand(&mut self) -> Option<&mut InHand> {
        match self {
            Executor::Idle => None,
            Executor::Claim { message }
            | Executor::Reclaim { message }
            | Executor::Run { message, .. }
            | Executor::SendNext { message, .. }
            | Executor::Settle { message, .. }
            | Executor::Delete { message } => Some(message),
        }
    }

    /// How long a received message is hidden: as long as its claim may hold for others.
    pub(crate) fn visibility() -> Tick {
        steps(lease(TIMEOUT_SECONDS)) + steps(SKEW)
    }

    /// What it can do next.
    pub(crate) fn moves(&self, outcomes: &[Outcome], moves: &mut Vec<ExecutorMove>) {
        match self {
            Executor::Idle => {}
            Executor::Claim { .. } => moves.extend([ExecutorMove::Go, ExecutorMove::Unheard]),
            Executor::Reclaim { .. } | Executor::Settle { .. } | Executor::Delete { .. } => {
                moves.push(ExecutorMove::Go)
            }
            Executor::SendNext { .. } => {
                moves.extend([ExecutorMove::Go, ExecutorMove::Unheard, ExecutorMove::SendRefused]);
            }
            Executor::Run { attempts, hard_end, .. } => {
                if *hard_end > 0 {
                    moves.extend([ExecutorMove::Beat, ExecutorMove::BeatUnheard]);
                }
                let spent = u32::from(*attempts) >= MAX_ATTEMPTS;
                let keeps = [Outcome::RetryNow, Outcome::RetrySoon, Outcome::RetryLater];
                let possible = outcomes.iter().filter(|outcome| !spent || !keeps.contains(outcome));
                moves.extend(possible.map(|outcome| ExecutorMove::End(*outcome)));
            }
        }
    }

    /// Does it. `me` tells its claims from the other executor's.
    pub(crate) fn step(self, scene: &mut Scene, me: u8, choice: ExecutorMove) -> Executor {
        match self {
            Executor::Idle => Executor::Idle,
            Executor::Claim { message } => claim(scene, message, me, choice == ExecutorMove::Unheard),
            Executor::Reclaim { message } => claim(scene, message, me, false),
            Executor::Run { message, fence: mine, hard_end, attempts, .. } => match choice {
                ExecutorMove::Beat | ExecutorMove::BeatUnheard => {
                    let renewed = (scene.clock + steps(lease(TIMEOUT_SECONDS))).min(hard_end + steps(GUARD));
                    let beat = Step::Heartbeat {
                        fence: fence(mine),
                        lease_end: time(renewed),
                        hard_end: time(hard_end),
                        progress: None,
                        checkpoint: None,
                    };
                    let written = scene.write(message.life, &beat);
                    match (written, choice == ExecutorMove::BeatUnheard) {
                        (_, true) => self,
                        (Ok(_), false) => {
                            scene.hide(message, renewed + steps(SKEW));
                            Executor::Run { message, fence: mine, attempts, lease_end: renewed, hard_end }
                        }
                        (Err(_), false) => Executor::Idle,
                    }
                }
                ExecutorMove::End(outcome) => match scene.write(message.life, &step(outcome, mine, scene.clock)) {
                    Ok(written) => match written.state {
                        State::Queued { due } => Executor::SendNext { message, due: tick(due) },
                        State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => {
                            shown(&written, message)
                        }
                    },
                    Err(_) => Executor::Idle,
                },
                ExecutorMove::Go | ExecutorMove::Unheard | ExecutorMove::SendRefused => self,
            },
            Executor::SendNext { message, due } => {
                if choice != ExecutorMove::SendRefused {
                    scene.send(message.life, message.generation, due);
                }
                if choice == ExecutorMove::Go {
                    return Executor::Delete { message };
                }
                scene.hide(message, due);
                Executor::Idle
            }
            Executor::Settle { message, decision } => match scene.write(message.life, &decision.step()) {
                Ok(settled) => shown(&settled, message),
                Err(_) => Executor::Idle,
            },
            Executor::Delete { message } => {
                scene.delete(message);
                Executor::Idle
            }
        }
    }

    /// The attempt that it takes to be its own by its own clock.
    pub(crate) fn trusted(&self, clock: Tick) -> Option<Trusted> {
        match self {
            Executor::Run { message, fence, lease_end, .. } if lease_end - steps(GUARD) > clock => {
                Some(Trusted { life: message.life, fence: *fence })
            }
            Executor::Run { .. }
            | Executor::Idle
            | Executor::Claim { .. }
            | Executor::Reclaim { .. }
            | Executor::SendNext { .. }
            | Executor::Settle { .. }
            | Executor::Delete { .. } => None,
        }
    }

    /// The same executor `by` later.
    pub(crate) fn later(self, by: Tick, clock: Tick) -> Executor {
        match self {
            Executor::Idle | Executor::Claim { .. } | Executor::Delete { .. } => self,
            // A client repeats a request within the second, or not at all.
            Executor::Reclaim { .. } => Executor::Idle,
            Executor::Run { message, fence, attempts, lease_end, hard_end } => Executor::Run {
                message,
                fence,
                attempts,
                lease_end: lease_end.saturating_sub(by).max(0),
                hard_end: hard_end.saturating_sub(by).max(0),
            },
            Executor::SendNext { message, due } => Executor::SendNext { message, due: due.saturating_sub(by).max(-1) },
            Executor::Settle { message, decision } => match decision.later(by, clock) {
                Some(decision) => Executor::Settle { message, decision },
                None => Executor::Idle,
            },
        }
    }
}

/// A constant of the protocol, in steps.
fn steps(long: Duration) -> Tick {
    tick(time(0).after(long))
}

fn claim(scene: &mut Scene, message: InHand, me: u8, unheard: bool) -> Executor {
    let now = time(scene.clock);
    let lease_end = now.after(lease(TIMEOUT_SECONDS));
    let step = Step::Claim { generation: generation(message.generation), owner: Nonce(me.into()), now, lease_end };
    let written = scene.write(message.life, &step);
    if unheard {
        return Executor::Reclaim { message };
    }
    match written {
        Ok(task) => run(scene.clock, message, &task),
        Err(Failed::Absent) => absent(scene, message),
        Err(Failed::Refused(Refusal::LiveLease(_), task)) if matches!(task.state, State::Running { owner, .. } if owner == Nonce(me.into())) => {
            run(scene.clock, message, &task)
        }
        Err(Failed::Refused(refusal, task)) => match refused(refusal, &task, generation(message.generation), now) {
            Verdict::Ack(_) => Executor::Delete { message },
            Verdict::Settle(step) => match Decision::of(&step, scene.clock) {
                Some(decision) => Executor::Settle { message, decision },
                None => Executor::Idle,
            },
            Verdict::HandBack { until } => {
                scene.hide(message, tick(until));
                Executor::Idle
            }
            Verdict::Leave => Executor::Idle,
        },
    }
}

/// Its record may be on the way.
fn absent(scene: &mut Scene, message: InHand) -> Executor {
    let now = time(0);
    let sent = age(scene.world, message).map(|age| now.before(Duration::from_secs(5) * u32::from(age.unsigned_abs())));
    match sent.and_then(|sent| Ack::no_record(sent, now)) {
        Some(_) => Executor::Delete { message },
        None => {
            scene.hide(message, scene.clock + 1);
            Executor::Idle
        }
    }
}

fn age(world: &mut World, message: InHand) -> Option<Tick> {
    world.message(message.slot).map(|message| message.age)
}

fn run(clock: Tick, message: InHand, task: &Task) -> Executor {
    let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
    Executor::Run {
        message,
        fence: small(task.fence.0.into()),
        attempts: small(task.attempts.into()),
        lease_end: tick(lease_end),
        hard_end: clock + ATTEMPT,
    }
}

/// Deletes a message if the record that was just written says that it carries nothing any more.
fn shown(written: &Task, message: InHand) -> Executor {
    match Ack::shown_by(written, crate::record::id(message.life), generation(message.generation)) {
        Some(_) => Executor::Delete { message },
        None => Executor::Idle,
    }
}

fn step(outcome: Outcome, mine: u8, clock: Tick) -> Step {
    let (fence, at, retained_until) = (fence(mine), time(clock), time(clock + RETAIN));
    let again = |wait, count| Step::Again { fence, due: time(clock + wait), count, error: None, checkpoint: None };
    match outcome {
        Outcome::Succeed => Step::Succeed { fence, at, retained_until, result: None, progress: None },
        Outcome::Fail => Step::Fail { fence, at, retained_until, error: error(ErrorKind::Handler, clock) },
        Outcome::RetryNow => again(0, Count::Keep),
        Outcome::RetrySoon => again(1, Count::Keep),
        Outcome::Snooze => again(1, Count::TakeBack),
        Outcome::Continue => again(0, Count::Reset),
        Outcome::RetryLater => Step::AgainLater {
            fence,
            due: time(clock + crate::instant::FAR),
            count: Count::Keep,
            error: None,
            checkpoint: None,
        },
    }
}
