//! An executor: receives a message, claims, runs, writes the outcome, places what follows.

use std::time::Duration;

use taskway::domain::{Ack, Count, ErrorKind, GUARD, Nonce, Refusal, SKEW, State, Step, Task, Verdict, lease, refused};

use super::{Decision, error};
use crate::{
    instant::{Tick, tick, time},
    message::Held,
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
        held: Held,
    },
    /// The answer to its claim was lost, and the client repeats the very same request.
    Reclaim {
        /// The message.
        held: Held,
    },
    /// Runs the handler. Nothing makes it stop when its lease ends: then it is a zombie.
    Run {
        /// The message.
        held: Held,
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
        held: Held,
        /// When the next is due.
        due: Tick,
    },
    /// Found a task that nobody holds and that cannot go on.
    Settle {
        /// The message.
        held: Held,
        /// What is to be written.
        decision: Decision,
    },
    /// Is about to delete the message.
    Delete {
        /// It.
        held: Held,
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
    pub(crate) fn held(&mut self) -> Option<&mut Held> {
        match self {
            Executor::Idle => None,
            Executor::Claim { held }
            | Executor::Reclaim { held }
            | Executor::Run { held, .. }
            | Executor::SendNext { held, .. }
            | Executor::Settle { held, .. }
            | Executor::Delete { held } => Some(held),
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
            Executor::Claim { held } => claim(scene, held, me, choice == ExecutorMove::Unheard),
            Executor::Reclaim { held } => claim(scene, held, me, false),
            Executor::Run { held, fence: mine, hard_end, attempts, .. } => match choice {
                ExecutorMove::Beat | ExecutorMove::BeatUnheard => {
                    let renewed = (scene.clock + steps(lease(TIMEOUT_SECONDS))).min(hard_end + steps(GUARD));
                    let beat = Step::Heartbeat {
                        fence: fence(mine),
                        lease_end: time(renewed),
                        hard_end: time(hard_end),
                        progress: None,
                        checkpoint: None,
                    };
                    let written = scene.write(held.life, &beat);
                    match (written, choice == ExecutorMove::BeatUnheard) {
                        (_, true) => self,
                        (Ok(_), false) => {
                            scene.hide(held, renewed + steps(SKEW));
                            Executor::Run { held, fence: mine, attempts, lease_end: renewed, hard_end }
                        }
                        (Err(_), false) => Executor::Idle,
                    }
                }
                ExecutorMove::End(outcome) => match scene.write(held.life, &step(outcome, mine, scene.clock)) {
                    Ok(written) => match written.state {
                        State::Queued { due } => Executor::SendNext { held, due: tick(due) },
                        State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => shown(&written, held),
                    },
                    Err(_) => Executor::Idle,
                },
                ExecutorMove::Go | ExecutorMove::Unheard | ExecutorMove::SendRefused => self,
            },
            Executor::SendNext { held, due } => {
                if choice != ExecutorMove::SendRefused {
                    scene.send(held.life, held.generation, due);
                }
                if choice == ExecutorMove::Go {
                    return Executor::Delete { held };
                }
                scene.hide(held, due);
                Executor::Idle
            }
            Executor::Settle { held, decision } => match scene.write(held.life, &decision.step()) {
                Ok(settled) => shown(&settled, held),
                Err(_) => Executor::Idle,
            },
            Executor::Delete { held } => {
                scene.delete(held);
                Executor::Idle
            }
        }
    }

    /// The attempt that it takes to be its own by its own clock.
    pub(crate) fn trusted(&self, clock: Tick) -> Option<Trusted> {
        match self {
            Executor::Run { held, fence, lease_end, .. } if lease_end - steps(GUARD) > clock => {
                Some(Trusted { life: held.life, fence: *fence })
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
            Executor::Run { held, fence, attempts, lease_end, hard_end } => Executor::Run {
                held,
                fence,
                attempts,
                lease_end: lease_end.saturating_sub(by).max(0),
                hard_end: hard_end.saturating_sub(by).max(0),
            },
            Executor::SendNext { held, due } => Executor::SendNext { held, due: due.saturating_sub(by).max(-1) },
            Executor::Settle { held, decision } => match decision.later(by, clock) {
                Some(decision) => Executor::Settle { held, decision },
                None => Executor::Idle,
            },
        }
    }
}

/// A constant of the protocol, in steps.
fn steps(long: Duration) -> Tick {
    tick(time(0).after(long))
}

fn claim(scene: &mut Scene, held: Held, me: u8, unheard: bool) -> Executor {
    let now = time(scene.clock);
    let step = if scene.world.paused {
        Step::Hold { generation: generation(held.generation), at: now }
    } else {
        let lease_end = now.after(lease(TIMEOUT_SECONDS));
        Step::Claim { generation: generation(held.generation), owner: Nonce(me.into()), now, lease_end }
    };
    let written = scene.write(held.life, &step);
    if unheard {
        return Executor::Reclaim { held };
    }
    match written {
        Ok(task) if matches!(task.state, State::Running { .. }) => run(scene.clock, held, &task),
        Ok(on_hold) => shown(&on_hold, held),
        Err(Failed::Absent) => absent(scene, held),
        Err(Failed::Refused(Refusal::LiveLease(_), task)) if matches!(task.state, State::Running { owner, .. } if owner == Nonce(me.into())) => {
            run(scene.clock, held, &task)
        }
        Err(Failed::Refused(refusal, task)) => match refused(refusal, &task, generation(held.generation), now) {
            Verdict::Ack(_) => Executor::Delete { held },
            Verdict::Settle(step) => match Decision::of(&step, scene.clock) {
                Some(decision) => Executor::Settle { held, decision },
                None => Executor::Idle,
            },
            Verdict::HandBack { until } => {
                scene.hide(held, tick(until));
                Executor::Idle
            }
            Verdict::Leave => Executor::Idle,
        },
    }
}

/// Its record may be on the way.
fn absent(scene: &mut Scene, held: Held) -> Executor {
    let now = time(0);
    let sent = age(scene.world, held).map(|age| now.before(Duration::from_secs(5) * u32::from(age.unsigned_abs())));
    match sent.and_then(|sent| Ack::no_record(sent, now)) {
        Some(_) => Executor::Delete { held },
        None => {
            scene.hide(held, scene.clock + 1);
            Executor::Idle
        }
    }
}

fn age(world: &mut World, held: Held) -> Option<Tick> {
    world.message(held.slot).map(|message| message.age)
}

fn run(clock: Tick, held: Held, task: &Task) -> Executor {
    let State::Running { lease_end, .. } = task.state else { return Executor::Idle };
    Executor::Run {
        held,
        fence: small(task.fence.0.into()),
        attempts: small(task.attempts.into()),
        lease_end: tick(lease_end),
        hard_end: clock + ATTEMPT,
    }
}

/// Deletes a message if the record that was just written says that it carries nothing any more.
fn shown(written: &Task, held: Held) -> Executor {
    match Ack::shown_by(written, crate::record::id(held.life), generation(held.generation)) {
        Some(_) => Executor::Delete { held },
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
