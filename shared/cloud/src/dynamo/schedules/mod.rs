//! Schedules in the table. Each is one item. Every write replaces the whole item and expects the version before it. A
//! deletion leaves a tombstone for a day, which has the next version and nothing else.

mod item;

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError, operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure,
};
use futures::FutureExt;

use self::item::{from_item, is_tombstone, key, name, to_item, tombstone, version};
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

/// For so long the tombstone of a deleted schedule is kept. A write that took longer to arrive could make the schedule
/// again.
const TOMBSTONE_KEPT: Duration = Duration::from_hours(24);

/// What the table has under a schedule's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// A schedule.
    Taken(Box<Schedule>),
    /// No schedule. `next` is the version of the next one's first record.
    Free {
        /// 1, or more if a schedule of this name was deleted lately.
        next: u64,
    },
}

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
        match self.schedule_slot(name).await? {
            Slot::Taken(schedule) => Ok(*schedule),
            Slot::Free { .. } => Err(StoreError::NotFound),
        }
    }

    /// Reads what the table has under a name. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn schedule_slot(&self, name: &str) -> Result<Slot, StoreError> {
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
        Ok(match got.item {
            None => Slot::Free { next: 1 },
            Some(item) if is_tombstone(&item) => Slot::Free { next: version(&item)? + 1 },
            Some(item) => Slot::Taken(Box::new(from_item(&item)?)),
        })
    }

    /// Writes a schedule. Expects the version before it in the table: of the same schedule, or of a tombstone. Version 1
    /// expects nothing there.
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
            put.condition_expression("#version = :before AND (#born = :born OR attribute_not_exists(#born))")
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

    /// Deletes a schedule at `now`, and leaves a tombstone. Expects this version in the table.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the schedule may or may not have been deleted.
    pub async fn delete_schedule(&self, schedule: &Schedule, now: Time) -> Result<Saved, StoreError> {
        let deleted = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(tombstone(schedule, now.after(TOMBSTONE_KEPT))))
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
        let mut found_items = self.get_items(names.iter().map(|name| key(name)).collect(), false, clock).await?;
        found_items.retain(|item| !is_tombstone(item));
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
