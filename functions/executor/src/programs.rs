//! The programs that share the lanes with this one: announcing the handlers of this process, and asking who knows others.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::lock;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{ANNOUNCED_EVERY, Program, Time};
use taskway_runtime::log::causes;
use tokio_util::sync::CancellationToken;

use crate::executor::Executor;

/// After a failed announcement the next one follows this much later.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

/// How long a process keeps what it has read of other programs.
const KEPT: Duration = Duration::from_secs(5);

/// After a failed read the next one begins this much later. Messages that waited for the failed read do not each try it
/// again.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// When this process announces its handlers next, and what it has read of other programs.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    announces_at: Mutex<Time>,
    /// Locked during a read, so that messages that arrive together cause one read.
    read: lock::Mutex<Option<Read>>,
}

/// What came of the last read.
#[derive(Debug)]
enum Read {
    /// These programs. The time is that at which the read began.
    Programs(Vec<Program>, Time),
    /// Nothing, at this time.
    Unavailable(Time),
}

impl Executor {
    /// Announces the handlers of this process in the table, unless it has done so lately. A failure is logged and stops
    /// no work: others pass messages on for a while in any case. A worker and a batch call this.
    pub async fn announce(&self) {
        let handlers = self.targets.handler_names();
        let now = self.services.clock.now();
        // An announcement that is dropped on its way counts as failed.
        if handlers.is_empty() || !self.programs.begins(now) {
            return;
        }
        match self.services.store.announce(&handlers, now).await {
            Ok(()) => self.programs.announces_at(now.after(ANNOUNCED_EVERY)),
            Err(error) => tracing::warn!(
                error = %causes(&error),
                "cannot announce the handlers of this program; other programs may let tasks of these handlers fail"
            ),
        }
    }

    /// Announces the handlers of this process until `stop`.
    pub(crate) async fn keep_announcing(&self, stop: &CancellationToken) {
        let announcing = async {
            loop {
                self.announce().await;
                let next = self.programs.next();
                self.services.clock.sleep_until(next.max(self.services.clock.now().after(AFTER_A_FAILURE))).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = announcing => {}
        }
    }

    /// Whether another program that runs knows this handler. The answer may be some seconds old.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub(crate) async fn is_known_elsewhere(&self, handler: &str) -> Result<bool, StoreError> {
        let mut read = self.programs.read.lock().await;
        let now = self.services.clock.now();
        let knows = |programs: &[Program]| programs.iter().any(|one| one.is_running(now) && one.knows(handler));
        match &*read {
            Some(Read::Programs(programs, at)) if now < at.after(KEPT) => return Ok(knows(programs)),
            Some(Read::Unavailable(at)) if now < at.after(FAILURE_KEPT) => {
                let source = "the last read of the programs has just failed".into();
                return Err(StoreError::Unavailable { throttled: false, source });
            }
            Some(Read::Programs(..) | Read::Unavailable(_)) | None => {}
        }
        match self.services.store.programs().await {
            Ok(programs) => {
                let known = knows(&programs);
                *read = Some(Read::Programs(programs, now));
                Ok(known)
            }
            Err(error) => {
                *read = Some(Read::Unavailable(self.services.clock.now()));
                Err(error)
            }
        }
    }
}

impl Programs {
    /// Whether an announcement is due. If so, the caller makes it.
    fn begins(&self, now: Time) -> bool {
        let mut announces_at = self.announces_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = *announces_at <= now;
        if is_due {
            *announces_at = now.after(AFTER_A_FAILURE);
        }
        is_due
    }

    fn announces_at(&self, at: Time) {
        *self.announces_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    fn next(&self) -> Time {
        *self.announces_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
