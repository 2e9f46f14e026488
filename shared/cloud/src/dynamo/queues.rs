//! The names of all queues that have tasks. With them, all tasks can be listed without a scan.
//!
//! A name expires some weeks after the last task that it was noted for. Whoever makes a task notes its queue, and the audit
//! notes the queues of all tasks that are open, once a day.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::error::SdkError;
use futures::FutureExt;
use futures::{StreamExt, stream};

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, PAGE, Page, readable},
    record::{Item, Malformed, Reader, ms, n, s},
    store::Store,
};
use taskway_protocol::{State, Task, Time};

/// The most queues that a process remembers. Beyond that it forgets all of them, because clients may use any number of
/// names.
const MOST_KNOWN: usize = 10_000;

/// How long a name is kept beyond its task. Within that time the audit, once a day, sees every task that is open for longer
/// than was expected.
const SLACK: Duration = Duration::from_secs(WEEK);

/// Names expire at whole weeks, so that a process writes each of them once a week and not with every task.
const WEEK: u64 = 7 * 86_400;

/// How many names are written at a time.
const WRITES: usize = 16;

/// The name of a queue, and when it was first noted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueName {
    /// The name.
    pub name: Box<str>,
    /// When it was first noted. It never changes while the name is kept.
    pub noted: Time,
}

impl Store {
    /// Keeps the name of a queue until `until`, unless the table keeps it as long already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the name may or may not have been written.
    pub(super) async fn keep_queue(&self, name: &str, now: Time, until: Time) -> Result<(), StoreError> {
        let kept = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::queue_partition(name)))
            .key(attr::SK, s(keys::QUEUE_SORT))
            .update_expression("SET #cp = :queues, #born = if_not_exists(#born, :now), #ttl = :until")
            .condition_expression("attribute_not_exists(#ttl) OR #ttl < :until")
            .expression_attribute_names("#cp", attr::CATALOG)
            .expression_attribute_names("#born", attr::BORN)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":queues", s(keys::QUEUE_CATALOG))
            .expression_attribute_values(":now", ms(now))
            .expression_attribute_values(":until", n(until.as_secs()))
            .send()
            .boxed()
            .await;
        match kept {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// A page of the names that were first noted between `oldest` and `newest`, both included, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn queues(
        &self,
        newest: Time,
        oldest: Time,
        from: Option<Cursor>,
    ) -> Result<Page<QueueName>, StoreError> {
        self.some_queues(newest, oldest, from, PAGE).await
    }

    /// [`queues`](Store::queues), at most `most` on a page.
    pub(super) async fn some_queues(
        &self,
        newest: Time,
        oldest: Time,
        from: Option<Cursor>,
        most: i32,
    ) -> Result<Page<QueueName>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::CATALOG_INDEX)
            .key_condition_expression("#cp = :queues AND #born BETWEEN :oldest AND :newest")
            .expression_attribute_names("#cp", attr::CATALOG)
            .expression_attribute_names("#born", attr::BORN)
            .expression_attribute_values(":queues", s(keys::QUEUE_CATALOG))
            .expression_attribute_values(":oldest", ms(oldest))
            .expression_attribute_values(":newest", ms(newest))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .scan_index_forward(false)
            .limit(most)
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        let items = readable(found.items.unwrap_or_default(), queue);
        Ok(Page { items, next: found.last_evaluated_key.map(Cursor) })
    }
}

fn queue(item: &Item) -> Result<QueueName, Malformed> {
    let read = Reader(item);
    let name = keys::parse_queue_partition(read.text(attr::PK)?).ok_or(Malformed { attribute: attr::PK })?;
    Ok(QueueName { name: name.into(), noted: read.time(attr::BORN)? })
}

/// Until when the name of an open task's queue is kept, as far as is known now: a week and its retention after its next
/// attempt, at the end of that week.
fn kept_until(task: &Task, now: Time) -> Time {
    let next = match task.state {
        State::Scheduled { due, .. } | State::Queued { due } => due.max(now),
        State::Running { .. } | State::Ended { .. } => now,
    };
    let last = task.retained_until(next).after(SLACK);
    Time::from_millis((last.as_secs() / WEEK + 1) * WEEK * 1000)
}

/// The queues whose names this process has written, and until when those are kept, so that it writes a name once a week.
/// Clones share the names.
#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<Mutex<HashMap<Box<str>, Time>>>);

impl Queues {
    /// Writes the name of a task's queue if this process has not written it yet for that long. Call this for each task that
    /// is made.
    ///
    /// Only the list of the tasks of all queues needs the name. So a failure is logged, and the queue's next task tries
    /// again, as does the audit. So does the next task if this future is dropped before its end.
    pub async fn note(&self, store: &Store, task: &Task, now: Time) {
        self.keep(store, &task.spec.options.queue, kept_until(task, now), now).await;
    }

    /// Writes the names of the queues of all these tasks that are open.
    pub async fn note_open(&self, store: &Store, tasks: &[Task], now: Time) {
        let open = tasks.iter().filter(|task| !task.state.name().is_ended());
        let mut latest: HashMap<&str, Time> = HashMap::new();
        for task in open {
            let until = latest.entry(&task.spec.options.queue).or_default();
            *until = kept_until(task, now).max(*until);
        }
        let kept: Vec<_> = latest.into_iter().map(|(name, until)| self.keep(store, name, until, now)).collect();
        stream::iter(kept).buffer_unordered(WRITES).collect::<()>().await;
    }

    async fn keep(&self, store: &Store, name: &str, until: Time, now: Time) {
        let Some(before) = self.begin(name, until) else { return };
        let mut noting = Noting { queues: self, name, before, noted: false };
        match store.keep_queue(name, now, until).await {
            Ok(()) => noting.noted = true,
            Err(error) => {
                let error = taskway_runtime::log::causes(&error);
                tracing::warn!(queue.name = name, %error, "could not write the name of a queue");
            }
        }
    }

    /// Notes that the queue is kept until then. Returns until when it was kept before if that is earlier: then the caller
    /// must write its name.
    fn begin(&self, name: &str, until: Time) -> Option<Time> {
        let mut known = self.known();
        let before = known.get(name).copied().unwrap_or_default();
        if before >= until {
            return None;
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(name.into(), until);
        Some(before)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Box<str>, Time>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes again what was noted before when it is dropped, unless the name was written.
struct Noting<'a> {
    queues: &'a Queues,
    name: &'a str,
    before: Time,
    noted: bool,
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.queues.known().insert(self.name.into(), self.before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outlives_the_record_of_its_task_by_a_week_at_least_and_a_fortnight_at_most() {
        let now = Time::from_millis(1_795_420_800_000);
        let day = Duration::from_secs(86_400);
        let mut task = Task::example(now);
        let mut kept = |state: State, retain_seconds: u32| {
            task.state = state;
            task.spec.options.retain_seconds = retain_seconds;
            kept_until(&task, now)
        };
        for days in 0..60_u32 {
            let due = now.after(day * days);
            for retain_days in [0, 1, 7, 366] {
                let until = kept(State::Queued { due }, retain_days * 86_400);
                let beyond = until.since(due.after(day * retain_days));
                assert!(beyond >= day * 7 && beyond <= day * 14, "{days} {retain_days}: {beyond:?}");
            }
        }
        let overdue = kept(State::Queued { due: now.before(day * 90) }, 0);
        assert!(overdue.since(now) >= day * 7, "a task that waits for an executor is open now");
    }
}
