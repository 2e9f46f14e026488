//! Claiming the task of a message, or holding it while its queue is paused.

use std::time::Duration;

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_engine::Admission;
use taskway_protocol::{Ack, Fence, Nonce, Refusal, SKEW, State, Step, Task, Verdict, lease, refused};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    acks::handed_back,
    attempt::End,
    delivery::{Delivery, Disposition},
    executor::Executor,
};

/// The pauses between the tries to claim a task that has no record yet.
const RECORD_COMES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(160)];

/// What a claim leads to.
pub(crate) enum Claim {
    /// This executor holds the task.
    Ours(Box<Task>),
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
            Admission::Start { .. } => self.try_start(delivery, end).await,
            Admission::Hold(paused) => self.try_hold(delivery, paused, end).await,
        }
    }

    /// Tries to hold the task, because its message names this paused queue. If the record has another queue, that one
    /// decides.
    async fn try_hold(&self, delivery: &Delivery, paused: &str, end: &End) -> Option<Claim> {
        let (id, generation) = (delivery.message.id, delivery.message.generation);
        let task = match self.services.store.get(&id.key).await {
            Ok(task) => task,
            Err(StoreError::NotFound) => return None,
            Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
        };
        let queue = &task.spec.options.queue;
        if **queue != *paused {
            match self.services.admission(queue).await {
                Ok(Admission::Start { .. }) => return self.try_start(delivery, end).await,
                Ok(Admission::Hold(_)) => {}
                Err(error) => return Some(Claim::Not(self.left(delivery, &error))),
            }
        }
        let disposition = match self.services.hold(&task, id, generation).await {
            Ok(held) => delivery.disposition_after(&held),
            Err(StoreError::Conflict(conflict)) => match self.refused(delivery, &conflict).await {
                Claimed::Is(Claim::Not(disposition)) => disposition,
                // A hold compares no timeout, and takes no task.
                Claimed::Is(Claim::Ours(_)) | Claimed::HasTimeout(_) => Disposition::Leave,
            },
            Err(StoreError::NotFound) => return None,
            Err(error) => self.left(delivery, &error),
        };
        Some(Claim::Not(disposition))
    }

    /// Tries to claim the task: by the timeout that the message has, and if the record has another, by that. `None` if there
    /// is no record.
    async fn try_start(&self, delivery: &Delivery, end: &End) -> Option<Claim> {
        match self.claim_for(delivery, delivery.message.timeout_seconds).await? {
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
                match self.claim_for(delivery, seconds).await? {
                    Claimed::Is(claim) => Some(claim),
                    // A task's timeout never changes.
                    Claimed::HasTimeout(_) => Some(Claim::Not(Disposition::Leave)),
                }
            }
        }
    }

    /// Tries once to claim the task with the lease of this timeout.
    async fn claim_for(&self, delivery: &Delivery, timeout_seconds: u32) -> Option<Claimed> {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let owner = self.services.nonce();
        let step = Step::Claim { generation: message.generation, owner, now, timeout_seconds };
        Some(Claimed::Is(match self.services.apply(message.id, step).await {
            Ok(task) => Claim::Ours(Box::new(task)),
            Err(StoreError::Conflict(conflict)) if is_own(&conflict, owner) => Claim::Ours(Box::new(conflict.task)),
            Err(StoreError::Conflict(conflict)) => return Some(self.refused(delivery, &conflict).await),
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
