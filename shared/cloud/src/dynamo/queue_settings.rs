//! What people have set for a queue, and how much is in it.

use std::{collections::HashMap, num::NonZeroU32};

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{AttributeValue, ReturnValue, Select},
};
use futures::{FutureExt, future::try_join_all};
use taskway_protocol::{Overhang, Pace, QueueSettings, Rate, Scope, Time};
use taskway_runtime::clock::Clock;

use super::{
    attr,
    batch_get::BATCH_GET_LIMIT,
    error::StoreError,
    holds, keys,
    page::{Cursor, PAGE, Page, readable},
    queues::QueueName,
    record::{Item, Malformed, Reader, ms, n, s},
    store::Store,
};

/// The name of a queue with settings is kept for ever: until the year 9999.
const FOR_EVER: Time = Time::from_millis(253_370_764_800_000);

/// Tasks are counted up to this number.
pub(super) const MOST_COUNTED: i32 = 1_000;

/// A number of tasks, counted up to a thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// So many or more.
    AtLeast(u32),
}

impl Count {
    /// The number that was counted.
    pub fn at_least(self) -> usize {
        let (Count::Exactly(count) | Count::AtLeast(count)) = self;
        count as usize
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Count) -> Count {
        match (self, other) {
            (Count::Exactly(one), Count::Exactly(other)) => Count::Exactly(one + other),
            (Count::Exactly(one) | Count::AtLeast(one), Count::Exactly(other) | Count::AtLeast(other)) => {
                Count::AtLeast(one + other)
            }
        }
    }
}

impl Store {
    /// The settings of a queue. A queue that nobody has set up has the default ones. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn queue_settings(&self, name: &str) -> Result<QueueSettings, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(name, keys::SETTINGS_SORT)))
            .consistent_read(true)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        match got.item {
            Some(item) => Ok(settings(&item)?),
            None => Ok(QueueSettings::default()),
        }
    }

    /// A page of the queues that have tasks or settings, the one that was noted last first: at most `most` after
    /// `after`, and where the next page begins. The read is eventually consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn listed_queues(
        &self,
        after: Option<&QueueName>,
        most: usize,
        clock: &dyn Clock,
    ) -> Result<(Vec<(Box<str>, QueueSettings)>, Option<QueueName>), StoreError> {
        let from = after.map(|last| {
            let mut item = key(&last.name, keys::QUEUE_SORT);
            item.insert(attr::CATALOG.to_owned(), s(keys::QUEUE_CATALOG));
            item.insert(attr::BORN.to_owned(), ms(last.noted));
            Cursor(item)
        });
        let most = i32::try_from(most.min(BATCH_GET_LIMIT)).unwrap_or(i32::MAX);
        let Page { items: names, next } =
            self.some_queues(Time::from_millis(u64::MAX), Time::default(), from, most).await?;
        let wanted = names.iter().map(|queue| key(&queue.name, keys::SETTINGS_SORT)).collect();
        let found = self.get_items(wanted, false, clock).await?;
        let set: HashMap<String, QueueSettings> = readable(found, |item| {
            let name = keys::parse_queue_partition(Reader(item).text(attr::PK)?);
            Ok((name.ok_or(Malformed { attribute: attr::PK })?.to_owned(), settings(item)?))
        })
        .into_iter()
        .collect();
        let next = next.and_then(|_| names.last().cloned());
        let listed = names.into_iter().map(|queue| {
            let settings = set.get(&*queue.name).copied().unwrap_or_default();
            (queue.name, settings)
        });
        Ok((listed.collect(), next))
    }

    /// Sets up a queue whose settings were `before`, and keeps its name. While the queue is not paused, ticks read its hold
    /// list. Returns whether the queue has the new settings: not if another process has changed it since they were read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the settings may or may not have been written.
    pub async fn set_queue(
        &self,
        name: &str,
        before: QueueSettings,
        settings: QueueSettings,
    ) -> Result<bool, StoreError> {
        self.keep_queue(name, settings.changed_at, FOR_EVER).await?;
        // An update and no put: it leaves what a newer release has written beside.
        let mut sets = vec!["#paused = :paused", "#changed = :changed"];
        let mut removes = Vec::new();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(name, keys::SETTINGS_SORT)))
            .expression_attribute_names("#paused", attr::PAUSED)
            .expression_attribute_names("#changed", attr::CHANGED)
            .expression_attribute_values(":paused", AttributeValue::Bool(settings.paused))
            .expression_attribute_values(":changed", ms(settings.changed_at));
        let others = [
            ("#eased", ":eased", attr::EASED, (settings.eased_at > Time::default()).then(|| ms(settings.eased_at))),
            ("#kc", ":kc", attr::KEY_CONCURRENCY, settings.key_concurrency.map(n)),
            ("#kr", ":kr", attr::KEY_RATE, settings.key_pace.map(|pace| s(rate(pace.rate)))),
            ("#krset", ":krset", attr::KEY_RATE_SET, settings.key_pace.map(|pace| ms(pace.set_at))),
            ("#keyed", ":keyed", attr::KEYED, settings.keyed.then_some(AttributeValue::Bool(true))),
            ("#conc", ":conc", attr::CONCURRENCY, settings.concurrency.map(n)),
            ("#shares", ":shares", attr::SHARES, (settings.shares > 0).then(|| n(settings.shares))),
            ("#mixed", ":mixed", attr::MIXED, settings.mixed.then_some(AttributeValue::Bool(true))),
            ("#rate", ":rate", attr::RATE, settings.pace.map(|pace| s(rate(pace.rate)))),
            ("#rset", ":rset", attr::RATE_SET, settings.pace.map(|pace| ms(pace.set_at))),
            ("#over", ":over", attr::OVERHANG, overhang(settings.overhang)),
            ("#ap", ":ap", attr::AGENDA, (!settings.paused).then(|| s(keys::QUEUE_AGENDA))),
            ("#as", ":as", attr::AGENDA_AT, (!settings.paused).then(|| s(name))),
        ];
        let mut set = Vec::new();
        for (name, place, attribute, value) in others {
            update = update.expression_attribute_names(name, attribute);
            match value {
                Some(value) => {
                    set.push(format!("{name} = {place}"));
                    update = update.expression_attribute_values(place, value);
                }
                None => removes.push(name),
            }
        }
        sets.extend(set.iter().map(String::as_str));
        let mut expression = format!("SET {}", sets.join(", "));
        if !removes.is_empty() {
            expression = format!("{expression} REMOVE {}", removes.join(", "));
        }
        let update = update.update_expression(expression);
        let update = if before.changed_at == Time::default() {
            update.condition_expression("attribute_not_exists(#changed)")
        } else {
            update
                .condition_expression("#changed = :before")
                .expression_attribute_values(":before", ms(before.changed_at))
        };
        match update.return_values(ReturnValue::AllNew).send().boxed().await {
            Ok(_) => Ok(true),
            // The SDK may have repeated this write after the answer was lost.
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                Ok(self.queue_settings(name).await? == settings)
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The queues whose ledgers and hold lists a tick must read: those that have settings and are not paused.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn queues_to_dispatch(&self, from: Option<Cursor>) -> Result<Page<Box<str>>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :queues")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_values(":queues", s(keys::QUEUE_AGENDA))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .limit(PAGE)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), |item| Ok(Reader(item).text(attr::AGENDA_AT)?.into()));
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }

    /// How many entries a hold list has. Some may be of tasks that were cancelled or moved since.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_held(&self, scope: &Scope) -> Result<Count, StoreError> {
        let counted = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(holds::whole(scope))
            .set_expression_attribute_names(Some(holds::names(scope)))
            .set_expression_attribute_values(Some(holds::values(scope)))
            .select(Select::Count)
            .limit(MOST_COUNTED)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(count(counted.count, counted.last_evaluated_key.is_some()))
    }

    /// How many entries the hold lists of a queue's fairness keys have.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_held_by_keys(&self, queue: &str) -> Result<Count, StoreError> {
        let counts = try_join_all((0..keys::KEY_PLACES).map(async |place| {
            let counted = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :list")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_values(":list", s(keys::key_holds_partition(queue, place)))
                .select(Select::Count)
                .limit(MOST_COUNTED)
                .send()
                .boxed()
                .await
                .map_err(StoreError::unavailable)?;
            Ok::<_, StoreError>(count(counted.count, counted.last_evaluated_key.is_some()))
        }));
        Ok(counts.await?.into_iter().fold(Count::Exactly(0), Count::plus))
    }

    /// How many tasks of a queue ended as failed and are kept.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_dead(&self, queue: &str) -> Result<Count, StoreError> {
        let (least, greatest) = keys::dead_range(None);
        let counted = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::AGENDA_INDEX)
            .key_condition_expression("#ap = :queue AND #as BETWEEN :least AND :greatest")
            .expression_attribute_names("#ap", attr::AGENDA)
            .expression_attribute_names("#as", attr::AGENDA_AT)
            .expression_attribute_values(":queue", s(queue))
            .expression_attribute_values(":least", s(least))
            .expression_attribute_values(":greatest", s(greatest))
            .select(Select::Count)
            .limit(MOST_COUNTED)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(count(counted.count, counted.last_evaluated_key.is_some()))
    }
}

fn key(queue: &str, sort: &str) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::queue_partition(queue))), (attr::SK.to_owned(), s(sort))])
}

fn settings(item: &Item) -> Result<QueueSettings, Malformed> {
    let paused = item.get(attr::PAUSED).and_then(|paused| paused.as_bool().ok());
    Ok(QueueSettings {
        paused: *paused.ok_or(Malformed { attribute: attr::PAUSED })?,
        concurrency: Reader(item).optional(attr::CONCURRENCY, Reader::number)?,
        pace: pace(item, attr::RATE, attr::RATE_SET)?,
        key_pace: pace(item, attr::KEY_RATE, attr::KEY_RATE_SET)?,
        key_concurrency: Reader(item).optional(attr::KEY_CONCURRENCY, Reader::number)?,
        keyed: item.contains_key(attr::KEYED),
        changed_at: Reader(item).time(attr::CHANGED)?,
        eased_at: Reader(item).optional(attr::EASED, Reader::time)?.unwrap_or_default(),
        shares: Reader(item).optional(attr::SHARES, Reader::number)?.unwrap_or_default(),
        mixed: item.contains_key(attr::MIXED),
        overhang: match Reader(item).optional(attr::OVERHANG, Reader::text)? {
            Some(text) => parse_overhang(text).ok_or(Malformed { attribute: attr::OVERHANG })?,
            None => Overhang::default(),
        },
    })
}

/// The rate in these attributes.
fn pace(item: &Item, rate: &'static str, set_at: &'static str) -> Result<Option<Pace>, Malformed> {
    let Some(text) = Reader(item).optional(rate, Reader::text)? else { return Ok(None) };
    let parsed = parse_rate(text).ok_or(Malformed { attribute: rate })?;
    Ok(Some(Pace { rate: parsed, set_at: Reader(item).time(set_at)? }))
}

fn overhang(overhang: Overhang) -> Option<AttributeValue> {
    let Overhang { permits, from } = overhang;
    (permits > 0).then(|| s(format!("{permits}/{from}")))
}

fn parse_overhang(text: &str) -> Option<Overhang> {
    let (permits, from) = text.split_once('/')?;
    Some(Overhang { permits: permits.parse().ok()?, from: from.parse().ok()? })
}

fn rate(rate: Rate) -> String {
    let Rate { tasks, per_seconds, burst } = rate;
    format!("{tasks}/{per_seconds}/{burst}")
}

fn parse_rate(text: &str) -> Option<Rate> {
    let mut numbers = text.split('/').map(|number| number.parse::<NonZeroU32>().ok());
    let (tasks, per_seconds, burst) = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(Rate { tasks, per_seconds, burst })
}

pub(super) fn count(counted: i32, more: bool) -> Count {
    let counted = counted.unsigned_abs();
    if more { Count::AtLeast(counted) } else { Count::Exactly(counted) }
}
