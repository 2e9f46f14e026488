//! Permits for the attempts of a queue with a limit: taking them, giving them back, and freeing those of processes that
//! died.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use taskway_cloud::dynamo::{BATCH_GET_LIMIT, Granted, Out, StoreError, Wish};
use taskway_protocol::{
    Fence, Generation, Ledger, Look, PERMIT_KEPT, Permit, Scope, State, Task, TaskId, TaskKey, Time, may_run_on,
};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{Limit, Services, holding::Settings};

/// How long a process sends held tasks after one of its own has ended.
const SENDS_FOR: Duration = Duration::from_secs(10);

/// The most that it sends then.
const SENT_AT_ONCE: usize = 1_000;

/// A permit that this process has taken or received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The fairness key or the share of the permit.
    pub scope: Scope,
    /// The task.
    pub id: TaskId,
    /// The permit.
    pub permit: Permit,
    /// Where the process has it from.
    pub origin: Origin,
}

/// Where a process has a permit from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It has made the permit. No other process can use it without replacing it.
    New,
    /// It has replaced a permit, by which another process may be about to start the attempt.
    Renewed,
    /// A message of this generation carried it. A copy of that message may be with another process.
    Message(Generation),
}

impl Taken {
    /// Whether no attempt uses the permit or will use it, given the record of its task as it refused this process.
    pub fn is_unused(&self, task: &Task) -> bool {
        let begun = task.fence >= self.permit.fence;
        match self.origin {
            Origin::New => true,
            Origin::Renewed => !begun && task.state.name().is_ended(),
            // A held task keeps the permit of its key while it waits for its queue.
            Origin::Message(generation) => {
                let is_kept = self.scope.is_key() && matches!(task.state, State::Scheduled { held: true, .. });
                !begun && (task.state.name().is_ended() || generation < task.generation && !is_kept)
            }
        }
    }
}

/// What a wish for a permit has come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Permitted {
    /// This permit.
    Taken(Taken),
    /// The task has a permit for a later attempt, because the record that was read is behind; or for an earlier one, which
    /// may run on.
    Behind,
    /// As many attempts run as the limit allows.
    Full,
}

/// The hold lists that this process is dispatching, each with what was asked for meanwhile. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Dispatching(Arc<Mutex<HashMap<Scope, Option<Again>>>>);

/// Another dispatch is wanted. How the ledger stands may be known.
type Again = Option<Out>;

impl Dispatching {
    fn lock(&self) -> MutexGuard<'_, HashMap<Scope, Option<Again>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a process's dispatch, also when its future is dropped.
struct Turn<'a> {
    dispatching: &'a Dispatching,
    scope: &'a Scope,
    ended: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.dispatching.lock().remove(self.scope);
        }
    }
}

impl Services {
    /// Takes a permit for the next attempt of a task, given its record.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the permit may or may not be taken. A tick frees it.
    pub async fn take_permit(&self, task: &Task, limit: &Limit) -> Result<Permitted, StoreError> {
        self.take(task.id, task.fence, !may_run_on(task, self.clock.now()), limit).await
    }

    /// Takes a permit for the attempt that follows `fence`, without knowing the record. It does not replace the permit of an earlier
    /// attempt, which may run on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the permit may or may not be taken. A tick frees it.
    pub async fn take_known_permit(&self, id: TaskId, fence: Fence, limit: &Limit) -> Result<Permitted, StoreError> {
        self.take(id, fence, false, limit).await
    }

    async fn take(&self, id: TaskId, fence: Fence, replaces: bool, limit: &Limit) -> Result<Permitted, StoreError> {
        let nonce = self.random.bits() as u32;
        let permit = Permit::next(fence, self.clock.now().after(PERMIT_KEPT + limit.ahead), nonce);
        let scope = limit.scope.clone();
        Ok(match self.store.ask_ledger(&scope, limit.permits, id, Wish::Take { permit, replaces }).await? {
            Granted::Permit { permit, is_new } => {
                self.faults.reach(CrashPoint::PermitTaken).await;
                let origin = if is_new { Origin::New } else { Origin::Renewed };
                Permitted::Taken(Taken { scope, id, permit, origin })
            }
            Granted::HasAnother => Permitted::Behind,
            Granted::Full | Granted::Gone(_) => Permitted::Full,
        })
    }

    /// Gives back the permit of an attempt that has ended, and sends held tasks in its place until `until`. If that fails, a
    /// tick does it.
    pub async fn release_permit(&self, taken: &Taken, fence: Fence, until: Time) {
        self.give_back(taken, Wish::Release(fence), until).await;
    }

    /// Gives back a permit that no attempt uses, and sends held tasks in its place until `until`. If that fails, a tick does
    /// it.
    pub async fn drop_permit(&self, taken: &Taken, until: Time) {
        self.give_back(taken, Wish::Free(taken.permit), until).await;
    }

    async fn give_back(&self, taken: &Taken, wish: Wish, until: Time) {
        match self.store.ask_ledger(&taken.scope, 0, taken.id, wish).await {
            Ok(Granted::Gone(out)) => {
                self.faults.reach(CrashPoint::PermitReleased).await;
                if self.clock.now() < out.waits_until {
                    self.go_on(&taken.scope, Some(out), until).await;
                }
            }
            Ok(Granted::Permit { .. } | Granted::HasAnother | Granted::Full) => {}
            Err(error) => {
                let (queue, error) = (&taken.scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, %error, "cannot give back a permit; a tick will");
            }
        }
    }

    /// Sends held tasks of a share, for which there may be room. `out` is how its ledger stands, if that is known. Begins
    /// nothing after `until`. While the process does that already, it only notes that it must look again.
    pub async fn go_on(&self, scope: &Scope, mut out: Option<Out>, until: Time) {
        let until = until.min(self.clock.now().after(SENDS_FOR));
        if self.clock.now() >= until {
            return;
        }
        {
            let mut dispatching = self.dispatching.lock();
            if let Some(again) = dispatching.get_mut(scope) {
                *again = Some(out);
                return;
            }
            dispatching.insert(scope.clone(), None);
        }
        let mut turn = Turn { dispatching: &self.dispatching, scope, ended: false };
        loop {
            if let Err(error) = self.dispatch(scope, out, Settings::Known, until, SENT_AT_ONCE).await {
                let (queue, error) = (&scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, %error, "cannot send held tasks; a tick will");
            }
            let mut dispatching = self.dispatching.lock();
            match dispatching.get_mut(scope).and_then(Option::take) {
                Some(again) if self.clock.now() < until => out = again,
                Some(_) | None => {
                    // Under the same lock, so that another dispatch that is asked for now begins a new turn.
                    dispatching.remove(scope);
                    turn.ended = true;
                    return;
                }
            }
        }
    }

    /// Frees the permits of a queue that no attempt uses any more, because its process died. Returns how many those were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not freed stays for the next tick.
    pub(crate) async fn free_permits(&self, queue: &str, until: Time) -> Result<usize, StoreError> {
        let mut freed = 0;
        for (share, (ledger, _)) in self.store.queue_ledgers(queue).await? {
            freed += self.free_old(&Scope::share(queue, share), ledger, until).await?;
        }
        Ok(freed)
    }

    /// Frees the permits of a ledger that no attempt uses any more. Returns how many those were. Begins nothing after `until`.
    pub(crate) async fn free_old(&self, scope: &Scope, ledger: Ledger, until: Time) -> Result<usize, StoreError> {
        let (now, mut freed) = (self.clock.now(), 0);
        let old = ledger.0.into_iter().filter(|(_, permit)| permit.is_old(now)).collect::<Vec<_>>();
        for some in old.chunks(BATCH_GET_LIMIT) {
            if self.clock.now() >= until {
                return Ok(freed);
            }
            // Two lives of one key may have permits.
            let keys: Vec<TaskKey> = some.iter().map(|(id, _)| id.key).collect();
            let tasks = self.store.get_many(&keys, true, &*self.clock).await?;
            let tasks: HashMap<TaskKey, Task> = tasks.into_iter().map(|task| (task.id.key, task)).collect();
            let frees: Vec<_> =
                some.iter().map(|(id, permit)| self.free(scope, *id, *permit, tasks.get(&id.key).cloned())).collect();
            freed += join_all(frees).await.into_iter().filter(|freed| *freed).count();
        }
        Ok(freed)
    }

    /// Frees an old permit if its task's record shows that no attempt uses it. Returns whether it has. If that fails, the next
    /// tick looks again.
    async fn free(&self, scope: &Scope, id: TaskId, permit: Permit, task: Option<Task>) -> bool {
        match self.try_free(scope, id, permit, task).await {
            Ok(freed) => freed,
            Err(error) => {
                let (queue, error) = (&scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, task.id = %id, %error, "cannot free the permit of task {id}");
                false
            }
        }
    }

    async fn try_free(
        &self,
        scope: &Scope,
        id: TaskId,
        permit: Permit,
        task: Option<Task>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        // A record that only a newer release can read is left out of the records that were read.
        if task.is_none() && !matches!(self.store.get(&id.key).await, Err(StoreError::NotFound)) {
            return Ok(false);
        }
        // The record of another life says nothing about this one.
        let task = task.filter(|task| task.id == id);
        match (permit.look(task.as_ref(), now), task) {
            (Look::Leave, _) | (Look::Settle(_), None) => return Ok(false),
            // It keeps the permit of its key while it waits for its queue, and on its way from there.
            (Look::List(entry), Some(task)) if scope.is_key() && self.is_with_queue(&task, &entry).await? => {
                return Ok(false);
            }
            (Look::List(entry), _) => self.store.put_hold(scope, &entry, now).await?,
            (Look::Settle(step), Some(task)) => match self.apply(task.id, step).await {
                Ok(_) => {}
                // The record has changed.
                Err(StoreError::Conflict(_) | StoreError::NotFound) => return Ok(false),
                Err(error) => return Err(error),
            },
            (Look::Free, _) => {}
        }
        self.faults.reach(CrashPoint::PermitLooked).await;
        let freed = self.store.ask_ledger(scope, 0, id, Wish::Free(permit)).await?;
        Ok(matches!(freed, Granted::Gone(_)))
    }
}
