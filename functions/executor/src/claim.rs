//! Claiming the task of a message, or holding it while its queue is paused or has as many attempts as its limit allows.

use std::time::Duration;

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_engine::{Admission, Limit, Permitted, Taken};
use taskway_protocol::{
    Ack, Fence, Nonce, Refusal, SKEW, Scope, State, Step, Task, Transition, Verdict, lease, refused,
};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    acks::handed_back,
    attempt::End,
    delivery::{Delivery, Disposition},
    executor::Executor,
};

/// The pauses between the tries to claim a task that has no record yet.
const RECORD_COMES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(160)];

/// When a message comes again whose record is behind the permit that its task has.
const BEHIND: Duration = Duration::from_secs(5);

/// What a claim leads to.
pub(crate) enum Claim {
    /// This executor holds the task, by this permit if the task's queue has a limit.
    Ours(Box<Task>, Option<Taken>),
    /// It does not, and the message goes this way.
    Not(Disposition),
}

/// What one claim leads to.
enum Claimed {
    /// To this.
    Is(Claim),
    /// To nothing: an attempt may take this long, in seconds, and the claim was for another time.
    HasTimeout(u32),
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

    /// The table gave no answer that decides about the task. Its message comes again later.
    fn left(&self, delivery: &Delivery, error: &StoreError) -> Disposition {
        let id = delivery.message.id;
        tracing::warn!(task.id = %id, error = %causes(error), "cannot claim or hold task {id}");
        Disposition::Leave
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
        match admission {
            Admission::Start { .. } => self.try_start(delivery, None, end).await,
            Admission::WithPermit { limit, .. } => match self.received_permit(delivery, limit) {
                Some(taken) => self.try_start(delivery, Some(taken), end).await,
                None => self.try_read(delivery, admission, end).await,
            },
            Admission::Hold(_) => self.try_read(delivery, admission, end).await,
        }
    }

    /// The permit that the message carries, if it can be used.
    fn received_permit(&self, delivery: &Delivery, limit: &Limit) -> Option<Taken> {
        let (share, permit) = delivery.message.permit?;
        let usable = share == limit.scope.share && self.services.clock.now() < permit.usable_until();
        let key = delivery.message.id.key;
        usable.then(|| Taken { scope: Scope::new(&limit.scope.queue, share), key, permit })
    }

    /// Reads the record, and then claims or holds the task. The queue of the record decides, if the message names another.
    async fn try_read(&self, delivery: &Delivery, admission: &Admission, end: &End) -> Option<Claim> {
        let id = delivery.message.id;
        let task = match self.services.store.get(&id.key).await {
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
            Ok(Admission::Start { .. }) => self.try_start(delivery, None, end).await,
            Ok(Admission::WithPermit { limit, .. }) => self.try_with_permit(delivery, &task, &limit, end).await,
            // A permit that the message carries stays. Another executor may have started the task by it.
            Ok(Admission::Hold(_)) => self.try_hold(delivery, &task).await,
            Err(error) => Some(Claim::Not(self.left(delivery, &error))),
        }
    }

    /// Takes a permit for the task and claims it, or holds it if there is none.
    async fn try_with_permit(&self, delivery: &Delivery, task: &Task, limit: &Limit, end: &End) -> Option<Claim> {
        // What the record refuses needs no permit.
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
            return match self.refused(delivery, &conflict).await {
                Claimed::Is(claim) => Some(claim),
                Claimed::HasTimeout(_) => Some(Claim::Not(Disposition::Leave)),
            };
        }
        match self.services.take_permit(task, limit).await {
            Ok(Permitted::Taken(taken)) => self.try_start(delivery, Some(taken), end).await,
            Ok(Permitted::Behind) => Some(Claim::Not(Disposition::HandBack(BEHIND))),
            Ok(Permitted::Full) => {
                let held = self.try_hold(delivery, task).await;
                // One may have been given back before the task was in the list.
                self.services.go_on(&limit.scope, None).await;
                held
            }
            Err(error) => Some(Claim::Not(self.left(delivery, &error))),
        }
    }

    /// Tries to hold the task of this record.
    async fn try_hold(&self, delivery: &Delivery, task: &Task) -> Option<Claim> {
        let (id, generation) = (delivery.message.id, delivery.message.generation);
        let disposition = match self.services.hold(task, id, generation).await {
            Ok(held) => delivery.disposition_after(&held),
            Err(StoreError::Conflict(conflict)) => match self.refused(delivery, &conflict).await {
                Claimed::Is(Claim::Not(disposition)) => disposition,
                // A hold compares no timeout, and takes no task.
                Claimed::Is(Claim::Ours(..)) | Claimed::HasTimeout(_) => Disposition::Leave,
            },
            Err(StoreError::NotFound) => return None,
            Err(error) => self.left(delivery, &error),
        };
        Some(Claim::Not(disposition))
    }

    /// Tries to claim the task, by this permit if its queue has a limit. `None` if there is no record.
    async fn try_start(&self, delivery: &Delivery, taken: Option<Taken>, end: &End) -> Option<Claim> {
        match self.try_claims(delivery, taken.as_ref(), end).await? {
            Claim::Ours(task, _) => Some(Claim::Ours(task, taken)),
            not @ Claim::Not(_) => Some(not),
        }
    }

    /// Tries to claim the task: by the timeout that the message has, and if the record has another, by that. `None` if there
    /// is no record.
    async fn try_claims(&self, delivery: &Delivery, taken: Option<&Taken>, end: &End) -> Option<Claim> {
        match self.claim_for(delivery, delivery.message.timeout_seconds, taken).await? {
            Claimed::Is(claim) => Some(claim),
            Claimed::HasTimeout(seconds) => {
                let id = delivery.message.id;
                let (message, record) = (delivery.message.timeout_seconds, seconds);
                tracing::warn!(task.id = %id, message, record, "a message of task {id} has another timeout than the task");
                if !end.is_worth_beginning(seconds, self.services.clock.now()) {
                    return Some(Claim::Not(Disposition::HandBack(Duration::ZERO)));
                }
                let hidden = [(delivery.receipt.clone(), lease(seconds) + SKEW)];
                handed_back(&self.services.lanes, delivery.lane, &hidden).await;
                match self.claim_for(delivery, seconds, taken).await? {
                    Claimed::Is(claim) => Some(claim),
                    // A task's timeout never changes.
                    Claimed::HasTimeout(_) => Some(Claim::Not(Disposition::Leave)),
                }
            }
        }
    }

    /// Tries once to claim the task with the lease of this timeout.
    async fn claim_for(&self, delivery: &Delivery, timeout_seconds: u32, taken: Option<&Taken>) -> Option<Claimed> {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let owner = self.services.nonce();
        let fence = taken.map(|taken| Fence(taken.permit.fence.0.saturating_sub(1)));
        let step = Step::Claim { generation: message.generation, owner, now, timeout_seconds, fence };
        Some(Claimed::Is(match self.services.apply(message.id, step).await {
            Ok(task) => Claim::Ours(Box::new(task), None),
            Err(StoreError::Conflict(conflict)) if is_own(&conflict, owner) => {
                Claim::Ours(Box::new(conflict.task), None)
            }
            Err(StoreError::Conflict(conflict)) => {
                if let Some(taken) = taken.filter(|taken| taken.permit.is_unused(&conflict.task)) {
                    self.services.drop_permit(taken).await;
                }
                return Some(self.refused(delivery, &conflict).await);
            }
            Err(StoreError::NotFound) => return None,
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                Claim::Not(self.left(delivery, &error))
            }
        }))
    }

    async fn refused(&self, delivery: &Delivery, conflict: &Conflict) -> Claimed {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let disposition = match refused(conflict.refusal, &conflict.task, message.generation, now) {
            Verdict::ClaimAgain { timeout_seconds } => return Claimed::HasTimeout(timeout_seconds),
            Verdict::Ack(ack) => Disposition::Ack(ack),
            Verdict::HandBack { until } => Disposition::HandBack(whole_seconds(until.since(now))),
            Verdict::Leave => Disposition::Leave,
            Verdict::Settle(step) => {
                self.services.faults.reach(CrashPoint::Refused).await;
                match self.services.apply(message.id, step).await {
                    Ok(settled) => {
                        self.services.faults.reach(CrashPoint::Settled).await;
                        delivery.disposition_after(&settled)
                    }
                    Err(_) => Disposition::Leave,
                }
            }
        };
        Claimed::Is(Claim::Not(disposition))
    }

    /// What becomes of a message whose task has no record. The record may still come. It never comes if submit did not
    /// accept the task, or if the task's retention is over.
    fn without_record(&self, delivery: &Delivery) -> Disposition {
        match Ack::no_record(delivery.sent.max(delivery.message.due), self.services.clock.now()) {
            Some(ack) => Disposition::Ack(ack),
            None => Disposition::HandBack(Duration::from_secs(1 << delivery.receive_count.clamp(1, 5))),
        }
    }
}

/// Rounds up to whole seconds, the unit of SQS. A message that came a moment too early would only be refused again.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_millis(wait.as_millis().div_ceil(1000) as u64 * 1000)
}

/// Whether the claim that holds the task is the refused one: its first answer was lost, and the SDK's retry was refused.
fn is_own(conflict: &Conflict, owner: Nonce) -> bool {
    matches!(conflict.refusal, Refusal::LiveLease(_))
        && matches!(conflict.task.state, State::Running { owner: holder, .. } if holder == owner)
        && conflict.task.fence > Fence::NONE
}
