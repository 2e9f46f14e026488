//! One message from its delivery to its end: claim, run, write the outcome, place what follows.

use std::{sync::Arc, time::Duration};

use taskway::{
    Context,
    attempt::{Input, Outcome, Reports},
};
use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_protocol::{
    Ack, Digest, ErrorKind, Fence, GUARD, Nonce, Refusal, State, Step, Stored, Task, Time, Verdict,
    content::TaskContent, message::Outgoing, refused,
};
use taskway_runtime::faults::CrashPoint;

use crate::{
    Delivery, Disposition, Executor,
    heartbeat::{Ended, Lease},
    targets::Slot,
};

/// Up to this long before a task is due its message's slot waits it out: SQS delays by whole seconds.
const WAITED_OUT: Duration = Duration::from_millis(1_500);

/// With less than this left of an invocation no attempt is begun that could need it.
const WORTH_BEGINNING: Duration = Duration::from_secs(5);

/// A message that finds no thread free comes again after so long.
const THREADS_BUSY: Duration = Duration::from_secs(5);

/// How long a record is waited for before its message goes back for seconds.
const RECORD_COMES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(160)];

/// What a claim came to.
enum Claim {
    /// The task is ours.
    Ours(Box<Task>),
    /// It is not.
    Not(Disposition),
}

impl Executor {
    /// Takes a message to its end. `cutoff` is when the process must have written what it has to write.
    pub async fn deliver(&self, delivery: &Delivery, cutoff: Option<Time>) -> Disposition {
        let begun_by = cutoff.map(|cutoff| self.begun_by(delivery, cutoff));
        match begun_by {
            None => self.deliver_with(delivery, self.slot(delivery).await, cutoff).await,
            Some(begun_by) => tokio::select! {
                biased;
                slot = self.slot(delivery) => self.deliver_with(delivery, slot, cutoff).await,
                () = self.services.clock.sleep_until(begun_by) => Disposition::HandBack(THREADS_BUSY),
            },
        }
    }

    /// Waits for what the task needs to really start. Only then may it be claimed.
    pub(crate) async fn slot(&self, delivery: &Delivery) -> Slot {
        self.targets.slot(&delivery.message.route).await
    }

    /// Takes a message to its end, with what its task needs to start at hand.
    pub(crate) async fn deliver_with(&self, delivery: &Delivery, slot: Slot, cutoff: Option<Time>) -> Disposition {
        let services = &self.services;
        let early = delivery.message.due.since(services.clock.now());
        if early > WAITED_OUT {
            return Disposition::HandBack(early);
        }
        if !early.is_zero() {
            services.clock.sleep_until(delivery.message.due).await;
        }
        if cutoff.is_some_and(|cutoff| services.clock.now() > self.begun_by(delivery, cutoff)) {
            return Disposition::HandBack(Duration::ZERO);
        }
        services.admit(&delivery.message).await;
        services.faults.reach(CrashPoint::BeforeClaim).await;
        let task = match self.claim(delivery).await {
            Claim::Ours(task) => task,
            Claim::Not(disposition) => return disposition,
        };
        services.faults.reach(CrashPoint::Claimed).await;
        // Boxed: a message that ends at its claim need not carry an attempt's whole state.
        Box::pin(self.run(*task, delivery, cutoff, slot)).await
    }

    /// When an attempt must have begun to be worth it before `cutoff`.
    fn begun_by(&self, delivery: &Delivery, cutoff: Time) -> Time {
        let needed = Duration::from_secs(u64::from(delivery.message.timeout_seconds));
        cutoff.before(needed.min(WORTH_BEGINNING))
    }

    /// Claims the task. A message can be a moment ahead of its record, for they are written at once: before it is handed
    /// back for seconds, the claim is tried again.
    async fn claim(&self, delivery: &Delivery) -> Claim {
        for pause in RECORD_COMES {
            match self.try_claim(delivery).await {
                Some(claim) => return claim,
                None if delivery.receive_count > 1 => return Claim::Not(self.before_its_record(delivery)),
                None => self.services.clock.sleep(pause).await,
            }
        }
        self.try_claim(delivery).await.unwrap_or_else(|| Claim::Not(self.before_its_record(delivery)))
    }

    /// One claim; nothing when there is no record.
    async fn try_claim(&self, delivery: &Delivery) -> Option<Claim> {
        let now = self.services.clock.now();
        let message = &delivery.message;
        let owner = self.services.nonce();
        let lease_end = now.after(message.lease());
        let step = Step::Claim { generation: message.generation, owner, now, lease_end };
        let task = match self.services.apply(message.id, step).await {
            Ok(task) => task,
            Err(StoreError::Conflict(conflict)) if made_by(&conflict, owner) => conflict.task,
            Err(StoreError::Conflict(conflict)) => return Some(Claim::Not(self.refused(delivery, &conflict).await)),
            Err(StoreError::NotFound) => return None,
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_))) => {
                tracing::warn!(task.id = %message.id, error = %taskway_runtime::log::causes(&error), "cannot claim");
                return Some(Claim::Not(Disposition::Leave));
            }
        };
        // Whoever learns late that it holds the task may not hold it any more.
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
                        shown_by(&settled, delivery)
                    }
                    Err(_) => Disposition::Leave,
                }
            }
        }
    }

    /// A message may overtake its record, for they are written at once; one whose record never came is a submit's that
    /// was not accepted, or a life's that is long over.
    fn before_its_record(&self, delivery: &Delivery) -> Disposition {
        match Ack::no_record(delivery.sent.max(delivery.message.due), self.services.clock.now()) {
            Some(ack) => Disposition::Ack(ack),
            None => Disposition::HandBack(Duration::from_secs(1 << delivery.receive_count.clamp(1, 5))),
        }
    }

    async fn run(&self, task: Task, delivery: &Delivery, cutoff: Option<Time>, slot: Slot) -> Disposition {
        let services = &self.services;
        let State::Running { lease_end, .. } = task.state else { return Disposition::Leave };
        let began = task.started_at.unwrap_or_else(|| services.clock.now());
        let timeout = began.after(Duration::from_secs(u64::from(task.spec.timeout_seconds)));
        let hard_end = [Some(timeout), task.spec.deadline, cutoff].into_iter().flatten().min().unwrap_or(timeout);

        let mut lease = Lease::new(&task, delivery, lease_end, hard_end);
        let outcome = match self.input(&task, delivery).await {
            Ok((input, previous)) => {
                let cx =
                    Context::new(task.id, task.attempts, task.fence, hard_end, previous, Arc::clone(&services.clock));
                let reports = cx.reports();
                // However this ends, by a process that gives up on it too, what still runs is told that it is in vain.
                let _told = CancelOnDrop(cx.reports());
                let run = self.targets.start(input, cx, slot);
                lease.hold(self, run, &reports).await
            }
            Err(outcome) => Ended::Outcome(outcome),
        };
        services.faults.reach(CrashPoint::Ran).await;
        let outcome = match outcome {
            Ended::Outcome(outcome) => outcome,
            Ended::Cut if task.spec.deadline.is_some_and(|deadline| deadline <= hard_end) => {
                Outcome::Fatal { kind: ErrorKind::Deadline, message: "the task's deadline passed".to_owned() }
            }
            Ended::Cut => {
                let ran = hard_end.since(began).as_secs();
                let message = if hard_end < timeout {
                    format!("the function that ran the attempt had to end after {ran} s of it")
                } else {
                    format!("the attempt ran for {ran} s")
                };
                Outcome::Retry { kind: ErrorKind::Timeout, message, after: None }
            }
            // Cancelled, or somebody else's by now: nothing of it may be recorded.
            Ended::Lost => return Disposition::Leave,
        };
        let trusted_until = lease.trusted_until();
        let Some(written) = self.record(&task, outcome, lease.unwritten(), trusted_until).await else {
            return Disposition::Leave;
        };
        services.faults.reach(CrashPoint::OutcomeWritten).await;
        match written.state {
            State::Queued { due } => self.send_successor(&written, due, delivery).await,
            State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => shown_by(&written, delivery),
        }
    }

    /// The record is queued again under the same generation: another message must carry it before this one goes.
    async fn send_successor(&self, task: &Task, due: Time, delivery: &Delivery) -> Disposition {
        let services = &self.services;
        let outgoing = Outgoing::of(task, due).with_content(delivery.message.content.clone());
        let now = services.clock.now();
        match services.send(&outgoing).await {
            Ok(sent) => {
                services.faults.reach(CrashPoint::SuccessorSent).await;
                Disposition::Ack(sent.ack())
            }
            Err(error) => {
                tracing::warn!(task.id = %task.id, error = %taskway_runtime::log::causes(&error), "cannot send the retry");
                Disposition::HandBack(due.since(now))
            }
        }
    }

    /// The task's body and the checkpoint of an attempt before, wherever they are.
    async fn input(&self, task: &Task, delivery: &Delivery) -> Result<(Input, Option<Arc<str>>), Outcome> {
        let text = match (&task.spec.body, &delivery.message.content) {
            (Stored::Inline(text), _) => text.to_string(),
            // Another body may have been sent under the same key, and refused.
            (Stored::TextPart(digest), Some(text)) if Digest::of(text.as_bytes()) == *digest => text.to_string(),
            (Stored::TextPart(_), _) => self.stored(task, &task.spec.body).await?,
        };
        let content = TaskContent::from_text(&text, &task.spec.route).map_err(|error| Outcome::Fatal {
            kind: ErrorKind::Payload,
            message: format!("the stored task cannot be read: {}", taskway_runtime::log::causes(&error)),
        })?;
        let previous = match &task.checkpoint {
            Some(stored) => Some(self.stored(task, stored).await?.into()),
            None => None,
        };
        Ok((Input { id: task.id, queue: task.spec.queue.clone(), content }, previous))
    }

    async fn stored(&self, task: &Task, stored: &Stored) -> Result<String, Outcome> {
        match stored {
            Stored::Inline(text) => Ok(text.to_string()),
            Stored::TextPart(digest) => {
                self.services.store.get_part(&task.id.key, digest).await.map_err(|error| Outcome::Retry {
                    kind: ErrorKind::Payload,
                    message: format!("the task's input cannot be read: {error}"),
                    after: None,
                })
            }
        }
    }
}

/// What a record that was just written says of its message.
fn shown_by(written: &Task, delivery: &Delivery) -> Disposition {
    let message = &delivery.message;
    Ack::shown_by(written, message.id, message.generation).map_or(Disposition::Leave, Disposition::Ack)
}

/// Tells an attempt that nobody listens any more.
struct CancelOnDrop(Arc<Reports>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Rounded up: SQS counts in whole seconds, and a message that is back too early is only refused again.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_millis(wait.as_millis().div_ceil(1000) as u64 * 1000)
}

/// Whether the claim that seems to be refused is this very one, whose answer was lost on the way.
fn made_by(conflict: &Conflict, owner: Nonce) -> bool {
    matches!(conflict.refusal, Refusal::LiveLease(_))
        && matches!(conflict.task.state, State::Running { owner: holder, .. } if holder == owner)
        && conflict.task.fence > Fence::NONE
}
