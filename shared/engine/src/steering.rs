//! Queues that a person steers: whether a task may start, by the settings of its queue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::lock;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{
    HELD_SENT_AHEAD, Part, QueueSettings, SETTINGS_KEPT, SETTINGS_KNOWN, Scope, TaskKey, Time, message::Message,
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
    /// What it needs permits of, in this order: its fairness key and its queue, as far as they have a limit.
    pub limits: Vec<Limit>,
    /// What it needs slots of, in this order: its fairness key and its queue, as far as they have a rate.
    pub paces: Vec<Paced>,
}

impl Terms {
    /// Whether it needs neither permits nor a slot.
    pub fn is_free(&self) -> bool {
        self.limits.is_empty() && self.paces.is_empty()
    }
}

/// A limit of a fairness key, or a share of a queue's limit. It has permits for the attempts of some tasks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// The fairness key or the share.
    pub scope: Scope,
    /// How many permits it has.
    pub permits: u32,
    /// So much longer a permit is kept, because the attempt may have to wait for its slot.
    pub ahead: Duration,
}

impl Limit {
    /// What the attempts of a task need permits of, the fairness key first.
    pub fn all(queue: &str, settings: QueueSettings, key: &TaskKey, fairness_key: Option<&str>) -> Vec<Self> {
        let of_key = fairness_key.map(|fairness_key| Scope::key(queue, fairness_key));
        let of_key = of_key.and_then(|scope| Limit::of(scope, settings));
        of_key.into_iter().chain(Limit::of(Scope::share(queue, settings.share(key)), settings)).collect()
    }

    /// The limit of a fairness key or of a share. `None` if it has none.
    pub fn of(scope: Scope, settings: QueueSettings) -> Option<Self> {
        let permits = match scope.part {
            Part::Share(share) => settings.permits(share)?,
            Part::Key(_) => settings.key_concurrency?.get(),
        };
        let is_paced = settings.pace.is_some() || settings.key_pace.is_some();
        let ahead = if is_paced { HELD_SENT_AHEAD } else { Duration::ZERO };
        Some(Limit { scope, permits, ahead })
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
            Some(queue) => self.admission(queue, &message.id.key, message.fairness_key.as_deref()).await,
            // The queue of an old message is known after the claim.
            None => Ok(Admission::Start(Terms::default())),
        }
    }

    /// Whether a task of this queue may start.
    ///
    /// # Errors
    /// [`StoreError`] when the settings cannot be read.
    pub async fn admission(
        &self,
        queue: &str,
        key: &TaskKey,
        fairness_key: Option<&str>,
    ) -> Result<Admission, StoreError> {
        let (settings, read) = self.settings(queue).await?;
        if settings.paused {
            return Ok(Admission::Hold(queue.into()));
        }
        let limits = Limit::all(queue, settings, key, fairness_key);
        let paces = Paced::all(queue, settings, fairness_key);
        Ok(Admission::Start(Terms { until: read.after(SETTINGS_KNOWN), limits, paces }))
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
