//! Messages of tasks whose handler this program does not have. Another program of the lane may have it, so they are sent
//! on.
//!
//! A message is sent anew: SQS dead-letters one that was only handed back twenty times.

use std::time::Duration;

use taskway::attempt::Outcome;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{ErrorKind, PROGRAM_COUNTS, Route, message::Outgoing, passed_on_after};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    attempt::End,
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
        if let Some(runs) = self.by_state(delivery, end).await {
            return runs;
        }
        let outgoing = Outgoing { lane: delivery.lane, message: message.clone() };
        let outgoing = outgoing.passed_on(now.after(passed_on_after(unknown_for)), since);
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

    /// What the record says about a message before it is passed on. `None` if a program that knows the handler could claim the
    /// task now. A message of a task that has ended, or is past its deadline, is not passed on.
    async fn by_state(&self, delivery: &Delivery, end: &End) -> Option<Runs> {
        let task = match self.services.store.get_together(&delivery.message.id.key).await {
            Ok(task) => task,
            // The record of a new task may not be there yet.
            Err(StoreError::NotFound) if delivery.message.unknown_since.is_none() => return None,
            Err(StoreError::NotFound) => return Some(Runs::Elsewhere(self.without_record(delivery))),
            Err(error) => return Some(Runs::Elsewhere(self.left(delivery, &error))),
        };
        if task.spec.route != delivery.message.route {
            // The message was forged. The record decides.
            return Some(Runs::Here);
        }
        let conflict = self.would_refuse(delivery, &task)?;
        let disposition = self.not_taken(delivery, &conflict, &delivery.permits(), end).await;
        Some(Runs::Elsewhere(disposition))
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
