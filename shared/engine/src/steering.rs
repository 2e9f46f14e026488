//! Queues that a person steers: whether a task may start, holding it back, and sending it when its queue goes on.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use futures::lock;
use taskway_cloud::{
    dynamo::{BATCH_GET_LIMIT, StoreError},
    sqs::BATCH,
};
use taskway_protocol::{
    Dispatch, HoldEntry, Priority, QueueSettings, Refusal, SETTINGS_KEPT, SETTINGS_KNOWN, Step, Task, TaskKey, Time,
    message::{Message, Outgoing},
    rank,
};
use taskway_runtime::faults::CrashPoint;

use crate::Services;

/// The most queues whose settings a process keeps. Beyond that it forgets all of them.
const MOST_KEPT: usize = 10_000;

/// Whether a task may start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It may start before this time. From then on the queue may have been paused.
    Start {
        /// The time.
        until: Time,
    },
    /// Its queue, of this name, is paused. It must be held.
    Hold(Box<str>),
}

/// The settings of queues that this process has read, each with the time of the read. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Steering(Arc<Mutex<HashMap<Box<str>, Slot>>>);

/// Locked while the settings are read, so that messages of one queue that arrive together cause one read.
type Slot = Arc<lock::Mutex<Option<(QueueSettings, Time)>>>;

/// What a dispatch did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Dispatched {
    /// Tasks whose message was sent.
    pub sent: usize,
    /// Tasks whose message SQS did not take. Their entries stay.
    pub failed: usize,
}

impl Steering {
    fn slot(&self, queue: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(queue) {
            return Arc::clone(slot);
        }
        if slots.len() >= MOST_KEPT {
            slots.clear();
        }
        Arc::clone(slots.entry(queue.into()).or_default())
    }
}

impl Services {
    /// Decides whether the task of this message may start, by the settings of its queue. They are a few seconds old at
    /// most. Also tells the hooks that the executor is about to claim or hold the task.
    ///
    /// # Errors
    /// [`StoreError`] when the settings cannot be read. [`StoreError::NotFound`] when the message does not name its queue
    /// and the task has no record.
    pub async fn admit(&self, message: &Message) -> Result<Admission, StoreError> {
        if let Some(hooks) = &self.hooks {
            hooks.admit(message).await;
        }
        let queue = match &message.queue {
            Some(queue) => queue.clone(),
            None => self.store.get(&message.id.key).await?.spec.options.queue,
        };
        self.admission(&queue).await
    }

    /// Whether tasks of this queue may start.
    ///
    /// # Errors
    /// [`StoreError`] when the settings cannot be read.
    pub async fn admission(&self, queue: &str) -> Result<Admission, StoreError> {
        let (settings, read) = self.settings(queue).await?;
        let until = read.after(SETTINGS_KNOWN);
        Ok(if settings.paused { Admission::Hold(queue.into()) } else { Admission::Start { until } })
    }

    /// The settings of a queue, and when their read began.
    async fn settings(&self, queue: &str) -> Result<(QueueSettings, Time), StoreError> {
        let slot = self.steering.slot(queue);
        let mut known = slot.lock().await;
        let now = self.clock.now();
        if let Some((settings, read)) = *known
            && now < read.after(SETTINGS_KEPT)
        {
            return Ok((settings, read));
        }
        let settings = self.store.queue_settings(queue, false).await?;
        *known = Some((settings, now));
        Ok((settings, now))
    }

    /// Holds the task of a message: puts its entry into the queue's hold list, then writes the record. If the record
    /// refuses, the entry stays, because another executor may be about to need it; a dispatch removes it. No executor
    /// needs the entry of a life that is over.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what a claim would expect.
    pub async fn hold(&self, queue: &str, lane: Priority, message: &Message) -> Result<Task, StoreError> {
        let now = self.clock.now();
        let due = message.due.min(now);
        let entry = HoldEntry {
            id: message.id,
            generation: message.generation.next(),
            rank: rank(due, lane, message.expected_duration_ms),
        };
        self.store.put_hold(queue, &entry, now).await?;
        self.faults.reach(CrashPoint::HoldPut).await;
        let held = self.apply(message.id, Step::Hold { generation: message.generation, now, due }).await;
        match &held {
            Ok(_) => self.faults.reach(CrashPoint::Held).await,
            Err(StoreError::Conflict(conflict))
                if matches!(conflict.refusal, Refusal::Ended(_) | Refusal::OtherLife) =>
            {
                self.remove_hold(queue, entry).await;
            }
            Err(_) => {}
        }
        held
    }

    /// Removes the entry of a task that was held when it was read, and was cancelled or moved since.
    pub async fn forget_hold(&self, before: &Task) {
        if let Some(entry) = HoldEntry::of(before) {
            self.remove_hold(&before.spec.options.queue, entry).await;
        }
    }

    /// Removes an entry that is of no use. If that fails, a dispatch removes it.
    async fn remove_hold(&self, queue: &str, entry: HoldEntry) {
        if let Err(error) = self.store.remove_holds(queue, &[entry]).await {
            let (id, error) = (entry.id, taskway_runtime::log::causes(&error));
            tracing::warn!(task.id = %id, %error, "cannot remove task {id} from the hold list of its queue");
        }
    }

    /// Sends the tasks of a queue's hold list, the smallest rank first, unless the queue is paused. Begins no page after
    /// `until`, or after it has sent `most`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not sent stays in the list.
    pub async fn dispatch_held(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let settings = self.store.queue_settings(queue, true).await?;
        let (mut dispatched, mut from) = (Dispatched::default(), None);
        if settings.paused {
            return Ok(dispatched);
        }
        loop {
            let page = self.store.held(queue, from).await?;
            let keys: HashSet<TaskKey> = page.items.iter().map(|held| held.entry.id.key).collect();
            let mut tasks: HashMap<TaskKey, Task> = HashMap::with_capacity(keys.len());
            for some in keys.into_iter().collect::<Vec<_>>().chunks(BATCH_GET_LIMIT) {
                let found = self.store.get_many(some, true, &*self.clock).await?;
                tasks.extend(found.into_iter().map(|task| (task.id.key, task)));
            }
            let now = self.clock.now();
            let (mut useless, mut entries, mut outgoing) = (Vec::new(), Vec::new(), Vec::new());
            for held in page.items {
                let task = tasks.get(&held.entry.id.key);
                match (held.entry.dispatch(task, held.put, now), task) {
                    (Dispatch::Send, Some(task)) => {
                        entries.push(held.entry);
                        outgoing.push(Outgoing::of(task, settings.arrival(now)));
                    }
                    (Dispatch::Remove, _) => useless.push(held.entry),
                    (Dispatch::Skip, _) | (Dispatch::Send, None) => {}
                }
            }
            self.store.remove_holds(queue, &useless).await?;
            for (entries, outgoing) in entries.chunks(BATCH).zip(outgoing.chunks(BATCH)) {
                let answers = self.lanes.send_all(outgoing, self.clock.now()).await;
                self.faults.reach(CrashPoint::HeldSent).await;
                let sent: Vec<HoldEntry> = entries
                    .iter()
                    .zip(&answers)
                    .filter(|(_, answer)| answer.is_ok())
                    .map(|(entry, _)| *entry)
                    .collect();
                dispatched.sent += sent.len();
                dispatched.failed += entries.len() - sent.len();
                self.store.remove_holds(queue, &sent).await?;
            }
            from = page.next;
            if from.is_none() || dispatched.sent >= most || self.clock.now() >= until {
                return Ok(dispatched);
            }
        }
    }
}
