//! How many tasks this process has ended and what its calls have cost, until that is added to what the table has.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::{Either, select};
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{Ended, State, Task, Time, Usage, minute_of};
use taskway_runtime::log::causes;

use crate::Services;

/// How often a function tells how many tasks it has ended. That is a write unit a minute for each that ends tasks.
pub const FUNCTION_TELLS: Duration = Duration::from_secs(60);

/// How often a worker tells it.
pub const WORKER_TELLS: Duration = Duration::from_secs(15);

/// How often a process tells what its calls have cost, at most. That is a write unit each time.
const USAGE_TELLS: Duration = Duration::from_secs(300);

/// How long an answer or a stopping process waits for the counts.
const LONGEST_TELLING: Duration = Duration::from_secs(1);

/// What this process has counted. Clones share the counts.
#[derive(Clone, Default)]
pub struct Tally {
    counts: Arc<Mutex<Counts>>,
    is_off: bool,
}

#[derive(Default)]
struct Counts {
    minutes: BTreeMap<Time, Ended>,
    /// When they were added to the table.
    told_at: Option<Time>,
    usage: Usage,
    /// When `usage` was added to the table.
    usage_told_at: Option<Time>,
}

impl Tally {
    /// One that counts nothing: for a bill of what tasks cost by themselves.
    pub fn off() -> Self {
        Tally { is_off: true, ..Tally::default() }
    }

    /// Counts this task, if it has ended.
    pub(crate) fn note(&self, task: &Task) {
        if let State::Ended { end, at, .. } = task.state
            && !self.is_off
        {
            self.with(|counts| counts.minutes.entry(minute_of(at)).or_default().count(end));
        }
    }

    /// Takes the counts of ended tasks, if there are some and the last ones were taken at least `every` ago.
    fn take(&self, now: Time, every: Duration) -> BTreeMap<Time, Ended> {
        self.with(|counts| {
            if counts.minutes.is_empty() || !is_due(counts.told_at, now, every) {
                return BTreeMap::new();
            }
            counts.told_at = Some(now);
            std::mem::take(&mut counts.minutes)
        })
    }

    /// Adds what calls have cost, and takes the sum if the last one was taken at least `every` ago.
    fn take_usage(&self, more: Usage, now: Time, every: Duration) -> Usage {
        if self.is_off {
            return Usage::default();
        }
        self.with(|counts| {
            counts.usage.add(more);
            if counts.usage.is_none() || !is_due(counts.usage_told_at, now, every) {
                return Usage::default();
            }
            counts.usage_told_at = Some(now);
            std::mem::take(&mut counts.usage)
        })
    }

    fn put_back(&self, untold: &mut Untold<'_>) {
        let (minutes, usage) = (std::mem::take(&mut untold.counts), std::mem::take(&mut untold.usage));
        self.with(|counts| {
            minutes.into_iter().for_each(|(minute, ended)| counts.minutes.entry(minute).or_default().add(ended));
            counts.usage.add(usage);
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_due(told_at: Option<Time>, now: Time, every: Duration) -> bool {
    told_at.is_none_or(|told_at| told_at.after(every) <= now)
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tally")
    }
}

impl Services {
    /// [`tell_ended`](Services::tell_ended) and [`tell_usage`](Services::tell_usage) in one.
    pub async fn tell(&self, every: Duration) {
        let now = self.clock.now();
        self.add(now, self.tally.take(now, every), self.take_usage(now, USAGE_TELLS)).await;
    }

    /// Adds the counts of ended tasks of this process to those in the table, unless it has done so within `every`. Takes a second at
    /// most. What is not added then is added the next time, and lost if the process ends before. A write whose answer was late may
    /// count twice.
    pub async fn tell_ended(&self, every: Duration) {
        let now = self.clock.now();
        self.add(now, self.tally.take(now, every), Usage::default()).await;
    }

    /// Adds what the calls of this process have cost to what the table has, unless it has done so within five minutes, as
    /// [`tell_ended`](Services::tell_ended) does.
    pub async fn tell_usage(&self) {
        let now = self.clock.now();
        self.add(now, BTreeMap::new(), self.take_usage(now, USAGE_TELLS)).await;
    }

    /// Adds all counts of this process, which ends, to those in the table. Takes a second at most.
    pub async fn tell_all(&self) {
        let now = self.clock.now();
        self.add(now, self.tally.take(now, Duration::ZERO), self.take_usage(now, Duration::ZERO)).await;
    }

    fn take_usage(&self, now: Time, every: Duration) -> Usage {
        let mut used = self.store.take_usage();
        used.add(self.lanes.take_usage());
        self.tally.take_usage(used, now, every)
    }

    async fn add(&self, now: Time, counts: BTreeMap<Time, Ended>, usage: Usage) {
        let mut untold = Untold { counts, usage, tally: &self.tally };
        let telling = Box::pin(async {
            while let Some((&minute, &ended)) = untold.counts.first_key_value() {
                self.store.add_ended(minute, ended).await?;
                untold.counts.remove(&minute);
            }
            if !untold.usage.is_none() {
                self.store.add_usage(now, untold.usage).await?;
                untold.usage = Usage::default();
            }
            Ok::<(), StoreError>(())
        });
        let fault = match select(telling, self.clock.sleep(LONGEST_TELLING)).await {
            Either::Left((Ok(()), _)) => return,
            Either::Left((Err(error), _)) => causes(&error).to_string(),
            Either::Right(_) => "the table does not answer in time".to_owned(),
        };
        tracing::info!(
            error = fault,
            "cannot add to the counts of ended tasks and of units; they are added later if this process goes on"
        );
    }
}

/// Counts that are on their way to the table. What is not there when this is dropped goes back, also if nobody waits any longer.
struct Untold<'t> {
    counts: BTreeMap<Time, Ended>,
    usage: Usage,
    tally: &'t Tally,
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        self.tally.put_back(self);
    }
}
