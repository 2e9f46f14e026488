//! The set of services that submit, executor and scheduler share.

use std::{fmt, sync::Arc};

use taskway_cloud::{
    dynamo::{Queues, Store, StoreError},
    objects::Objects,
    sqs::{Lanes, QueueError, Sent},
};
use taskway_protocol::{Nonce, State, Step, Task, TaskId, Time, Transition, message::Outgoing};
use taskway_runtime::{
    clock::{Clock, SystemClock},
    faults::Faults,
    random::{Random, SystemRandom},
};

use crate::{fairness_keys::KeyPlaces, hooks::Hooks, permits::Dispatching, steering::Steering, tally::Tally};

/// The table, the queues, and the surroundings of the process. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The table.
    pub store: Store,
    /// The queues.
    pub lanes: Lanes,
    /// The bucket with payloads and results that are too large for the table. `None` if this process knows none.
    pub objects: Option<Objects>,
    /// The queues of tasks whose names this process has written.
    pub queues: Queues,
    /// The settings of queues that this process has read lately.
    pub steering: Steering,
    /// The hold lists that this process is dispatching.
    pub dispatching: Dispatching,
    /// How far this process has looked through the fairness keys of queues.
    pub key_places: KeyPlaces,
    /// What this process has counted and not yet told.
    pub tally: Tally,
    /// The source of the time, and of every wait.
    pub clock: Arc<dyn Clock>,
    /// The source of ids, nonces and jitter.
    pub random: Arc<dyn Random>,
    /// Where a test lets the process die. In production nowhere.
    pub faults: Faults,
    /// What is called at attempts and ends. In production nothing.
    pub hooks: Option<Arc<dyn Hooks>>,
}

impl Services {
    /// Services for production: the machine's clock and randomness, no faults, no hooks.
    pub fn new(store: Store, lanes: Lanes) -> Self {
        Services {
            store,
            lanes,
            objects: None,
            queues: Queues::default(),
            steering: Steering::default(),
            dispatching: Dispatching::default(),
            key_places: KeyPlaces::default(),
            tally: Tally::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            faults: Faults::none(),
            hooks: None,
        }
    }

    /// The same services with another table.
    #[must_use]
    pub fn with_store(self, store: Store) -> Self {
        Services { store, ..self }
    }

    /// The same services with other queues.
    #[must_use]
    pub fn with_lanes(self, lanes: Lanes) -> Self {
        Services { lanes, ..self }
    }

    /// The same services with this bucket.
    #[must_use]
    pub fn with_objects(self, objects: Option<Objects>) -> Self {
        Services { objects, ..self }
    }

    /// The same services with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Services { clock, ..self }
    }

    /// The same services with another source of randomness.
    #[must_use]
    pub fn with_random(self, random: Arc<dyn Random>) -> Self {
        Services { random, ..self }
    }

    /// The same services with other places to die at.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        Services { faults, ..self }
    }

    /// The same services with these hooks.
    #[must_use]
    pub fn with_hooks(self, hooks: Arc<dyn Hooks>) -> Self {
        Services { hooks: Some(hooks), ..self }
    }

    /// Makes a transition and returns the record as it stands then. If the transition ended the task, calls the hook and makes
    /// the callback.
    ///
    /// When the answer to a write is lost, the SDK writes again and the table refuses, because the record has changed. For
    /// a step that ends the task this method sees in the record that the step was made, and returns `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what the transition expects.
    pub async fn apply(&self, id: TaskId, step: Step) -> Result<Task, StoreError> {
        let task = self.write(id, step).await?;
        if !task.state.name().is_ended() {
            return Ok(task);
        }
        self.tally.note(&task);
        if let Some(hooks) = &self.hooks {
            hooks.ended(&task).await;
        }
        Ok(if task.owed_callback().is_some() { Box::pin(self.call_back_soon(task)).await } else { task })
    }

    /// [`apply`](Services::apply) without what follows an end.
    pub(crate) async fn write(&self, id: TaskId, step: Step) -> Result<Task, StoreError> {
        let transition = Transition { born: id.born, step };
        #[expect(clippy::disallowed_methods, reason = "the one place that writes transitions")]
        match self.store.apply(&id.key, &transition).await {
            Err(StoreError::Conflict(conflict)) if has_ended(&transition, &conflict.task) => Ok(conflict.task),
            applied => applied,
        }
    }

    /// [`apply`](Services::apply) for any step. `task` is the record as it was read before: when the table refuses and the
    /// record is what the step makes of `task`, the step was made before and its answer was lost. That counts as made.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is neither what the transition expects, nor what it makes of `task`.
    pub async fn apply_once(&self, task: &Task, step: Step) -> Result<Task, StoreError> {
        let transition = Transition { born: task.id.born, step: step.clone() };
        match self.apply(task.id, step).await {
            Err(StoreError::Conflict(conflict)) if transition.apply(task).is_ok_and(|made| made == conflict.task) => {
                Ok(conflict.task)
            }
            applied => applied,
        }
    }

    /// Sends a message, to arrive when its task is due.
    ///
    /// # Errors
    /// [`QueueError`]: the message may have been sent or not.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<Sent, QueueError> {
        self.lanes.send(outgoing, self.clock.now()).await
    }

    /// Notes the queue of a task that is being made, so that the list of all queues has the task.
    pub async fn note_queue(&self, task: &Task) {
        self.queues.note(&self.store, task, self.clock.now()).await;
    }

    /// A fresh nonce.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.random.bits())
    }
}

/// Whether `record` stands as this transition left it, and the transition ended the task.
///
/// Everything that an ending step writes is in the record, down to the millisecond. So the test is whether the step, made
/// of the same record as if it were open, gives this record. Of the open states two suffice: outcomes need a running task,
/// and a withdrawal one that waits.
fn has_ended(transition: &Transition, record: &Task) -> bool {
    let State::Ended { .. } = record.state else { return false };
    let long_ago = Time::default();
    let running = State::Running { owner: Nonce(0), lease_end: long_ago, hard_end: None };
    [running, State::Queued { due: long_ago }].into_iter().any(|state| {
        let open = Task { state, ..record.clone() };
        transition.apply(&open).is_ok_and(|made| called_back_as(made, record) == *record)
    })
}

/// The task with its callback made, if `record` shows that another process has made it since.
fn called_back_as(made: Task, record: &Task) -> Task {
    match (&made.state, &record.state) {
        (State::Ended { end, at, owes: true, .. }, State::Ended { retained_until, owes: false, .. }) => {
            Task { state: State::Ended { end: *end, at: *at, retained_until: *retained_until, owes: false }, ..made }
        }
        _ => made,
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("store", &self.store).field("lanes", &self.lanes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
