//! Queues that a person steers: whether a task may start, holding it back, and sending it when its queue goes on.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::lock;
use taskway_cloud::{
    dynamo::{BATCH_GET_LIMIT, Conflict, StoreError},
    sqs::BATCH,
};
use taskway_protocol::{
    Dispatch, Generation, HoldEntry, QueueSettings, SETTINGS_KEPT, SETTINGS_KNOWN, Task, TaskId, TaskKey, Time,
    Transition,
    message::{Message, Outgoing},
};
use taskway_runtime::faults::CrashPoint;

use crate::Services;

/// The most queues whose settings a process keeps. Beyond that it forgets all of them.
const MOST_KEPT: usize = 10_000;

/// After a failed read of a queue's settings the next one begins this much later. Messages that waited for the failed read
/// do not each try it again.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

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
type Slot = Arc<lock::Mutex<Option<Known>>>;

/// What came of the last read of a queue's settings.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// These settings. The time is that at which the read began.
    Settings(QueueSettings, Time),
    /// Nothing, at this time.
    Unavailable(Time),
}

/// What a dispatch did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Dispatched {
    /// Tasks whose message was sent.
    pub sent: usize,
    /// Tasks whose message SQS did not take. Their entries stay.
    pub failed: usize,
    /// Whether there are entries that it did not look at.
    pub more: bool,
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
    /// [`StoreError`] when the settings cannot be read.
    pub async fn admit(&self, message: &Message) -> Result<Admission, StoreError> {
        if let Some(hooks) = &self.hooks {
            hooks.admit(message).await;
        }
        match &message.queue {
            Some(queue) => self.admission(queue).await,
            // The queue of an old message is known after the claim.
            None => Ok(Admission::Start { until: Time::default() }),
        }
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
        match *known {
            Some(Known::Settings(settings, read)) if now < read.after(SETTINGS_KEPT) => return Ok((settings, read)),
            Some(Known::Unavailable(at)) if now < at.after(FAILURE_KEPT) => {
                let source = "the last read of the queue's settings has just failed".into();
                return Err(StoreError::Unavailable { throttled: false, source });
            }
            Some(Known::Settings(..) | Known::Unavailable(_)) | None => {}
        }
        match self.store.queue_settings(queue).await {
            Ok(settings) => {
                *known = Some(Known::Settings(settings, now));
                Ok((settings, now))
            }
            Err(error) => {
                *known = Some(Known::Unavailable(self.clock.now()));
                Err(error)
            }
        }
    }

    /// Holds a task, given its record: puts its entry into the hold list of its queue, then writes the record. `id` and
    /// `generation` are those of its message.
    ///
    /// If the record has changed since it was read and refuses the step, the entry stays, because another executor may be
    /// about to need it. A dispatch removes it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what a claim would expect.
    pub async fn hold(&self, task: &Task, id: TaskId, generation: Generation) -> Result<Task, StoreError> {
        let now = self.clock.now();
        let step = HoldEntry::step(task, generation, now);
        let held = Transition { born: id.born, step: step.clone() }.apply(task);
        let held = held
            .map_err(|refusal| StoreError::Conflict(Box::new(Conflict { refusal, task: task.clone(), owner: None })))?;
        // A held task has an entry.
        let Some(entry) = HoldEntry::of(&held) else { return Ok(held) };
        let queue = &held.spec.options.queue;
        self.store.put_hold(queue, &entry, now).await?;
        self.faults.reach(CrashPoint::HoldPut).await;
        let written = self.apply(id, step).await?;
        self.faults.reach(CrashPoint::Held).await;
        Ok(written)
    }

    /// Removes the entry of a task that was held when it was read, and was cancelled or moved since. If that fails, a
    /// dispatch removes it.
    pub async fn forget_hold(&self, before: &Task) {
        let Some(entry) = HoldEntry::of(before) else { return };
        if let Err(error) = self.store.remove_holds(&before.spec.options.queue, &[entry]).await {
            let (id, error) = (before.id, taskway_runtime::log::causes(&error));
            tracing::warn!(task.id = %id, %error, "cannot remove task {id} from the hold list of its queue");
        }
    }

    /// Sends the tasks of a queue's hold list, the smallest rank first, as long as the queue is not paused. Begins no page
    /// after `until`, or after it has sent `most`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not sent stays in the list.
    pub async fn dispatch_held(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let (mut dispatched, mut from) = (Dispatched::default(), None);
        loop {
            // For each page: executors would hold again what is sent after another pause.
            let settings = self.store.queue_settings(queue).await?;
            if settings.paused {
                return Ok(Dispatched { more: false, ..dispatched });
            }
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
                    (Dispatch::Remove, Some(_)) => useless.push(held.entry),
                    // A record that only a newer release can read is left out above.
                    (Dispatch::Remove, None) => {
                        if matches!(self.store.get(&held.entry.id.key).await, Err(StoreError::NotFound)) {
                            useless.push(held.entry);
                        }
                    }
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
            dispatched.more = from.is_some();
            if from.is_none() || dispatched.sent >= most || self.clock.now() >= until {
                return Ok(dispatched);
            }
        }
    }
}
