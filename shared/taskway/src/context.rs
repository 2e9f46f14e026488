//! What an attempt can ask and report while it runs.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use taskway_protocol::{Fence, Progress, TaskId, Time};
use taskway_runtime::clock::Clock;
use tokio::sync::Notify;

use crate::failure::Failure;

/// What a handler knows of its attempt, and how it reports. Cheap to clone.
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

/// For executors: what the handler has reported and the executor has not written yet.
#[derive(Debug, Default)]
pub struct Reports {
    progress: Mutex<Option<Progress>>,
    checkpoint: Mutex<Option<Box<str>>>,
    added: Notify,
    cancelled: AtomicBool,
}

impl Context {
    /// The context of an attempt that the executor cuts at `deadline`. `previous` is the checkpoint of an earlier attempt,
    /// as JSON text.
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

    /// The number of this attempt, from 1. [`Failure::snooze`] does not count, nor does an attempt whose executor stopped; [`Failure::continue_after`] starts again
    /// at 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// A number that grows with every attempt of the task. Send it with every write to another system, and let that system
    /// refuse a number below one that it has seen: then an old attempt that still runs changes nothing.
    pub fn fence(&self) -> u32 {
        self.fence.0
    }

    /// The executor's time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// When the executor cuts the attempt: at the end of its timeout, at the task's deadline or shortly before the end of
    /// the Lambda invocation, whichever comes first.
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// How long it is until [`deadline`](Context::deadline); zero when that has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.since(self.clock.now())
    }

    /// Reports that `done` of `total` units are done; the API shows the latest report. The executor writes it every two
    /// seconds at most, and when the attempt succeeds.
    pub fn progress(&self, done: u64, total: u64) {
        let progress = Progress { done, total, at: self.clock.now() };
        *lock(&self.reports.progress) = Some(progress);
        self.reports.added.notify_one();
    }

    /// Leaves a value for the next attempt, in place of an earlier one. The executor writes it every two seconds at most,
    /// and when the attempt ends without a final result.
    ///
    /// # Errors
    /// A fatal failure when serde cannot write the value as JSON.
    pub fn checkpoint(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(Failure::fatal)?;
        *lock(&self.reports.checkpoint) = Some(text.into());
        self.reports.added.notify_one();
        Ok(())
    }

    /// The checkpoint that an earlier attempt left, if there is one. A checkpoint of this attempt does not show here.
    ///
    /// # Errors
    /// A fatal failure when the checkpoint is not a `T`.
    pub fn resume<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        self.previous.as_deref().map(serde_json::from_str).transpose().map_err(Failure::fatal)
    }

    /// Whether the attempt should stop: the task was cancelled, the attempt's time is up, another attempt holds the task, or
    /// the executor stops. The executor records nothing that the handler does after that.
    ///
    /// But if the executor stops, the handler has another half second under a worker. A checkpoint, a result, a snooze or a
    /// continuation of that time is recorded. An error is not: the task is given back, and this attempt does not count.
    ///
    /// The executor learns of a cancellation when it renews its claim, which is every 30 seconds, or two seconds after a
    /// report.
    pub fn cancelled(&self) -> bool {
        self.reports.cancelled.load(Ordering::Acquire)
    }

    /// For executors: what the handler reports.
    pub fn reports(&self) -> Arc<Reports> {
        Arc::clone(&self.reports)
    }
}

impl Reports {
    /// Ends when the handler has reported something since the last call.
    pub async fn added(&self) {
        self.added.notified().await;
    }

    /// The progress and the checkpoint that are not written yet.
    pub fn unwritten(&self) -> (Option<Progress>, Option<Box<str>>) {
        (*lock(&self.progress), lock(&self.checkpoint).clone())
    }

    /// Forgets these reports, which the executor has written. Newer ones stay.
    pub fn written(&self, progress: Option<Progress>, checkpoint: Option<Box<str>>) {
        lock(&self.progress).take_if(|reported| Some(*reported) == progress);
        lock(&self.checkpoint).take_if(|reported| Some(&*reported) == checkpoint.as_ref());
    }

    /// From now on [`Context::cancelled`] is true.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The value is replaced in one move, so a handler that panics here leaves it whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("id", &self.id).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
