//! Claiming the task of a message.

use std::time::Duration;

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_protocol::{Ack, Fence, GUARD, Nonce, Refusal, State, Step, Task, Verdict, refused};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
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

impl Executor {
    /// Claims the task. Submit writes record and message at the same time, so a message can arrive a moment before its
    /// record: then the claim is tried again before the message is handed back for seconds.
    pub(crate) async fn claim(&self, delivery: &Delivery) -> Claim {
        for pause in RECORD_COMES {
            match self.try_claim(delivery).await {
                Some(claim) => return claim,
                None if delivery.receive_count > 1 => return Claim::Not(self.without_record(delivery)),
                None => self.services.clock.sleep(pause).await,
            }
        }
        self.try_claim(delivery).await.unwrap_or_else(|| Claim::Not(self.without_record(delivery)))
    }

    /// Tries once to claim the task. `None` if there is no record.
    async fn try_claim(&self, delivery: &Delivery) -> Option<Claim> {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let owner = self.services.nonce();
        let lease_end = now.after(message.lease());
        let step = Step::Claim { generation: message.generation, owner, now, lease_end };
        let task = match self.services.apply(message.id, step).await {
            Ok(task) => task,
            Err(StoreError::Conflict(conflict)) if is_own(&conflict, owner) => conflict.task,
            Err(StoreError::Conflict(conflict)) => return Some(Claim::Not(self.refused(delivery, &conflict).await)),
            Err(StoreError::NotFound) => return None,
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                let id = message.id;
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot claim task {id}");
                return Some(Claim::Not(Disposition::Leave));
            }
        };
        // If the answer was slow, the lease may be over already.
        if self.services.clock.now() >= lease_end.before(GUARD) {
            return Some(Claim::Not(Disposition::Leave));
        }
        Some(Claim::Ours(Box::new(task)))
    }

    async fn refused(&self, delivery: &Delivery, conflict: &Conflict) -> Disposition {
        let now = self.services.clock.now();
        let message = &delivery.message;
        match refused(conflict.refusal, &conflict.task, message.generation, now) {
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
        }
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
