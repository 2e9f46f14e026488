//! How many tasks this process has ended, until that is added to what the table has.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::{Either, select};
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{Ended, State, Task, Time, minute_of};
use taskway_runtime::log::causes;

use crate::Services;

/// How often a function tells how many tasks it has ended. That is a write unit a minute for each that ends tasks.
pub const FUNCTION_TELLS: Duration = Duration::from_secs(60);

/// How often a worker tells it.
pub const WORKER_TELLS: Duration = Duration::from_secs(15);

/// How long an answer or a stopping process waits for the counts.
const LONGEST_TELLING: Duration = Duration::from_secs(1);

/// How many tasks this process has ended. Clones share the counts.
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

    /// Takes the counts, if there are some and the last ones were taken at least `every` ago.
    fn take(&self, now: Time, every: Duration) -> BTreeMap<Time, Ended> {
        self.with(|counts| {
            let is_due = counts.told_at.is_none_or(|told_at| told_at.after(every) <= now);
            if !is_due || counts.minutes.is_empty() {
                return BTreeMap::new();
            }
            counts.told_at = Some(now);
            std::mem::take(&mut counts.minutes)
        })
    }

    fn put_back(&self, minute: Time, ended: Ended) {
        self.with(|counts| counts.minutes.entry(minute).or_default().add(ended));
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tally")
    }
}

impl Services {
    /// Adds the counts of this process to those in the table, unless it has done so within `every`. Takes a second at most. What
    /// is not added then is added the next time, and lost if the process ends before. A write whose answer was late may count twice.
    pub async fn tell_ended(&self, every: Duration) {
        let mut untold = Untold { counts: self.tally.take(self.clock.now(), every), tally: &self.tally };
        let telling = Box::pin(async {
            while let Some((&minute, &ended)) = untold.counts.first_key_value() {
                self.store.add_ended(minute, ended).await?;
                untold.counts.remove(&minute);
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
            "cannot add to the counts of ended tasks; they are added later if this process goes on"
        );
    }
}

/// Counts that are on their way to the table. What is not there when this is dropped goes back, also if nobody waits any longer.
struct Untold<'t> {
    counts: BTreeMap<Time, Ended>,
    tally: &'t Tally,
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        for (minute, ended) in std::mem::take(&mut self.counts) {
            self.tally.put_back(minute, ended);
        }
    }
}
