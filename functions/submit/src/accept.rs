//! Accepting tasks: the record and the message, in an order in which a crash loses nothing that was answered with 2xx.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use taskway::{
    clock::{Clock, SystemClock},
    domain::{Nonce, Step, Stored, Task, TaskKey, Transition},
    dynamo::{Created, Queues, Store, StoreError},
    faults::{CrashPoint, Faults},
    first::unclaimed,
    random::{Random, SystemRandom},
    sqs::{Lanes, Outgoing, QueueError, Sent},
};

use crate::{draft::Draft, problem::Problem, validate::Limits};

/// How many records of a batch are written at a time.
const WRITES: usize = 50;

/// A submitter that has not sent its message by then has died.
const SENT_BY: Duration = Duration::from_secs(2);

/// When a client may try again after the cloud failed, in seconds.
const RETRY_AFTER: u32 = 2;

/// Takes tasks, and answers for them.
#[derive(Clone)]
pub struct Submit {
    /// The table.
    pub store: Store,
    /// The queues.
    pub lanes: Lanes,
    /// The queues that are known to be noted.
    pub queues: Queues,
    /// What depends on how the stack is set up.
    pub limits: Limits,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and nonces.
    pub random: Arc<dyn Random>,
    /// Where the process dies.
    pub faults: Faults,
}

/// A task that was accepted.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// Now.
    New(Task),
    /// Before, under the same idempotency key.
    Replayed(Task),
}

impl Submit {
    /// For production.
    pub fn new(store: Store, lanes: Lanes, limits: Limits) -> Self {
        Submit {
            store,
            lanes,
            queues: Queues::default(),
            limits,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            faults: Faults::none(),
        }
    }

    /// Accepts one task. Without a key, record and message are written at once; with one, the message follows the
    /// record, for another request may have the key.
    pub(crate) async fn accept(&self, draft: &Draft) -> Result<Accepted, Problem> {
        let message = draft.first.message();
        let keyed = draft.first.task.spec.idempotency.is_some();
        let (created, sent) = match message {
            Some(message) if !keyed => {
                let (created, sent) = futures::join!(self.create(draft), self.send(&message));
                (created?, Some(sent))
            }
            message => {
                let created = self.create(draft).await?;
                match (&created, message) {
                    (Created::New, Some(message)) => (created, Some(self.send(&message).await)),
                    (Created::New, None) | (Created::Exists(..), _) => (created, None),
                }
            }
        };
        match created {
            Created::Exists(other, _) => self.replay(draft, *other).await.map(Accepted::Replayed),
            Created::New => {
                self.faults.reach(CrashPoint::SubmitSent).await;
                match sent {
                    Some(Err(error)) => self.park(draft, &error).await.map(Accepted::New),
                    Some(Ok(_)) | None => Ok(Accepted::New(draft.first.task.clone())),
                }
            }
        }
    }

    /// Accepts many: the records side by side, then the messages in as few calls as they fit in. An answer for each.
    pub(crate) async fn accept_all(&self, drafts: &[Draft]) -> Vec<Result<Accepted, Problem>> {
        let creates: Vec<_> = drafts.iter().map(|draft| self.create(draft)).collect();
        let created: Vec<Result<Created, Problem>> = stream::iter(creates).buffered(WRITES).collect().await;
        let new = |created: &Result<Created, Problem>| matches!(created, Ok(Created::New));
        let messages: Vec<Option<Outgoing>> = drafts
            .iter()
            .zip(&created)
            .map(|(draft, created)| if new(created) { draft.first.message() } else { None })
            .collect();
        let outgoing: Vec<Outgoing> = messages.iter().flatten().cloned().collect();
        let mut sent = self.lanes.send_all(&outgoing, self.clock.now()).await.into_iter();
        self.faults.reach(CrashPoint::SubmitSent).await;
        let settle = drafts.iter().zip(created).zip(messages).map(|((draft, created), message)| {
            let sent = message.and_then(|_| sent.next());
            async move {
                match (created?, sent) {
                    (Created::Exists(other, _), _) => self.replay(draft, *other).await.map(Accepted::Replayed),
                    (Created::New, Some(Err(error))) => self.park(draft, &error).await.map(Accepted::New),
                    (Created::New, Some(Ok(_)) | None) => Ok(Accepted::New(draft.first.task.clone())),
                }
            }
        });
        let settle: Vec<_> = settle.collect();
        stream::iter(settle).buffered(WRITES).collect().await
    }

    /// Puts the first record, after the body where that is an item of its own.
    async fn create(&self, draft: &Draft) -> Result<Created, Problem> {
        let task = &draft.first.task;
        if let Stored::Aside(digest) = &task.spec.body {
            if task.spec.idempotency.is_some()
                && let Some(found) = self.kept(&task.id.key).await?
            {
                // A replay need not write its body again, which a large one pays for.
                return Ok(Created::Exists(Box::new(found), None));
            }
            let put = self.store.put_part(&task.id.key, digest, &draft.first.text, draft.first.keep_body_until()).await;
            put.map_err(|error| unavailable(&error))?;
        }
        let owner = Nonce(self.random.bits());
        let now = self.clock.now();
        let noted = self.queues.note(&self.store, &task.spec.queue, now);
        let (created, ()) = futures::join!(self.store.create(task, owner, now), noted);
        let created = created.map_err(|error| unavailable(&error))?;
        self.faults.reach(CrashPoint::SubmitPut).await;
        Ok(match created {
            // The answer to this very put was lost, and the SDK put again. Without a key nobody else can have this id, and
            // who claimed it since is the record's owner now.
            Created::Exists(own, by) if own.id == task.id && (by == Some(owner) || task.spec.idempotency.is_none()) => {
                Created::New
            }
            created @ (Created::New | Created::Exists(..)) => created,
        })
    }

    /// The record under a key, if there is one whose retention is not over.
    pub(crate) async fn kept(&self, key: &TaskKey) -> Result<Option<Task>, Problem> {
        match self.store.get(key).await {
            Ok(task) if !task.is_forgotten(self.clock.now()) => Ok(Some(task)),
            Ok(_) | Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    pub(crate) async fn send(&self, outgoing: &Outgoing) -> Result<Sent, QueueError> {
        self.lanes.send(outgoing, self.clock.now()).await
    }

    /// The queue refuses: the agenda carries the task, and the next tick sends it.
    async fn park(&self, draft: &Draft, error: &QueueError) -> Result<Task, Problem> {
        let task = &draft.first.task;
        tracing::warn!(task.id = %task.id, error = %taskway::log::causes(error), "cannot send; parking");
        let step = Step::Park { due: task.spec.run_at };
        match self.store.apply(&task.id.key, &Transition { born: task.id.born, step }).await {
            Ok(parked) => {
                self.faults.reach(CrashPoint::SubmitParked).await;
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
        let asked = draft.first.task.spec.idempotency.as_ref().map(|key| key.fingerprint);
        if found.spec.idempotency.as_ref().map(|key| key.fingerprint) != asked {
            return Err(Problem::idempotency_key_reused(draft.key_place.clone()));
        }
        let sent_by = found.id.born.after(SENT_BY);
        if unclaimed(&found).is_some() && self.clock.now() < sent_by {
            self.clock.sleep_until(sent_by).await;
            found = match self.kept(&found.id.key).await? {
                Some(now) if now.id == found.id => now,
                // It ran, ended and was forgotten meanwhile: what is known of it is that it was accepted.
                Some(_) | None => return Ok(found),
            };
        }
        if let Some(due) = unclaimed(&found) {
            // Parked first, so that of many replays one sends.
            let step = Step::Park { due };
            match self.store.apply(&found.id.key, &Transition { born: found.id.born, step }).await {
                Ok(parked) => {
                    self.faults.reach(CrashPoint::SubmitParked).await;
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

/// What a client is told when the table does not do its work.
pub(crate) fn unavailable(error: &StoreError) -> Problem {
    match error {
        StoreError::NotFound => Problem::not_found("task"),
        StoreError::Unavailable { throttled, .. } => {
            tracing::error!(error = %taskway::log::causes(error), "table unavailable");
            if *throttled { Problem::throttled(RETRY_AFTER) } else { Problem::unavailable(RETRY_AFTER) }
        }
        StoreError::Conflict(_) | StoreError::Malformed(_) => {
            tracing::error!(error = %taskway::log::causes(error), "unexpected record");
            Problem::internal()
        }
    }
}

impl std::fmt::Debug for Submit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submit").field("store", &self.store).field("lanes", &self.lanes).finish_non_exhaustive()
    }
}
