//! The slots of rates: one item for each queue with a rate says how far they are given out. Every write of it is conditional.
//!
//! The slots that executors of one process take at the same time are taken in one write.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use futures::FutureExt;
use taskway_protocol::{GivenOut, Pace, Slot, Time};

use super::{
    attr,
    error::StoreError,
    keys,
    record::{Item, Malformed, Reader, ms, n, s},
    store::Store,
};
use crate::gather::{Asked, Carrier, Gather};

/// The most queues whose slots a process gathers apart. Beyond that it forgets all of them.
const MOST_GATHERED: usize = 10_000;

/// How often a write is made again upon what a refusal has shown.
const TRIES: usize = 10;

/// The slots that are asked for.
#[derive(Clone, Copy, Debug)]
pub struct SlotsWanted {
    /// How many, at most.
    pub count: u32,
    /// None may lie before this time.
    pub from: Time,
    /// None may lie after this time.
    pub by: Time,
    /// Whether they are for tasks that have not been held. Those get none while held tasks wait.
    pub for_new_tasks: bool,
}

/// What comes of such a wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reserved {
    /// These slots, the earliest first. Fewer than were asked for, or none, if there are no more.
    Slots(Vec<Slot>),
    /// The queue has another rate, which was set later.
    Behind,
}

/// Gathers the writes of executors. Clones gather together.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    slots: Slots,
    gathers: Arc<Mutex<HashMap<Box<str>, Gather<Writes>>>>,
}

impl Rates {
    pub(super) fn new(client: &Client, table: &str) -> Self {
        let slots = Slots { client: client.clone(), table: table.to_owned(), known: Arc::default() };
        Rates { slots, gathers: Arc::default() }
    }

    fn gather(&self, queue: &str) -> Gather<Writes> {
        let mut gathers = self.gathers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gather) = gathers.get(queue) {
            return gather.clone();
        }
        if gathers.len() >= MOST_GATHERED {
            gathers.clear();
        }
        let gather = Gather::new(Writes { slots: self.slots.clone(), queue: queue.into() });
        gathers.insert(queue.into(), gather.clone());
        gather
    }
}

impl Store {
    /// Takes a slot of a queue's rate for a new task, between `from` and `by`. `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a slot may be lost.
    pub async fn take_slot(&self, queue: &str, pace: Pace, from: Time, by: Time) -> Result<Reserved, StoreError> {
        let answer = self.rates.gather(queue).write(Entry { pace, from, by }).await;
        answer.unwrap_or_else(|| Err(lost("the request ended without an answer")))
    }

    /// Takes slots of a queue's rate.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the slots may be lost.
    pub async fn take_slots(&self, queue: &str, pace: Pace, wanted: SlotsWanted) -> Result<Reserved, StoreError> {
        self.rates.slots.take(queue, pace, wanted).await
    }

    /// How many slots of a queue's rate are free between `from` and `by`. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn free_slots(&self, queue: &str, pace: Pace, from: Time, by: Time) -> Result<u32, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(queue))).consistent_read(true);
        let got = get.send().boxed().await.map_err(StoreError::unavailable)?;
        let seen = got.item.map(|item| seen(&item)).transpose()?;
        let given = seen.filter(|seen| seen.set_at == pace.set_at).map(|seen| seen.given).unwrap_or_default();
        Ok(pace.rate.free(given.max(GivenOut::until(from)), by))
    }

    /// Notes that held tasks wait for slots of a queue's rate. New tasks get none until then.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_slot_waits(&self, queue: &str, until: Time) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(queue)))
            .update_expression("SET #w = :until")
            .expression_attribute_names("#w", attr::WAITS)
            .expression_attribute_values(":until", ms(until));
        update.send().boxed().await.map_err(StoreError::unavailable)?;
        Ok(())
    }
}

/// One slot for a new task.
#[derive(Clone, Copy, Debug)]
struct Entry {
    pace: Pace,
    from: Time,
    by: Time,
}

/// Takes the slots of one queue for new tasks.
#[derive(Debug)]
struct Writes {
    slots: Slots,
    queue: Box<str>,
}

type Answer = Result<Reserved, StoreError>;

impl Carrier for Writes {
    type Write = Entry;
    type Answer = Answer;
    const MOST: usize = 100;
    /// Each write is billed by itself, and ten tasks of a batch ask within a millisecond.
    const LINGER: Duration = Duration::from_millis(1);

    fn clash(one: &Entry, other: &Entry) -> bool {
        one.pace != other.pace
    }

    async fn carry(&self, asked: Vec<Asked<Entry, Answer>>) {
        let Some(pace) = asked.first().map(|one| one.write.pace) else { return };
        let from = asked.iter().map(|one| one.write.from).max().unwrap_or_default();
        let by = asked.iter().map(|one| one.write.by).min().unwrap_or_default();
        let wanted = SlotsWanted { count: asked.len() as u32, from, by, for_new_tasks: true };
        match self.slots.take(&self.queue, pace, wanted).await {
            Ok(Reserved::Slots(slots)) => {
                let mut slots = slots.into_iter();
                for one in asked {
                    one.answer(Ok(Reserved::Slots(slots.next().into_iter().collect())));
                }
            }
            Ok(Reserved::Behind) => {
                for one in asked {
                    one.answer(Ok(Reserved::Behind));
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

/// Takes slots, and remembers how far each queue's are given out. Clones remember together.
#[derive(Clone, Debug)]
struct Slots {
    client: Client,
    table: String,
    known: Arc<Mutex<HashMap<Box<str>, Seen>>>,
}

/// A queue's item.
#[derive(Clone, Copy, Default, Debug)]
struct Seen {
    set_at: Time,
    given: GivenOut,
    waits_until: Time,
}

/// What a write expects of the item.
#[derive(Clone, Copy, Debug)]
enum Guess {
    /// No slot from now on is given out, or the item has an earlier rate.
    Idle,
    /// Slots from now on are given out.
    Busy,
}

impl Slots {
    fn known(&self) -> MutexGuard<'_, HashMap<Box<str>, Seen>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, queue: &str, seen: Seen) {
        let mut known = self.known();
        if known.len() >= MOST_GATHERED {
            known.clear();
        }
        known.insert(queue.into(), seen);
    }

    async fn take(&self, queue: &str, pace: Pace, wanted: SlotsWanted) -> Answer {
        // What is remembered may be behind. All of it only grows, so what it refuses is refused without a request.
        let mut seen = self.known().get(queue).copied().unwrap_or_default();
        for _ in 0..TRIES {
            if seen.set_at > pace.set_at {
                return Ok(Reserved::Behind);
            }
            if wanted.for_new_tasks && wanted.from < seen.waits_until {
                return Ok(Reserved::Slots(Vec::new()));
            }
            let is_busy = seen.set_at == pace.set_at && seen.given >= GivenOut::until(wanted.from);
            let (guess, given) =
                if is_busy { (Guess::Busy, seen.given) } else { (Guess::Idle, GivenOut::until(wanted.from)) };
            let count = pace.rate.free(given, wanted.by).min(wanted.count);
            if count == 0 {
                return Ok(Reserved::Slots(Vec::new()));
            }
            match self.update(queue, pace, wanted, guess, count).await {
                Ok(after) => {
                    self.note(queue, Seen { set_at: pace.set_at, given: after, ..seen });
                    let before = GivenOut(after.0.saturating_sub(pace.rate.after(GivenOut(0), count).0));
                    let slots = pace.rate.slots(before, count, wanted.from);
                    return Ok(Reserved::Slots(slots.map(|at| Slot { at, rate_set_at: pace.set_at }).collect()));
                }
                Err(Refused::Item(item)) => {
                    self.note(queue, item);
                    seen = item;
                }
                Err(Refused::Unavailable(error)) => return Err(error),
            }
        }
        Err(lost("the slots of the queue are being taken by others"))
    }

    /// Gives `count` slots out, and returns how far they are given out then.
    async fn update(
        &self,
        queue: &str,
        pace: Pace,
        wanted: SlotsWanted,
        guess: Guess,
        count: u32,
    ) -> Result<GivenOut, Refused> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(queue)))
            .expression_attribute_names("#set", attr::RATE_SET)
            .expression_attribute_names("#given", attr::GIVEN_OUT)
            .expression_attribute_values(":set", ms(pace.set_at))
            .expression_attribute_values(":from", n(GivenOut::until(wanted.from).0))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut condition = match guess {
            Guess::Idle => {
                let given = pace.rate.after(GivenOut::until(wanted.from), count);
                update = update
                    .update_expression("SET #given = :given, #set = :set")
                    .expression_attribute_values(":given", n(given.0));
                "(attribute_not_exists(#set) OR #set < :set OR (#set = :set AND #given < :from))".to_owned()
            }
            Guess::Busy => {
                update = update
                    .update_expression("SET #given = #given + :more")
                    .expression_attribute_values(":more", n(pace.rate.after(GivenOut(0), count).0))
                    .expression_attribute_values(":furthest", n(pace.rate.furthest(count, wanted.by).0));
                "#set = :set AND #given BETWEEN :from AND :furthest".to_owned()
            }
        };
        if wanted.for_new_tasks {
            condition.push_str(" AND (attribute_not_exists(#w) OR #w <= :now)");
            update = update
                .expression_attribute_names("#w", attr::WAITS)
                .expression_attribute_values(":now", ms(wanted.from));
        }
        match update.condition_expression(condition).send().boxed().await {
            Ok(updated) => {
                let after = updated.attributes.unwrap_or_default();
                Ok(GivenOut(Reader(&after).number(attr::GIVEN_OUT)?))
            }
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Err(lost("the item of the rate refused the write").into());
                };
                Err(Refused::Item(seen(&failed.item.unwrap_or_default())?))
            }
            Err(error) => Err(StoreError::unavailable(error).into()),
        }
    }
}

/// Why slots were not given out.
enum Refused {
    /// The item does not meet the conditions.
    Item(Seen),
    /// The table gave no usable answer.
    Unavailable(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Unavailable(error)
    }
}

impl From<Malformed> for Refused {
    fn from(error: Malformed) -> Self {
        Refused::Unavailable(error.into())
    }
}

fn key(queue: &str) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::rate_partition(queue))), (attr::SK.to_owned(), s(keys::RATE_SORT))])
}

/// An item that only has a note about held tasks gives out all its slots.
fn seen(item: &HashMap<String, AttributeValue>) -> Result<Seen, Malformed> {
    let reader = Reader(item);
    Ok(Seen {
        set_at: reader.optional(attr::RATE_SET, Reader::time)?.unwrap_or_default(),
        given: GivenOut(reader.optional(attr::GIVEN_OUT, Reader::number)?.unwrap_or_default()),
        waits_until: reader.optional(attr::WAITS, Reader::time)?.unwrap_or_default(),
    })
}

fn lost(why: &str) -> StoreError {
    StoreError::Unavailable { throttled: false, source: why.into() }
}
