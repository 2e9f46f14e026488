//! Whether the task of a message may start: by the settings of its queue, with a permit if the queue has a limit, and at a slot
//! if it has a rate. A task that may not is held.

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
const RECORD_COMES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(160)];

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
            Admission::Start(terms) if terms.limit.is_none() && terms.paced.is_none() => {
                self.unlimited(delivery, end).await
            }
            Admission::Start(terms) => Box::pin(self.on_terms(delivery, terms, admission, end)).await,
            Admission::Hold(_) => Box::pin(self.by_record(delivery, admission, end)).await,
        }
    }

    /// Claims the task on these terms: by what its message says, if that is enough, and else by its record.
    async fn on_terms(&self, delivery: &Delivery, terms: &Terms, admission: &Admission, end: &End) -> Option<Claim> {
        // A message whose task has ended or moved on would use up a slot.
        if terms.paced.as_ref().is_some_and(|paced| DEAR < Duration::from_micros(paced.pace.rate.interval())) {
            return self.by_record(delivery, admission, end).await;
        }
        let taken = match &terms.limit {
            None => None,
            Some(limit) => match self.known_permit(delivery, limit).await {
                Ok(Some(taken)) => Some(taken),
                Ok(None) => return self.by_record(delivery, admission, end).await,
                Err(disposition) => return Some(Claim::Not(disposition)),
            },
        };
        let fence = match &taken {
            Some(taken) => before(taken),
            None if is_first(delivery) => Fence::NONE,
            None => return self.by_record(delivery, admission, end).await,
        };
        match self.in_turn(delivery, Known { task: None, fence }, taken, terms, end).await? {
            InTurn::Claim(claim) => Some(claim),
            InTurn::Overtaken => self.by_record(delivery, admission, end).await,
        }
    }

    /// Waits for the slot of the attempt, if the queue has a rate, and claims the task.
    async fn in_turn(
        &self,
        delivery: &Delivery,
        known: Known<'_>,
        taken: Option<Taken>,
        terms: &Terms,
        end: &End,
    ) -> Option<InTurn> {
        let start = match &terms.paced {
            None => Start::Now(None),
            Some(paced) => self.take_turn(delivery, known.fence, paced, taken.as_ref(), end).await,
        };
        let start_by = match start {
            Start::Now(start_by) => start_by,
            Start::Sent(disposition) => return Some(InTurn::Claim(Claim::Not(disposition))),
            Start::Later(disposition) => {
                self.drop_new(taken.as_ref(), end).await;
                return Some(InTurn::Claim(Claim::Not(disposition)));
            }
            Start::Full => {
                let claim = match known.task {
                    Some(task) => self.hold(delivery, task, end).await,
                    None => match self.services.store.get_together(&delivery.message.id.key).await {
                        Ok(task) => self.hold(delivery, &task, end).await,
                        Err(StoreError::NotFound) => None,
                        Err(error) => Some(Claim::Not(self.left(delivery, &error))),
                    },
                };
                self.drop_new(taken.as_ref(), end).await;
                return claim.map(InTurn::Claim);
            }
        };
        let fence = taken.as_ref().map(before);
        let pass = Pass { taken, fence, start_by };
        Some(match self.claimed(delivery, &pass, end).await? {
            Claimed::Ours(task) => InTurn::Claim(Claim::Ours(task, pass)),
            Claimed::Not(disposition) => InTurn::Claim(Claim::Not(disposition)),
            Claimed::Overtaken => InTurn::Overtaken,
        })
    }

    /// Gives back a permit that this process has made, and that nobody else can use.
    async fn drop_new(&self, taken: Option<&Taken>, end: &End) {
        if let Some(taken) = taken.filter(|taken| taken.origin == Origin::New) {
            self.services.drop_permit(taken, end.sends_until(self.services.clock.now())).await;
        }
    }

    /// Claims a task of a queue without a limit and without a rate. A permit that its message carries is given back when the
    /// attempt has ended: the queue had a limit when the message was sent.
    async fn unlimited(&self, delivery: &Delivery, end: &End) -> Option<Claim> {
        let message = &delivery.message;
        let carried = message.permit.zip(message.queue.as_ref()).map(|((share, permit), queue)| {
            let (scope, id) = (Scope::new(queue, share), message.id);
            Taken { scope, id, permit, origin: Origin::Message(message.generation) }
        });
        Some(match self.claimed(delivery, &Pass::default(), end).await? {
            Claimed::Ours(task) => Claim::Ours(task, Pass { taken: carried, ..Pass::default() }),
            Claimed::Not(disposition) => Claim::Not(disposition),
            Claimed::Overtaken => Claim::Not(Disposition::Leave),
        })
    }

    /// A permit without a read of the record: the one that the message carries, or one for the first attempt. `None` if the
    /// message may be behind its record, or if there is no permit.
    async fn known_permit(&self, delivery: &Delivery, limit: &Limit) -> Result<Option<Taken>, Disposition> {
        if let Some(taken) = self.received_permit(delivery, limit) {
            return Ok(Some(taken));
        }
        if !is_first(delivery) {
            return Ok(None);
        }
        match self.services.take_first_permit(delivery.message.id, limit).await {
            Ok(Permitted::Taken(taken)) => Ok(Some(taken)),
            Ok(Permitted::Behind | Permitted::Full) => Ok(None),
            Err(error) => Err(self.left(delivery, &error)),
        }
    }

    /// The permit that the message carries, if it can be used.
    fn received_permit(&self, delivery: &Delivery, limit: &Limit) -> Option<Taken> {
        let (share, permit) = delivery.message.permit?;
        let now = self.services.clock.now();
        // A dispatch keeps none for longer, so a message with such a permit is forged.
        let is_forged = permit.until > now.after(PERMIT_SENT + limit.ahead + AHEAD) || permit.fence == Fence::NONE;
        let usable = share == limit.scope.share && now < permit.usable_until() && !is_forged;
        let (id, origin) = (delivery.message.id, Origin::Message(delivery.message.generation));
        usable.then(|| Taken { scope: limit.scope.clone(), id, permit, origin })
    }

    /// Reads the record, and then claims or holds the task. The queue of the record decides, if the message names another.
    async fn by_record(&self, delivery: &Delivery, admission: &Admission, end: &End) -> Option<Claim> {
        let id = delivery.message.id;
        let task = match self.services.store.get_together(&id.key).await {
            Ok(task) => task,
            Err(StoreError::NotFound) => return None,
            Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
        };
        let queue = &task.spec.options.queue;
        let of_record = if delivery.message.queue.as_ref() == Some(queue) {
            Ok(admission.clone())
        } else {
            self.services.admission(queue, &id.key).await
        };
        match of_record {
            Ok(Admission::Start(terms)) if terms.limit.is_none() && terms.paced.is_none() => {
                self.unlimited(delivery, end).await
            }
            Ok(Admission::Start(terms)) => self.with_record(delivery, &task, &terms, end).await,
            Ok(Admission::Hold(_)) => self.hold(delivery, &task, end).await,
            Err(error) => Some(Claim::Not(self.left(delivery, &error))),
        }
    }

    /// Takes what the task of this record needs and claims it, or holds it.
    async fn with_record(&self, delivery: &Delivery, task: &Task, terms: &Terms, end: &End) -> Option<Claim> {
        // What the record refuses needs neither a permit nor a slot.
        let step = Step::Claim {
            generation: delivery.message.generation,
            owner: Nonce(0),
            now: self.services.clock.now(),
            timeout_seconds: task.spec.options.timeout_seconds,
            fence: None,
        };
        let born = delivery.message.id.born;
        if let Some(refusal) = (Transition { born, step }).refusal(task) {
            let conflict = Conflict { refusal, task: task.clone(), owner: None };
            return Some(Claim::Not(self.not_taken(delivery, &conflict, end).await));
        }
        let taken = match &terms.limit {
            None => None,
            Some(limit) => match self.services.take_permit(task, limit).await {
                Ok(Permitted::Taken(taken)) => Some(taken),
                Ok(Permitted::Behind) => return Some(Claim::Not(Disposition::HandBack(BEHIND))),
                Ok(Permitted::Full) => {
                    let held = self.hold(delivery, task, end).await;
                    // A permit may have been given back before the task was in the list.
                    self.services.go_on(&limit.scope, None, end.sends_until(self.services.clock.now())).await;
                    return held;
                }
                Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
            },
        };
        let known = Known { task: Some(task), fence: task.fence };
        Some(match self.in_turn(delivery, known, taken, terms, end).await? {
            InTurn::Claim(claim) => claim,
            InTurn::Overtaken => Claim::Not(Disposition::HandBack(BEHIND)),
        })
    }

    /// Holds the task of this record.
    async fn hold(&self, delivery: &Delivery, task: &Task, end: &End) -> Option<Claim> {
        let (id, generation) = (delivery.message.id, delivery.message.generation);
        let disposition = match self.services.hold(task, id, generation).await {
            Ok(held) => {
                // No message of this generation can claim the task any more, so nobody uses the permit that this one carries.
                if let Some((share, permit)) = delivery.message.permit {
                    let scope = Scope::new(&held.spec.options.queue, share);
                    let taken = Taken { scope, id, permit, origin: Origin::Message(generation) };
                    if taken.is_unused(&held) {
                        self.services.drop_permit(&taken, end.sends_until(self.services.clock.now())).await;
                    }
                }
                delivery.disposition_after(&held)
            }
            Err(StoreError::Conflict(conflict)) => self.not_taken(delivery, &conflict, end).await,
            Err(StoreError::NotFound) => return None,
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
