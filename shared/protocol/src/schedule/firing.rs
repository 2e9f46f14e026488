//! One firing of a schedule, and its task.

use std::{collections::BTreeMap, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{due::AHEAD, pending::Pending, record::Schedule};
use crate::{End, HttpTarget, NewTask, State, Stored, Target, Task, TaskId, TaskKey, Time, content::TaskContent};

/// How long a firing's record is kept after its end, in seconds, even if the template asks for less. If a tick dies
/// before it writes the schedule, a later tick makes the same firing again and must find the record.
const LEAST_RETAINED_SECONDS: u32 = 86_400;

/// One time of a schedule, with the id and the start of its task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Firing {
    /// The time of the schedule.
    pub at: Time,
    /// The id of the task. Every process computes the same id.
    pub id: TaskId,
    /// When the task is to start: `at` plus the firing's jitter.
    pub run_at: Time,
}

impl Firing {
    /// The firing of `at` by the schedule's current revision.
    pub fn of(schedule: &Schedule, at: Time) -> Self {
        Firing::pending(schedule, Pending { at, revision: schedule.revision })
    }

    /// A firing that the schedule has made. If an earlier revision made it, its definition may have had another jitter,
    /// and `run_at` may differ from the task's.
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
        // The birth is part of the id, so every process must compute the same one: the first moment at which a tick may
        // make this firing.
        let id = TaskId { key: TaskKey::from_bytes(key), born: at.before(AHEAD) };
        Firing { at, id, run_at: at.after(Duration::from_millis(jitter_ms)) }
    }

    /// The task of this firing, as its first record stands at `now`.
    pub fn task(&self, schedule: &Schedule, now: Time) -> NewTask {
        let mut new = schedule.definition.template.task(self.id, self.run_at, now);
        let retained = &mut new.task.spec.options.retain_seconds;
        *retained = (*retained).max(LEAST_RETAINED_SECONDS);
        new
    }

    /// A cancelled record in the place of this firing's task. While it is there, no tick can create the task. Its
    /// content has no payload, labels or headers, so the record always holds it.
    pub fn tombstone(&self, schedule: &Schedule, now: Time) -> Task {
        let mut task = self.task(schedule, now).task;
        if let Ok(content) = schedule.definition.template.content() {
            let target = match content.target {
                Target::Http(target) => Target::Http(HttpTarget { headers: BTreeMap::new(), ..target }),
                small @ (Target::Handler(_) | Target::Lambda(_)) => small,
            };
            let content = TaskContent { schedule: content.schedule, ..TaskContent::of(target) };
            task.spec.body = Stored::Inline(content.to_text());
        }
        let retained_until = task.retained_until(self.run_at.max(now));
        task.state = State::Ended { end: End::Cancelled, at: now, retained_until, owes: false };
        task
    }
}
