//! What the processes have counted: how many tasks have ended, in an item for each minute, and what AWS bills, in an item for
//! each month. Every process adds its own.

use std::collections::HashMap;

use futures::FutureExt;
use taskway_protocol::{ENDED_KEPT, Ended, Time, USAGE_KEPT, Usage, month_of};

use super::{
    attr,
    error::StoreError,
    keys,
    page::readable,
    record::{Item, Malformed, Reader, n, s},
    store::Store,
};

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// How many tasks ended in each minute, the oldest first. A minute in which none ended is not there.
    pub ended: Vec<(Time, Ended)>,
    /// What AWS bills for each month that is kept, the oldest first.
    pub usage: Vec<(String, Usage)>,
}

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
            .set_key(Some(key(keys::ended_sort(minute))))
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

    /// Adds to the counts of the month that it is. If the answer is lost, the SDK may add them twice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: they may or may not have been added.
    pub async fn add_usage(&self, now: Time, usage: Usage) -> Result<(), StoreError> {
        let Usage { write_units, half_read_units, sqs_requests } = usage;
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::month_sort(&month_of(now)))))
            .update_expression("SET #ttl = :until ADD #uw :writes, #ur :reads, #us :requests")
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_names("#uw", attr::WRITE_UNITS)
            .expression_attribute_names("#ur", attr::HALF_READ_UNITS)
            .expression_attribute_names("#us", attr::SQS_REQUESTS)
            .expression_attribute_values(":until", n(now.after(USAGE_KEPT).as_secs()))
            .expression_attribute_values(":writes", n(write_units))
            .expression_attribute_values(":reads", n(half_read_units))
            .expression_attribute_values(":requests", n(sqs_requests))
            .send()
            .boxed()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }

    /// The counts of the minutes that begin at `since` or later, and of all months. The read is eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn counts(&self, since: Time) -> Result<Counts, StoreError> {
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
        // The items of a day and of the months fit into a page.
        let is_month = |item: &Item| Reader(item).text(attr::SK).is_ok_and(|sort| sort.starts_with(keys::MONTH_PREFIX));
        let (months, minutes) = found.items.unwrap_or_default().into_iter().partition(is_month);
        Ok(Counts { ended: readable(minutes, ended), usage: readable(months, usage) })
    }
}

fn key(sort: String) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::ENDED_PARTITION)), (attr::SK.to_owned(), s(sort))])
}

fn usage(item: &Item) -> Result<(String, Usage), Malformed> {
    let item = Reader(item);
    let usage = Usage {
        write_units: item.number(attr::WRITE_UNITS)?,
        half_read_units: item.number(attr::HALF_READ_UNITS)?,
        sqs_requests: item.number(attr::SQS_REQUESTS)?,
    };
    let month = item.text(attr::SK)?.strip_prefix(keys::MONTH_PREFIX).ok_or(Malformed { attribute: attr::SK })?;
    Ok((month.to_owned(), usage))
}

fn ended(item: &Item) -> Result<(Time, Ended), Malformed> {
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
