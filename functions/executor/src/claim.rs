//! Claiming the task of a message: one conditional write, and what follows when the record refuses it.

use std::time::Duration;

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_engine::Taken;
use taskway_protocol::{Ack, Fence, Nonce, Refusal, SKEW, State, Step, Task, Time, Verdict, lease, refused};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    acks::handed_back,
    attempt::End,
    delivery::{Delivery, Disposition},
    executor::Executor,
};

/// What one claim leads to.
pub(crate) enum Claimed {
    /// This executor holds the task.
    Ours(Box<Task>),
    /// It does not, and the message goes this way.
    Not(Disposition),
    /// The permit is for another attempt than the next. The record must be read.
    Overtaken,
}

/// By what an attempt may start.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    /// The permits, as far as the task's fairness key and its queue have a limit.
    pub(crate) taken: Vec<Taken>,
    /// What the record's fence must be: the permit is for one attempt.
    pub(crate) fence: Option<Fence>,
    /// When the attempt must start at the latest, if the task's queue has a rate.
    pub(crate) start_by: Option<Time>,
}

/// What a refused claim leads to.
enum Refused {
    /// To this.
    To(Claimed),
    /// An attempt may take this long, in seconds, and the claim was for another time.
    HasTimeout(u32),
}

impl Executor {
    /// The table gave no answer that decides about the task. Its message comes again later.
    pub(crate) fn left(&self, delivery: &Delivery, error: &StoreError) -> Disposition {
        let id = delivery.message.id;
        tracing::warn!(task.id = %id, error = %causes(error), "cannot claim or hold task {id}");
        Disposition::Leave
    }

    /// Tries to claim the task: by the timeout that the message has, and if the record has another, by that. `pass` lets the
    /// attempt start. `None` if there is no record.
    pub(crate) async fn claimed(&self, delivery: &Delivery, pass: &Pass, end: &End) -> Option<Claimed> {
        let seconds = match self.claim_for(delivery, delivery.message.timeout_seconds, pass, end).await? {
            Refused::To(claimed) => return Some(claimed),
            Refused::HasTimeout(seconds) => seconds,
        };
        let id = delivery.message.id;
        let (message, record) = (delivery.message.timeout_seconds, seconds);
        tracing::warn!(task.id = %id, message, record, "a message of task {id} has another timeout than the task");
        if !end.is_worth_beginning(seconds, self.services.clock.now()) {
            return Some(Claimed::Not(Disposition::HandBack(Duration::ZERO)));
        }
        let hidden = [(delivery.receipt.clone(), lease(seconds) + SKEW)];
        handed_back(&self.services.lanes, delivery.lane, &hidden).await;
        Some(match self.claim_for(delivery, seconds, pass, end).await? {
            Refused::To(claimed) => claimed,
            // A task's timeout never changes.
            Refused::HasTimeout(_) => Claimed::Not(Disposition::Leave),
        })
    }

    /// Tries once to claim the task with the lease of this timeout.
    async fn claim_for(&self, delivery: &Delivery, timeout_seconds: u32, pass: &Pass, end: &End) -> Option<Refused> {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let owner = self.services.nonce();
        let step = Step::Claim { generation: message.generation, owner, now, timeout_seconds, fence: pass.fence };
        Some(Refused::To(match self.services.apply(message.id, step).await {
            Ok(task) => Claimed::Ours(Box::new(task)),
            Err(StoreError::Conflict(conflict)) if is_own(&conflict, owner) => Claimed::Ours(Box::new(conflict.task)),
            Err(StoreError::Conflict(conflict)) => return Some(self.refused(delivery, &conflict, pass, end).await),
            Err(StoreError::NotFound) => return None,
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                Claimed::Not(self.left(delivery, &error))
            }
        }))
    }

    /// What becomes of a message whose claim or hold the record refused. `taken` are the permits that it has.
    pub(crate) async fn not_taken(
        &self,
        delivery: &Delivery,
        conflict: &Conflict,
        taken: &[Taken],
        end: &End,
    ) -> Disposition {
        let pass = Pass { taken: taken.to_vec(), ..Pass::default() };
        match self.refused(delivery, conflict, &pass, end).await {
            Refused::To(Claimed::Not(disposition)) => disposition,
            Refused::To(Claimed::Ours(_) | Claimed::Overtaken) | Refused::HasTimeout(_) => Disposition::Leave,
        }
    }

    async fn refused(&self, delivery: &Delivery, conflict: &Conflict, pass: &Pass, end: &End) -> Refused {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let verdict = refused(conflict.refusal, &conflict.task, message.generation, now);
        if let Verdict::ClaimAgain { timeout_seconds } = verdict {
            return Refused::HasTimeout(timeout_seconds);
        }
        self.drop_unused(&pass.taken, &conflict.task, end).await;
        let disposition = match verdict {
            _ if matches!(conflict.refusal, Refusal::Fence(_)) && pass.fence.is_some() => {
                return Refused::To(Claimed::Overtaken);
            }
            Verdict::Ack(ack) => Disposition::Ack(ack),
            Verdict::HandBack { until } => Disposition::HandBack(whole_seconds(until.since(now))),
            Verdict::Leave | Verdict::ClaimAgain { .. } => Disposition::Leave,
            Verdict::Settle(step) => {
                self.services.faults.reach(CrashPoint::Refused).await;
                match self.services.apply(message.id, step).await {
                    Ok(settled) => {
                        self.services.faults.reach(CrashPoint::Settled).await;
                        self.drop_unused(&pass.taken, &settled, end).await;
                        delivery.disposition_after(&settled)
                    }
                    Err(_) => Disposition::Leave,
                }
            }
        };
        Refused::To(Claimed::Not(disposition))
    }

    /// Gives the permits back of which the record shows that no attempt uses them.
    pub(crate) async fn drop_unused(&self, taken: &[Taken], record: &Task, end: &End) {
        // The queue's before the key's: a task that its key lets go finds room there.
        for taken in taken.iter().rev().filter(|taken| taken.is_unused(record)) {
            self.services.drop_permit(taken, end.sends_until(self.services.clock.now())).await;
        }
    }

    /// What becomes of a message whose task has no record. The record may still come. It never comes if submit did not
    /// accept the task, or if the task's retention is over.
    pub(crate) fn without_record(&self, delivery: &Delivery) -> Disposition {
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
