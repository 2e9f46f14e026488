//! An executor: it receives a message, claims its task, runs the handler, writes the outcome, and sends the next message.

use std::time::Duration;

use taskway_protocol::{
    Ack, Count, End, ErrorKind, GUARD, HoldEntry, Nonce, Refusal, SKEW, State, Step, Task, Verdict, lease, refused,
};

use super::{Calling, Decision, error};
use crate::{
    instant::{Tick, tick, time},
    message::InHand,
    record::{MAX_ATTEMPTS, RETAIN, TIMEOUT_SECONDS, small},
    rules::Trusted,
    scene::{Failed, Scene, fence, generation},
    world::{Hold, World},
};

/// How long an attempt may run, in steps. That is one more than its lease, so that it has to renew the lease.
const ATTEMPT: Tick = 4;

/// The next thing that an executor does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Executor {
    /// Nothing: it has no message.
    #[default]
    Idle,
    /// It claims the task of a message.
    Claim { message: InHand },
    /// It sends the same claim again, because the answer was lost.
    Reclaim { message: InHand },
    /// It has put an entry into the hold list, because its queue is paused, and writes the record.
    Hold { message: InHand },
    /// It runs the handler. Nothing stops the handler when the lease ends: it is a zombie then.
    Run {
        message: InHand,
        fence: u8,
        /// The number of attempts, with this one.
        attempts: u8,
        /// When the lease ends, as far as the executor knows.
        lease_end: Tick,
        /// When the attempt must have ended.
        hard_end: Tick,
    },
    /// It sends the next message of a task that goes on.
    SendNext { message: InHand, due: Tick },
    /// It writes the end of a task that no attempt holds and that cannot go on.
    Settle { message: InHand, decision: Decision },
    /// It makes the callback of the task that it has ended.
    CallBack { message: InHand, calling: Calling },
    /// It deletes the message.
    Delete { message: InHand },
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
    /// Again after a time that no message can be delayed by.
    RetryLater,
    /// Again in five seconds, and the attempt does not count.
    Snooze,
    /// Again at once, and all attempts before do not count.
    Continue,
    /// The executor stops. Again at once, and the attempt does not count.
    GiveBack,
    /// Again after a time that no message can be delayed by, and the attempt does not count.
    SnoozeLater,
    /// Again after a time that no message can be delayed by, and all attempts before do not count.
    ContinueLater,
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
        Outcome::GiveBack,
        Outcome::SnoozeLater,
        Outcome::ContinueLater,
    ];
}

/// A choice that an executor has, or a fault that it meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExecutorMove {
    /// To do the next thing.
    Go,
    /// To do it and miss the answer.
    Unheard,
    /// To send a message that the queue refuses.
    SendRefused,
    /// To put an entry into the hold list.
    Hold,
    /// To renew the lease.
    Beat,
    /// To renew the lease and miss the answer.
    BeatUnheard,
    /// To end the attempt.
    End(Outcome),
    /// To leave the callback to a tick, because a request failed.
    GiveUp,
}

impl Executor {
    /// The message that it has received.
    pub(crate) fn in_hand(&mut self) -> Option<&mut InHand> {
        match self {
            Executor::Idle => None,
            Executor::Claim { message }
            | Executor::Reclaim { message }
            | Executor::Hold { message }
            | Executor::Run { message, .. }
            | Executor::SendNext { message, .. }
            | Executor::Settle { message, .. }
            | Executor::CallBack { message, .. }
            | Executor::Delete { message } => Some(message),
        }
    }

    /// How long a received message is hidden: until its claim's lease is over for others.
    pub(crate) fn visibility() -> Tick {
        steps(lease(TIMEOUT_SECONDS)) + steps(SKEW)
    }

    /// Adds the choices that it has now.
    pub(crate) fn moves(&self, outcomes: &[Outcome], clock: Tick, moves: &mut Vec<ExecutorMove>) {
        match self {
            Executor::Idle => {}
            Executor::Claim { .. } => moves.extend([ExecutorMove::Go, ExecutorMove::Unheard, ExecutorMove::Hold]),
            Executor::Hold { .. } => moves.extend([ExecutorMove::Go, ExecutorMove::Unheard]),
            Executor::Reclaim { .. } | Executor::Settle { .. } | Executor::Delete { .. } => {
                moves.push(ExecutorMove::Go)
            }
            Executor::CallBack { calling, .. } => {
                moves.extend([ExecutorMove::Go, ExecutorMove::GiveUp]);
                if calling.sends() {
                    moves.push(ExecutorMove::SendRefused);
                }
            }
            Executor::SendNext { .. } => {
                moves.extend([ExecutorMove::Go, ExecutorMove::Unheard, ExecutorMove::SendRefused]);
            }
            Executor::Run { attempts, hard_end, .. } => {
                if *hard_end > clock {
                    moves.extend([ExecutorMove::Beat, ExecutorMove::BeatUnheard]);
                }
                let spent = u32::from(*attempts) >= MAX_ATTEMPTS;
                let keeps = [Outcome::RetryNow, Outcome::RetrySoon, Outcome::RetryLater];
                let possible = outcomes.iter().filter(|outcome| !spent || !keeps.contains(outcome));
                moves.extend(possible.map(|outcome| ExecutorMove::End(*outcome)));
            }
        }
    }

    /// Makes one choice. `me` marks its claims.
    pub(crate) fn step(self, scene: &mut Scene, me: u8, choice: ExecutorMove) -> Executor {
        match self {
            Executor::Idle => Executor::Idle,
            Executor::Claim { message } if choice == ExecutorMove::Hold => {
                scene.world.put_hold(Hold { life: message.life, generation: message.generation + 1 });
                Executor::Hold { message }
            }
            Executor::Hold { message } => hold(scene, message, choice == ExecutorMove::Unheard),
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
                ExecutorMove::End(outcome) => match scene.write(message.life, &step(scene, outcome, mine)) {
                    Ok(written) => match written.state {
                        State::Queued { due } => Executor::SendNext { message, due: tick(due) },
                        State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => {
                            written_off(&written, message)
                        }
                    },
                    Err(_) => Executor::Idle,
                },
                ExecutorMove::Go
                | ExecutorMove::Unheard
                | ExecutorMove::SendRefused
                | ExecutorMove::Hold
                | ExecutorMove::GiveUp => self,
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
                Ok(settled) => written_off(&settled, message),
                Err(_) => Executor::Idle,
            },
            Executor::CallBack { message, calling } if choice == ExecutorMove::GiveUp => {
                shown(&calling.read().task(), message)
            }
            Executor::CallBack { message, calling } => match calling.step(scene, choice == ExecutorMove::SendRefused) {
                Some(calling) => Executor::CallBack { message, calling },
                None => shown(&calling.read().task(), message),
            },
            Executor::Delete { message } => {
                scene.delete(message);
                Executor::Idle
            }
        }
    }

    /// The attempt whose lease it trusts by its own clock.
    pub(crate) fn trusted(&self, clock: Tick) -> Option<Trusted> {
        match self {
            Executor::Run { message, fence, lease_end, .. } if lease_end - steps(GUARD) > clock => {
                Some(Trusted { life: message.life, fence: *fence })
            }
            Executor::Run { .. }
            | Executor::Idle
            | Executor::Claim { .. }
            | Executor::Reclaim { .. }
            | Executor::Hold { .. }
            | Executor::SendNext { .. }
            | Executor::Settle { .. }
            | Executor::CallBack { .. }
            | Executor::Delete { .. } => None,
        }
    }

    /// The same executor after `by` has passed.
    pub(crate) fn later(self, by: Tick, clock: Tick) -> Executor {
        match self {
            Executor::Idle | Executor::Claim { .. } | Executor::Hold { .. } | Executor::Delete { .. } => self,
            // The SDK repeats a request within a second, or not at all.
            Executor::Reclaim { .. } => Executor::Idle,
            Executor::Run { message, fence, attempts, lease_end, hard_end } => Executor::Run {
                message,
                fence,
                attempts,
                lease_end: lease_end.saturating_sub(by).max(0),
                hard_end: hard_end.saturating_sub(by).max(-1),
            },
            Executor::CallBack { message, calling } => Executor::CallBack { message, calling: calling.later(by) },
            Executor::SendNext { message, due } => Executor::SendNext { message, due: due.saturating_sub(by).max(-1) },
            Executor::Settle { message, decision } => match decision.later(by, clock) {
                Some(decision) => Executor::Settle { message, decision },
                None => Executor::Idle,
            },
        }
    }
}

/// A duration of the protocol, in steps.
fn steps(long: Duration) -> Tick {
    tick(time(0).after(long))
}

fn claim(scene: &mut Scene, message: InHand, me: u8, unheard: bool) -> Executor {
    let now = time(scene.clock);
    let mine = Nonce(me.into());
    let timeout_seconds = TIMEOUT_SECONDS;
    let step =
        Step::Claim { generation: generation(message.generation), owner: mine, now, timeout_seconds, fence: None };
    let written = scene.write(message.life, &step);
    if unheard {
        return Executor::Reclaim { message };
    }
    match written {
        Ok(task) => run(scene.clock, message, &task),
        Err(Failed::Absent) => absent(scene, message),
        Err(Failed::Refused(Refusal::LiveLease(_), task)) if owner(&task) == Some(mine) => {
            run(scene.clock, message, &task)
        }
        Err(Failed::Refused(refusal, task)) => not_taken(scene, message, refusal, &task),
    }
}

fn hold(scene: &mut Scene, message: InHand, unheard: bool) -> Executor {
    let Some(record) = scene.world.record else { return absent(scene, message) };
    let step = HoldEntry::step(&record.task(), generation(message.generation), time(scene.clock));
    let written = scene.write(message.life, &step);
    match written {
        _ if unheard => Executor::Hold { message },
        Ok(held) => shown(&held, message),
        Err(Failed::Absent) => absent(scene, message),
        Err(Failed::Refused(refusal, task)) => not_taken(scene, message, refusal, &task),
    }
}

/// The record has refused a claim or a hold.
fn not_taken(scene: &mut Scene, message: InHand, refusal: Refusal, task: &Task) -> Executor {
    match refused(refusal, task, generation(message.generation), time(scene.clock)) {
        Verdict::Ack(_) => Executor::Delete { message },
        Verdict::Settle(step) => match Decision::of(&step, scene.clock) {
            Some(decision) => Executor::Settle { message, decision },
            None => Executor::Idle,
        },
        Verdict::HandBack { until } => {
            scene.hide(message, tick(until));
            Executor::Idle
        }
        // Messages of the model have the record's timeout.
        Verdict::ClaimAgain { .. } | Verdict::Leave => Executor::Idle,
    }
}

/// There is no record of this message. It may still come.
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

/// The claim that holds the task.
fn owner(task: &Task) -> Option<Nonce> {
    match task.state {
        State::Running { owner, .. } => Some(owner),
        State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
    }
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

/// Deletes the message if the record that was just written shows that the message carries nothing.
fn shown(written: &Task, message: InHand) -> Executor {
    match Ack::shown_by(written, crate::record::id(message.life), generation(message.generation)) {
        Some(_) => Executor::Delete { message },
        None => Executor::Idle,
    }
}

/// Makes the callback of the task that was just ended, and then deletes the message.
fn written_off(written: &Task, message: InHand) -> Executor {
    match Calling::of(written) {
        Some(calling) => Executor::CallBack { message, calling },
        None => shown(written, message),
    }
}

fn step(scene: &Scene, outcome: Outcome, mine: u8) -> Step {
    let clock = scene.clock;
    let owes = |end| scene.world.record.is_some_and(|record| record.task().is_followed(end));
    let (fence, at, retained_until) = (fence(mine), time(clock), time(clock + RETAIN));
    let again =
        |wait, count| Step::Again { fence, due: time(clock + wait), count, error: None, past: None, checkpoint: None };
    let far = time(clock + crate::instant::FAR);
    let again_later = |count| Step::AgainLater { fence, due: far, count, error: None, past: None, checkpoint: None };
    match outcome {
        Outcome::Succeed => {
            Step::Succeed { fence, at, retained_until, result: None, progress: None, owes: owes(End::Succeeded) }
        }
        Outcome::Fail => {
            Step::Fail { fence, at, retained_until, error: error(ErrorKind::Handler, clock), owes: owes(End::Failed) }
        }
        Outcome::RetryNow => again(0, Count::Keep),
        Outcome::RetrySoon => again(1, Count::Keep),
        Outcome::Snooze => again(1, Count::TakeBack),
        Outcome::Continue => again(0, Count::Reset),
        Outcome::GiveBack => Step::GiveBack { fence, now: at, checkpoint: None },
        Outcome::RetryLater => again_later(Count::Keep),
        Outcome::SnoozeLater => again_later(Count::TakeBack),
        Outcome::ContinueLater => again_later(Count::Reset),
    }
}
