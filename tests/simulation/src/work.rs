//! What the simulated tasks do: the payload tells their handler how each attempt is to go.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_protocol::TaskId;
use taskway_runtime::clock::Clock;

use crate::{clock::WorldClock, cloud::Cloud, dice::Dice, process::Control, run::AS_TOLD, witness::Said};

/// The name of the handler.
pub const HANDLER: &str = "simulated";

/// A handler looks around at least so often.
pub const SLICE: Duration = Duration::from_millis(1_000);

/// What a task's payload says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// Which of the clients' submissions it is.
    pub submission: u32,
    /// Milliseconds after its birth before which it must not start.
    pub not_before: u64,
    /// How the attempts go, one after the other; those after the last succeed.
    pub attempts: Vec<Attempt>,
    /// What makes it large.
    pub padding: String,
}

/// How one attempt goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// How long it takes, in milliseconds.
    pub takes: u64,
    /// How it ends.
    pub ends: Ending,
}

/// How an attempt ends. Waits are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// With a small result.
    Done,
    /// With a result that does not fit into the record.
    Large,
    /// To be tried again.
    Retry,
    /// To be tried again, not before this.
    RetryAfter(u64),
    /// For good.
    Fatal,
    /// By a panic.
    Panic,
    /// Not now.
    Snooze(u64),
    /// A part is done.
    Continue(u64),
    /// Not by itself.
    Never,
}

impl Attempt {
    /// Any.
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
            // Longer than a lease, so that it has to be renewed.
            _ => 60_000 + dice.below(120_000),
        };
        Attempt { takes: takes as u64, ends }
    }
}

impl Attempt {
    /// One that takes a while.
    pub fn long(dice: &Dice) -> Self {
        let ends = dice.pick(&[Ending::Done, Ending::Done, Ending::Retry, Ending::Never, Ending::Continue(0)]);
        Attempt { takes: dice.pick(&[400, 3_000, 20_000, 70_000]) + dice.below(3_000) as u64, ends }
    }
}

/// The handlers of a process.
pub fn handlers(cloud: &Arc<Cloud>, control: &Arc<Control>, clock: WorldClock) -> Handlers {
    let (cloud, control) = (Arc::clone(cloud), Arc::clone(control));
    Handlers::new().on(HANDLER, move |task: Task<Work>, cx: Context| {
        let (cloud, control) = (Arc::clone(&cloud), Arc::clone(&control));
        async move { run(task, cx, &cloud, &control, clock).await }
    })
}

/// Tells the witness when the handler is gone, however it goes.
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
    cloud.witness().begins(id, fence, control, clock.now(), work.submission, earliest);
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
