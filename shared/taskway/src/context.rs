//! What an attempt can ask and tell while it runs.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use crate::Failure;
use taskway_protocol::{Fence, Progress, TaskId, Time};
use taskway_runtime::clock::Clock;

/// One attempt's surroundings. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    id: TaskId,
    attempt: u32,
    fence: Fence,
    deadline: Time,
    previous: Option<Arc<str>>,
    clock: Arc<dyn Clock>,
    reports: Arc<Reports>,
}

/// What the attempt told and the executor has not written yet.
#[derive(Debug, Default)]
pub struct Reports {
    progress: Mutex<Option<Progress>>,
    checkpoint: Mutex<Option<Box<str>>>,
    told: Notify,
    cancelled: AtomicBool,
}

impl Context {
    /// The surroundings of an attempt that must have ended by `deadline`. `previous` is the checkpoint that an attempt
    /// before left, as JSON text.
    pub fn new(
        id: TaskId,
        attempt: u32,
        fence: Fence,
        deadline: Time,
        previous: Option<Arc<str>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Context { id, attempt, fence, deadline, previous, clock, reports: Arc::default() }
    }

    /// The task's public id.
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Grows with every claim of the task: give it to what the handler writes to, and let that refuse a smaller one
    /// than it has seen.
    pub fn fence(&self) -> u32 {
        self.fence.0
    }

    /// The time, as the executor has it.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// When the attempt is cut.
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// How long until the attempt is cut.
    pub fn remaining(&self) -> Duration {
        self.deadline.since(self.clock.now())
    }

    /// Tells how far the attempt is. Written at most every other second, and when it succeeds.
    pub fn progress(&self, done: u64, total: u64) {
        let progress = Progress { done, total, at: self.clock.now() };
        *lock(&self.reports.progress) = Some(progress);
        self.reports.told.notify_one();
    }

    /// Leaves a value for the next attempt or continuation. Written within two seconds, and with the end.
    ///
    /// # Errors
    /// If the value cannot be written as JSON.
    pub fn checkpoint(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(Failure::fatal)?;
        *lock(&self.reports.checkpoint) = Some(text.into());
        self.reports.told.notify_one();
        Ok(())
    }

    /// What an attempt before this one left, if it left something.
    ///
    /// # Errors
    /// If it is not a `T`.
    pub fn resume<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        self.previous.as_deref().map(serde_json::from_str).transpose().map_err(Failure::fatal)
    }

    /// Whether the task was cancelled, its time is up, or it is another attempt's by now: nothing that this one does is
    /// recorded any more.
    pub fn cancelled(&self) -> bool {
        self.reports.cancelled.load(Ordering::Acquire)
    }

    /// For the executor: what was told.
    pub fn reports(&self) -> Arc<Reports> {
        Arc::clone(&self.reports)
    }
}

impl Reports {
    /// Ends when something has been told since.
    pub async fn told(&self) {
        self.told.notified().await;
    }

    /// What was told and is not written yet.
    pub fn unwritten(&self) -> (Option<Progress>, Option<Box<str>>) {
        (*lock(&self.progress), lock(&self.checkpoint).clone())
    }

    /// This has been written; what was told meanwhile has not.
    pub fn written(&self, progress: Option<Progress>, checkpoint: Option<Box<str>>) {
        lock(&self.progress).take_if(|told| Some(*told) == progress);
        lock(&self.checkpoint).take_if(|told| Some(&*told) == checkpoint.as_ref());
    }

    /// Tells the attempt that it works in vain.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A handler that panicked while telling leaves a whole value behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("id", &self.id).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
