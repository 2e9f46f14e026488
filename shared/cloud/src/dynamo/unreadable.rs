//! Messages that cannot be read: their copies, and the list of them.

use aws_sdk_dynamodb::error::SdkError;

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{self, Item, Reader, n, s},
    store::{Cursor, PAGE, Page, Store, readable},
};
use taskway_protocol::{Ack, Time};

/// An item has 400 KB at most.
const LONGEST_UNREADABLE: usize = 390 * 1024;

/// A message that could not be read. What it says is in its item's `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAside {
    /// Its queue's name for it.
    pub message_id: String,
    /// When it was sent.
    pub sent: Time,
}

impl Store {
    /// Keeps a copy of a message that cannot be read, for a person, where one query finds it. The message may then be
    /// deleted.
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
        // An item holds less than a message can; what is cut off is of no use to a reader either.
        let body = &body[..body.floor_char_boundary(LONGEST_UNREADABLE)];
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attr::PK, s(keys::unreadable(message_id)))
            .item(attr::SK, s(keys::RECORD))
            .item(attr::TEXT, s(body))
            .item(attr::RUN_AT, record::ms(sent))
            .item(attr::AGENDA, s(keys::UNREADABLES))
            .item(attr::AGENDA_AT, s(keys::unreadable_at(sent, message_id)))
            .item(attr::TTL, n(keep_until.as_secs()))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .send()
            .await;
        #[expect(clippy::disallowed_methods, reason = "the table has the copy")]
        let kept = Ack::kept_aside();
        match put {
            Ok(_) => Ok(kept),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(kept),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The messages that could not be read and of which a copy is kept, the one that was sent first before the others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unreadable(&self, from: Option<Cursor>) -> Result<Page<KeptAside>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :unreadable")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_values(":unreadable", s(keys::UNREADABLES))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), kept_aside);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

fn kept_aside(item: &Item) -> Result<KeptAside, record::Malformed> {
    let read = Reader(item);
    let message_id = keys::parse_unreadable(read.text(attr::PK)?).ok_or(record::Malformed { attribute: attr::PK })?;
    let sent = keys::parse_unreadable_at(read.text(attr::AGENDA_AT)?);
    Ok(KeptAside {
        message_id: message_id.to_owned(),
        sent: sent.ok_or(record::Malformed { attribute: attr::AGENDA_AT })?,
    })
}
