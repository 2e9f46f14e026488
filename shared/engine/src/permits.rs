//! Permits for the attempts of a queue with a limit: taking them, giving them back, and freeing those of processes that
//! died.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use taskway_cloud::dynamo::{BATCH_GET_LIMIT, Granted, StoreError, Wish};
use taskway_protocol::{Fence, Look, PERMIT_KEPT, Permit, Scope, Task, TaskKey};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{Limit, Services, holding::Settings};

/// How long a process sends held tasks after one of its own has ended.
const SENDS_FOR: Duration = Duration::from_secs(10);

/// The most that it sends then.
const SENT_AT_ONCE: usize = 1_000;

/// A permit that this process has taken or received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The share of the permit.
    pub scope: Scope,
    /// The task.
    pub key: TaskKey,
    /// The permit.
    pub permit: Permit,
}

/// What a wish for a permit has come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Permitted {
    /// This permit.
    Taken(Taken),
    /// The task has a permit for a later attempt. The record that was read is behind.
    Behind,
    /// As many attempts run as the limit allows.
    Full,
}

/// The shares whose hold lists this process is dispatching, each with the number of permits that were out when another
/// dispatch was asked for meanwhile. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Dispatching(Arc<Mutex<HashMap<Scope, Option<Again>>>>);

/// Another dispatch is wanted. The number of permits that are out may be known.
type Again = Option<usize>;

/// What a tick freed.
#[derive(Debug, Default)]
pub(crate) struct Freed {
    /// How many permits.
    pub(crate) permits: usize,
    /// How many permits of each share are out still.
    pub(crate) out: BTreeMap<u16, usize>,
}

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
        let permit = Permit::next(task, None, self.clock.now().after(PERMIT_KEPT));
        let (scope, key) = (limit.scope.clone(), task.id.key);
        Ok(match self.store.ask_ledger(&scope, limit.permits, key, Wish::Take(permit)).await? {
            Granted::Permit(permit) => {
                self.faults.reach(CrashPoint::PermitTaken).await;
                Permitted::Taken(Taken { scope, key, permit })
            }
            Granted::HasAnother => Permitted::Behind,
            Granted::Full | Granted::Gone { .. } => Permitted::Full,
        })
    }

    /// Gives back the permit of an attempt that has ended, and sends held tasks in its place. If that fails, a tick does
    /// it.
    pub async fn release_permit(&self, taken: &Taken, fence: Fence) {
        self.give_back(taken, Wish::Release(fence)).await;
    }

    /// Gives back a permit that no attempt has used, and sends held tasks in its place. If that fails, a tick does it.
    pub async fn drop_permit(&self, taken: &Taken) {
        self.give_back(taken, Wish::Free(taken.permit)).await;
    }

    async fn give_back(&self, taken: &Taken, wish: Wish) {
        match self.store.ask_ledger(&taken.scope, 0, taken.key, wish).await {
            Ok(Granted::Gone { out }) => {
                self.faults.reach(CrashPoint::PermitReleased).await;
                self.go_on(&taken.scope, Some(out)).await;
            }
            Ok(Granted::Permit(_) | Granted::HasAnother | Granted::Full) => {}
            Err(error) => {
                let (queue, error) = (&taken.scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, %error, "cannot give back a permit; a tick will");
            }
        }
    }

    /// Sends held tasks of a share, for which there may be room. `out` is the number of permits that are out, if that is
    /// known. While the process does that already, it only notes that it must look again.
    pub async fn go_on(&self, scope: &Scope, mut out: Option<usize>) {
        {
            let mut dispatching = self.dispatching.lock();
            if let Some(again) = dispatching.get_mut(scope) {
                *again = Some(out);
                return;
            }
            dispatching.insert(scope.clone(), None);
        }
        let mut turn = Turn { dispatching: &self.dispatching, scope, ended: false };
        let until = self.clock.now().after(SENDS_FOR);
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

    /// Frees the permits of a queue that no attempt uses any more, because its process died.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not freed stays for the next tick.
    pub(crate) async fn free_permits(&self, queue: &str) -> Result<Freed, StoreError> {
        let mut freed = Freed::default();
        for (share, ledger) in self.store.queue_ledgers(queue).await? {
            let now = self.clock.now();
            let out = freed.out.entry(share).or_insert(ledger.0.len());
            let old: HashMap<TaskKey, Permit> = ledger.0.into_iter().filter(|(_, permit)| permit.is_old(now)).collect();
            let keys: Vec<TaskKey> = old.keys().copied().collect();
            let mut tasks = Vec::new();
            for some in keys.chunks(BATCH_GET_LIMIT) {
                tasks.extend(self.store.get_many(some, true, &*self.clock).await?);
            }
            let found: HashSet<TaskKey> = tasks.iter().map(|task| task.id.key).collect();
            let mut looked: Vec<(TaskKey, Option<Task>)> =
                tasks.into_iter().map(|task| (task.id.key, Some(task))).collect();
            for key in keys.into_iter().filter(|key| !found.contains(key)) {
                // A record that only a newer release can read is left out above.
                if matches!(self.store.get(&key).await, Err(StoreError::NotFound)) {
                    looked.push((key, None));
                }
            }
            for (key, task) in looked {
                let Some(permit) = old.get(&key) else { continue };
                match (permit.look(task.as_ref(), now), task) {
                    (Look::Leave, _) | (Look::Settle(_), None) => continue,
                    (Look::List(entry), _) => self.store.put_hold(&Scope::new(queue, share), &entry, now).await?,
                    (Look::Settle(step), Some(task)) => match self.apply(task.id, step).await {
                        Ok(_) => {}
                        // The record has changed. The next tick looks again.
                        Err(StoreError::Conflict(_) | StoreError::NotFound) => continue,
                        Err(error) => return Err(error),
                    },
                    (Look::Free, _) => {}
                }
                let scope = Scope::new(queue, share);
                if let Granted::Gone { out: left } = self.store.ask_ledger(&scope, 0, key, Wish::Free(*permit)).await? {
                    *out = left;
                    freed.permits += 1;
                }
            }
        }
        Ok(freed)
    }
}
