//! The agenda's entries of tasks that are due.

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, PAGE, Page, readable},
    record::{Item, Malformed, Reader, s},
    store::Store,
};
use futures::FutureExt;
use taskway_protocol::{
    Agenda, Generation, Priority, Route, TaskId, Time,
    message::{Message, Outgoing},
};

/// A task's entry in the agenda, with enough of the record to send the task's message.
#[derive(Clone, Debug)]
pub struct AgendaItem {
    /// The entry.
    pub entry: Agenda,
    /// The lane of the message.
    pub lane: Priority,
    /// The message. Its due time is the entry's time.
    pub message: Message,
}

impl AgendaItem {
    /// The message of the task, due at `due`.
    pub fn outgoing(&self, due: Time) -> Outgoing {
        Outgoing { lane: self.lane, message: Message { due, ..self.message.clone() } }
    }
}

impl Store {
    /// The entries of a shard of the agenda up to `until`, the earliest first.
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
            .expression_attribute_values(":shard", s(keys::agenda_partition(shard)))
            .expression_attribute_values(":until", s(keys::agenda_until(until)))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), agenda_item);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

fn agenda_item(item: &Item) -> Result<AgendaItem, Malformed> {
    let read = Reader(item);
    let malformed = |attribute| Malformed { attribute };
    let key = keys::parse_task_partition(read.text(attr::PK)?).ok_or(malformed(attr::PK))?;
    let entry = keys::parse_agenda_sort(read.text(attr::AGENDA_AT)?).ok_or(malformed(attr::AGENDA_AT))?;
    let due = match entry {
        Agenda::Due(at) | Agenda::Lease(at) | Agenda::Owed(at) | Agenda::Dead(at) => at,
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
            // The index of an older stack does not project this attribute.
            queue: read.optional(attr::QUEUE, Reader::text)?.map(Into::into),
            fairness_key: read.optional(attr::FAIRNESS_KEY, Reader::text)?.map(Into::into),
            fence: None,
            permit: None,
            key_permit: None,
            expected_by: None,
            key_expected_by: None,
            unknown_since: None,
            content: None,
        },
    })
}
