//! The store: what the functions can ask of the table.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    error::{Conflict, StoreError},
    keys::{self, attr},
    record::{self, Item, Reader, n, s},
    shards::Shards,
    update,
};
use taskway_protocol::{
    Agenda, Digest, Generation, NewTask, Nonce, Priority, Route, Task, TaskId, TaskKey, Time, Transition,
    message::{Message, Outgoing},
};

/// Items under this many bytes cost one write unit.
const UNIT: usize = 1024;

/// The numbers of an agenda's and of a catalog's shard may be a digit longer than they are by default.
const LONGER_SHARDS: usize = 2;

/// So many entries of the agenda are asked for at a time.
pub(super) const PAGE: i32 = 500;

/// The table, through the AWS SDK.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) client: Client,
    pub(super) table: String,
    pub(super) shards: Shards,
}

/// What came of a first put.
#[derive(Debug)]
pub enum Created {
    /// The record is in the table.
    New,
    /// Another one is, and is kept; with who made its latest claim or first put, where that was asked.
    Exists(Box<Task>, Option<Nonce>),
}

/// One page of a longer answer.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next begins, if there is one.
    pub next: Option<Cursor>,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub struct Cursor(pub(super) Item);

/// What the agenda tells of a task: enough to send its message without reading the record.
#[derive(Clone, Debug)]
pub struct AgendaItem {
    /// Why the task is in the agenda, and since or until when.
    pub entry: Agenda,
    /// The lane of its message.
    pub lane: Priority,
    /// Its message, due at the entry's time.
    pub message: Message,
}

impl AgendaItem {
    /// The message of this entry, for when its task can be claimed.
    pub fn outgoing(&self, due: Time) -> Outgoing {
        Outgoing { lane: self.lane, message: Message { due, ..self.message.clone() } }
    }
}

impl Store {
    /// The table of that name, by as many shards as a stack has unless told otherwise.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Store { client, table: table.into(), shards: Shards::default() }
    }

    /// Puts the first record of a life, unless there is one whose retention is not over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be there.
    pub async fn create(&self, task: &Task, owner: Nonce, now: Time) -> Result<Created, StoreError> {
        self.put_first(record::to_item(task, owner, self.shards), Some(now)).await
    }

    /// Puts the first record of a task that has one life, unless there is one, be its retention over or not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be there.
    pub async fn create_once(&self, task: &Task) -> Result<Created, StoreError> {
        self.put_first(record::to_item(task, Nonce(0), self.shards), None).await
    }

    /// Puts a record in the place of a task that is not to be, in no list, unless there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be there.
    pub async fn put_tombstone(&self, task: &Task) -> Result<Created, StoreError> {
        let mut item = record::to_item(task, Nonce(0), self.shards);
        item.remove(attr::CATALOG);
        self.put_first(item, None).await
    }

    /// `over`: where it is given, what has outlived its retention by then is overwritten.
    async fn put_first(&self, item: Item, over: Option<Time>) -> Result<Created, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .expression_attribute_names("#pk", attr::PK)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match over {
            Some(now) => put
                .condition_expression("attribute_not_exists(#pk) OR #ttl <= :now")
                .expression_attribute_names("#ttl", attr::TTL)
                .expression_attribute_values(":now", n(now.as_secs())),
            None => put.condition_expression("attribute_not_exists(#pk)"),
        };
        let put = put.send().await;
        match put {
            Ok(_) => Ok(Created::New),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Err(StoreError::NotFound);
                };
                let item = failed.item.ok_or(StoreError::NotFound)?;
                let task = record::from_item(&item)?;
                Ok(Created::Exists(Box::new(task), record::owner(&item)))
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Reads a record, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none under that key.
    pub async fn get(&self, key: &TaskKey) -> Result<Task, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::task(key)))
            .key(attr::SK, s(keys::RECORD))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(record::from_item(&got.item.ok_or(StoreError::NotFound)?)?)
    }

    /// Makes a transition, and returns the record as it stands then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what the transition expects.
    pub async fn apply(&self, key: &TaskKey, transition: &Transition) -> Result<Task, StoreError> {
        let applied = self.try_apply(key, transition).await;
        let (id, step) = (TaskId { key: *key, born: transition.born }, transition.step.name());
        match &applied {
            Ok(_) => tracing::debug!(task.id = %id, task.step = step, "written"),
            Err(StoreError::Conflict(conflict)) => {
                tracing::debug!(task.id = %id, task.step = step, task.refusal = conflict.refusal.name(), "refused");
            }
            Err(error) => {
                tracing::debug!(task.id = %id, task.step = step, error = %taskway_runtime::log::causes(error), "not written");
            }
        }
        applied
    }

    async fn try_apply(&self, key: &TaskKey, transition: &Transition) -> Result<Task, StoreError> {
        let update = update::compile(transition, key, self.shards);
        let updated = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::task(key)))
            .key(attr::SK, s(keys::RECORD))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match updated {
            Ok(updated) => Ok(record::from_item(&updated.attributes.ok_or(StoreError::NotFound)?)?),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Err(StoreError::NotFound);
                };
                let item = failed.item.ok_or(StoreError::NotFound)?;
                let task = record::from_item(&item)?;
                match transition.refusal(&task) {
                    Some(refusal) => {
                        Err(StoreError::Conflict(Box::new(Conflict { refusal, task, owner: record::owner(&item) })))
                    }
                    None => Err(StoreError::Unavailable {
                        throttled: false,
                        source: "the table refused a write that its own record allows".into(),
                    }),
                }
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Puts a text that is too large for its task's record in an item of its own, kept at least until `keep_until`.
    ///
    /// The item is named by its digest and never changed, so one that is there already is as good.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_part(
        &self,
        key: &TaskKey,
        digest: &Digest,
        text: &str,
        keep_until: Time,
    ) -> Result<(), StoreError> {
        let keep_until = keep_until.as_secs() + 1;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attr::PK, s(keys::task(key)))
            .item(attr::SK, s(keys::part(digest)))
            .item(attr::TEXT, s(text))
            .item(attr::TTL, n(keep_until))
            .condition_expression("attribute_not_exists(#pk) OR #ttl < :ttl")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":ttl", n(keep_until))
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Reads a text that is in an item of its own.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn get_part(&self, key: &TaskKey, digest: &Digest) -> Result<String, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::task(key)))
            .key(attr::SK, s(keys::part(digest)))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let mut item = got.item.ok_or(StoreError::NotFound)?;
        match item.remove(attr::TEXT) {
            Some(AttributeValue::S(text)) => Ok(text),
            Some(_) | None => Err(record::Malformed { attribute: attr::TEXT }.into()),
        }
    }

    /// What the agenda of a shard holds up to `until`, the earliest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn agenda(&self, shard: u16, until: Time, from: Option<Cursor>) -> Result<Page<AgendaItem>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :shard AND #as < :until")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_names("#as", attr::AGENDA_AT)
            .expression_attribute_values(":shard", s(keys::agenda_shard(shard)))
            .expression_attribute_values(":until", s(keys::agenda_until(until)))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), agenda_item);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

/// Space that a record keeps for what its life adds: owner, lease, agenda entry, an error or a small result. With it
/// every later write costs one unit.
const LIFE: usize = 420;

/// How many bytes are left in a task's record before it costs another write unit.
pub fn room(task: &Task) -> usize {
    let size = record::size(&record::to_item(task, Nonce(u64::MAX), Shards::default()));
    UNIT.saturating_sub(size + LONGER_SHARDS)
}

/// The same task, with its content in an item of its own if the record would otherwise cost more than one write unit.
pub fn fitted(new: NewTask) -> NewTask {
    if room(&new.task) < LIFE { new.with_text_apart() } else { new }
}

/// The items that can be read. One that cannot, of a newer release say, is told and holds up no other.
pub(super) fn readable<T>(items: Vec<Item>, read: impl Fn(&Item) -> Result<T, record::Malformed>) -> Vec<T> {
    let tell = |item: &Item, error: &record::Malformed| {
        let key = Reader(item).text(attr::PK).unwrap_or_default();
        tracing::error!(item.key = key, error = %taskway_runtime::log::causes(error), "unreadable item");
    };
    items.iter().filter_map(|item| read(item).map_err(|error| tell(item, &error)).ok()).collect()
}

fn agenda_item(item: &Item) -> Result<AgendaItem, record::Malformed> {
    let read = Reader(item);
    let malformed = |attribute| record::Malformed { attribute };
    let key = keys::parse_task(read.text(attr::PK)?).ok_or(malformed(attr::PK))?;
    let entry = keys::parse_agenda(read.text(attr::AGENDA_AT)?).ok_or(malformed(attr::AGENDA_AT))?;
    let due = match entry {
        Agenda::Due(at) | Agenda::Lease(at) | Agenda::Dead(at) => at,
    };
    Ok(AgendaItem {
        entry,
        lane: Priority::parse(read.text(attr::LANE)?).ok_or(malformed(attr::LANE))?,
        message: Message {
            id: TaskId { key, born: read.time(attr::BORN)? },
            generation: Generation(read.number(attr::GENERATION)?),
            due,
            timeout_seconds: read.number(attr::TIMEOUT)?,
            route: Route::named(read.optional(attr::HANDLER, Reader::text)?.map(Into::into)),
            expected_duration_ms: read.optional(attr::EXPECTED, Reader::number)?,
            // An index made before this attribute was projected does not have it.
            queue: read.optional(attr::QUEUE, Reader::text)?.map(Into::into),
            fairness_key: read.optional(attr::FAIRNESS_KEY, Reader::text)?.map(Into::into),
            content: None,
        },
    })
}
