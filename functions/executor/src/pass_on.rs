//! Messages of tasks whose handler this program does not have. Another program of the lane may have it, so they are sent
//! on.
//!
//! A message is sent anew: SQS dead-letters one that was only handed back twenty times.

use std::time::Duration;

use taskway::attempt::Outcome;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{ErrorKind, PROGRAM_COUNTS, Route, Task, Time, message::Outgoing, passed_on_after};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    admit::RECORD_COMES,
    attempt::{End, is_of},
    delivery::{Delivery, Disposition},
    executor::Executor,
};

/// Who runs the task of a message.
pub(crate) enum Runs {
    /// This program.
    Here,
    /// Nobody: no program has known its handler for so long. It is claimed here, and fails.
    Nowhere(Duration),
    /// Another program, or nobody until the message comes again. It goes this way.
    Elsewhere(Disposition),
}

impl Executor {
    /// Who runs the task of this message. If this program does not know its handler, the message is passed on until a
    /// program takes it, or until no program has known the handler for long.
    pub(crate) async fn runs(&self, delivery: &Delivery, end: &End) -> Runs {
        let message = &delivery.message;
        let Route::Handler(handler) = &message.route else { return Runs::Here };
        let now = self.services.clock.now();
        let since = message.unknown_since.map_or(now, |since| since.min(now));
        let unknown_for = now.since(since);
        if unknown_for >= self.unknown_wait {
            match self.is_known_elsewhere(handler).await {
                Ok(true) => {}
                Ok(false) => return Runs::Nowhere(unknown_for),
                Err(error) => return Runs::Elsewhere(self.left(delivery, &error)),
            }
        }
        let task = match self.claimable(delivery, end).await {
            Ok(task) => task,
            Err(runs) => return runs,
        };
        let due = self.services.clock.now().after(passed_on_after(unknown_for));
        let outgoing = copy(delivery, &task, due).passed_on(since);
        let id = message.id;
        match self.services.send(&outgoing).await {
            Ok(sent) => {
                tracing::debug!(task.id = %id, handler, "passed on task {id}: this program has no handler {handler}");
                self.services.faults.reach(CrashPoint::PassedOn).await;
                Runs::Elsewhere(Disposition::Ack(sent.ack()))
            }
            Err(error) => {
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot pass on task {id}");
                Runs::Elsewhere(Disposition::HandBack(passed_on_after(unknown_for)))
            }
        }
    }

    /// The record of the task, if a program that knows its handler could claim it now. A message of a task that has ended, or
    /// is past its deadline, is not passed on.
    async fn claimable(&self, delivery: &Delivery, end: &End) -> Result<Task, Runs> {
        let task = self.record_of(delivery).await.map_err(Runs::Elsewhere)?;
        if task.spec.route != delivery.message.route {
            // The message was forged. The record decides.
            return Err(Runs::Here);
        }
        match self.would_refuse(delivery, &task) {
            Some(conflict) => Err(Runs::Elsewhere(self.not_taken(delivery, &conflict, &delivery.permits(), end).await)),
            None => Ok(task),
        }
    }

    /// Reads the record. A message can arrive a moment before it, as at a claim.
    async fn record_of(&self, delivery: &Delivery) -> Result<Task, Disposition> {
        let mut pauses = RECORD_COMES.iter().filter(|_| delivery.receive_count <= 1);
        loop {
            match self.services.store.get_together(&delivery.message.id.key).await {
                Ok(task) => return Ok(task),
                Err(StoreError::NotFound) => match pauses.next() {
                    Some(pause) => self.services.clock.sleep(*pause).await,
                    None => return Err(self.without_record(delivery)),
                },
                Err(error) => return Err(self.left(delivery, &error)),
            }
        }
    }

    /// The outcome of a claimed task whose handler no program has known for so long. If one knows it by now, the attempt is
    /// given back.
    pub(crate) async fn unknown_handler(&self, handler: &str, unknown_for: Duration) -> Outcome {
        match self.is_known_elsewhere(handler).await {
            Ok(false) => {}
            Ok(true) | Err(_) => return Outcome::Stopped,
        }
        let (waited, lately) = (unknown_for.as_secs(), PROGRAM_COUNTS.as_secs());
        let message = format!(
            "no handler is named {handler}: the task waited {waited} s for a program that has it, and none was seen within \
             {lately} s. Start that program or correct the name; `taskway handlers` lists which program has which handlers"
        );
        Outcome::Fatal { kind: ErrorKind::UnknownHandler, message }
    }
}

/// The message that is passed on, made from the record. It has what the received one carries beside: permits, marks and content.
fn copy(delivery: &Delivery, task: &Task, due: Time) -> Outgoing {
    let received = &delivery.message;
    let content = received.content.clone().filter(|text| is_of(text, &task.spec.body));
    let mut copy = Outgoing::of(task, due).with_content(content);
    // Permits and marks of another queue or fairness key were forged.
    if delivery.is_of(&task.spec.options) {
        (copy.message.permit, copy.message.key_permit) = (received.permit, received.key_permit);
        (copy.message.expected_by, copy.message.key_expected_by) = (received.expected_by, received.key_expected_by);
    }
    copy
}
