//! Schedules in the table: an item each, which is written whole and expects the version before.

use std::num::NonZeroU32;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use serde::{Deserialize, Serialize};

use super::{
    error::StoreError,
    keys::{self, attr},
    many::MOST_AT_ONCE,
    record::{Item, Malformed, Reader, n, s},
    store::{Cursor, PAGE, Page, Store, readable},
};
use crate::{
    calendar::Zone,
    clock::Clock,
    domain::{Priority, RetryPolicy, TaskId, Time},
    schedule::{Definition, LastRun, Misfire, Overlap, Phase, Schedule, Template, Then, Timing},
};

/// The form that this code writes. One that it does not know is left to a newer release.
const VERSION: u32 = 1;

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

fn key(name: &str) -> Item {
    Item::from([(attr::PK.to_owned(), s(keys::schedule(name))), (attr::SK.to_owned(), s(keys::SCHEDULE_RECORD))])
}

fn name(item: &Item) -> Result<Box<str>, Malformed> {
    let partition = Reader(item).text(attr::PK)?;
    keys::parse_schedule(partition).map(Into::into).ok_or(Malformed { attribute: attr::PK })
}

/// A definition as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<u64>,
    overlap: Box<str>,
    misfire: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    jitter: u32,
    paused: bool,
    queue: Box<str>,
    lane: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<Box<str>>,
    body: Box<str>,
    timeout: u32,
    /// The multiplier as a text, which is read back to the last bit.
    retry: (u32, u32, u32, Box<str>),
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<u32>,
    retain: u32,
}

impl Written {
    fn of(definition: &Definition) -> Self {
        let Definition { timing, template, .. } = definition;
        let (cron, zone, every, anchor) = match timing {
            Timing::Cron { expression, zone } => (Some(expression.clone()), Some(zone.name().into()), None, None),
            Timing::Every { seconds, anchor } => (None, None, Some(*seconds), Some(anchor.as_millis())),
        };
        let RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier } = template.retry;
        Written {
            cron,
            zone,
            every,
            anchor,
            overlap: definition.overlap.as_str().into(),
            misfire: definition.misfire.as_str().into(),
            start: definition.start_at.map(Time::as_millis),
            end: definition.end_at.map(Time::as_millis),
            jitter: definition.jitter_seconds,
            paused: definition.paused,
            queue: template.queue.clone(),
            lane: template.priority.as_str().into(),
            handler: template.handler.clone(),
            body: template.body.clone(),
            timeout: template.timeout_seconds,
            retry: (max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier.to_string().into()),
            fairness: template.fairness_key.clone(),
            expected: template.expected_duration_ms,
            retain: template.retain_seconds,
        }
    }

    fn read(self) -> Option<Definition> {
        let timing = match (self.cron, self.every) {
            (Some(expression), None) => Timing::Cron { expression, zone: Zone::parse(&self.zone?).ok()? },
            (None, Some(seconds)) => Timing::Every { seconds, anchor: Time::from_millis(self.anchor?) },
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let (max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier) = self.retry;
        let multiplier = multiplier.parse().ok()?;
        Some(Definition {
            timing,
            template: Template {
                queue: self.queue,
                priority: Priority::parse(&self.lane)?,
                handler: self.handler,
                body: self.body,
                timeout_seconds: self.timeout,
                retry: RetryPolicy { max_attempts, min_backoff_seconds, max_backoff_seconds, multiplier },
                fairness_key: self.fairness,
                expected_duration_ms: self.expected,
                retain_seconds: self.retain,
            },
            overlap: Overlap::parse(&self.overlap)?,
            misfire: Misfire::parse(&self.misfire)?,
            start_at: self.start.map(Time::from_millis),
            end_at: self.end.map(Time::from_millis),
            jitter_seconds: self.jitter,
            paused: self.paused,
        })
    }
}

fn to_item(schedule: &Schedule) -> Result<Item, StoreError> {
    let definition = serde_json::to_string(&Written::of(&schedule.definition));
    let definition = definition.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
    let mut item = key(&schedule.name);
    let mut set = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
    set(attr::VERSION, n(VERSION));
    set(attr::BORN, n(schedule.born.as_millis()));
    set(attr::CATALOG, s(keys::ALL_SCHEDULES));
    set(attr::SCHEDULE_VERSION, n(schedule.version));
    set(attr::REVISION, n(schedule.revision));
    set(attr::DEFINITION, s(definition));
    set(attr::PHASE, s(phase(&schedule.phase)));
    if let Some(last) = schedule.last {
        set(attr::LAST_RUN, s(format!("{}/{}", last.at.as_millis(), last.id)));
    }
    if !schedule.pending.is_empty() {
        let pending: Vec<String> = schedule.pending.iter().map(|at| at.as_millis().to_string()).collect();
        set(attr::PENDING, s(pending.join("/")));
    }
    if let Some(at) = schedule.look_at() {
        set(attr::AGENDA, s(keys::SCHEDULES));
        set(attr::AGENDA_AT, s(keys::schedule_at(at, &schedule.name)));
    }
    Ok(item)
}

fn phase(phase: &Phase) -> String {
    match phase {
        Phase::Active { next } => format!("active/{}", next.as_millis()),
        Phase::Idle => "idle".to_owned(),
        Phase::Withdrawing { since, next, then } => {
            let then = match then {
                Then::Resume => "resume",
                Then::Remove => "remove",
            };
            let next = next.map_or(String::new(), |next| next.as_millis().to_string());
            format!("withdrawing/{}/{then}/{next}", since.as_millis())
        }
    }
}

fn parse_phase(text: &str) -> Option<Phase> {
    let time = |text: &str| text.parse().ok().map(Time::from_millis);
    let words: Vec<&str> = text.split('/').collect();
    match words.as_slice() {
        ["active", next] => Some(Phase::Active { next: time(next)? }),
        ["idle"] => Some(Phase::Idle),
        ["withdrawing", since, then, next] => {
            let then = match *then {
                "resume" => Then::Resume,
                "remove" => Then::Remove,
                _ => return None,
            };
            let next = if next.is_empty() { None } else { Some(time(next)?) };
            Some(Phase::Withdrawing { since: time(since)?, next, then })
        }
        _ => None,
    }
}

fn last_run(text: &str) -> Option<LastRun> {
    let (at, id) = text.split_once('/')?;
    Some(LastRun { at: Time::from_millis(at.parse().ok()?), id: TaskId::parse(id)? })
}

fn from_item(item: &Item) -> Result<Schedule, Malformed> {
    let read = Reader(item);
    if read.number::<u32>(attr::VERSION)? != VERSION {
        return Err(Malformed { attribute: attr::VERSION });
    }
    let malformed = |attribute| Malformed { attribute };
    let definition: Written =
        serde_json::from_str(read.text(attr::DEFINITION)?).map_err(|_| malformed(attr::DEFINITION))?;
    let definition = definition.read().ok_or(malformed(attr::DEFINITION))?;
    let times = definition.times().map_err(|_| malformed(attr::DEFINITION))?;
    let pending = read
        .optional(attr::PENDING, Reader::text)?
        .map(|text| text.split('/').map(|at| at.parse().map(Time::from_millis)).collect::<Result<Vec<_>, _>>());
    Ok(Schedule {
        name: name(item)?,
        born: read.time(attr::BORN)?,
        version: read.number(attr::SCHEDULE_VERSION)?,
        revision: read.number(attr::REVISION)?,
        definition,
        times,
        phase: parse_phase(read.text(attr::PHASE)?).ok_or(malformed(attr::PHASE))?,
        last: match read.optional(attr::LAST_RUN, Reader::text)? {
            Some(text) => Some(last_run(text).ok_or(malformed(attr::LAST_RUN))?),
            None => None,
        },
        pending: pending.transpose().map_err(|_| malformed(attr::PENDING))?.unwrap_or_default(),
    })
}
