//! Schedules in the table. Each is one item. Every write replaces the whole item and expects the version before it.

mod item;

use aws_sdk_dynamodb::{
    error::SdkError, operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure,
};
use futures::FutureExt;

use self::item::{from_item, key, name, to_item};
use super::{
    attr,
    batch_get::BATCH_GET_LIMIT,
    error::StoreError,
    keys,
    page::{Cursor, PAGE, Page, readable},
    record::{Item, Reader, n, s},
    store::Store,
};
use taskway_protocol::{Time, schedule::Schedule};
use taskway_runtime::clock::Clock;

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the schedule may not have been written"]
pub enum Saved {
    /// The schedule is written.
    Now,
    /// Nothing is written. Another process has changed or deleted the schedule since it was read.
    NotAsExpected,
}

impl Store {
    /// Reads a schedule. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if no schedule has this name.
    pub async fn schedule(&self, name: &str) -> Result<Schedule, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(name)))
            .consistent_read(true)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(from_item(&got.item.ok_or(StoreError::NotFound)?)?)
    }

    /// Writes a schedule. Expects the version before it in the table, or no schedule for version 1.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the schedule may or may not have been written.
    pub async fn save_schedule(&self, schedule: &Schedule) -> Result<Saved, StoreError> {
        let item = to_item(schedule)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = if schedule.version == 1 {
            put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", attr::PK)
        } else {
            put.condition_expression("#born = :born AND #version = :before")
                .expression_attribute_names("#born", attr::BORN)
                .expression_attribute_names("#version", attr::SCHEDULE_VERSION)
                .expression_attribute_values(":born", n(schedule.born.as_millis()))
                .expression_attribute_values(":before", n(schedule.version - 1))
        };
        match put.send().boxed().await {
            Ok(_) => Ok(Saved::Now),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                // The SDK may have repeated this write after the answer was lost. The table then has this very
                // schedule.
                let PutItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Ok(Saved::NotAsExpected);
                };
                let own = failed.item.is_some_and(|item| from_item(&item).is_ok_and(|found| found == *schedule));
                Ok(if own { Saved::Now } else { Saved::NotAsExpected })
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Deletes a schedule. Expects this version in the table.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the schedule may or may not have been deleted.
    pub async fn delete_schedule(&self, schedule: &Schedule) -> Result<Saved, StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(&schedule.name)))
            .condition_expression("#born = :born AND #version = :version")
            .expression_attribute_names("#born", attr::BORN)
            .expression_attribute_names("#version", attr::SCHEDULE_VERSION)
            .expression_attribute_values(":born", n(schedule.born.as_millis()))
            .expression_attribute_values(":version", n(schedule.version))
            .send()
            .boxed()
            .await;
        match deleted {
            Ok(_) => Ok(Saved::Now),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                Ok(Saved::NotAsExpected)
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The names of the schedules that a tick must visit by `until`, the earliest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due_schedules(&self, until: Time, from: Option<Cursor>) -> Result<Page<Box<str>>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :schedules AND #as < :until")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_names("#as", attr::AGENDA_AT)
            .expression_attribute_values(":schedules", s(keys::SCHEDULE_AGENDA))
            .expression_attribute_values(":until", s(keys::agenda_until(until)))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), name);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }

    /// A page of the list of schedules, the newest first: at most `most` schedules after `after`, and where the next
    /// page begins. The read is eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn schedules(
        &self,
        after: Option<&ScheduleCursor>,
        most: usize,
        clock: &dyn Clock,
    ) -> Result<(Vec<Schedule>, Option<ScheduleCursor>), StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::CATALOG_INDEX)
            .key_condition_expression("#cp = :schedules")
            .expression_attribute_names("#cp", attr::CATALOG)
            .expression_attribute_values(":schedules", s(keys::SCHEDULE_CATALOG))
            .set_exclusive_start_key(after.map(ScheduleCursor::key))
            .scan_index_forward(false)
            .limit(most.min(BATCH_GET_LIMIT) as i32)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let mut names: Vec<Box<str>> = readable(found.items.unwrap_or_default(), name);
        // A schedule that was deleted and put again may be in the index twice.
        names.sort_unstable();
        names.dedup();
        let found_items = self.get_items(names.iter().map(|name| key(name)).collect(), false, clock).await?;
        let mut items = readable(found_items, from_item);
        items.sort_by(|a, b| (b.born, &b.name).cmp(&(a.born, &a.name)));
        let next = match &found.last_evaluated_key {
            Some(last) => Some(ScheduleCursor { born: Reader(last).time(attr::BORN)?, name: name(last)? }),
            None => None,
        };
        Ok((items, next))
    }
}

/// Where a list of schedules goes on: after this schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleCursor {
    /// When the schedule was first put.
    pub born: Time,
    /// The name of the schedule.
    pub name: Box<str>,
}

impl ScheduleCursor {
    fn key(&self) -> Item {
        let mut item = key(&self.name);
        item.insert(attr::CATALOG.to_owned(), s(keys::SCHEDULE_CATALOG));
        item.insert(attr::BORN.to_owned(), n(self.born.as_millis()));
        item
    }
}
