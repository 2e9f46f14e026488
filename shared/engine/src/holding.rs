//! Holding tasks back, and sending them when their queue goes on or has room for them.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures::future::join_all;
use taskway_cloud::{
    dynamo::{BATCH_GET_LIMIT, Conflict, Granted, Held, Out, StoreError, Wish},
    sqs::BATCH,
};
use taskway_protocol::{
    Dispatch, Generation, HoldEntry, Overhang, PERMIT_KEPT, PERMIT_SENT, Part, Permit, QueueSettings, SKEW, Scope,
    Task, TaskId, TaskKey, Time, Transition, message::Outgoing,
};
use taskway_runtime::faults::CrashPoint;

use crate::{Limit, Services};

/// For so long after a ledger was full, those who give its permits back look for held tasks. Ticks always do.
const WAITS: Duration = Duration::from_secs(600);

/// How long a request sends tasks of a key after it has cancelled or moved another.
const SENDS_FOR: Duration = Duration::from_secs(2);

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
    /// Since when the fairness keys hold tasks that sent none.
    pub held_since: Option<Time>,
    /// The settings of the queue when it began.
    pub settings: QueueSettings,
}

impl Dispatched {
    /// What both did. The settings are those of the first.
    #[must_use]
    pub(crate) fn plus(self, other: Dispatched) -> Self {
        Dispatched {
            sent: self.sent + other.sent,
            failed: self.failed + other.failed,
            more: self.more || other.more,
            freed: self.freed + other.freed,
            held_since: [self.held_since, other.held_since].into_iter().flatten().min(),
            settings: self.settings,
        }
    }
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

/// A task to send, and the permit that it needs if its queue has a limit.
pub(crate) struct Chosen {
    pub(crate) entry: HoldEntry,
    pub(crate) outgoing: Outgoing,
    pub(crate) needs: Option<(Limit, Permit)>,
}

impl Services {
    /// Holds a task, given its record: puts its entry into a hold list, then writes the record. `id` and `generation` are those
    /// of its message. `full` is the fairness key or the share that has no room. Without it, the task waits for its queue.
    ///
    /// If the record has changed since it was read and refuses the step, the entry stays, because another executor may be
    /// about to need it. A dispatch removes it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is not what a claim would expect.
    pub async fn hold(
        &self,
        task: &Task,
        id: TaskId,
        generation: Generation,
        full: Option<&Scope>,
    ) -> Result<Task, StoreError> {
        let now = self.clock.now();
        let step = HoldEntry::step(task, generation, now);
        let held = Transition { born: id.born, step: step.clone() }.apply(task);
        let held = held
            .map_err(|refusal| StoreError::Conflict(Box::new(Conflict { refusal, task: task.clone(), owner: None })))?;
        // A held task has an entry.
        let Some(entry) = HoldEntry::of(&held) else { return Ok(held) };
        let list = match full {
            Some(key) if key.is_key() => key.clone(),
            Some(_) | None => self.list(&held).await?,
        };
        self.store.put_hold(&list, &entry, now).await?;
        self.faults.reach(CrashPoint::HoldPut).await;
        let written = self.apply(id, step).await?;
        self.faults.reach(CrashPoint::Held).await;
        Ok(written)
    }

    /// Removes the entry of a task that was held when it was read, and was cancelled or moved since. If that fails, a
    /// dispatch removes it.
    pub async fn forget_hold(&self, before: &Task) {
        let Some(entry) = HoldEntry::of(before) else { return };
        if let Err(error) = self.remove_hold(before, entry).await {
            let (id, error) = (before.id, taskway_runtime::log::causes(&error));
            tracing::warn!(task.id = %id, %error, "cannot remove task {id} from the hold list of its queue");
        }
    }

    async fn remove_hold(&self, before: &Task, entry: HoldEntry) -> Result<(), StoreError> {
        // Its record does not say in which of the two lists it is.
        self.store.remove_holds(&self.list(before).await?, &[entry]).await?;
        if let Some(key) = self.key_scope(before).await? {
            self.store.remove_holds(&key, &[entry]).await?;
            self.free_kept(before, &key).await?;
        }
        Ok(())
    }

    /// Frees the permit of its key that a task has kept while it waited for its queue, and sends the next of that key. A young permit
    /// stays: an executor may have made it since.
    async fn free_kept(&self, before: &Task, key: &Scope) -> Result<(), StoreError> {
        let (ledger, _) = self.store.ledger(key).await?;
        let now = self.clock.now();
        let made_before = |permit: &&Permit| permit.until.after(SKEW).after(SKEW) < now.after(PERMIT_KEPT);
        let Some(permit) = ledger.0.get(&before.id).filter(made_before) else { return Ok(()) };
        if permit.fence == before.fence.next() {
            let freed = self.store.ask_ledger(key, 0, before.id, Wish::Free(*permit)).await?;
            if let Granted::Gone(out) = freed {
                self.go_on(key, Some(out), now.after(SENDS_FOR)).await;
            }
        }
        Ok(())
    }

    /// Whether a hold list has this entry of a task, or the task has a permit and was sent with it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_listed(&self, task: &Task, entry: &HoldEntry) -> Result<bool, StoreError> {
        if self.waits_for_queue(task, entry).await? {
            return Ok(true);
        }
        if let Some(key) = self.key_scope(task).await? {
            if self.store.has_hold(&key, entry).await? {
                return Ok(true);
            }
            // No tick frees an old permit of a key that holds no other task.
            let (ledger, _) = self.store.ledger(&key).await?;
            if ledger.0.get(&task.id).is_some_and(|permit| !permit.is_old(self.clock.now())) {
                return Ok(true);
            }
        }
        self.has_permit_of_queue(task).await
    }

    /// Whether a task waits in the list of its queue, or was sent from there with a permit.
    pub(crate) async fn is_with_queue(&self, task: &Task, entry: &HoldEntry) -> Result<bool, StoreError> {
        // A dispatch takes the permit before it removes the entry.
        Ok(self.waits_for_queue(task, entry).await? || self.has_permit_of_queue(task).await?)
    }

    async fn has_permit_of_queue(&self, task: &Task) -> Result<bool, StoreError> {
        let queue = &task.spec.options.queue;
        if self.settings(queue).await?.0.shares == 0 {
            return Ok(false);
        }
        let ledgers = self.store.queue_ledgers(queue).await?;
        Ok(ledgers.values().any(|(ledger, _)| ledger.0.contains_key(&task.id)))
    }

    /// Whether the hold list of a share has this entry of a task.
    async fn waits_for_queue(&self, task: &Task, entry: &HoldEntry) -> Result<bool, StoreError> {
        let queue = &task.spec.options.queue;
        let (settings, _) = self.settings(queue).await?;
        let own = settings.share(&task.id.key);
        for share in std::iter::once(own).chain(settings.lists().filter(|share| *share != own)) {
            if self.store.has_hold(&Scope::share(queue, share), entry).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The hold list of a task that waits for its queue, by the settings that the queue has now.
    async fn list(&self, task: &Task) -> Result<Scope, StoreError> {
        let queue = &task.spec.options.queue;
        let (settings, _) = self.settings(queue).await?;
        Ok(Scope::share(queue, settings.share(&task.id.key)))
    }

    /// The fairness key of a task, if the keys of its queue have ever had a limit.
    async fn key_scope(&self, task: &Task) -> Result<Option<Scope>, StoreError> {
        let options = &task.spec.options;
        let Some(key) = &options.fairness_key else { return Ok(None) };
        let (settings, _) = self.settings(&options.queue).await?;
        Ok(settings.keyed.then(|| Scope::key(&options.queue, key)))
    }

    /// Frees the permits of a queue that no attempt uses any more, then sends its held tasks as
    /// [`dispatch_held`](Services::dispatch_held) does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not done stays for the next tick.
    pub async fn tend_queue(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let mut settings = self.store.queue_settings(queue).await?;
        if settings.overhang.permits > 0 {
            match self.settle_overhang(queue, settings).await {
                Ok(settled) => settings = settled,
                Err(error) => {
                    let error = taskway_runtime::log::causes(&error);
                    tracing::warn!(queue.name = queue, %error, "cannot let the later shares of a limit use all permits");
                }
            }
        }
        let freed = if settings.shares > 0 { self.free_permits(queue, until).await } else { Ok(0) };
        let dispatched = self.dispatch_lists(queue, settings, until, most).await?;
        Ok(Dispatched { freed: dispatched.freed + freed?, ..dispatched })
    }

    /// Lets later shares of a limit use all their permits, once what the earlier ones had beyond theirs has ended.
    async fn settle_overhang(&self, queue: &str, settings: QueueSettings) -> Result<QueueSettings, StoreError> {
        let ledgers = self.store.queue_ledgers(queue).await?;
        if !settings.has_settled(|share| ledgers.get(&share).map_or(0, |(_, out)| out.permits)) {
            return Ok(settings);
        }
        let settled = QueueSettings { overhang: Overhang::default(), ..settings };
        let settled = settled.changed(settings.wanted(), self.clock.now());
        // If a person has changed the queue meanwhile, the next tick looks again.
        Ok(if self.store.set_queue(queue, settings, settled).await? { settled } else { settings })
    }

    /// Sends the tasks of all hold lists of a queue, as long as it is not paused and has room for them. Begins no page after
    /// `until`, or after it has sent `most`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what was not sent stays in its list.
    pub async fn dispatch_held(&self, queue: &str, until: Time, most: usize) -> Result<Dispatched, StoreError> {
        let settings = self.store.queue_settings(queue).await?;
        self.dispatch_lists(queue, settings, until, most).await
    }

    async fn dispatch_lists(
        &self,
        queue: &str,
        settings: QueueSettings,
        until: Time,
        most: usize,
    ) -> Result<Dispatched, StoreError> {
        let (mut all, mut known) = (Dispatched { settings, ..Dispatched::default() }, Settings::Just(settings));
        for share in settings.lists() {
            let left = most.saturating_sub(all.sent);
            if left == 0 || self.clock.now() >= until {
                if settings.pace.is_some() {
                    self.note_that_some_wait(queue).await?;
                }
                return Ok(Dispatched { more: true, ..all });
            }
            let scope = Scope::share(queue, share);
            all = all.plus(self.dispatch(&scope, None, known, until, left).await?);
            known = Settings::Read;
        }
        if let Some(pace) = settings.pace.filter(|_| !settings.paused) {
            let lists: Vec<Scope> = settings.lists().map(|share| Scope::share(queue, share)).collect();
            self.note_rate_waits(pace, &lists).await?;
        }
        let left = most.saturating_sub(all.sent);
        if settings.keyed && !settings.paused {
            all = all.plus(self.tend_keys(queue, settings, until, left).await?);
        }
        Ok(all)
    }

    /// Sends the tasks of one hold list, the smallest rank first, as [`dispatch_held`](Services::dispatch_held) does. `out`
    /// is how the ledger of its share stood a moment ago, if that is known.
    pub(crate) async fn dispatch(
        &self,
        scope: &Scope,
        mut out: Option<Out>,
        mut known: Settings,
        until: Time,
        most: usize,
    ) -> Result<Dispatched, StoreError> {
        let (mut dispatched, mut from, mut in_vain) = (Dispatched::default(), None, false);
        loop {
            let settings = match known {
                Settings::Just(settings) => {
                    known = Settings::Read;
                    settings
                }
                Settings::Read => self.store.queue_settings(&scope.queue).await?,
                Settings::Known => self.settings(&scope.queue).await?.0,
            };
            if settings.paused && known == Settings::Known {
                // It may have gone on a moment ago.
                known = Settings::Read;
                continue;
            }
            let mut room = if settings.paused { 0 } else { self.room(scope, settings, out.take()).await? };
            let starts_from = settings.arrival(self.clock.now());
            // What its key lets go takes its turn in the queue when it arrives.
            let pace = settings.pace_of(&scope.part);
            if room > 0
                && let Some(pace) = pace
            {
                room = room.min(self.rate_room(scope, pace, starts_from).await?);
            }
            if room == 0 {
                return Ok(Dispatched { more: false, ..dispatched });
            }
            let page = self.store.held(scope, from.clone(), room).await?;
            let (chosen, useless) = self.choose(scope, page.items, settings).await?;
            self.forget(scope, &useless).await;
            let (chosen, lacks_permits) = self.with_permits(chosen).await;
            let (chosen, lacks_times) = self.with_times(scope, chosen, pace, starts_from).await;
            let is_full = lacks_permits || lacks_times;
            let before = dispatched.sent;
            for some in chosen.chunks(BATCH) {
                let outgoing: Vec<Outgoing> = some.iter().map(|one| one.outgoing.clone()).collect();
                let answers = self.lanes.send_all(&outgoing, self.clock.now()).await;
                self.faults.reach(CrashPoint::HeldSent).await;
                let sent = some.iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
                let sent: Vec<HoldEntry> = sent.map(|(one, _)| one.entry).collect();
                dispatched.sent += sent.len();
                dispatched.failed += some.len() - sent.len();
                self.forget(scope, &sent).await;
            }
            // In a list of one share, what found no room comes first the next time. In a mixed list others may find room, and
            // an executor leaves them to a tick.
            let mixed = settings.mixed && !scope.is_key();
            let stays = is_full && !mixed;
            let ends = page.next.is_none() && !stays || mixed && known == Settings::Known;
            let again_in_vain = stays && in_vain && dispatched.sent == before;
            in_vain = dispatched.sent == before;
            if !stays {
                from = page.next;
            }
            dispatched.more = !ends && !again_in_vain;
            if !dispatched.more || dispatched.sent >= most || self.clock.now() >= until {
                return Ok(dispatched);
            }
        }
    }

    /// Removes entries from a hold list. If that fails, another dispatch does it.
    async fn forget(&self, scope: &Scope, entries: &[HoldEntry]) {
        if let Err(error) = self.store.remove_holds(scope, entries).await {
            let (queue, error) = (&scope.queue, taskway_runtime::log::causes(&error));
            tracing::warn!(queue.name = %queue, %error, "cannot remove entries from a hold list");
        }
    }

    /// How many entries of a hold list to look at: as many as there are permits to take.
    async fn room(&self, scope: &Scope, settings: QueueSettings, out: Option<Out>) -> Result<usize, StoreError> {
        let limit = Limit::of(scope.clone(), settings);
        let is_limited = if scope.is_key() { limit.is_some() } else { settings.concurrency.is_some() };
        if !is_limited {
            return Ok(BATCH_GET_LIMIT);
        }
        if scope.is_key() || !settings.mixed {
            let out = match out {
                Some(out) => out,
                None => self.store.ledger_out(scope).await?,
            };
            return self.free_of(scope, settings, out).await;
        }
        let ledgers = self.store.queue_ledgers(&scope.queue).await?;
        let mut free = 0;
        for share in 0..settings.count() {
            let out = ledgers.get(&share).map(|(_, out)| *out).unwrap_or_default();
            free += self.free_of(&Scope::share(&scope.queue, share), settings, out).await?;
        }
        Ok(if free == 0 { 0 } else { BATCH_GET_LIMIT })
    }

    /// How many permits of a limit can be taken. If there are none, notes in the ledger that tasks may wait. Whoever gives a
    /// permit back then looks for them.
    async fn free_of(&self, scope: &Scope, settings: QueueSettings, out: Out) -> Result<usize, StoreError> {
        let permits = Limit::of(scope.clone(), settings).map_or(0, |limit| limit.permits as usize);
        let now = self.clock.now();
        if out.permits < permits || now.after(WAITS / 2) < out.waits_until {
            return Ok(permits.saturating_sub(out.permits));
        }
        // One may be given back before the note is written.
        let out = self.store.note_waits(scope, now.after(WAITS)).await?;
        Ok(permits.saturating_sub(out.permits))
    }

    /// The tasks that can be sent, and the entries that are of no use.
    async fn choose(
        &self,
        scope: &Scope,
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
                    let arrival = settings.arrival(now);
                    // A list of a share may have tasks of other shares.
                    let own = match scope.part {
                        Part::Share(_) => Scope::share(&scope.queue, settings.share(&task.id.key)),
                        Part::Key(_) => scope.clone(),
                    };
                    let needs = Limit::of(own, settings).map(|limit| {
                        let until = arrival.after(PERMIT_SENT + limit.ahead);
                        let permit = Permit::next(task.fence, until, self.random.bits() as u32);
                        (limit, permit)
                    });
                    let outgoing = Outgoing::of(task, arrival);
                    let outgoing = match &needs {
                        Some((limit, permit)) => outgoing.with_permit(&limit.scope, *permit),
                        None => outgoing,
                    };
                    // It may have waited for the rate of its key before. As a new task it would wait for that again, and
                    // meanwhile lose its permit of the queue: two such tasks could change places for ever.
                    let outgoing = match settings.key_pace.filter(|_| !scope.is_key()) {
                        Some(pace) => outgoing.expected_by_key(pace.set_at),
                        None => outgoing,
                    };
                    chosen.push(Chosen { entry: held.entry, outgoing, needs });
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

    /// Those of the tasks that need no permit or got it, and whether others found no room.
    async fn with_permits(&self, chosen: Vec<Chosen>) -> (Vec<Chosen>, bool) {
        let asked = join_all(chosen.iter().map(async |one| {
            let Some((limit, permit)) = &one.needs else { return Ok(None) };
            let wish = Wish::Add(*permit);
            self.store.ask_ledger(&limit.scope, limit.permits, one.entry.id, wish).await.map(Some)
        }));
        let answers: Vec<Result<Option<Granted>, StoreError>> = asked.await;
        if chosen.iter().any(|one| one.needs.is_some()) {
            self.faults.reach(CrashPoint::PermitAdded).await;
        }
        let (mut with, mut is_full) = (Vec::new(), false);
        for (one, answer) in chosen.into_iter().zip(answers) {
            match answer {
                Ok(None | Some(Granted::Permit { .. })) => with.push(one),
                // Another dispatch is about to send it, or it was sent and held again. A tick frees the permit in time.
                Ok(Some(Granted::HasAnother)) => {}
                Ok(Some(Granted::Full | Granted::Gone(_))) => is_full = true,
                // Those that have got theirs are sent.
                Err(error) => {
                    is_full = true;
                    let (queue, error) = (&one.outgoing.message.queue, taskway_runtime::log::causes(&error));
                    tracing::warn!(queue.name = queue.as_deref(), %error, "cannot take a permit for a held task");
                }
            }
        }
        (with, is_full)
    }
}
