//! Several schedulers that tick at once and die at any point, and an hour without ticks.
//!
//! The simulation covers tasks under such ticks: they overlap, die at every crash point and pause for minutes. Its
//! witness checks that something carries every accepted task, that no task is claimed over a live lease or after its
//! end, that no schedule is written over another version, forgets a time or fires it twice, and that every task ends.
//! It does not check how late and in which order tasks start, nor which times of a schedule a policy lets pass. These
//! tests do.

mod schedules;
mod writes;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::join_all;
use serde_json::Value;
use taskway::{Context, Handlers, Task};
use taskway_protocol::{TaskId, Time};
use taskway_runtime::{
    clock::Clock,
    faults::{CrashPoint, Faults},
};
use taskway_scheduler::{Report, Scheduler};
use taskway_tests::World;

/// The time limit of a tick. The clock stands still while it works.
const BUDGET: Duration = Duration::from_secs(50);

/// How long no scheduler ticks.
const HOUR: Duration = Duration::from_secs(3600);

/// The start times of tasks.
#[derive(Clone, Default)]
struct Starts(Arc<Mutex<Vec<(TaskId, Time)>>>);

impl Starts {
    /// A handler `start` that notes its start.
    fn handlers(&self, world: &World) -> Handlers {
        let (starts, clock) = (self.clone(), world.clock.clone());
        Handlers::new().on("start", move |_: Task<Value>, cx: Context| {
            starts.note(&cx, &clock);
            async { Ok(()) }
        })
    }

    fn note(&self, cx: &Context, clock: &dyn Clock) {
        self.0.lock().unwrap().push((cx.id(), clock.now()));
    }

    /// The start of each attempt, by the task's id.
    fn by_id(&self) -> BTreeMap<String, Vec<Time>> {
        let mut by_id: BTreeMap<String, Vec<Time>> = BTreeMap::new();
        for (id, at) in self.0.lock().unwrap().iter() {
            by_id.entry(id.to_string()).or_default().push(*at);
        }
        by_id
    }
}

/// Checks pairs of a start and a due time: no task starts after another that was due more than `within` later.
fn are_in_order(mut starts: Vec<(Time, Time)>, within: Duration) {
    starts.sort_unstable();
    let mut latest = Time::default();
    for (at, due) in starts {
        assert!(
            due.after(within) >= latest,
            "due at {due:?}, started at {at:?}, after a task that was due at {latest:?}"
        );
        latest = latest.max(due);
    }
}

/// Lets these schedulers tick at once, each as its own process, which dies if it reaches its point.
async fn tick_at_once(schedulers: impl IntoIterator<Item = (Scheduler, Option<CrashPoint>)>) -> Vec<Ended> {
    let ticks = schedulers.into_iter().map(|(scheduler, point)| {
        let faults = point.map_or_else(Faults::none, Faults::crash_at);
        let services = scheduler.services.clone().with_faults(faults.clone());
        let scheduler = Scheduler { services, ..scheduler };
        let ticking = tokio::spawn(async move { scheduler.tick(BUDGET).await });
        async move { ended(ticking, &faults).await.map_or(Ended::Died, Ended::Lived) }
    });
    // All ticks are spawned before any is awaited.
    join_all(ticks.collect::<Vec<_>>()).await
}

/// The outcome of a tick.
#[derive(Clone, Copy, Debug)]
enum Ended {
    Lived(Report),
    Died,
}

/// The report of a tick, or `None` if it died.
async fn ended(mut ticking: tokio::task::JoinHandle<Report>, faults: &Faults) -> Option<Report> {
    tokio::select! {
        report = &mut ticking => Some(report.unwrap()),
        () = faults.died() => {
            ticking.abort();
            None
        }
    }
}
