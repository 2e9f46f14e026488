//! Removing the objects of tasks that are gone.
//!
//! An object's key has the id of its task. The records of tasks expire by themselves, and nothing tells when. So each day the
//! scheduler looks once at every object, and removes those whose task has no record. Each hour has its part of the ids, so
//! that a tick finds few objects, and no process must remember where another has stopped. A stack without objects pays for 24
//! requests a day.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::BATCH_GET_LIMIT,
    objects::{Listed, ObjectError, Objects},
};
use taskway_protocol::{OBJECTS_OF_TASKS, TaskId, Time, task_of_object};
use taskway_runtime::log::causes;

use crate::{report::Report, scheduler::Scheduler};

/// An hour, in milliseconds.
const HOUR: u64 = 3_600_000;

/// A younger object may be that of a task that is being submitted.
const YOUNG: Duration = Duration::from_secs(86_400);

/// How many objects are removed at a time.
const AT_ONCE: usize = 10;

/// The characters after the `t` of an id, in the order of keys.
const ALPHABET: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// Where this process is. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cleaning(Arc<Mutex<Place>>);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Place {
    /// The hour, counted from 1970, whose part this process has begun.
    hour: u64,
    /// Where it goes on. `None` if it is through.
    after: Option<String>,
}

impl Cleaning {
    /// The key after which this process goes on in this hour. `None` if it is through.
    fn next(&self, now: Time) -> Option<String> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.as_millis() / HOUR;
        if place.hour != hour {
            *place = Place { hour, after: Some(beginning(hour)) };
        }
        place.after.clone()
    }

    fn goes_on(&self, after: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).after = after;
    }
}

/// The key after which the part of this hour begins.
fn beginning(hour: u64) -> String {
    format!("{OBJECTS_OF_TASKS}t{}", char::from(ALPHABET[first(hour % 24)]))
}

/// The key before which the part of this hour ends.
fn end(hour: u64) -> String {
    match ALPHABET.get(first(hour % 24 + 1)) {
        Some(next) => format!("{OBJECTS_OF_TASKS}t{}", char::from(*next)),
        None => format!("{OBJECTS_OF_TASKS}u"),
    }
}

/// The first character of a part of the day.
fn first(part: u64) -> usize {
    usize::try_from(part * 64 / 24).unwrap_or_default()
}

impl Scheduler {
    /// Looks through the objects of this hour's part, and begins no new page after `until`.
    pub async fn clean(&self, until: Time) -> Report {
        let mut report = Report::default();
        let Some(objects) = &self.services.objects else { return report };
        let now = self.services.clock.now();
        let end = end(now.as_millis() / HOUR);
        while let Some(after) = self.cleaning.next(now) {
            if self.is_over(until) {
                break;
            }
            let page = match objects.list(&after).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(error = %causes(&error), "cannot list the objects of tasks");
                    report.failed += 1;
                    break;
                }
            };
            let last = page.last().map(|last| last.key.clone()).filter(|last| *last < end);
            let mine = page.into_iter().filter(|listed| listed.key < end && listed.stored_at.after(YOUNG) <= now);
            let removed = self.clean_page(objects, mine.collect(), now).await;
            report = report.plus(removed);
            self.cleaning.goes_on(last);
        }
        report
    }

    async fn clean_page(&self, objects: &Objects, page: Vec<Listed>, now: Time) -> Report {
        let mut report = Report::default();
        for chunk in page.chunks(BATCH_GET_LIMIT) {
            let ids: Vec<TaskId> = chunk.iter().filter_map(|listed| task_of_object(&listed.key)).collect();
            let there = match self.services.store.have_records(&ids, now, &*self.services.clock).await {
                Ok(there) => there,
                Err(error) => {
                    tracing::warn!(error = %causes(&error), "cannot read whether tasks have records");
                    report.failed += 1;
                    continue;
                }
            };
            let is_gone = |listed: &&Listed| task_of_object(&listed.key).is_some_and(|id| !there.contains(&id));
            let removals: Vec<_> = chunk.iter().filter(is_gone).map(|listed| objects.remove(&listed.key)).collect();
            let removed: Vec<Result<(), ObjectError>> =
                stream::iter(removals).buffer_unordered(AT_ONCE).collect().await;
            for removed in removed {
                match removed {
                    Ok(()) => report.objects_removed += 1,
                    Err(error) => {
                        tracing::warn!(error = %causes(&error), "cannot remove the object of a task that is gone");
                        report.failed += 1;
                    }
                }
            }
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use taskway_protocol::{Object, TaskKey};

    use super::*;

    #[test]
    fn the_parts_of_a_day_cover_all_ids_once() {
        for first in 0..=255 {
            let id = TaskId { key: TaskKey::from_bytes([first; 16]), born: Time::default() };
            let key = Object::of(b"").key_of(id);
            let hours: Vec<u64> = (0..24).filter(|hour| (beginning(*hour)..end(*hour)).contains(&key)).collect();
            assert_eq!(hours.len(), 1, "{key} is in the parts {hours:?}");
        }
    }

    #[test]
    fn each_hour_begins_its_part_and_ends_it() {
        let cleaning = Cleaning::default();
        let at = |hour: u64| Time::from_millis(hour * HOUR + 1);
        assert_eq!(cleaning.next(at(1_000)).as_deref(), Some(&*beginning(1_000)));
        cleaning.goes_on(Some("tasks/x".to_owned()));
        assert_eq!(cleaning.clone().next(at(1_000)).as_deref(), Some("tasks/x"));
        cleaning.goes_on(None);
        assert_eq!(cleaning.next(at(1_000)), None);
        assert_eq!(cleaning.next(at(1_001)).as_deref(), Some(&*beginning(1_001)));
    }
}
