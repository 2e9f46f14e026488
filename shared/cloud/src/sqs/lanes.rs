//! Sends, receives, hides and deletes messages.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageSystemAttributeName},
};
use futures::FutureExt;

use super::{
    calls::Calls,
    delivery::{Acked, Arrived, Receipt, Sent, Source},
    error::QueueError,
    sends::{Send, Sends},
};
use crate::{gather::Gather, meter::Meter};
use taskway_protocol::{Priority, Time, Usage, message::Outgoing};

/// The most messages that SQS takes in one batch call.
pub const BATCH: usize = 10;

/// The longest time for which [`Lanes::set_visibility`] hides a message, in seconds. SQS allows 12 hours from the
/// delivery. One hour is left for the time since the delivery.
const LONGEST_HIDDEN: u64 = 11 * 3_600;

/// The three lanes and the dead-letter queue.
#[derive(Clone, Debug)]
pub struct Lanes {
    pub(super) calls: Calls,
    /// The client for receiving. Its timeouts allow for long polling.
    poller: Client,
    /// Gathers messages into batches. `None` if each call of [`send`](Lanes::send) is a request of its own.
    sends: Option<Gather<Sends>>,
    /// Counts the clients' requests. `None` if nobody asks for it.
    meter: Option<Meter>,
}

/// The URLs of the queues.
#[derive(Clone, Debug)]
pub struct Urls {
    /// The queue of lane `high`.
    pub high: String,
    /// The queue of lane `normal`.
    pub normal: String,
    /// The queue of lane `low`.
    pub low: String,
    /// The dead-letter queue. The scheduler empties it, and submit tells how much is in it.
    pub dead_letters: Option<String>,
}

impl Lanes {
    /// The queues with these URLs. Each call of [`send`](Lanes::send) is a request of its own.
    pub fn new(client: Client, urls: Urls) -> Self {
        Lanes { poller: client.clone(), calls: Calls { client, urls }, sends: None, meter: None }
    }

    /// The same queues, whose clients have this meter.
    #[must_use]
    pub fn metered(self, meter: Meter) -> Self {
        Lanes { meter: Some(meter), ..self }
    }

    /// The requests since the last call of this, of all clones.
    pub fn take_usage(&self) -> Usage {
        self.meter.as_ref().map_or_else(Usage::default, |meter| meter.take().usage())
    }

    /// The same queues. Messages that are sent at the same time share requests. Clones of the result share theirs.
    #[must_use]
    pub fn with_batches(self) -> Self {
        Lanes { sends: Some(Gather::new(Sends(self.calls.clone()))), ..self }
    }

    /// The same queues, with another client for receiving.
    #[must_use]
    pub fn polled_by(self, poller: Client) -> Self {
        Lanes { poller, ..self }
    }

    /// The URL of a queue. `None` if it is not configured.
    pub fn url(&self, source: Source) -> Option<&str> {
        self.calls.url(source)
    }

    /// The lane whose queue has this name. The name is the last part of the queue's ARN and of its URL.
    pub fn lane_named(&self, name: &str) -> Option<Priority> {
        Priority::ALL.iter().copied().find(|lane| {
            self.url(Source::Lane(*lane)).and_then(|url| url.rsplit('/').next()).is_some_and(|queue| queue == name)
        })
    }

    /// Sends a message with a delay until its task is due, in whole seconds. The executor waits for the rest.
    ///
    /// # Errors
    /// The message may or may not have been sent.
    pub async fn send(&self, outgoing: &Outgoing, now: Time) -> Result<Sent, QueueError> {
        if let Some(sends) = &self.sends {
            let sent = sends.write(Send { outgoing: outgoing.clone(), now }).await;
            return sent.unwrap_or_else(|| Err(QueueError::other("the request ended without an answer")));
        }
        self.calls.send_alone(outgoing, now).await
    }

    /// Sends messages in as few calls as possible. Returns one result for each message, in the same order.
    pub async fn send_all(&self, outgoing: &[Outgoing], now: Time) -> Vec<Result<Sent, QueueError>> {
        self.calls.send_all(outgoing, now).await
    }

    /// Receives at most `most` messages, and at most ten. Waits up to `wait` for the first. SQS hides the messages from
    /// other receivers for `visibility`.
    ///
    /// # Errors
    /// No message is lost. SQS delivers the messages that it has hidden again after `visibility`.
    pub async fn receive(
        &self,
        source: Source,
        most: usize,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Vec<Arrived>, QueueError> {
        let received = self
            .poller
            .receive_message()
            .queue_url(self.calls.configured_url(source)?)
            .max_number_of_messages(most.clamp(1, BATCH) as i32)
            .visibility_timeout(visibility.as_secs() as i32)
            .wait_time_seconds(wait.as_secs() as i32)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .boxed()
            .await
            .map_err(QueueError::from_sdk)?;
        let messages = received.messages.unwrap_or_default().into_iter();
        Ok(messages
            .filter_map(|message| {
                let attributes = message.attributes.unwrap_or_default();
                let number = |name| attributes.get(&name).and_then(|text: &String| text.parse::<u64>().ok());
                Some(Arrived {
                    message_id: message.message_id.unwrap_or_default(),
                    receipt: Receipt(message.receipt_handle?),
                    body: message.body.unwrap_or_default(),
                    receive_count: number(MessageSystemAttributeName::ApproximateReceiveCount).unwrap_or(1) as u32,
                    sent: Time::from_millis(number(MessageSystemAttributeName::SentTimestamp).unwrap_or(0)),
                })
            })
            .collect())
    }

    /// Deletes messages, ten in a call. SQS delivers a message that could not be deleted again, and its claim is
    /// refused.
    ///
    /// # Errors
    /// If a call failed, or could not delete some of its messages.
    pub async fn delete(&self, source: Source, acked: &[Acked]) -> Result<(), QueueError> {
        let mut outcome = Ok(());
        for ten in acked.chunks(BATCH) {
            outcome = self.delete_batch(source, ten).await.and(outcome);
        }
        outcome
    }

    async fn delete_batch(&self, source: Source, ten: &[Acked]) -> Result<(), QueueError> {
        let entries = ten.iter().enumerate().map(|(index, acked)| {
            DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(&acked.receipt.0).build()
        });
        let entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(QueueError::other)?;
        let call = self
            .calls
            .client
            .delete_message_batch()
            .queue_url(self.calls.configured_url(source)?)
            .set_entries(Some(entries));
        let answer = call.send().boxed().await.map_err(QueueError::from_sdk)?;
        match answer.failed.first() {
            Some(failed) => Err(QueueError::other(failed.code.clone())),
            None => Ok(()),
        }
    }

    /// Sets how long messages stay hidden from now on, ten in a call.
    ///
    /// # Errors
    /// If a call failed, or could not change some of its messages. Those keep their visibility timeout.
    pub async fn set_visibility(&self, source: Source, changes: &[(Receipt, Duration)]) -> Result<(), QueueError> {
        let mut outcome = Ok(());
        for ten in changes.chunks(BATCH) {
            // A call that fails does not keep the others from being made.
            outcome = self.set_visibility_batch(source, ten).await.and(outcome);
        }
        outcome
    }

    async fn set_visibility_batch(&self, source: Source, ten: &[(Receipt, Duration)]) -> Result<(), QueueError> {
        let entries = ten.iter().enumerate().map(|(index, (receipt, visibility))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(&receipt.0)
                .visibility_timeout(visibility.as_secs().min(LONGEST_HIDDEN) as i32)
                .build()
        });
        let entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(QueueError::other)?;
        let call = self
            .calls
            .client
            .change_message_visibility_batch()
            .queue_url(self.calls.configured_url(source)?)
            .set_entries(Some(entries));
        let answer = call.send().boxed().await.map_err(QueueError::from_sdk)?;
        match answer.failed.first() {
            Some(failed) => Err(QueueError::other(failed.code.clone())),
            None => Ok(()),
        }
    }
}
