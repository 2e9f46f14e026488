//! Functions whose clocks differ: by two seconds either way nothing changes but when things start, by half a minute nothing
//! is lost and nothing is recorded twice.

mod schedules;
mod tasks;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use taskway::{Context, Failure, Handlers, Task};
use taskway_executor::Executor;
use taskway_protocol::{TaskId, Time};
use taskway_runtime::{clock::Clock, faults::Faults};
use taskway_scheduler::{Auditing, Scheduler};
use taskway_tests::{Api, Skewed, World};

/// Seconds between two looks for messages: nothing is started more exactly.
const STEP: u64 = 2;

/// By how many milliseconds each function's clock is off.
#[derive(Clone, Copy, Debug)]
struct Off {
    submit: i64,
    executor: i64,
    scheduler: i64,
}

/// Every way in which three clocks can be off by so much.
fn corners(by: i64) -> impl Iterator<Item = Off> {
    let ways = [-by, by];
    ways.into_iter().flat_map(move |submit| {
        ways.into_iter().flat_map(move |executor| ways.map(|scheduler| Off { submit, executor, scheduler }))
    })
}

/// A world whose functions disagree about the time.
struct Scene {
    world: World,
    api: Api,
    off: Off,
}

impl Scene {
    async fn new(off: Off) -> Self {
        let mut world = World::new().await;
        let api = world.submit_with(|services| services.with_clock(Arc::new(Skewed::of(&world.clock, off.submit))));
        let api = world.serve(api).await;
        world.scheduler = Scheduler {
            auditing: Auditing::every(Duration::from_secs(1200)),
            ..world.scheduler_with(|services| services.with_clock(Arc::new(Skewed::of(&world.clock, off.scheduler))))
        };
        Scene { world, api, off }
    }

    /// An executor whose clock is off, and that dies where it is told.
    fn executor(&self, off: i64, handlers: Handlers, faults: &Faults) -> Arc<Executor> {
        let clock = Arc::new(Skewed::of(&self.world.clock, off));
        let services = self.world.services().with_clock(clock).with_faults(faults.clone());
        Arc::new(self.world.executor_of(services, handlers))
    }

    fn sound(&self, handlers: Handlers) -> Arc<Executor> {
        self.executor(self.off.executor, handlers, &Faults::none())
    }
}

/// Starts, by the true time.
type Starts = Arc<Mutex<Vec<(TaskId, Time)>>>;

/// `start` notes itself; `flaky` too, and fails the first time.
fn noting(world: &World, starts: &Starts) -> Handlers {
    let noted = || {
        let (starts, clock) = (Arc::clone(starts), world.clock.clone());
        move |cx: &Context| starts.lock().unwrap().push((cx.id(), clock.now()))
    };
    let (start, flaky) = (noted(), noted());
    Handlers::new()
        .on("start", move |_: Task<Value>, cx: Context| {
            start(&cx);
            async { Ok(()) }
        })
        .on("flaky", move |_: Task<Value>, cx: Context| {
            flaky(&cx);
            async move { if cx.attempt() == 1 { Err(Failure::retry("as told")) } else { Ok(()) } }
        })
}
