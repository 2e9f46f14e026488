//! One firing of a schedule: the task that comes of it.

use std::{collections::BTreeMap, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{Pending, Schedule, due::AHEAD};
use crate::{End, HttpTarget, NewTask, State, Stored, Target, Task, TaskId, TaskKey, Time, content::TaskContent};

/// A firing's record is kept at least so long after its end, in seconds: a tick that fires its time again, because the one
/// before it died, must find it.
const LEAST_RETAINED_SECONDS: u32 = 86_400;

/// A time of a schedule, and what it makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Firing {
    /// The time of the schedule.
    pub at: Time,
    /// The task's id, the same whoever fires it.
    pub id: TaskId,
    /// When the task is to start.
    pub run_at: Time,
}

impl Firing {
    /// The firing of that time.
    pub fn of(schedule: &Schedule, at: Time) -> Self {
        Firing::pending(schedule, Pending { at, revision: schedule.revision })
    }

    /// One that the schedule has made, by what it is or by what it was: then only the id is what it was.
    pub fn pending(schedule: &Schedule, Pending { at, revision }: Pending) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"taskway schedule\0");
        hash.update(schedule.name.as_bytes());
        hash.update([0]);
        hash.update(revision.to_be_bytes());
        hash.update(at.as_millis().to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let (mut key, mut draw) = ([0; 16], [0; 8]);
        key.copy_from_slice(&hash[..16]);
        draw.copy_from_slice(&hash[16..24]);
        let jitter_ms = u64::from_be_bytes(draw) % (u64::from(schedule.definition.jitter_seconds) * 1000 + 1);
        // Its birth is a part of its id and so the same whoever makes it: the first moment at which anybody may.
        let id = TaskId { key: TaskKey::from_bytes(key), born: at.before(AHEAD) };
        Firing { at, id, run_at: at.after(Duration::from_millis(jitter_ms)) }
    }

    /// Its task.
    pub fn task(&self, schedule: &Schedule, now: Time) -> NewTask {
        let mut new = schedule.definition.template.task(self.id, self.run_at, now);
        let retained = &mut new.task.spec.options.retain_seconds;
        *retained = (*retained).max(LEAST_RETAINED_SECONDS);
        new
    }

    /// The record that keeps this firing from ever becoming a task: cancelled from the start. Its content is short, so
    /// that the record holds it: no payload, labels or headers.
    pub fn tombstone(&self, schedule: &Schedule, now: Time) -> Task {
        let mut task = self.task(schedule, now).task;
        if let Ok(content) = schedule.definition.template.content() {
            let target = match content.target {
                Target::Http(target) => Target::Http(HttpTarget { headers: BTreeMap::new(), ..target }),
                handler @ Target::Handler(_) => handler,
            };
            let content = TaskContent { schedule: content.schedule, ..TaskContent::of(target) };
            task.spec.body = Stored::Inline(content.to_text());
        }
        let retained_until = task.retained_until(self.run_at.max(now));
        task.state = State::Ended { end: End::Cancelled, at: now, retained_until };
        task
    }
}
