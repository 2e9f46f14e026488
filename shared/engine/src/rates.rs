//! Queues with a rate: when an attempt may start, and when a task that must wait is expected.

use std::time::Duration;

use futures::future::join_all;
use taskway_cloud::dynamo::{Ask, Given, StoreError, Wanted, Wish};
use taskway_protocol::{HELD_SENT_AHEAD, Pace, QueueSettings, SENT_AHEAD, Scope, Time};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{Services, holding::Chosen};

/// While held tasks wait, new tasks are not expected for so long: until after the next tick, which says so again. Otherwise new
/// tasks could take all times before each tick.
const WAITS: Duration = Duration::from_secs(90);

/// A rate by which a task starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paced {
    /// Whose it is: the queue's, or that of the task's fairness key.
    pub scope: Scope,
    /// The rate.
    pub pace: Pace,
}

/// What a wish has come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// This time.
    At(Time),
    /// There is none: it would be too late, or others go first.
    None,
    /// There is another rate, of which this process does not know yet.
    Behind,
}

impl Paced {
    /// The rates by which a task starts, that of its fairness key first.
    pub fn all(queue: &str, settings: QueueSettings, fairness_key: Option<&str>) -> Vec<Self> {
        let of_key =
            fairness_key.zip(settings.key_pace).map(|(key, pace)| Paced { scope: Scope::key(queue, key), pace });
        let of_queue = settings.pace.map(|pace| Paced { scope: Scope::share(queue, 0), pace });
        of_key.into_iter().chain(of_queue).collect()
    }
}

impl Services {
    /// Takes a slot between `from` and `by`, at which an attempt may start. `expected` says whether its task was sent ahead.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a slot may be lost.
    pub async fn take_slot(&self, paced: &Paced, expected: bool, from: Time, by: Time) -> Result<Turn, StoreError> {
        self.turn(paced, Ask::Start { expected }, from, by).await
    }

    /// When a task is expected, within a minute. One that was expected before, and came too late, goes with held tasks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a time may be lost.
    pub async fn expect(&self, paced: &Paced, again: bool) -> Result<Turn, StoreError> {
        let now = self.clock.now();
        self.turn(paced, Ask::Expect { held: again }, now, now.after(SENT_AHEAD)).await
    }

    /// Whether an attempt might start within `soon`, as far as this process knows.
    pub fn might_start(&self, Paced { scope, pace }: &Paced, expected: bool, soon: Duration) -> bool {
        let now = self.clock.now();
        self.store.might_start(scope, *pace, expected, now, now.after(soon))
    }

    async fn turn(&self, Paced { scope, pace }: &Paced, ask: Ask, from: Time, by: Time) -> Result<Turn, StoreError> {
        let turn = match self.store.ask_rate(scope, *pace, ask, from, by).await? {
            Given::Behind => Turn::Behind,
            Given::Times(times) => times.first().map_or(Turn::None, |time| Turn::At(*time)),
        };
        if let Turn::At(_) = turn {
            self.faults.reach(CrashPoint::SlotTaken).await;
        }
        Ok(turn)
    }

    /// How many tasks of a list a dispatch can send ahead.
    pub(crate) async fn rate_room(&self, scope: &Scope, pace: Pace, from: Time) -> Result<usize, StoreError> {
        let (free, _) = self.store.rate_room(&scope.of_rate(), pace, from, from.after(HELD_SENT_AHEAD)).await?;
        Ok(free as usize)
    }

    /// Notes that the tasks of hold lists go before new tasks, after a tick that had no time for all lists.
    pub(crate) async fn note_that_some_wait(&self, queue: &str) -> Result<(), StoreError> {
        self.store.note_rate_waits(&Scope::share(queue, 0), self.clock.now().after(WAITS)).await
    }

    /// Notes whether the tasks of hold lists go before new tasks, after a tick has dispatched these lists. They have one rate.
    pub(crate) async fn note_rate_waits(&self, pace: Pace, lists: &[Scope]) -> Result<(), StoreError> {
        let Some(scope) = lists.first().map(Scope::of_rate) else { return Ok(()) };
        let now = self.clock.now();
        for list in lists {
            if !self.store.held(list, None, 1).await?.items.is_empty() {
                return self.store.note_rate_waits(&scope, now.after(WAITS)).await;
            }
        }
        let (_, waits_until) = self.store.rate_room(&scope, pace, now, now).await?;
        if waits_until > now { self.store.note_rate_waits(&scope, now).await } else { Ok(()) }
    }

    /// Those of the tasks that need no time or got one, the earliest times first, and whether others got none. None lies before
    /// `from`.
    pub(crate) async fn with_times(
        &self,
        scope: &Scope,
        mut chosen: Vec<Chosen>,
        pace: Option<Pace>,
        from: Time,
    ) -> (Vec<Chosen>, bool) {
        let Some(pace) = pace.filter(|_| !chosen.is_empty()) else { return (chosen, false) };
        let wanted = Wanted { count: chosen.len() as u32, from, by: from.after(HELD_SENT_AHEAD) };
        let asked = self.store.ask_rate_for_many(&scope.of_rate(), pace, Ask::Expect { held: true }, wanted).await;
        let times = match asked {
            Ok(Given::Times(times)) => times,
            Ok(Given::Behind) => Vec::new(),
            Err(error) => {
                let (queue, error) = (&scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, %error, "cannot say when held tasks are expected");
                Vec::new()
            }
        };
        self.faults.reach(CrashPoint::PermitAdded).await;
        let without = chosen.split_off(times.len().min(chosen.len()));
        for (one, time) in chosen.iter_mut().zip(times) {
            one.outgoing = one.outgoing.clone().expected(time, scope, pace.set_at);
        }
        // Their permits are of use to others. If one cannot be given back, a tick frees it.
        let permits = without.iter().filter_map(|one| one.needs.as_ref().map(|needs| (one, needs)));
        let _ =
            join_all(permits.map(|(one, (limit, permit))| {
                self.store.ask_ledger(&limit.scope, 0, one.entry.id, Wish::Free(*permit))
            }))
            .await;
        (chosen, !without.is_empty())
    }
}
