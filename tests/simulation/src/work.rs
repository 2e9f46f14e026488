//! The handler of the simulated tasks. The payload says how each attempt goes.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_protocol::TaskId;
use taskway_runtime::clock::Clock;

use crate::{
    clock::WorldClock,
    cloud::Cloud,
    dice::Dice,
    process::Control,
    witness::{Alive, SLICE, Said},
};

/// The names of the handlers. All do the same.
pub const HANDLERS: [&str; 2] = ["simulated", "other"];

/// The handlers that programs have which share a world. One is so rare that its tasks are passed on for long.
pub const PROGRAMS: [&[&str]; 6] =
    [&["simulated"], &["simulated"], &["simulated"], &["simulated"], &HANDLERS, &["other"]];

/// The message of a panic that the payload asked for.
pub const AS_TOLD: &str = "as told";

/// A task's payload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// The number of the client's submission.
    pub submission: u32,
    /// The task must not start earlier than this many milliseconds after its birth.
    pub not_before: u64,
    /// The attempts in their order. Every further attempt succeeds.
    pub attempts: Vec<Attempt>,
    /// Padding that makes the payload large.
    pub padding: String,
}

/// How one attempt goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Its duration, in milliseconds.
    pub takes: u64,
    /// How it ends.
    pub ends: Ending,
}

/// How an attempt ends. Waits are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It succeeds with a small result.
    Done,
    /// It succeeds with a result that is too large for the record.
    Large,
    /// It fails and asks for another attempt.
    Retry,
    /// It fails and asks for another attempt after this wait.
    RetryAfter(u64),
    /// It fails for good.
    Fatal,
    /// It panics.
    Panic,
    /// It asks to run later, without counting an attempt.
    Snooze(u64),
    /// It has done a part and asks to continue later.
    Continue(u64),
    /// It runs until the executor stops it.
    Never,
}

impl Attempt {
    /// Draws any attempt.
    pub fn draw(dice: &Dice) -> Self {
        let wait = dice.pick(&[0, 300, 2_000, 15_000, 100_000, 899_000, 950_000, 2_000_000]);
        let ends = match dice.below(100) {
            0..35 => Ending::Done,
            35..40 => Ending::Large,
            40..60 => Ending::Retry,
            60..65 => Ending::RetryAfter(wait),
            65..70 => Ending::Fatal,
            70..75 => Ending::Panic,
            75..84 => Ending::Snooze(wait),
            84..93 => Ending::Continue(wait),
            _ => Ending::Never,
        };
        let takes = match dice.below(100) {
            0..50 => dice.below(50),
            50..80 => dice.below(5_000),
            80..88 => dice.below(40_000),
            // Longer than a lease, so that the executor must renew it.
            _ => 60_000 + dice.below(120_000),
        };
        Attempt { takes: takes as u64, ends }
    }
}

impl Attempt {
    /// Draws a long attempt.
    pub fn long(dice: &Dice) -> Self {
        let ends = dice.pick(&[Ending::Done, Ending::Done, Ending::Retry, Ending::Never, Ending::Continue(0)]);
        Attempt { takes: dice.pick(&[400, 3_000, 20_000, 70_000]) + dice.below(3_000) as u64, ends }
    }
}

/// The handlers of a process, which report to the witness.
pub fn handlers(names: &[&str], cloud: &Arc<Cloud>, control: &Arc<Control>, clock: WorldClock) -> Handlers {
    names.iter().fold(Handlers::new(), |handlers, name| {
        let (cloud, control) = (Arc::clone(cloud), Arc::clone(control));
        handlers.on(name, move |task: Task<Work>, cx: Context| {
            let (cloud, control) = (Arc::clone(&cloud), Arc::clone(&control));
            async move { run(task, cx, &cloud, &control, clock).await }
        })
    })
}

/// Tells the witness when the handler's future is dropped, for any reason.
struct Stops<'a> {
    cloud: &'a Cloud,
    id: TaskId,
    fence: u32,
}

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.cloud.witness().stops(self.id, self.fence);
    }
}

#[allow(clippy::panic)]
async fn run(
    task: Task<Work>,
    cx: Context,
    cloud: &Cloud,
    control: &Arc<Control>,
    clock: WorldClock,
) -> Result<Value, Failure> {
    let (id, fence, work) = (cx.id(), cx.fence(), task.payload);
    let earliest = Duration::from_millis(work.not_before);
    let process: Arc<dyn Alive> = Arc::clone(control) as Arc<dyn Alive>;
    cloud.witness().may_start(id, fence, cloud.now());
    cloud.witness().begins(id, fence, &process, clock.now(), work.submission, earliest);
    let _stops = Stops { cloud, id, fence };
    let name = cloud.witness().name(id);
    cloud.tell(format_args!("process {} starts attempt {} of {name}", control.number, cx.attempt()));
    let succeeds = Attempt { takes: 5, ends: Ending::Done };
    let attempt = work.attempts.get(fence as usize - 1).unwrap_or(&succeeds).clone();
    let part: Option<u64> = cx.resume()?;

    let mut left = Duration::from_millis(attempt.takes);
    let mut slices = part.unwrap_or_default();
    while !left.is_zero() || attempt.ends == Ending::Never {
        let slice = if attempt.ends == Ending::Never { SLICE } else { left.min(SLICE) };
        tokio::time::sleep(slice).await;
        control.moves().await;
        left = left.saturating_sub(slice);
        if cx.cancelled() {
            return Err(Failure::retry("told to stop"));
        }
        if !control.held_up(Duration::from_millis(2_500)) {
            cloud.witness().goes_on(id, fence, clock.now());
        }
        slices += 1;
        if slices.is_multiple_of(5) {
            cx.progress(slices, slices + 10);
            cx.checkpoint(&slices)?;
            cloud.witness().checkpoints(id, fence, slices);
        }
    }
    let wait = Duration::from_millis;
    let (said, end) = match attempt.ends {
        Ending::Done => (Said::Done, Ok(json!({"slices": slices}))),
        Ending::Large => (Said::Done, Ok(json!({"slices": slices, "padding": "r".repeat(3_000)}))),
        Ending::Retry => (Said::Retry(Duration::ZERO), Err(Failure::retry("as told"))),
        Ending::RetryAfter(ms) => (Said::Retry(wait(ms)), Err(Failure::retry_after("as told", wait(ms)))),
        Ending::Fatal => (Said::Fatal, Err(Failure::fatal("as told"))),
        Ending::Panic => (Said::Retry(Duration::ZERO), Ok(Value::Null)),
        Ending::Snooze(ms) => (Said::Snooze(wait(ms)), Err(Failure::snooze(wait(ms)))),
        Ending::Continue(ms) => (Said::Continue(wait(ms)), Err(Failure::continue_after(wait(ms)))),
        Ending::Never => (Said::Done, Ok(Value::Null)),
    };
    cloud.tell(format_args!("process {} ends attempt {} of {name}: {said:?}", control.number, cx.attempt()));
    cloud.witness().ends(id, fence, clock.now(), said);
    if attempt.ends == Ending::Panic {
        panic!("{AS_TOLD}");
    }
    end
}
