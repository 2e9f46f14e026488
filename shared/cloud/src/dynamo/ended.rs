//! How many tasks have ended: an item for each minute, to which every process adds what it has counted.

use std::collections::HashMap;

use futures::FutureExt;
use taskway_protocol::{ENDED_KEPT, Ended, Time};

use super::{
    attr,
    error::StoreError,
    keys,
    page::readable,
    record::{Item, Malformed, Reader, n, s},
    store::Store,
};

impl Store {
    /// Adds to the counts of a minute. If the answer is lost, the SDK may add them twice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: they may or may not have been added.
    pub async fn add_ended(&self, minute: Time, ended: Ended) -> Result<(), StoreError> {
        let Ended { succeeded, failed, cancelled, expired } = ended;
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(minute)))
            .update_expression("SET #ttl = :until ADD #es :succeeded, #ef :failed, #ec :cancelled, #ee :expired")
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_names("#es", attr::SUCCEEDED)
            .expression_attribute_names("#ef", attr::FAILED)
            .expression_attribute_names("#ec", attr::CANCELLED)
            .expression_attribute_names("#ee", attr::EXPIRED)
            .expression_attribute_values(":until", n(minute.after(ENDED_KEPT).as_secs()))
            .expression_attribute_values(":succeeded", n(succeeded))
            .expression_attribute_values(":failed", n(failed))
            .expression_attribute_values(":cancelled", n(cancelled))
            .expression_attribute_values(":expired", n(expired))
            .send()
            .boxed()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }

    /// The counts of the minutes that begin at `since` or later, the oldest first. The read is eventually consistent. A minute in
    /// which no task ended is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ended(&self, since: Time) -> Result<Vec<(Time, Ended)>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :ended AND #sk >= :since")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":ended", s(keys::ENDED_PARTITION))
            .expression_attribute_values(":since", s(keys::ended_sort(since)))
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        // The items of a day fit into a page.
        Ok(readable(found.items.unwrap_or_default(), counts))
    }
}

fn key(minute: Time) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::ENDED_PARTITION)), (attr::SK.to_owned(), s(keys::ended_sort(minute)))])
}

fn counts(item: &Item) -> Result<(Time, Ended), Malformed> {
    let item = Reader(item);
    let ended = Ended {
        succeeded: item.number(attr::SUCCEEDED)?,
        failed: item.number(attr::FAILED)?,
        cancelled: item.number(attr::CANCELLED)?,
        expired: item.number(attr::EXPIRED)?,
    };
    let minute = keys::parse_ended_sort(item.text(attr::SK)?).ok_or(Malformed { attribute: attr::SK })?;
    Ok((minute, ended))
}
