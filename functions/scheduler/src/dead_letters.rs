//! Emptying the dead-letter queue.
//!
//! SQS moves a message there when it was received too often, for example by executors that were throttled or crashed. That
//! says nothing about the task, so each letter is judged by the task's record.

use std::{error::Error, time::Duration};

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::StoreError,
    sqs::{Acked, Arrived, Source},
};
use taskway_protocol::{
    Ack, DeadLetter, Reason, Time, dead_letter,
    message::{Message, Outgoing, Unreadable},
};
use taskway_runtime::faults::CrashPoint;

use crate::{report::Report, scheduler::Scheduler};

/// How long a dead letter is hidden from other ticks.
const VISIBILITY: Duration = Duration::from_secs(60);

/// How many batches a tick takes at most.
const BATCHES: usize = 100;

/// How long a copy of an unreadable message is kept.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

impl Scheduler {
    pub(crate) async fn drain_dead_letters(&self, until: Time) -> Report {
        let mut report = Report::default();
        if self.services.lanes.url(Source::DeadLetters).is_none() {
            return report;
        }
        for _ in 0..BATCHES {
            let letters = match self.services.lanes.receive(Source::DeadLetters, 10, VISIBILITY, Duration::ZERO).await {
                Ok(letters) => letters,
                Err(error) => {
                    tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot read the dead-letter queue");
                    report.failed += 1;
                    return report;
                }
            };
            if letters.is_empty() || self.is_over(until) {
                return report;
            }
            let count = letters.len();
            let settled = stream::iter(letters).map(|letter| self.settle_letter(letter)).buffer_unordered(count);
            let acked: Vec<Acked> = settled.filter_map(async |acked| acked).collect().await;
            report.dead_letters += acked.len();
            report.kept_aside += acked.iter().filter(|acked| acked.ack.reason() == Reason::KeptAside).count();
            report.failed += count - acked.len();
            if let Err(error) = self.services.lanes.delete(Source::DeadLetters, &acked).await {
                tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot delete dead letters");
            }
        }
        report
    }

    /// Settles a letter, and returns what allows its deletion. `None`: the letter stays, and a later tick sees it again.
    async fn settle_letter(&self, letter: Arrived) -> Option<Acked> {
        let ack = match Message::decode(&letter.body) {
            Ok(message) => self.settle_message(&letter, message).await?,
            // Leave it to the release that wrote it.
            Err(Unreadable::Newer(_)) => return None,
            Err(Unreadable::Foreign(_)) => self.keep_aside(&letter).await?,
        };
        Some(Acked { receipt: letter.receipt, ack })
    }

    async fn settle_message(&self, letter: &Arrived, message: Message) -> Option<Ack> {
        let now = self.services.clock.now();
        let task = match self.services.store.get(&message.id.key).await {
            Ok(task) => task,
            Err(StoreError::NotFound) => return Ack::no_record(letter.sent, now),
            Err(error) => return kept(letter, &error),
        };
        match dead_letter(&task, message.id, message.generation, now) {
            DeadLetter::Drop(ack) => Some(ack),
            DeadLetter::Send { at } => {
                match self.services.send(&Outgoing::of(&task, at).with_content(message.content)).await {
                    Ok(sent) => {
                        self.services.faults.reach(CrashPoint::DeadLetterSent).await;
                        Some(sent.ack())
                    }
                    Err(error) => kept(letter, &error),
                }
            }
        }
    }

    async fn keep_aside(&self, letter: &Arrived) -> Option<Ack> {
        let keep_until = self.services.clock.now().after(KEPT);
        let put = self.services.store.put_unreadable(&letter.message_id, &letter.body, letter.sent, keep_until).await;
        let ack = match put {
            Ok(ack) => ack,
            Err(error) => return kept(letter, &error),
        };
        tracing::error!(message.id = letter.message_id, "unreadable message kept aside");
        self.services.faults.reach(CrashPoint::KeptAside).await;
        Some(ack)
    }
}

/// Leaves a letter in the queue, for a later tick.
fn kept(letter: &Arrived, error: &dyn Error) -> Option<Ack> {
    let error = taskway_runtime::log::causes(error);
    tracing::warn!(message.id = letter.message_id, %error, "cannot settle a dead letter");
    None
}
