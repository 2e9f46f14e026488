//! A scheduler whose ticks are measured.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use taskway_cloud::{
    dynamo::{Shards, Store},
    meter::{Bill, Meter},
};
use taskway_engine::Services;
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock, SystemClock};
use taskway_scheduler::{Report as Ticked, Scheduler};

use crate::{crowd, endpoints::Endpoints, options::Options, process::Usage};

/// The write units of a due task: one for its record, and one for the index that it leaves. A shard with more than a page of
/// due tasks costs two more units for each tick.
pub(super) const WRITES: f64 = 2.01;

/// The number of shards, where the speed counts.
pub(super) const HERD_SHARDS: u16 = 16;

/// A tick sends tasks that are due within this time.
pub(super) const LOOK_AHEAD: Duration = Duration::from_secs(300);

/// The time limit of a tick: so long that no tick reaches it.
const BUDGET: Duration = Duration::from_secs(3_600);

/// A scheduler with its own endpoints.
pub(super) struct World {
    pub(super) endpoints: Endpoints,
    /// The table, without the meter.
    pub(super) store: Store,
    meter: Meter,
    pub(super) clock: ManualClock,
    scheduler: Scheduler,
}

/// The cost of one tick.
pub(super) struct Took {
    pub(super) ticked: Ticked,
    pub(super) bill: Bill,
    /// Processor time of this process.
    pub(super) cpu_ms: f64,
    /// Processor time of the endpoints.
    pub(super) endpoints_ms: f64,
    pub(super) seconds: f64,
}

impl World {
    pub(super) async fn start(options: &Options, agenda: u16) -> anyhow::Result<Self> {
        let endpoints = Endpoints::open(options).await?;
        let (meter, clock) = (Meter::by_index(), ManualClock::starting_at(SystemClock.now()));
        let shards = Shards { agenda, ..Shards::default() };
        let (store, lanes) = endpoints.place.adapters(Some(&meter)).await;
        let scheduler = Scheduler::new(Services::new(store.sharded(shards), lanes).with_clock(Arc::new(clock.clone())));
        // The first tick makes reads that a process makes only once.
        scheduler.tick(BUDGET).await;
        meter.take();
        let store = endpoints.place.adapters(None).await.0.sharded(shards);
        Ok(World { endpoints, store, meter, clock, scheduler })
    }

    /// Writes tasks that wait. `due` says when the task with a number is due.
    pub(super) async fn put(&self, tasks: usize, due: impl Fn(usize) -> Time) -> anyhow::Result<()> {
        crowd::put(&self.store, tasks, self.now(), due).await
    }

    pub(super) async fn tick(&self) -> anyhow::Result<Took> {
        let (before, own, began) = (self.endpoints.cpu_ms()?, Usage::own()?, Instant::now());
        let ticked = self.scheduler.tick(BUDGET).await;
        let seconds = began.elapsed().as_secs_f64();
        anyhow::ensure!(ticked.failed == 0, "a tick failed: {ticked:?}");
        Ok(Took {
            ticked,
            bill: self.meter.take(),
            cpu_ms: Usage::own()?.cpu_ms - own.cpu_ms,
            endpoints_ms: self.endpoints.cpu_ms()? - before,
            seconds,
        })
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }
}
