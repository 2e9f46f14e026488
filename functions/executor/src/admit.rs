//! Whether the task of a message may start: by the settings of its queue, with permits if its fairness key or its queue has a
//! limit, and at a slot if the queue has a rate. A task that may not is held.

use std::time::Duration;

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_engine::{Admission, Limit, Origin, Permitted, Taken, Terms};
use taskway_protocol::{Fence, Nonce, PERMIT_SENT, SKEW, Scope, Step, Task, Transition};

use crate::{
    attempt::End,
    claim::{Claimed, Pass},
    delivery::{Delivery, Disposition},
    executor::Executor,
    pace::Start,
};

/// The pauses between the tries to claim a task that has no record yet.
pub(crate) const RECORD_COMES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(160)];

/// When a message comes again whose task has the permit of another attempt.
const BEHIND: Duration = Duration::from_secs(10);

/// By this much the time of a permit that a message carries may lie ahead: the delay of a dispatch, and clocks that differ.
const AHEAD: Duration = Duration::from_secs(10 + SKEW.as_secs() + 5);

/// If slots stand further apart than this, a record is read before a slot is taken for its task.
const DEAR: Duration = Duration::from_secs(1);

/// What is known of a task before its claim.
struct Known<'a> {
    /// Its record, if that was read.
    task: Option<&'a Task>,
    /// Its fence.
    fence: Fence,
}

/// What is known of the permits that an attempt needs.
#[derive(Default)]
struct Permits {
    /// Those that this process has.
    taken: Vec<Taken>,
    /// The limit that has no room.
    full: Option<Scope>,
}

/// What one claim leads to.
enum InTurn {
    /// To this.
    Claim(Claim),
    /// The permit is for another attempt than the next. The record must be read.
    Overtaken,
}

/// What a message leads to.
pub(crate) enum Claim {
    /// This executor holds the task.
    Ours(Box<Task>, Pass),
    /// It does not, and the message goes this way.
    Not(Disposition),
}

impl Executor {
    /// Whether the task may start. If that cannot be known, the message goes the way that is returned.
    pub(crate) async fn admission(&self, delivery: &Delivery, end: &End) -> Result<Admission, Disposition> {
        let admitted = tokio::select! {
            biased;
            () = end.stop.cancelled() => return Err(Disposition::HandBack(Duration::ZERO)),
            admitted = self.services.admit(&delivery.message) => admitted,
        };
        admitted.map_err(|error| self.left(delivery, &error))
    }

    /// Claims or holds the task. Submit writes record and message at the same time, so a message can arrive a moment before its
    /// record: then the claim is tried again before the message is handed back for seconds.
    pub(crate) async fn claim(&self, delivery: &Delivery, admission: &Admission, end: &End) -> Claim {
        for pause in RECORD_COMES {
            match self.try_claim(delivery, admission, end).await {
                Some(claim) => return claim,
                None if delivery.receive_count > 1 => return Claim::Not(self.without_record(delivery)),
                None => self.services.clock.sleep(pause).await,
            }
        }
        self.try_claim(delivery, admission, end).await.unwrap_or_else(|| Claim::Not(self.without_record(delivery)))
    }

    /// Tries to claim or to hold the task. `None` if there is no record.
    async fn try_claim(&self, delivery: &Delivery, admission: &Admission, end: &End) -> Option<Claim> {
        // Boxed, so that the future of a task of a queue without limits stays small.
        match admission {
            Admission::Start(terms) if terms.is_free() => self.unlimited(delivery, end).await,
            Admission::Start(terms) => Box::pin(self.on_terms(delivery, terms, admission, end)).await,
            Admission::Hold(_) => Box::pin(self.by_record(delivery, admission, Permits::default(), end)).await,
        }
    }

    /// Claims the task on these terms: by what its message says, if that is enough, and else by its record.
    async fn on_terms(&self, delivery: &Delivery, terms: &Terms, admission: &Admission, end: &End) -> Option<Claim> {
        // A message whose task has ended or moved on would use up a slot.
        if terms.paces.iter().any(|paced| DEAR < Duration::from_micros(paced.pace.rate.interval())) {
            return self.by_record(delivery, admission, Permits::default(), end).await;
        }
        let Some(fence) = self.known_fence(delivery, &terms.limits) else {
            return self.by_record(delivery, admission, Permits::default(), end).await;
        };
        let permits = match self.known_permits(delivery, fence, &terms.limits).await {
            Ok(permits) => permits,
            Err(disposition) => return Some(Claim::Not(disposition)),
        };
        if permits.taken.len() < terms.limits.len() {
            return self.by_record(delivery, admission, permits, end).await;
        }
        match self.in_turn(delivery, Known { task: None, fence }, permits.taken, terms, end).await? {
            InTurn::Claim(claim) => Some(claim),
            InTurn::Overtaken => self.by_record(delivery, admission, Permits::default(), end).await,
        }
    }

    /// Waits for the slot of the attempt, if the queue has a rate, and claims the task.
    async fn in_turn(
        &self,
        delivery: &Delivery,
        known: Known<'_>,
        taken: Vec<Taken>,
        terms: &Terms,
        end: &End,
    ) -> Option<InTurn> {
        let start = if terms.paces.is_empty() {
            Start::Now(None)
        } else {
            self.take_turn(delivery, known.fence, &terms.paces, &taken, end).await
        };
        let start_by = match start {
            Start::Now(start_by) => start_by,
            Start::Sent(disposition) => return Some(InTurn::Claim(Claim::Not(disposition))),
            Start::Later(disposition) => {
                self.drop_new(&taken, end).await;
                return Some(InTurn::Claim(Claim::Not(disposition)));
            }
            Start::Full(scope) => {
                let claim = match known.task {
                    Some(task) => self.hold(delivery, task, Some(&scope), &taken, end).await,
                    None => match self.services.store.get_together(&delivery.message.id.key).await {
                        Ok(task) => self.hold(delivery, &task, Some(&scope), &taken, end).await,
                        Err(StoreError::NotFound) => {
                            self.drop_new(&taken, end).await;
                            None
                        }
                        Err(error) => {
                            self.drop_new(&taken, end).await;
                            Some(Claim::Not(self.left(delivery, &error)))
                        }
                    },
                };
                return claim.map(InTurn::Claim);
            }
        };
        let fence = (!taken.is_empty()).then_some(known.fence);
        let pass = Pass { taken, fence, start_by };
        Some(match self.claimed(delivery, &pass, end).await? {
            Claimed::Ours(task) => InTurn::Claim(Claim::Ours(task, pass)),
            Claimed::Not(disposition) => InTurn::Claim(Claim::Not(disposition)),
            Claimed::Overtaken => InTurn::Overtaken,
        })
    }

    /// Gives back the permits that this process has made, and that nobody else can use.
    async fn drop_new(&self, taken: &[Taken], end: &End) {
        for taken in taken.iter().filter(|taken| taken.origin == Origin::New) {
            self.services.drop_permit(taken, end.sends_until(self.services.clock.now())).await;
        }
    }

    /// Claims a task of a queue without limits and without a rate. Permits that its message carries are given back when the
    /// attempt has ended: the queue had a limit when the message was sent.
    async fn unlimited(&self, delivery: &Delivery, end: &End) -> Option<Claim> {
        Some(match self.claimed(delivery, &Pass::default(), end).await? {
            Claimed::Ours(task) => Claim::Ours(task, Pass { taken: delivery.permits(), ..Pass::default() }),
            Claimed::Not(disposition) => Claim::Not(disposition),
            Claimed::Overtaken => Claim::Not(Disposition::Leave),
        })
    }

    /// The record's fence, if the message tells it: by a permit that it carries, or because it is the first one. `None` if the
    /// message may be behind its record.
    fn known_fence(&self, delivery: &Delivery, limits: &[Limit]) -> Option<Fence> {
        let carried = limits.iter().find_map(|limit| self.received_permit(delivery, limit));
        carried.as_ref().map(before).or_else(|| is_first(delivery).then_some(Fence::NONE))
    }

    /// The permits for the attempt that follows `fence`, without a read of the record: those that the message carries, and others
    /// that are taken. Less than all if one cannot be had.
    async fn known_permits(&self, delivery: &Delivery, fence: Fence, limits: &[Limit]) -> Result<Permits, Disposition> {
        let mut permits = Permits::default();
        for limit in limits {
            let received = self.received_permit(delivery, limit).filter(|taken| before(taken) == fence);
            let permitted = match received {
                Some(taken) => Ok(Permitted::Taken(taken)),
                None => self.services.take_known_permit(delivery.message.id, fence, limit).await,
            };
            match permitted {
                Ok(Permitted::Taken(taken)) => permits.taken.push(taken),
                Ok(Permitted::Behind) => break,
                Ok(Permitted::Full) => {
                    permits.full = Some(limit.scope.clone());
                    break;
                }
                Err(error) => return Err(self.left(delivery, &error)),
            }
        }
        Ok(permits)
    }

    /// The permit of this limit that the message carries, if it can be used.
    fn received_permit(&self, delivery: &Delivery, limit: &Limit) -> Option<Taken> {
        let permit = delivery.message.permit_of(&limit.scope)?;
        let now = self.services.clock.now();
        // A dispatch keeps none for longer, so a message with such a permit is forged.
        let is_forged = permit.until > now.after(PERMIT_SENT + limit.ahead + AHEAD) || permit.fence == Fence::NONE;
        let usable = now < permit.usable_until() && !is_forged;
        let (id, origin) = (delivery.message.id, Origin::Message(delivery.message.generation));
        usable.then(|| Taken { scope: limit.scope.clone(), id, permit, origin })
    }

    /// Reads the record, and then claims or holds the task. The queue and the fairness key of the record decide, if the message
    /// names others. `permits` are what is known of its permits so far.
    async fn by_record(
        &self,
        delivery: &Delivery,
        admission: &Admission,
        permits: Permits,
        end: &End,
    ) -> Option<Claim> {
        let id = delivery.message.id;
        let task = match self.services.store.get_together(&id.key).await {
            Ok(task) => task,
            Err(StoreError::NotFound) => {
                self.drop_new(&permits.taken, end).await;
                return None;
            }
            Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
        };
        let options = &task.spec.options;
        let of_record = if delivery.is_of(options) {
            Ok(admission.clone())
        } else {
            self.services.admission(&options.queue, &id.key, options.fairness_key.as_deref()).await
        };
        match of_record {
            Ok(Admission::Start(terms)) if terms.is_free() => {
                self.drop_new(&permits.taken, end).await;
                self.unlimited(delivery, end).await
            }
            // Boxed, so that the future stays small.
            Ok(Admission::Start(terms)) => Box::pin(self.with_record(delivery, &task, permits, &terms, end)).await,
            Ok(Admission::Hold(_)) => self.hold(delivery, &task, None, &permits.taken, end).await,
            Err(error) => Some(Claim::Not(self.left(delivery, &error))),
        }
    }

    /// Takes what the task of this record needs and claims it, or holds it.
    async fn with_record(
        &self,
        delivery: &Delivery,
        task: &Task,
        permits: Permits,
        terms: &Terms,
        end: &End,
    ) -> Option<Claim> {
        // What the record refuses needs neither permits nor a slot.
        if let Some(conflict) = self.would_refuse(delivery, task) {
            let others = delivery.permits().into_iter().filter(|one| !permits.taken.contains(one));
            let known: Vec<Taken> = permits.taken.iter().cloned().chain(others).collect();
            return Some(Claim::Not(self.not_taken(delivery, &conflict, &known, end).await));
        }
        let Permits { taken: mut known, full } = permits;
        let mut taken = Vec::with_capacity(terms.limits.len());
        for limit in &terms.limits {
            let fits = |one: &Taken| one.scope == limit.scope && before(one) == task.fence;
            let permitted = if let Some(place) = known.iter().position(fits) {
                Ok(Permitted::Taken(known.swap_remove(place)))
            } else if full.as_ref() == Some(&limit.scope) {
                Ok(Permitted::Full)
            } else {
                self.services.take_permit(task, limit).await
            };
            match permitted {
                Ok(Permitted::Taken(one)) => taken.push(one),
                Ok(Permitted::Behind) => {
                    self.drop_new(&taken, end).await;
                    self.drop_new(&known, end).await;
                    return Some(Claim::Not(Disposition::HandBack(BEHIND)));
                }
                Ok(Permitted::Full) => {
                    self.drop_new(&known, end).await;
                    let held = self.hold(delivery, task, Some(&limit.scope), &taken, end).await;
                    // A permit may have been given back before the task was in the list.
                    self.services.go_on(&limit.scope, None, end.sends_until(self.services.clock.now())).await;
                    return held;
                }
                Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
            }
        }
        self.drop_new(&known, end).await;
        let known = Known { task: Some(task), fence: task.fence };
        Some(match self.in_turn(delivery, known, taken, terms, end).await? {
            InTurn::Claim(claim) => claim,
            InTurn::Overtaken => Claim::Not(Disposition::HandBack(BEHIND)),
        })
    }

    /// Why this record would refuse a claim of the message now. `None` if it would not.
    pub(crate) fn would_refuse(&self, delivery: &Delivery, task: &Task) -> Option<Conflict> {
        let step = Step::Claim {
            generation: delivery.message.generation,
            owner: Nonce(0),
            now: self.services.clock.now(),
            timeout_seconds: task.spec.options.timeout_seconds,
            fence: None,
        };
        let refusal = Transition { born: delivery.message.id.born, step }.refusal(task)?;
        Some(Conflict { refusal, task: task.clone(), owner: None })
    }

    /// Holds the task of this record: for `full`, which has no room, or for its queue. While it waits for its queue it keeps the
    /// permit of its fairness key, unless the queue is paused.
    async fn hold(
        &self,
        delivery: &Delivery,
        task: &Task,
        full: Option<&Scope>,
        taken: &[Taken],
        end: &End,
    ) -> Option<Claim> {
        let (id, generation) = (delivery.message.id, delivery.message.generation);
        let disposition = match self.services.hold(task, id, generation, full).await {
            Ok(held) => {
                // No message of this generation can claim the task any more, so nobody uses the permits that this one carries, nor
                // those that were taken for it. A dispatch passes over a task that has one.
                let carried = delivery.permits().into_iter();
                let others = carried.filter(|one| held.fence < one.permit.fence && !taken.contains(one));
                let unused = others.chain(taken.iter().cloned());
                let waits_for_queue = full.is_some_and(|full| !full.is_key());
                for one in unused.filter(|one| !(waits_for_queue && one.scope.is_key())) {
                    self.services.drop_permit(&one, end.sends_until(self.services.clock.now())).await;
                }
                delivery.disposition_after(&held)
            }
            Err(StoreError::Conflict(conflict)) => self.not_taken(delivery, &conflict, taken, end).await,
            Err(StoreError::NotFound) => {
                self.drop_new(taken, end).await;
                return None;
            }
            Err(error) => self.left(delivery, &error),
        };
        Some(Claim::Not(disposition))
    }
}

/// Whether this is the first delivery of a task's first attempt. Its record says nothing that matters before the claim.
fn is_first(delivery: &Delivery) -> bool {
    delivery.message.fence == Some(Fence::NONE) && delivery.receive_count <= 1
}

/// The fence that the record has before the attempt of this permit.
fn before(taken: &Taken) -> Fence {
    Fence(taken.permit.fence.0.saturating_sub(1))
}
