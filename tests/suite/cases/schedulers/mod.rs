//! Any number of schedulers at once, each dying wherever it may, and none for an hour.

mod schedules;
mod tasks;
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

/// What a tick may take; the clock stands still while it works.
const BUDGET: Duration = Duration::from_secs(50);

/// How long nobody ticks.
const HOUR: Duration = Duration::from_secs(3600);

/// When which task started.
#[derive(Clone, Default)]
struct Starts(Arc<Mutex<Vec<(TaskId, Time)>>>);

impl Starts {
    /// `start`, which notes that it was started.
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

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// By the task's id. A task has as many as it was started times.
    fn by_id(&self) -> BTreeMap<String, Vec<Time>> {
        let mut by_id: BTreeMap<String, Vec<Time>> = BTreeMap::new();
        for (id, at) in self.0.lock().unwrap().iter() {
            by_id.entry(id.to_string()).or_default().push(*at);
        }
        by_id
    }
}

/// None of these, which are starts and what was due then, came after another that was due so much later, and more.
fn are_in_order(mut starts: Vec<(Time, Time)>, within: Duration) {
    starts.sort_unstable();
    let mut latest = Time::default();
    for (at, due) in starts {
        assert!(due.after(within) >= latest, "due at {due:?}, started at {at:?} after one due at {latest:?}");
        latest = latest.max(due);
    }
}

/// These schedulers tick at once, in processes of their own, and each dies at its point, should it come there. Says what
/// came of each.
async fn tick_at_once(schedulers: impl IntoIterator<Item = (Scheduler, Option<CrashPoint>)>) -> Vec<Ended> {
    let ticks = schedulers.into_iter().map(|(scheduler, point)| {
        let faults = point.map_or_else(Faults::none, Faults::crash_at);
        let services = scheduler.services.clone().with_faults(faults.clone());
        let scheduler = Scheduler { services, ..scheduler };
        let ticking = tokio::spawn(async move { scheduler.tick(BUDGET).await });
        async move { ended(ticking, &faults).await.map_or(Ended::Died, Ended::Lived) }
    });
    // Collected first: whoever is spawned has begun before another is waited for.
    join_all(ticks.collect::<Vec<_>>()).await
}

/// What came of a tick.
#[derive(Clone, Copy, Debug)]
enum Ended {
    Lived(Report),
    Died,
}

/// What a tick reports, or nothing when it has died.
async fn ended(mut ticking: tokio::task::JoinHandle<Report>, faults: &Faults) -> Option<Report> {
    tokio::select! {
        report = &mut ticking => Some(report.unwrap()),
        () = faults.died() => {
            ticking.abort();
            None
        }
    }
}
