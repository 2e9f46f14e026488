//! Rates: one item for each queue or fairness key with a rate says how far starts are given out, and times at which tasks are expected. Every
//! write of it is conditional.
//!
//! What the tasks of one process ask at the same time is asked in one write.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use futures::FutureExt;
use taskway_protocol::{GivenOut, Pace, Scope, Time};

use super::{
    attr,
    error::StoreError,
    keys,
    record::{Item, Malformed, Reader, ms, n, s},
    store::Store,
};
use crate::gather::{Asked, Carrier, Gather};

/// The most queues whose requests a process gathers apart. Beyond that it forgets all of them.
const MOST_GATHERED: usize = 10_000;

/// The item of a fairness key is kept for so long after its last time was given out: longer than the longest period.
const KEY_RATE_KEPT: Duration = Duration::from_secs(3 * 24 * 3_600);

/// How often a write is made again upon what a refusal has shown.
const TRIES: usize = 10;

/// What is asked of a rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// To start attempts now, or soon. If others are expected first, only those who are expected can.
    Start {
        /// Whether the tasks were sent ahead, and are expected.
        expected: bool,
    },
    /// To be expected at a later time.
    Expect {
        /// Whether the tasks were held. Others are not expected while held tasks wait.
        held: bool,
    },
}

/// What is asked for: times, none before `from` and none after `by`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// How many, at most.
    pub count: u32,
    /// The earliest time.
    pub from: Time,
    /// The latest time.
    pub by: Time,
}

/// What comes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Given {
    /// These times, the earliest first. Fewer than were asked for, or none, if there are no more.
    Times(Vec<Time>),
    /// The queue has another rate, which was set later.
    Behind,
}

/// Gathers the requests of executors. Clones gather together.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    item: RateItem,
    gathers: Arc<Mutex<HashMap<Scope, Gather<Writes>>>>,
}

impl Rates {
    pub(super) fn new(client: &Client, table: &str) -> Self {
        let item = RateItem { client: client.clone(), table: table.to_owned(), known: Arc::default() };
        Rates { item, gathers: Arc::default() }
    }

    fn gather(&self, scope: &Scope) -> Gather<Writes> {
        let mut gathers = self.gathers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gather) = gathers.get(scope) {
            return gather.clone();
        }
        if gathers.len() >= MOST_GATHERED {
            gathers.clear();
        }
        let gather = Gather::new(Writes { item: self.item.clone(), scope: scope.clone() });
        gathers.insert(scope.clone(), gather.clone());
        gather
    }
}

impl Store {
    /// Asks for one time of a queue's rate, together with others who ask the same.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a time may be lost.
    pub async fn ask_rate(
        &self,
        scope: &Scope,
        pace: Pace,
        ask: Ask,
        from: Time,
        by: Time,
    ) -> Result<Given, StoreError> {
        let answer = self.rates.gather(scope).write(Entry { pace, ask, from, by }).await;
        answer.unwrap_or_else(|| Err(lost("the request ended without an answer")))
    }

    /// Asks for times of a queue's rate.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the times may be lost.
    pub async fn ask_rate_for_many(
        &self,
        scope: &Scope,
        pace: Pace,
        ask: Ask,
        wanted: Wanted,
    ) -> Result<Given, StoreError> {
        self.rates.item.ask(scope, pace, ask, wanted).await
    }

    /// Whether an attempt might start by a rate within this time, as far as this process knows. It knows what it has seen last, and a
    /// refusal by it is certain.
    pub fn might_start(&self, scope: &Scope, pace: Pace, expected: bool, from: Time, by: Time) -> bool {
        let known = self.rates.item.known().get(scope).copied();
        let seen = known.filter(|seen| seen.set_at == pace.set_at);
        let wanted = Wanted { count: 1, from, by };
        let asks = |seen| change(Seen { waits_until: Time::default(), ..seen }, pace, Ask::Start { expected }, wanted);
        seen.is_none_or(|seen| asks(seen).is_some())
    }

    /// How many more tasks can be expected between `from` and `by`, and until when held tasks go first. The read is strongly
    /// consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn rate_room(&self, scope: &Scope, pace: Pace, from: Time, by: Time) -> Result<(u32, Time), StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(scope))).consistent_read(true);
        let got = get.send().boxed().await.map_err(StoreError::unavailable)?;
        let seen = got.item.map(|item| seen(&item)).transpose()?.unwrap_or_default();
        let given = if seen.set_at == pace.set_at { seen.expected.max(seen.started) } else { GivenOut::default() };
        Ok((pace.rate.free(given.max(GivenOut::until(from)), by), seen.waits_until))
    }

    /// Notes until when held tasks go first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_rate_waits(&self, scope: &Scope, until: Time) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(scope)))
            .expression_attribute_names("#w", attr::WAITS)
            .expression_attribute_values(":until", ms(until));
        let (update, kept) = kept(update, scope, until);
        let update = update.update_expression(format!("SET #w = :until{kept}"));
        update.send().boxed().await.map_err(StoreError::unavailable)?;
        Ok(())
    }
}

/// What is asked for one task.
#[derive(Clone, Copy, Debug)]
struct Entry {
    pace: Pace,
    ask: Ask,
    from: Time,
    by: Time,
}

/// Makes the requests of one queue.
#[derive(Debug)]
struct Writes {
    item: RateItem,
    scope: Scope,
}

type Answer = Result<Given, StoreError>;

impl Carrier for Writes {
    type Write = Entry;
    type Answer = Answer;
    const MOST: usize = 100;
    /// Each write is billed by itself, and ten tasks of a batch ask within a millisecond.
    const LINGER: Duration = Duration::from_millis(1);

    fn clash(one: &Entry, other: &Entry) -> bool {
        one.pace != other.pace || one.ask != other.ask
    }

    async fn carry(&self, asked: Vec<Asked<Entry, Answer>>) {
        let Some(Entry { pace, ask, .. }) = asked.first().map(|one| one.write) else { return };
        let from = asked.iter().map(|one| one.write.from).max().unwrap_or_default();
        let by = asked.iter().map(|one| one.write.by).min().unwrap_or_default();
        let wanted = Wanted { count: asked.len() as u32, from, by };
        match self.item.ask(&self.scope, pace, ask, wanted).await {
            Ok(Given::Times(times)) => {
                let mut times = times.into_iter();
                for one in asked {
                    one.answer(Ok(Given::Times(times.next().into_iter().collect())));
                }
            }
            Ok(Given::Behind) => {
                for one in asked {
                    one.answer(Ok(Given::Behind));
                }
            }
            Err(error) => {
                for one in asked {
                    one.answer(Err(error.for_another()));
                }
            }
        }
    }
}

/// The items of rates, and what was seen of each last. Clones remember together.
#[derive(Clone, Debug)]
struct RateItem {
    client: Client,
    table: String,
    known: Arc<Mutex<HashMap<Scope, Seen>>>,
}

/// A queue's item.
#[derive(Clone, Copy, Default, Debug)]
struct Seen {
    /// When its rate was set.
    set_at: Time,
    /// How far starts are given out.
    started: GivenOut,
    /// How far times are given out at which tasks are expected.
    expected: GivenOut,
    /// Until when held tasks go first.
    waits_until: Time,
}

/// One change of the item: it gives times out.
#[derive(Clone, Copy, Debug)]
struct Change {
    ask: Ask,
    /// No time lies before this one.
    base: GivenOut,
    /// Whether the number lies before `base`. Otherwise the new times follow it.
    is_idle: bool,
    count: u32,
}

impl RateItem {
    fn known(&self) -> MutexGuard<'_, HashMap<Scope, Seen>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, scope: &Scope, seen: Seen) {
        let mut known = self.known();
        if known.len() >= MOST_GATHERED {
            known.clear();
        }
        known.insert(scope.clone(), seen);
    }

    async fn ask(&self, scope: &Scope, pace: Pace, ask: Ask, wanted: Wanted) -> Answer {
        // What is remembered may be behind. A rate is only replaced by a later one, and times are only given out. So what
        // these refuse is refused without a request.
        let mut seen = Seen { waits_until: Time::default(), ..self.known().get(scope).copied().unwrap_or_default() };
        for _ in 0..TRIES {
            if seen.set_at > pace.set_at {
                return Ok(Given::Behind);
            }
            if seen.set_at < pace.set_at {
                seen = self.begin(scope, pace, wanted.by).await?;
                self.note(scope, seen);
                continue;
            }
            let Some(change) = change(seen, pace, ask, wanted) else { return Ok(Given::Times(Vec::new())) };
            match self.update(scope, pace, change, wanted).await {
                Ok(after) => {
                    match ask {
                        Ask::Start { .. } => seen.started = after,
                        Ask::Expect { .. } => seen.expected = after,
                    }
                    self.note(scope, seen);
                    let before = GivenOut(after.0.saturating_sub(pace.rate.after(GivenOut(0), change.count).0));
                    return Ok(Given::Times(pace.rate.slots(before, change.count, wanted.from).collect()));
                }
                Err(Refused::Item(item)) => {
                    self.note(scope, item);
                    seen = item;
                }
                Err(Refused::Unavailable(error)) => return Err(error),
            }
        }
        Err(lost("the rate of the queue is in use by others"))
    }

    /// Begins a rate that was set anew: nothing of it is given out. Returns the item as it is then.
    async fn begin(&self, scope: &Scope, pace: Pace, by: Time) -> Result<Seen, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(scope)))
            .condition_expression("attribute_not_exists(#set) OR #set < :set")
            .expression_attribute_names("#set", attr::RATE_SET)
            .expression_attribute_names("#s", attr::STARTED_OUT)
            .expression_attribute_names("#e", attr::EXPECTED_OUT)
            .expression_attribute_values(":set", ms(pace.set_at))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (update, kept) = kept(update, scope, by);
        let update = update.update_expression(format!("SET #set = :set{kept} REMOVE #s, #e"));
        match refused_or(update.send().boxed().await.map(|updated| updated.attributes.unwrap_or_default())) {
            Ok(item) => Ok(seen(&item)?),
            Err(Refused::Item(item)) => Ok(item),
            Err(Refused::Unavailable(error)) => Err(error),
        }
    }

    /// Makes a change, and returns the number after it.
    async fn update(&self, scope: &Scope, pace: Pace, change: Change, wanted: Wanted) -> Result<GivenOut, Refused> {
        let Change { ask, base, is_idle, count } = change;
        let number = match ask {
            Ask::Start { .. } => attr::STARTED_OUT,
            Ask::Expect { .. } => attr::EXPECTED_OUT,
        };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(scope)))
            .expression_attribute_names("#set", attr::RATE_SET)
            .expression_attribute_names("#n", number)
            .expression_attribute_values(":set", ms(pace.set_at))
            .expression_attribute_values(":base", n(base.0))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let kept;
        (update, kept) = self::kept(update, scope, wanted.by);
        let mut condition = if is_idle {
            update = update
                .update_expression(format!("SET #n = :after{kept}"))
                .expression_attribute_values(":after", n(pace.rate.after(base, count).0));
            "#set = :set AND (attribute_not_exists(#n) OR #n < :base)".to_owned()
        } else {
            update = update
                .update_expression(format!("SET #n = #n + :more{kept}"))
                .expression_attribute_values(":more", n(pace.rate.after(GivenOut(0), count).0))
                .expression_attribute_values(":furthest", n(pace.rate.furthest(count, wanted.by).0));
            "#set = :set AND #n BETWEEN :base AND :furthest".to_owned()
        };
        if ask.is_of_a_new_task() {
            condition.push_str(" AND (attribute_not_exists(#w) OR #w <= :now)");
            update = update
                .expression_attribute_names("#w", attr::WAITS)
                .expression_attribute_values(":now", ms(wanted.from));
        }
        if ask == (Ask::Start { expected: false }) {
            condition.push_str(" AND (attribute_not_exists(#e) OR #e <= :base)");
            update = update.expression_attribute_names("#e", attr::EXPECTED_OUT);
        }
        let updated = update.condition_expression(condition).send().boxed().await;
        let after = refused_or(updated.map(|updated| updated.attributes.unwrap_or_default()))?;
        Ok(GivenOut(Reader(&after).number(number)?))
    }
}

impl Ask {
    /// Whether it is for a task that was neither held nor sent ahead.
    fn is_of_a_new_task(self) -> bool {
        match self {
            Ask::Start { expected: known } | Ask::Expect { held: known } => !known,
        }
    }
}

/// The change that gives as many times out as there are. `None` if there are none.
fn change(seen: Seen, pace: Pace, ask: Ask, wanted: Wanted) -> Option<Change> {
    if ask.is_of_a_new_task() && wanted.from < seen.waits_until {
        return None;
    }
    let from = GivenOut::until(wanted.from);
    let (number, base) = match ask {
        Ask::Start { expected: false } if seen.expected > from => return None,
        Ask::Start { .. } => (seen.started, from),
        // Nobody can start before what has started.
        Ask::Expect { .. } => (seen.expected, from.max(seen.started)),
    };
    let count = pace.rate.free(number.max(base), wanted.by).min(wanted.count);
    (count > 0).then_some(Change { ask, base, is_idle: number < base, count })
}

/// Why no times were given out.
enum Refused {
    /// The item does not meet the conditions.
    Item(Seen),
    /// The table gave no usable answer.
    Unavailable(StoreError),
}

impl From<Malformed> for Refused {
    fn from(error: Malformed) -> Self {
        Refused::Unavailable(error.into())
    }
}

/// What a conditional write has come to.
fn refused_or<T, R>(answer: Result<T, SdkError<UpdateItemError, R>>) -> Result<T, Refused>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match answer {
        Ok(answer) => Ok(answer),
        Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
            let UpdateItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                return Err(Refused::Unavailable(lost("the item of the rate refused the write")));
            };
            Err(Refused::Item(seen(&failed.item.unwrap_or_default())?))
        }
        Err(error) => Err(Refused::Unavailable(StoreError::unavailable(error))),
    }
}

/// Lets the item of a fairness key expire some days after `from`. Returns what the update's expression sets for that.
fn kept(update: UpdateItemFluentBuilder, scope: &Scope, from: Time) -> (UpdateItemFluentBuilder, &'static str) {
    if !scope.is_key() {
        return (update, "");
    }
    let update = update
        .expression_attribute_names("#ttl", attr::TTL)
        .expression_attribute_values(":ttl", n(from.after(KEY_RATE_KEPT).as_secs()));
    (update, ", #ttl = :ttl")
}

fn key(scope: &Scope) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::rate_partition(scope))), (attr::SK.to_owned(), s(keys::RATE_SORT))])
}

fn seen(item: &HashMap<String, AttributeValue>) -> Result<Seen, Malformed> {
    let reader = Reader(item);
    Ok(Seen {
        set_at: reader.optional(attr::RATE_SET, Reader::time)?.unwrap_or_default(),
        started: GivenOut(reader.optional(attr::STARTED_OUT, Reader::number)?.unwrap_or_default()),
        expected: GivenOut(reader.optional(attr::EXPECTED_OUT, Reader::number)?.unwrap_or_default()),
        waits_until: reader.optional(attr::WAITS, Reader::time)?.unwrap_or_default(),
    })
}

fn lost(why: &str) -> StoreError {
    StoreError::Unavailable { throttled: false, source: why.into() }
}
