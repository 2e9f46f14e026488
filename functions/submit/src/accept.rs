//! Accepting tasks: the record and the message, in an order in which a crash loses nothing that was answered with 2xx.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};
use taskway_engine::Services;

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::{Created, StoreError},
    sqs::QueueError,
};
use taskway_protocol::{Nonce, Step, Stored, Task, TaskKey, message::Outgoing, unclaimed};
use taskway_runtime::faults::CrashPoint;

use crate::{
    Places,
    draft::{Draft, Found},
    lists::BREADTH,
    problem::Problem,
    validate::Limits,
};

/// How many records of a batch are written at a time.
pub(crate) const WRITES: usize = 50;

/// A submitter that has not sent its message by then has died.
const SENT_BY: Duration = Duration::from_secs(2);

/// When a client may try again after the cloud failed, in seconds.
pub(crate) const RETRY_AFTER: u32 = 2;

/// Takes tasks, and answers for them.
#[derive(Clone, Debug)]
pub struct Submit {
    /// Table, queues, clock, randomness.
    pub services: Services,
    /// What depends on how the stack is set up.
    pub limits: Limits,
    /// How many requests may wait for their tasks' ends at once.
    pub places: Places,
    /// How many partitions of an index one page of a list is merged from.
    pub breadth: usize,
}

/// A task that was accepted.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// Now.
    New(Task),
    /// Before, under the same idempotency key.
    Replayed(Task),
}

/// What came of a draft.
pub(crate) enum Entered {
    /// It is a task now.
    New(Task),
    /// Its key has this task already.
    Exists(Task),
}

impl Submit {
    /// A submit function with these services, at which as many requests may wait as ever.
    pub fn new(services: Services, limits: Limits) -> Self {
        Submit { services, limits, places: Places::MOST, breadth: BREADTH }
    }

    /// Accepts one task.
    pub(crate) async fn accept(&self, draft: &Draft) -> Result<Accepted, Problem> {
        if let Found::IsReplaced { life } = draft.found {
            return Box::pin(self.replace(draft, life)).await.map(Accepted::New);
        }
        match self.enter(draft).await? {
            Entered::New(task) => Ok(Accepted::New(task)),
            Entered::Exists(other) => self.replay(draft, other).await.map(Accepted::Replayed),
        }
    }

    /// Makes the draft a task, unless its key has one. Without a key, record and message are written at once; with one, the
    /// message follows the record, for another request may have the key.
    pub(crate) async fn enter(&self, draft: &Draft) -> Result<Entered, Problem> {
        let message = draft.new.message();
        let keyed = draft.new.task.spec.idempotency.is_some();
        let (created, sent) = match message {
            Some(message) if !keyed => {
                let (created, sent) = futures::join!(self.create(draft), self.services.send(&message));
                (created?, Some(sent))
            }
            message => {
                let created = self.create(draft).await?;
                match (&created, message) {
                    (Created::New, Some(message)) => (created, Some(self.services.send(&message).await)),
                    (Created::New, None) | (Created::Exists(..), _) => (created, None),
                }
            }
        };
        match created {
            Created::Exists(other, _) => Ok(Entered::Exists(*other)),
            Created::New => {
                self.services.faults.reach(CrashPoint::SubmitSent).await;
                match sent {
                    Some(Err(error)) => self.park(draft, &error).await.map(Entered::New),
                    Some(Ok(_)) | None => Ok(Entered::New(draft.new.task.clone())),
                }
            }
        }
    }

    /// Accepts many. An answer for each. Those of a key that one of them replaces take effect in their order.
    pub(crate) async fn accept_all(&self, drafts: &[Draft]) -> Vec<Result<Accepted, Problem>> {
        let key = |draft: &Draft| draft.new.task.id.key;
        let replaced: BTreeSet<TaskKey> = drafts.iter().filter(|draft| draft.is_replacing()).map(key).collect();
        let is_in_order = |draft: &&Draft| replaced.contains(&key(draft));
        let (ordered, others): (Vec<&Draft>, Vec<&Draft>) = drafts.iter().partition(is_in_order);
        let mut entered = VecDeque::from(self.enter_all(&others).await);
        let mut in_order = VecDeque::from(self.accept_in_order(&ordered).await);
        let accepted = |draft| if is_in_order(&draft) { in_order.pop_front() } else { entered.pop_front() };
        drafts.iter().filter_map(accepted).collect()
    }

    /// Accepts those that replace no task: the records side by side, then the messages in as few calls as they fit in.
    async fn enter_all(&self, drafts: &[&Draft]) -> Vec<Result<Accepted, Problem>> {
        let creates: Vec<_> = drafts.iter().copied().map(|draft| self.create(draft)).collect();
        let created: Vec<Result<Created, Problem>> = stream::iter(creates).buffered(WRITES).collect().await;
        let new = |created: &Result<Created, Problem>| matches!(created, Ok(Created::New));
        let messages: Vec<Option<Outgoing>> = drafts
            .iter()
            .zip(&created)
            .map(|(draft, created)| if new(created) { draft.new.message() } else { None })
            .collect();
        let outgoing: Vec<Outgoing> = messages.iter().flatten().cloned().collect();
        let mut sent = self.services.lanes.send_all(&outgoing, self.services.clock.now()).await.into_iter();
        self.services.faults.reach(CrashPoint::SubmitSent).await;
        let settle = drafts.iter().copied().zip(created).zip(messages).map(|((draft, created), message)| {
            let sent = message.and_then(|_| sent.next());
            async move {
                match (created?, sent) {
                    (Created::Exists(other, _), _) => self.replay(draft, *other).await.map(Accepted::Replayed),
                    (Created::New, Some(Err(error))) => self.park(draft, &error).await.map(Accepted::New),
                    (Created::New, Some(Ok(_)) | None) => Ok(Accepted::New(draft.new.task.clone())),
                }
            }
        });
        let settle: Vec<_> = settle.collect();
        stream::iter(settle).buffered(WRITES).collect().await
    }

    /// Puts the first record, after the body where that is an item of its own.
    async fn create(&self, draft: &Draft) -> Result<Created, Problem> {
        let task = &draft.new.task;
        if draft.found == Found::Only {
            // Its retention may be over since it was seen. Then the client may ask again.
            let found = self.kept(&task.id.key).await?.ok_or_else(|| Problem::unavailable(RETRY_AFTER))?;
            return Ok(Created::Exists(Box::new(found), None));
        }
        if let Stored::TextPart(digest) = &task.spec.body {
            if task.spec.idempotency.is_some()
                && let Some(found) = self.kept(&task.id.key).await?
            {
                // A replay need not write its body again, which a large one pays for.
                return Ok(Created::Exists(Box::new(found), None));
            }
            let put =
                self.services.store.put_part(&task.id.key, digest, &draft.new.text, draft.new.keep_text_until()).await;
            put.map_err(|error| unavailable(&error))?;
        }
        let owner = Nonce(self.services.random.bits());
        let now = self.services.clock.now();
        let noted = self.services.note_queue(task);
        let (created, ()) = futures::join!(self.services.store.create(task, owner, now), noted);
        let created = created.map_err(|error| unavailable(&error))?;
        self.services.faults.reach(CrashPoint::SubmitPut).await;
        Ok(match created {
            // The answer to this very put was lost, and the SDK put again. Without a key nobody else can have this id, and
            // who claimed it since is the record's owner now.
            Created::Exists(own, by) if own.id == task.id && (by == Some(owner) || task.spec.idempotency.is_none()) => {
                Created::New
            }
            // A life of this key that is forgotten by now, and was born in the same millisecond or by a clock that is ahead. The
            // next one must have another id.
            Created::Exists(other, _) if other.is_forgotten(now) => return Err(Problem::unavailable(RETRY_AFTER)),
            created @ (Created::New | Created::Exists(..)) => created,
        })
    }

    /// The record under a key, if there is one whose retention is not over.
    pub(crate) async fn kept(&self, key: &TaskKey) -> Result<Option<Task>, Problem> {
        match self.services.store.get(key).await {
            Ok(task) if !task.is_forgotten(self.services.clock.now()) => Ok(Some(task)),
            Ok(_) | Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// The queue refuses: the agenda carries the task, and the next tick sends it.
    async fn park(&self, draft: &Draft, error: &QueueError) -> Result<Task, Problem> {
        let task = &draft.new.task;
        tracing::warn!(task.id = %task.id, error = %taskway_runtime::log::causes(error), "cannot send; parking");
        let step = Step::Park { due: task.spec.run_at };
        match self.services.apply(task.id, step).await {
            Ok(parked) => {
                self.services.faults.reach(CrashPoint::SubmitParked).await;
                Ok(parked)
            }
            // It has ended and been forgotten, and the key has another life.
            Err(StoreError::Conflict(conflict)) if conflict.task.id != task.id => Ok(task.clone()),
            // It was sent after all, and somebody has it.
            Err(StoreError::Conflict(conflict)) => Ok(conflict.task),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Answers for a task that is there under the same key. Its submitter may have died before it sent the message: who
    /// finds that sends it.
    async fn replay(&self, draft: &Draft, mut found: Task) -> Result<Task, Problem> {
        let asked = draft.new.task.spec.idempotency.as_ref().map(|key| key.fingerprint);
        if found.spec.idempotency.as_ref().map(|key| key.fingerprint) != asked {
            return Err(Problem::idempotency_key_reused(draft.key_place.clone()));
        }
        let sent_by = found.id.born.after(SENT_BY);
        if unclaimed(&found).is_some() && self.services.clock.now() < sent_by {
            self.services.clock.sleep_until(sent_by).await;
            found = match self.kept(&found.id.key).await? {
                Some(now) if now.id == found.id => now,
                // It ran, ended and was forgotten meanwhile: what is known of it is that it was accepted.
                Some(_) | None => return Ok(found),
            };
        }
        if let Some(due) = unclaimed(&found) {
            // Parked first, so that of many replays one sends.
            let step = Step::Park { due };
            match self.services.apply(found.id, step).await {
                Ok(parked) => {
                    self.services.faults.reach(CrashPoint::SubmitParked).await;
                    self.send_if_near(&parked).await;
                    found = parked;
                }
                // It ended and was forgotten, and the key has another life, whose message may be yet to be sent.
                Err(StoreError::Conflict(conflict)) if conflict.task.id != found.id => {}
                // Somebody else did, or has claimed it.
                Err(StoreError::Conflict(conflict)) => found = conflict.task,
                Err(error) => return Err(unavailable(&error)),
            }
        }
        Ok(found)
    }
}

/// What a client is told when SQS does not do its work.
pub(crate) fn queue_unavailable(error: &QueueError) -> Problem {
    tracing::error!(error = %taskway_runtime::log::causes(error), "queue unavailable");
    if error.throttled { Problem::throttled(RETRY_AFTER) } else { Problem::unavailable(RETRY_AFTER) }
}

/// What a client is told when the table does not do its work.
pub(crate) fn unavailable(error: &StoreError) -> Problem {
    match error {
        StoreError::NotFound => Problem::not_found("task"),
        StoreError::Unavailable { throttled, .. } => {
            tracing::error!(error = %taskway_runtime::log::causes(error), "table unavailable");
            if *throttled { Problem::throttled(RETRY_AFTER) } else { Problem::unavailable(RETRY_AFTER) }
        }
        StoreError::Conflict(_) | StoreError::Malformed(_) => {
            tracing::error!(error = %taskway_runtime::log::causes(error), "unexpected record");
            Problem::internal()
        }
    }
}
