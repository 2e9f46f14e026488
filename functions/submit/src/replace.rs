//! Submitting the task of an idempotency key anew, with `replace`.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{StateName, Step, Stored, Task, TaskId, TaskKey};
use taskway_runtime::faults::CrashPoint;

use crate::{
    Submit,
    accept::{Accepted, Entered, RETRY_AFTER, WRITES, unavailable},
    draft::Draft,
    problem::Problem,
};

/// How often a replacement is made again upon what somebody else changed meanwhile. Of many at once, one succeeds at a time.
const TRIES: usize = 100;

impl Submit {
    /// Makes the draft the task of its key, in place of the one that is there. `life` is the life for which the draft's upload
    /// was taken.
    ///
    /// The replacement enters the agenda before its message is sent. So a crash between the two loses neither the task that
    /// was accepted before nor this one.
    pub(crate) async fn replace(&self, draft: &Draft, life: Option<TaskId>) -> Result<Task, Problem> {
        let task = &draft.new.task;
        let mut has_part = false;
        for _ in 0..TRIES {
            let there = match self.kept(&task.id.key).await? {
                Some(there) => there,
                None if life.is_some() => break,
                None => match self.enter(draft).await? {
                    Entered::New(task) => return Ok(task),
                    Entered::Exists(there) => there,
                },
            };
            if draft.content.large_payload.is_some() && life != Some(there.id) {
                break;
            }
            let Some(there) = self.with_nothing_owed(there).await? else { continue };
            if !std::mem::replace(&mut has_part, true) {
                self.put_part(draft).await?;
            }
            let (generation, now) = (there.generation, self.services.clock.now());
            let step = Step::Replace { generation, now, spec: Box::new(task.spec.clone()) };
            let (replaced, ()) = futures::join!(self.services.apply(there.id, step), self.services.note_queue(task));
            let replaced = match replaced {
                Ok(replaced) => replaced,
                // The answer was lost, and the SDK has repeated the request. The replacement may have run since.
                Err(StoreError::Conflict(conflict)) if is_made(&conflict.task, draft, &there) => conflict.task,
                // Another request was first, it has ended and owes a callback, or its retention is over.
                Err(StoreError::Conflict(_) | StoreError::NotFound) => continue,
                Err(error) => return Err(unavailable(&error)),
            };
            self.services.faults.reach(CrashPoint::ChangeWritten).await;
            self.services.forget_hold(&there).await;
            self.send_if_near(&replaced).await;
            return Ok(replaced);
        }
        Err(Problem::contended(RETRY_AFTER))
    }

    /// Accepts many side by side, and those of one key one after the other. An answer for each.
    pub(crate) async fn accept_in_order(&self, drafts: &[&Draft]) -> Vec<Result<Accepted, Problem>> {
        let mut by_key: BTreeMap<TaskKey, Vec<(usize, &Draft)>> = BTreeMap::new();
        for (place, draft) in drafts.iter().enumerate() {
            by_key.entry(draft.new.task.id.key).or_default().push((place, draft));
        }
        let of_keys: Vec<_> = by_key
            .into_values()
            .map(|of_key| async move {
                let mut accepted = Vec::with_capacity(of_key.len());
                for (place, draft) in of_key {
                    accepted.push((place, self.accept(draft).await));
                }
                accepted
            })
            .collect();
        let mut accepted: Vec<_> = stream::iter(of_keys).buffer_unordered(WRITES).concat().await;
        accepted.sort_by_key(|(place, _)| *place);
        accepted.into_iter().map(|(_, accepted)| accepted).collect()
    }

    async fn put_part(&self, draft: &Draft) -> Result<(), Problem> {
        let task = &draft.new.task;
        let Stored::TextPart(digest) = &task.spec.body else { return Ok(()) };
        let put = self.services.store.put_part(&task.id.key, digest, &draft.new.text, draft.new.keep_text_until());
        put.await.map_err(|error| unavailable(&error))
    }

    /// The task when its end is written, if its deadline has passed, and the callback of its end is made. `None` if another
    /// process has done so.
    async fn with_nothing_owed(&self, there: Task) -> Result<Option<Task>, Problem> {
        let is_late = there.state_at(self.services.clock.now()) == StateName::Expired;
        let there = if is_late && !there.state.name().is_ended() { self.settle(there).await? } else { there };
        self.services.call_back(&there).await.map_err(|error| unavailable(&error))
    }
}

/// Whether this record is the draft in place of `there`.
fn is_made(record: &Task, draft: &Draft, there: &Task) -> bool {
    let is_next = record.id == there.id && record.generation == there.generation.next();
    is_next && record.spec == draft.new.task.spec
}
