//! One message from its delivery to its end: claim the task, run it, write the outcome, send the next attempt's message.

use std::{sync::Arc, time::Duration};

use taskway::{
    Context,
    attempt::{Input, Outcome, Reports, Wait},
};
use taskway_engine::{Admission, Terms};
use taskway_protocol::{
    Digest, ErrorKind, Scope, State, Stored, Task, Time, content::TaskContent, may_start, message::Outgoing,
};
use taskway_runtime::{faults::CrashPoint, log::causes};
use tokio_util::sync::CancellationToken;

use crate::{
    admit::Claim,
    claim::Pass,
    delivery::{Delivery, Disposition},
    executor::Executor,
    heartbeat::{Ended, Lease},
    pass_on::Runs,
    targets::ThreadPermit,
};

/// A message that is early by up to this long waits here until its task is due, because SQS delays by whole seconds.
pub(crate) const WAITED_OUT: Duration = Duration::from_millis(1_500);

/// A process that does not end has this long at least.
const LONG: Duration = Duration::from_secs(3_600);

/// An attempt does not begin if less than this is left of the invocation, unless its timeout is shorter.
const WORTH_BEGINNING: Duration = Duration::from_secs(5);

/// When a message comes again that found no free thread.
const THREADS_BUSY: Duration = Duration::from_secs(5);

impl Executor {
    /// Takes a message to its end. `cutoff` is the time by which this process must have cut the attempt to write its
    /// outcome; `None` for a process that does not end.
    pub async fn deliver(&self, delivery: &Delivery, cutoff: Option<Time>) -> Disposition {
        self.deliver_until(delivery, &End { cutoff, stop: CancellationToken::new(), farewell: Duration::ZERO }).await
    }

    /// [`deliver`](Executor::deliver) in a process that may also be told to stop.
    pub(crate) async fn deliver_until(&self, delivery: &Delivery, end: &End) -> Disposition {
        let begun_by = end.cutoff.map(|cutoff| begun_by(delivery.message.timeout_seconds, cutoff));
        match begun_by {
            None => self.deliver_with(delivery, self.thread_for(delivery).await, end).await,
            Some(begun_by) => tokio::select! {
                biased;
                // Only the waiting is raced. An attempt that has begun is told to stop, and ends by itself.
                () = end.stop.cancelled() => Disposition::HandBack(Duration::ZERO),
                thread = self.thread_for(delivery) => self.deliver_with(delivery, thread, end).await,
                () = self.services.clock.sleep_until(begun_by) => Disposition::HandBack(THREADS_BUSY),
            },
        }
    }

    /// Waits for a thread if the task needs one. Only then may the task be claimed: a claim counts as an attempt.
    pub(crate) async fn thread_for(&self, delivery: &Delivery) -> ThreadPermit {
        self.targets.thread_for(&delivery.message.route).await
    }

    /// Takes a message to its end, once the task has the thread that it needs.
    pub(crate) async fn deliver_with(&self, delivery: &Delivery, thread: ThreadPermit, end: &End) -> Disposition {
        let services = &self.services;
        // The claim refuses a message that is earlier. It knows the task's time, and the message may be wrong.
        let early = delivery.message.due.since(services.clock.now());
        if !early.is_zero() && early <= WAITED_OUT {
            tokio::select! {
                biased;
                () = end.stop.cancelled() => {}
                () = services.clock.sleep_until(delivery.message.due) => {}
            }
        }
        if !end.is_worth_beginning(delivery.message.timeout_seconds, services.clock.now()) {
            return Disposition::HandBack(Duration::ZERO);
        }
        let admission = match self.admission(delivery, end).await {
            Ok(admission) => admission,
            Err(disposition) => return disposition,
        };
        // The settings may have come late.
        if !end.is_worth_beginning(delivery.message.timeout_seconds, services.clock.now()) {
            return Disposition::HandBack(Duration::ZERO);
        }
        // A paused queue holds its tasks, also those of handlers that nobody knows.
        let unknown_for = match &admission {
            Admission::Start(_) if !self.targets.know(&delivery.message.route) => {
                match Box::pin(self.runs(delivery, end)).await {
                    Runs::Here => None,
                    Runs::Nowhere(unknown_for) => Some(unknown_for),
                    Runs::Elsewhere(disposition) => return disposition,
                }
            }
            Admission::Start(_) | Admission::Hold(_) => None,
        };
        services.faults.reach(CrashPoint::BeforeClaim).await;
        let (task, pass) = match self.claim(delivery, &admission, end).await {
            Claim::Ours(task, pass) => (task, pass),
            Claim::Not(disposition) => return disposition,
        };
        services.faults.reach(CrashPoint::Claimed).await;
        let fence = task.fence;
        let admitted = Admitted { admission, pass, unknown_for };
        // Boxed, so that the future of a message that ends at its claim stays small.
        let disposition = Box::pin(self.run(*task, delivery, &admitted, end, thread)).await;
        // Before the message is deleted, and also if the outcome was refused: this attempt is over.
        // The queue's permit first: a task that its key lets go finds room there.
        for taken in admitted.pass.taken.iter().rev() {
            services.release_permit(taken, fence, end.sends_until(services.clock.now())).await;
        }
        disposition
    }

    async fn run(
        &self,
        task: Task,
        delivery: &Delivery,
        admitted: &Admitted,
        end: &End,
        thread: ThreadPermit,
    ) -> Disposition {
        let services = &self.services;
        let State::Running { lease_end, .. } = task.state else { return Disposition::Leave };
        let began = task.started_at.unwrap_or_else(|| services.clock.now());
        let timeout = began.after(Duration::from_secs(u64::from(task.spec.options.timeout_seconds)));
        let hard_end = [Some(timeout), task.spec.deadline, end.cutoff].into_iter().flatten().min().unwrap_or(timeout);

        let mut lease = Lease::new(&task, delivery, lease_end, hard_end);
        let input = tokio::select! {
            biased;
            () = end.stop.cancelled() => Err(Outcome::Stopped),
            input = self.known_input(&task, delivery, admitted.unknown_for) => input,
        };
        let admitted = input.is_err() || self.may_still_start(&task, delivery, admitted).await;
        let ended = match input {
            // The claim's answer, the input or the queue's settings may have come late. Another attempt may hold the task then.
            Ok(_) if !may_start(services.clock.now(), lease_end) => return Disposition::Leave,
            Ok(_) if !admitted => Ended::Outcome(Outcome::Stopped),
            Ok((input, previous)) => {
                let cx =
                    Context::new(task.id, task.attempts, task.fence, hard_end, previous, Arc::clone(&services.clock));
                let reports = cx.reports();
                // A handler on a thread runs on if this future is dropped, and must learn that it should stop.
                let _cancels = CancelOnDrop(cx.reports());
                let run = self.targets.start(input, cx, thread);
                lease.hold(self, run, &reports, end).await
            }
            Err(outcome) => Ended::Outcome(outcome),
        };
        services.faults.reach(CrashPoint::Ran).await;
        let outcome = match ended {
            Ended::Outcome(outcome) => {
                if let (Outcome::Done(_), Some(handler)) = (&outcome, delivery.message.route.handler()) {
                    self.durations.note(handler, services.clock.now().since(began));
                }
                outcome
            }
            Ended::Cut if task.spec.deadline.is_some_and(|deadline| deadline <= hard_end) => {
                Outcome::Fatal { kind: ErrorKind::Deadline, message: "the task's deadline passed".to_owned() }
            }
            // The invocation ends before the attempt's time is up.
            Ended::Cut if hard_end < timeout => Outcome::Stopped,
            Ended::Cut => {
                let message = format!("the attempt ran for {} s", hard_end.since(began).as_secs());
                Outcome::Retry { kind: ErrorKind::Timeout, message, wait: Wait::Policy }
            }
            // The task was cancelled, or another attempt may hold it: this one must not write an outcome.
            Ended::Lost => return Disposition::Leave,
        };
        let (trusted_until, unwritten) = (lease.trusted_until(), lease.unwritten());
        // What a beat has written takes room of the record.
        let checkpoint = lease.checkpoint();
        let task = Task { checkpoint: checkpoint.or_else(|| task.checkpoint.clone()), ..task };
        let Some(written) = self.record(&task, outcome, unwritten, trusted_until).await else {
            return Disposition::Leave;
        };
        services.faults.reach(CrashPoint::OutcomeWritten).await;
        match written.state {
            State::Queued { due } => self.send_successor(&written, due, delivery).await,
            State::Scheduled { .. } | State::Running { .. } | State::Ended { .. } => {
                delivery.disposition_after(&written)
            }
        }
    }

    /// Whether the task may start as it was admitted, now that it is claimed. If the claim took long, its queue may have
    /// been paused or limited, or the permit may be too old. A forged message may have named another queue, and an old one
    /// names none. Then the attempt is given back, and does not count.
    async fn may_still_start(&self, task: &Task, delivery: &Delivery, admitted: &Admitted) -> bool {
        let now = || self.services.clock.now();
        if admitted.pass.start_by.is_some_and(|by| by < now()) {
            return false;
        }
        let options = &task.spec.options;
        let (queue, named) = (&options.queue, delivery.is_of(options));
        let is_permitted = |scope: &Scope| {
            let taken = admitted.pass.taken.iter().find(|taken| taken.scope == *scope);
            taken.is_some_and(|taken| now() < taken.permit.usable_until())
        };
        let has_permits = |terms: &Terms| terms.limits.iter().all(|limit| is_permitted(&limit.scope));
        let paces = match &admitted.admission {
            Admission::Start(terms) if named && now() < terms.until => return has_permits(terms),
            Admission::Start(terms) if named => terms.paces.as_slice(),
            Admission::Start(_) | Admission::Hold(_) => &[],
        };
        match self.services.admission(queue, &task.id.key, options.fairness_key.as_deref()).await {
            Ok(Admission::Start(terms)) => {
                let has_slots = terms.paces.iter().all(|paced| paces.contains(paced));
                now() < terms.until && has_permits(&terms) && has_slots
            }
            Ok(Admission::Hold(_)) | Err(_) => false,
        }
    }

    /// Sends the message of the next attempt. The record is queued again under the same generation, so until that message
    /// is sent this one carries the task.
    async fn send_successor(&self, task: &Task, due: Time, delivery: &Delivery) -> Disposition {
        let services = &self.services;
        let content = delivery.message.content.clone().filter(|text| is_of(text, &task.spec.body));
        let outgoing = Outgoing::of(task, due).with_content(content);
        let now = services.clock.now();
        match services.send(&outgoing).await {
            Ok(sent) => {
                services.faults.reach(CrashPoint::SuccessorSent).await;
                Disposition::Ack(sent.ack())
            }
            Err(error) => {
                let id = task.id;
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot send the next attempt of task {id}");
                Disposition::HandBack(due.since(now))
            }
        }
    }

    /// [`input`](Executor::input), or the outcome of a task whose handler this program does not know: no program has known it
    /// for so long, or the message named another. Then the attempt is given back, and the next message has the record's.
    async fn known_input(
        &self,
        task: &Task,
        delivery: &Delivery,
        unknown_for: Option<Duration>,
    ) -> Result<(Input, Option<Arc<str>>), Outcome> {
        let route = &task.spec.route;
        match (unknown_for, route.handler()) {
            _ if self.targets.know(route) => self.input(task, delivery).await,
            (Some(unknown_for), Some(handler)) if *route == delivery.message.route => {
                Err(self.unknown_handler(handler, unknown_for).await)
            }
            (Some(_) | None, _) => Err(Outcome::Stopped),
        }
    }

    /// The task's content, and the checkpoint that an earlier attempt left.
    async fn input(&self, task: &Task, delivery: &Delivery) -> Result<(Input, Option<Arc<str>>), Outcome> {
        let text = match (&task.spec.body, &delivery.message.content) {
            (Stored::Inline(text), _) => text.to_string(),
            // Compared, because a request with the same key and other content may have been sent and then refused.
            (stored @ Stored::TextPart(_), Some(text)) if is_of(text, stored) => text.to_string(),
            (Stored::TextPart(_) | Stored::Object(_), _) => self.stored(task, &task.spec.body).await?,
        };
        let content = TaskContent::from_text(&text, &task.spec.route).map_err(|error| Outcome::Fatal {
            kind: ErrorKind::Payload,
            message: format!("the stored task cannot be read: {}", causes(&error)),
        })?;
        let previous = match &task.checkpoint {
            Some(stored) => Some(self.stored(task, stored).await?.into()),
            None => None,
        };
        let large = content.large_payload.map(|object| self.large_payload(object, task.id)).transpose()?;
        Ok((Input { id: task.id, queue: task.spec.options.queue.clone(), content, large }, previous))
    }

    async fn stored(&self, task: &Task, stored: &Stored) -> Result<String, Outcome> {
        let unread = |error: &(dyn std::error::Error + 'static)| Outcome::Retry {
            kind: ErrorKind::Payload,
            message: format!("the task's input cannot be read: {}", causes(error)),
            wait: Wait::Policy,
        };
        match stored {
            Stored::Inline(text) => Ok(text.to_string()),
            Stored::TextPart(digest) => {
                self.services.store.get_part(&task.id.key, digest).await.map_err(|error| unread(&error))
            }
            Stored::Object(object) => {
                let source = self.large_payload(**object, task.id)?;
                taskway::attempt::whole_text(&*source).await.map_err(|error| unread(&error))
            }
        }
    }
}

/// Why an attempt may start.
struct Admitted {
    admission: Admission,
    /// By what its task was claimed.
    pass: Pass,
    /// For how long no program has known its handler, if this one does not.
    unknown_for: Option<Duration>,
}

/// What can end an attempt before its own time is up.
#[derive(Debug)]
pub(crate) struct End {
    /// The time by which the process must have cut the attempt to write its outcome; `None` for a process that does not end.
    pub(crate) cutoff: Option<Time>,
    /// The process stops, and gives its attempts back.
    pub(crate) stop: CancellationToken,
    /// How long a handler may run on after it was told of that.
    pub(crate) farewell: Duration,
}

impl End {
    /// Until when this process may send held tasks after an attempt. A process that stops sends none.
    pub(crate) fn sends_until(&self, now: Time) -> Time {
        if self.stop.is_cancelled() { now } else { self.cutoff.unwrap_or(now.after(LONG)) }
    }

    /// Whether an attempt with this timeout may begin now.
    pub(crate) fn is_worth_beginning(&self, timeout_seconds: u32, now: Time) -> bool {
        !self.stop.is_cancelled() && self.cutoff.is_none_or(|cutoff| now <= begun_by(timeout_seconds, cutoff))
    }
}

/// The time by which an attempt must begin to be worth it before `cutoff`.
fn begun_by(timeout_seconds: u32, cutoff: Time) -> Time {
    let needed = Duration::from_secs(u64::from(timeout_seconds));
    cutoff.before(needed.min(WORTH_BEGINNING))
}

/// Whether this is the text that the record names by its digest.
pub(crate) fn is_of(text: &str, stored: &Stored) -> bool {
    matches!(stored, Stored::TextPart(digest) if Digest::of(text.as_bytes()) == *digest)
}

/// Tells the handler to stop when the attempt's future is dropped.
struct CancelOnDrop(Arc<Reports>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
