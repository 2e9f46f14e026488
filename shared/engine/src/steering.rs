//! Queues that a person steers: whether a task may start, by the settings of its queue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::lock;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{
    HELD_SENT_AHEAD, QueueSettings, SETTINGS_KEPT, SETTINGS_KNOWN, Scope, TaskKey, Time, message::Message,
};

use crate::{Paced, Services};

/// The most queues whose settings a process keeps. Beyond that it forgets all of them.
const MOST_KEPT: usize = 10_000;

/// After a failed read of a queue's settings the next one begins this much later. Messages that waited for the failed read
/// do not each try it again.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// Whether a task may start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It may start, on these terms.
    Start(Terms),
    /// Its queue, of this name, is paused. It must be held.
    Hold(Box<str>),
}

/// What a task needs to start.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Terms {
    /// It may start before this time. From then on the queue may have been paused.
    pub until: Time,
    /// What it needs a permit of, if its queue has a limit.
    pub limit: Option<Limit>,
    /// What it needs a slot of, if its queue has a rate.
    pub paced: Option<Paced>,
}

/// A share of a queue's limit, which has permits for the attempts of some tasks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// The share.
    pub scope: Scope,
    /// How many permits it has.
    pub permits: u32,
    /// So much longer a permit is kept, because the attempt may have to wait for its slot.
    pub ahead: Duration,
}

impl Limit {
    /// The share of a queue's limit to which a task belongs. `None` if the queue has no limit.
    pub fn of(queue: &str, settings: QueueSettings, key: &TaskKey) -> Option<Self> {
        let share = settings.share(key);
        let ahead = if settings.pace.is_some() { HELD_SENT_AHEAD } else { Duration::ZERO };
        settings.permits(share).map(|permits| Limit { scope: Scope::new(queue, share), permits, ahead })
    }
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
            Some(queue) => self.admission(queue, &message.id.key).await,
            // The queue of an old message is known after the claim.
            None => Ok(Admission::Start(Terms::default())),
        }
    }

    /// Whether a task of this queue may start.
    ///
    /// # Errors
    /// [`StoreError`] when the settings cannot be read.
    pub async fn admission(&self, queue: &str, key: &TaskKey) -> Result<Admission, StoreError> {
        let (settings, read) = self.settings(queue).await?;
        if settings.paused {
            return Ok(Admission::Hold(queue.into()));
        }
        let limit = Limit::of(queue, settings, key);
        Ok(Admission::Start(Terms { until: read.after(SETTINGS_KNOWN), limit, paced: Paced::of(queue, settings) }))
    }

    /// The settings of a queue, and when their read began.
    pub(crate) async fn settings(&self, queue: &str) -> Result<(QueueSettings, Time), StoreError> {
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
}
