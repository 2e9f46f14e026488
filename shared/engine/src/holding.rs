//! Holding tasks back, and sending them when their queue goes on or has room for them.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::future::join_all;
use taskway_cloud::{
    dynamo::{BATCH_GET_LIMIT, Conflict, Granted, Held, StoreError, Wish},
    sqs::BATCH,
};
use taskway_protocol::{
    Dispatch, Generation, HoldEntry, Ledger, PERMIT_SENT, Permit, QueueSettings, Scope, Task, TaskId, TaskKey, Time,
    Transition, message::Outgoing,
};
use taskway_runtime::faults::CrashPoint;

use crate::{Limit, Services, permits::Freed};

/// How many entries a dispatch looks at beyond those for which there is room. Some may be of no use.
const SPARE: usize = 5;

/// What a dispatch did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Dispatched {
    /// Tasks whose message was sent.
    pub sent: usize,
    /// Tasks whose message SQS did not take. Their entries stay.
    pub failed: usize,
    /// Whether there are entries that it did not look at, although there was room.
    pub more: bool,
    /// Permits of processes that died, which were freed.
    pub freed: usize,
}

/// Where a dispatch takes the settings of a queue from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settings {
    /// From the table, before each page: executors would hold again what is sent after another pause.
    Read,
    /// These, which were just read, for the first page.
    Just(QueueSettings),
    /// From what this process has read within the last seconds.
    Known,
}

/// A task to send, and its permit if its queue has a limit.
struct Chosen {
    entry: HoldEntry,
    outgoing: Outgoing,
}

impl Services {
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
        self.store.put_hold(&self.list(&held).await?, &entry, now).await?;
        self.faults.reach(CrashPoint::HoldPut).await;
        let written = self.apply(id, step).await?;
        self.faults.reach(CrashPoint::Held).await;
        Ok(written)
    }

    /// Removes the entry of a task that was held when it was read, and was cancelled or moved since. If that fails, a
    /// dispatch removes it.
    pub async fn forget_hold(&self, before: &Task) {
        let Some(entry) = HoldEntry::of(before) else { return };
        let removed = match self.list(before).await {
            Ok(list) => self.store.remove_holds(&list, &[entry]).await,
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            let (id, error) = (before.id, taskway_runtime::log::causes(&error));
            tracing::warn!(task.id = %id, %error, "cannot remove task {id} from the hold list of its queue");
        }
    }

    /// Whether a hold list has this entry of a task, or the task has a permit and was sent with it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_listed(&self, task: &Task, entry: &HoldEntry) -> Result<bool, StoreError> {
        let queue = &task.spec.options.queue;
        let settings = self.store.queue_settings(queue).await?;
        for share in settings.lists() {
            if self.store.has_hold(&Scope::new(queue, share), entry).await? {
                return Ok(true);
            }
        }
        if settings.shares == 0 {
            return Ok(false);
        }
        let ledgers = self.store.queue_ledgers(queue).await?;
        Ok(ledgers.values().any(|ledger| ledger.0.contains_key(&task.id.key)))
    }

    /// The hold list of a task, by the settings that its queue has now.
    async fn list(&self, task: &Task) -> Result<Scope, StoreError> {
        let queue = &task.spec.options.queue;
        let (settings, _) = self.settings(queue).await?;
        Ok(Scope::new(queue, settings.share(&task.id.key)))
    }

    /// Frees the permits of a queue that no attempt uses any more, then sends its held tasks as
    /// [`dispatch_held`](Services::dispatch_held) does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not done stays for the next tick.
    pub async fn tend_queue(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let settings = self.store.queue_settings(queue).await?;
        let freed = if settings.shares > 0 { self.free_permits(queue).await? } else { Freed::default() };
        let dispatched = self.dispatch_lists(queue, settings, &freed.out, until, most).await?;
        Ok(Dispatched { freed: freed.permits, ..dispatched })
    }

    /// Sends the tasks of all hold lists of a queue, as long as it is not paused and has room for them. Begins no page after
    /// `until`, or after it has sent `most`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not sent stays in its list.
    pub async fn dispatch_held(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let settings = self.store.queue_settings(queue).await?;
        self.dispatch_lists(queue, settings, &BTreeMap::new(), until, most).await
    }

    /// `out` has the numbers of permits that are out, as far as they are known.
    async fn dispatch_lists(
        &self,
        queue: &str,
        settings: QueueSettings,
        out: &BTreeMap<u16, usize>,
        until: Time,
        most: usize,
    ) -> Result<Dispatched, StoreError> {
        let (mut all, mut known) = (Dispatched::default(), Settings::Just(settings));
        for share in settings.lists() {
            let left = most.saturating_sub(all.sent);
            if left == 0 || self.clock.now() >= until {
                return Ok(Dispatched { more: true, ..all });
            }
            let scope = Scope::new(queue, share);
            let one = self.dispatch(&scope, out.get(&share).copied(), known, until, left).await?;
            all.sent += one.sent;
            all.failed += one.failed;
            all.more |= one.more;
            known = Settings::Read;
        }
        Ok(all)
    }

    /// Sends the tasks of one hold list, the smallest rank first, as [`dispatch_held`](Services::dispatch_held) does. `out`
    /// is the number of permits that were out a moment ago, if that is known.
    pub(crate) async fn dispatch(
        &self,
        scope: &Scope,
        mut out: Option<usize>,
        mut known: Settings,
        until: Time,
        most: usize,
    ) -> Result<Dispatched, StoreError> {
        let (mut dispatched, mut from) = (Dispatched::default(), None);
        loop {
            let settings = match known {
                Settings::Just(settings) => {
                    known = Settings::Read;
                    settings
                }
                Settings::Read => self.store.queue_settings(&scope.queue).await?,
                Settings::Known => self.settings(&scope.queue).await?.0,
            };
            if settings.paused {
                return Ok(Dispatched { more: false, ..dispatched });
            }
            let room = self.room(scope, settings, out.take()).await?;
            if room == 0 {
                return Ok(Dispatched { more: false, ..dispatched });
            }
            let page = self.store.held(scope, from, room.saturating_add(SPARE)).await?;
            let (chosen, useless) = self.choose(page.items, settings).await?;
            self.store.remove_holds(scope, &useless).await?;
            let (chosen, is_full) = self.with_permits(chosen, settings).await?;
            for some in chosen.chunks(BATCH) {
                let outgoing: Vec<Outgoing> = some.iter().map(|one| one.outgoing.clone()).collect();
                let answers = self.lanes.send_all(&outgoing, self.clock.now()).await;
                self.faults.reach(CrashPoint::HeldSent).await;
                let sent = some.iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
                let sent: Vec<HoldEntry> = sent.map(|(one, _)| one.entry).collect();
                dispatched.sent += sent.len();
                dispatched.failed += some.len() - sent.len();
                self.store.remove_holds(scope, &sent).await?;
            }
            from = page.next;
            dispatched.more = from.is_some() && !is_full;
            if !dispatched.more || dispatched.sent >= most || self.clock.now() >= until {
                return Ok(dispatched);
            }
        }
    }

    /// For how many tasks of a hold list there is room.
    async fn room(&self, scope: &Scope, settings: QueueSettings, out: Option<usize>) -> Result<usize, StoreError> {
        let Some(permits) = settings.permits(scope.share) else { return Ok(BATCH_GET_LIMIT) };
        let out = match out {
            Some(out) => out,
            None => {
                let Ledger(permits) = self.store.ledger(scope).await?;
                permits.len()
            }
        };
        Ok((permits as usize).saturating_sub(out))
    }

    /// The tasks that can be sent, and the entries that are of no use.
    async fn choose(
        &self,
        page: Vec<Held>,
        settings: QueueSettings,
    ) -> Result<(Vec<Chosen>, Vec<HoldEntry>), StoreError> {
        let keys: HashSet<TaskKey> = page.iter().map(|held| held.entry.id.key).collect();
        let mut tasks: HashMap<TaskKey, Task> = HashMap::with_capacity(keys.len());
        for some in keys.into_iter().collect::<Vec<_>>().chunks(BATCH_GET_LIMIT) {
            let found = self.store.get_many(some, true, &*self.clock).await?;
            tasks.extend(found.into_iter().map(|task| (task.id.key, task)));
        }
        let now = self.clock.now();
        let (mut chosen, mut useless) = (Vec::new(), Vec::new());
        for held in page {
            let task = tasks.get(&held.entry.id.key);
            match (held.entry.dispatch(task, held.put, now), task) {
                (Dispatch::Send, Some(task)) => {
                    let permit = settings.concurrency.map(|limit| {
                        let share = Limit::of(&task.spec.options.queue, limit, &task.id.key).scope.share;
                        (share, Permit::next(task, None, settings.arrival(now).after(PERMIT_SENT)))
                    });
                    let outgoing = Outgoing::of(task, settings.arrival(now)).with_permit(permit);
                    chosen.push(Chosen { entry: held.entry, outgoing });
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
        Ok((chosen, useless))
    }

    /// Those of the tasks that got their permits, and whether there is no room for more.
    async fn with_permits(
        &self,
        chosen: Vec<Chosen>,
        settings: QueueSettings,
    ) -> Result<(Vec<Chosen>, bool), StoreError> {
        let Some(limit) = settings.concurrency else { return Ok((chosen, false)) };
        let asked = join_all(chosen.iter().map(async |one| {
            let message = &one.outgoing.message;
            let (Some(queue), Some((_, permit))) = (&message.queue, message.permit) else { return Ok(Granted::Full) };
            let of = Limit::of(queue, limit, &message.id.key);
            self.store.ask_ledger(&of.scope, of.permits, message.id.key, Wish::Add(permit)).await
        }));
        let answers: Vec<Result<Granted, StoreError>> = asked.await;
        self.faults.reach(CrashPoint::PermitAdded).await;
        let (mut with, mut is_full) = (Vec::new(), false);
        for (one, answer) in chosen.into_iter().zip(answers) {
            match answer {
                Ok(Granted::Permit(_)) => with.push(one),
                // Another dispatch is about to send it.
                Ok(Granted::HasAnother) => {}
                Ok(Granted::Full | Granted::Gone { .. }) => is_full = true,
                // Those that have got theirs are sent.
                Err(error) => {
                    is_full = true;
                    let (queue, error) = (&one.outgoing.message.queue, taskway_runtime::log::causes(&error));
                    tracing::warn!(queue.name = queue.as_deref(), %error, "cannot take a permit for a held task");
                }
            }
        }
        Ok((with, is_full))
    }
}
