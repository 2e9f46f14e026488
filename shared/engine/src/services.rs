//! What submit, executor and scheduler work with.

use std::{fmt, sync::Arc};

use taskway_cloud::{
    dynamo::{Store, StoreError},
    sqs::{Lanes, QueueError, Sent},
};
use taskway_protocol::{
    Nonce, Step, Task, TaskId, Transition,
    message::{Message, Outgoing},
};
use taskway_runtime::{
    clock::{Clock, SystemClock},
    faults::Faults,
    random::{Random, SystemRandom},
};

use crate::Hooks;

/// The table, the queues, and what surrounds the process. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The table.
    pub store: Store,
    /// The queues.
    pub lanes: Lanes,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids, nonces and jitter.
    pub random: Arc<dyn Random>,
    /// Where a test lets the process die.
    pub faults: Faults,
    /// What is told of attempts and ends; production has none yet.
    pub hooks: Option<Arc<dyn Hooks>>,
}

impl Services {
    /// For production: the machine's clock and randomness, no faults, no hooks.
    pub fn new(store: Store, lanes: Lanes) -> Self {
        Services {
            store,
            lanes,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            faults: Faults::none(),
            hooks: None,
        }
    }

    /// The same with another table.
    #[must_use]
    pub fn with_store(self, store: Store) -> Self {
        Services { store, ..self }
    }

    /// The same with other queues.
    #[must_use]
    pub fn with_lanes(self, lanes: Lanes) -> Self {
        Services { lanes, ..self }
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Services { clock, ..self }
    }

    /// The same with other randomness.
    #[must_use]
    pub fn with_random(self, random: Arc<dyn Random>) -> Self {
        Services { random, ..self }
    }

    /// The same, dying elsewhere.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        Services { faults, ..self }
    }

    /// The same with these hooks.
    #[must_use]
    pub fn with_hooks(self, hooks: Arc<dyn Hooks>) -> Self {
        Services { hooks: Some(hooks), ..self }
    }

    /// Makes a transition and returns the record as it stands then. If the transition ended the task, the hooks are told.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what the transition expects.
    pub async fn apply(&self, id: TaskId, step: Step) -> Result<Task, StoreError> {
        let transition = Transition { born: id.born, step };
        #[expect(clippy::disallowed_methods, reason = "the one place that tells the hooks")]
        let written = self.store.apply(&id.key, &transition).await;
        if let Ok(task) = &written {
            self.ended(task).await;
        }
        written
    }

    /// [`apply`](Services::apply), for a step that can be recognised: where the table refuses it because it was made
    /// before and its answer was lost, `task`'s record stands as the step left it, and that counts as made.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what the transition expects, nor what it makes of `task`.
    pub async fn apply_once(&self, task: &Task, step: Step) -> Result<Task, StoreError> {
        let transition = Transition { born: task.id.born, step: step.clone() };
        match self.apply(task.id, step).await {
            Err(StoreError::Conflict(conflict)) if transition.apply(task).is_ok_and(|made| made == conflict.task) => {
                self.ended(&conflict.task).await;
                Ok(conflict.task)
            }
            written => written,
        }
    }

    /// Tells the hooks that a message's task is about to be claimed.
    pub async fn admit(&self, message: &Message) {
        if let Some(hooks) = &self.hooks {
            hooks.admit(message).await;
        }
    }

    async fn ended(&self, task: &Task) {
        if let Some(hooks) = &self.hooks
            && task.state.name().is_ended()
        {
            hooks.ended(task).await;
        }
    }

    /// Sends a message so that it arrives when its task is due.
    ///
    /// # Errors
    /// [`QueueError`]: it may or may not have been sent.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<Sent, QueueError> {
        self.lanes.send(outgoing, self.clock.now()).await
    }

    /// A fresh nonce.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.random.bits())
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("store", &self.store).field("lanes", &self.lanes).finish_non_exhaustive()
    }
}
