//! Copies of unreadable messages, and the list of them.

use aws_sdk_dynamodb::{error::SdkError, types::Select};
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, PAGE, Page, readable},
    queue_settings::{Count, MOST_COUNTED, count},
    record::{self, Item, Reader, n, s},
    store::Store,
};
use taskway_protocol::{Ack, Time};

/// The longest text of a copy, in bytes. DynamoDB allows 400 KB for an item.
const LONGEST_UNREADABLE: usize = 390 * 1024;

/// A message that no function could read. The table keeps its body in the attribute `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableMessage {
    /// The id that SQS gave the message.
    pub message_id: String,
    /// When the message was sent.
    pub sent: Time,
}

impl Store {
    /// Keeps a copy of an unreadable message for a person. The message may then be deleted. A second copy of the same
    /// message changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_unreadable(
        &self,
        message_id: &str,
        body: &str,
        sent: Time,
        keep_until: Time,
    ) -> Result<Ack, StoreError> {
        // A message may be longer than an item. The beginning is enough for a person to recognise it.
        let body = &body[..body.floor_char_boundary(LONGEST_UNREADABLE)];
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attr::PK, s(keys::unreadable_partition(message_id)))
            .item(attr::SK, s(keys::TASK_SORT))
            .item(attr::TEXT, s(body))
            .item(attr::RUN_AT, record::ms(sent))
            .item(attr::AGENDA, s(keys::UNREADABLE_AGENDA))
            .item(attr::AGENDA_AT, s(keys::unreadable_sort(sent, message_id)))
            .item(attr::TTL, n(keep_until.as_secs()))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .send()
            .boxed()
            .await;
        #[expect(clippy::disallowed_methods, reason = "it is returned only if the table has the copy")]
        let kept = Ack::kept_aside();
        match put {
            Ok(_) => Ok(kept),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(kept),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The unreadable messages, the one that was sent first at the top.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unreadable(&self, from: Option<Cursor>) -> Result<Page<UnreadableMessage>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :unreadable")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_values(":unreadable", s(keys::UNREADABLE_AGENDA))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), unreadable_message);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }

    /// How many unreadable messages have a copy.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_unreadable(&self) -> Result<Count, StoreError> {
        let counted = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :unreadable")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_values(":unreadable", s(keys::UNREADABLE_AGENDA))
            .select(Select::Count)
            .limit(MOST_COUNTED)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(count(counted.count, counted.last_evaluated_key.is_some()))
    }
}

fn unreadable_message(item: &Item) -> Result<UnreadableMessage, record::Malformed> {
    let read = Reader(item);
    let message_id =
        keys::parse_unreadable_partition(read.text(attr::PK)?).ok_or(record::Malformed { attribute: attr::PK })?;
    let sent = keys::parse_unreadable_sort(read.text(attr::AGENDA_AT)?);
    Ok(UnreadableMessage {
        message_id: message_id.to_owned(),
        sent: sent.ok_or(record::Malformed { attribute: attr::AGENDA_AT })?,
    })
}
