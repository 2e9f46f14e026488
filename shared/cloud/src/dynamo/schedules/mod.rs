//! Schedules in the table: an item each, which is written whole and expects the version before.

mod item;

use aws_sdk_dynamodb::{
    error::SdkError, operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure,
};

use self::item::{from_item, key, name, to_item};
use super::{
    batch_get::MOST_AT_ONCE,
    error::StoreError,
    keys::{self, attr},
    record::{Item, Reader, n, s},
    store::{Cursor, PAGE, Page, Store, readable},
};
use taskway_protocol::{Time, schedule::Schedule};
use taskway_runtime::clock::Clock;

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it may not have been written"]
pub enum Saved {
    /// It is in the table.
    Now,
    /// The schedule is not as it was read: somebody else has changed or deleted it.
    NotAsExpected,
}

impl Store {
    /// Reads a schedule, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that name.
    pub async fn schedule(&self, name: &str) -> Result<Schedule, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(name)))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(from_item(&got.item.ok_or(StoreError::NotFound)?)?)
    }

    /// Writes a schedule over its version before, or as the first of its name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be there.
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
        match put.send().await {
            Ok(_) => Ok(Saved::Now),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                // The answer to this very write may have been lost, and the SDK have written again.
                let PutItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Ok(Saved::NotAsExpected);
                };
                let own = failed.item.is_some_and(|item| from_item(&item).is_ok_and(|found| found == *schedule));
                Ok(if own { Saved::Now } else { Saved::NotAsExpected })
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Deletes a schedule as it was read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not be there.
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
            .await;
        match deleted {
            Ok(_) => Ok(Saved::Now),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                Ok(Saved::NotAsExpected)
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The names of the schedules that must be looked at by `until`, the earliest first.
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
            .expression_attribute_values(":schedules", s(keys::SCHEDULES))
            .expression_attribute_values(":until", s(keys::agenda_until(until)))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), name);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }

    /// The schedules behind that place, at most so many, the one that was put last before the others; and where the list goes
    /// on, if it does. Eventually consistent.
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
            .expression_attribute_values(":schedules", s(keys::ALL_SCHEDULES))
            .set_exclusive_start_key(after.map(ScheduleCursor::key))
            .scan_index_forward(false)
            .limit(most.min(MOST_AT_ONCE) as i32)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let mut names: Vec<Box<str>> = readable(found.items.unwrap_or_default(), name);
        // One that was deleted and put again may still stand twice in the index.
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

/// Where a list of schedules goes on: after this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleCursor {
    /// When it was put.
    pub born: Time,
    /// Its name.
    pub name: Box<str>,
}

impl ScheduleCursor {
    fn key(&self) -> Item {
        let mut item = key(&self.name);
        item.insert(attr::CATALOG.to_owned(), s(keys::ALL_SCHEDULES));
        item.insert(attr::BORN.to_owned(), n(self.born.as_millis()));
        item
    }
}
