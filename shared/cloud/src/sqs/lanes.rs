//! Sends, receives, hides and deletes messages.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageSystemAttributeName,
        SendMessageBatchRequestEntry,
    },
};

use super::{
    delivery::{Acked, Arrived, Receipt, Sent, Source},
    error::QueueError,
    sends::{Send, Sends},
};
use crate::gather::Gather;
use taskway_protocol::{
    LONGEST_MESSAGE_DELAY, Priority, Time,
    message::{Message, Outgoing},
};

/// The most messages that SQS takes in one batch call.
pub const BATCH: usize = 10;

/// The most bytes of text in one batch call. SQS takes 1 MiB; 16 KiB are left for everything but the texts.
const BATCH_BYTES: usize = 1024 * 1024 - 16 * 1024;

/// The longest time for which [`Lanes::set_visibility`] hides a message, in seconds. SQS allows 12 hours from the
/// delivery. One hour is left for the time since the delivery.
const LONGEST_HIDDEN: u64 = 11 * 3_600;

/// The three lanes and the dead-letter queue.
#[derive(Clone, Debug)]
pub struct Lanes {
    client: Client,
    /// The client for receiving. Its timeouts allow for long polling.
    poller: Client,
    urls: Urls,
    /// Gathers messages into batches. `None` if each call of [`send`](Lanes::send) is a request of its own.
    sends: Option<Gather<Sends>>,
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
    /// The dead-letter queue. Only the scheduler needs it.
    pub dead_letters: Option<String>,
}

impl Lanes {
    /// The queues with these URLs. Each call of [`send`](Lanes::send) is a request of its own.
    pub fn new(client: Client, urls: Urls) -> Self {
        Lanes { poller: client.clone(), client, urls, sends: None }
    }

    /// The same queues. Messages that are sent at the same time share requests. Clones of the result share theirs.
    #[must_use]
    pub fn with_batches(self) -> Self {
        let single = Lanes { sends: None, ..self };
        Lanes { sends: Some(Gather::new(Sends(single.clone()))), ..single }
    }

    /// The same queues, with another client for receiving.
    #[must_use]
    pub fn polled_by(self, poller: Client) -> Self {
        Lanes { poller, ..self }
    }

    /// The URL of a queue. `None` if it is not configured.
    pub fn url(&self, source: Source) -> Option<&str> {
        match source {
            Source::Lane(Priority::High) => Some(&self.urls.high),
            Source::Lane(Priority::Normal) => Some(&self.urls.normal),
            Source::Lane(Priority::Low) => Some(&self.urls.low),
            Source::DeadLetters => self.urls.dead_letters.as_deref(),
        }
    }

    /// The lane whose queue has this name. The name is the last part of the queue's ARN and of its URL.
    pub fn lane_named(&self, name: &str) -> Option<Priority> {
        Priority::ALL.iter().copied().find(|lane| {
            self.url(Source::Lane(*lane)).and_then(|url| url.rsplit('/').next()).is_some_and(|queue| queue == name)
        })
    }

    fn configured_url(&self, source: Source) -> Result<&str, QueueError> {
        self.url(source).ok_or_else(|| QueueError::other("no url of the dead-letter queue is configured"))
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
        self.send_alone(outgoing, now).await
    }

    pub(super) async fn send_alone(&self, outgoing: &Outgoing, now: Time) -> Result<Sent, QueueError> {
        self.client
            .send_message()
            .queue_url(self.configured_url(Source::Lane(outgoing.lane))?)
            .message_body(encode(&outgoing.message)?)
            .delay_seconds(delay_seconds(outgoing.message.due, now))
            .set_message_group_id(outgoing.message.fairness_key.as_deref().map(str::to_owned))
            .send()
            .await
            .map(|_| Sent(()))
            .map_err(QueueError::from_sdk)
    }

    /// Sends messages in as few calls as possible. Returns one result for each message, in the same order.
    pub async fn send_all(&self, outgoing: &[Outgoing], now: Time) -> Vec<Result<Sent, QueueError>> {
        let mut answers: Vec<Result<Sent, QueueError>> = Vec::with_capacity(outgoing.len());
        answers.resize_with(outgoing.len(), || Ok(Sent(())));
        let mut calls = Vec::new();
        for &lane in Priority::ALL {
            let mut call: Vec<(usize, String)> = Vec::new();
            let mut bytes = 0;
            for (index, message) in outgoing.iter().enumerate().filter(|(_, message)| message.lane == lane) {
                let text = match encode(&message.message) {
                    Ok(text) => text,
                    Err(error) => {
                        answers[index] = Err(error);
                        continue;
                    }
                };
                if call.len() == BATCH || (!call.is_empty() && bytes + text.len() > BATCH_BYTES) {
                    calls.push((lane, std::mem::take(&mut call)));
                    bytes = 0;
                }
                bytes += text.len();
                call.push((index, text));
            }
            if !call.is_empty() {
                calls.push((lane, call));
            }
        }
        let sent = calls.into_iter().map(|(lane, call)| self.send_batch(lane, call, outgoing, now));
        for failed in futures::future::join_all(sent).await {
            for (index, error) in failed {
                answers[index] = Err(error);
            }
        }
        answers
    }

    async fn send_batch(
        &self,
        lane: Priority,
        call: Vec<(usize, String)>,
        outgoing: &[Outgoing],
        now: Time,
    ) -> Vec<(usize, QueueError)> {
        let indexes: Vec<usize> = call.iter().map(|(index, _)| *index).collect();
        let all_failed = |error: QueueError| indexes.iter().map(|index| (*index, error.clone())).collect();
        let entries = call.into_iter().map(|(index, text)| {
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(text)
                .delay_seconds(delay_seconds(outgoing[index].message.due, now))
                .set_message_group_id(outgoing[index].message.fairness_key.as_deref().map(str::to_owned))
                .build()
        });
        let entries: Vec<_> = match entries.collect() {
            Ok(entries) => entries,
            Err(error) => return all_failed(QueueError::other(error)),
        };
        let url = match self.configured_url(Source::Lane(lane)) {
            Ok(url) => url,
            Err(error) => return all_failed(error),
        };
        match self.client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await {
            Ok(answer) => answer
                .failed
                .iter()
                .filter_map(|failed| Some((failed.id.parse().ok()?, QueueError::other(failed.code.clone()))))
                .collect(),
            Err(error) => all_failed(QueueError::from_sdk(error)),
        }
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
            .queue_url(self.configured_url(source)?)
            .max_number_of_messages(most.clamp(1, BATCH) as i32)
            .visibility_timeout(visibility.as_secs() as i32)
            .wait_time_seconds(wait.as_secs() as i32)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
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
        let call =
            self.client.delete_message_batch().queue_url(self.configured_url(source)?).set_entries(Some(entries));
        let answer = call.send().await.map_err(QueueError::from_sdk)?;
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
            .client
            .change_message_visibility_batch()
            .queue_url(self.configured_url(source)?)
            .set_entries(Some(entries));
        let answer = call.send().await.map_err(QueueError::from_sdk)?;
        match answer.failed.first() {
            Some(failed) => Err(QueueError::other(failed.code.clone())),
            None => Ok(()),
        }
    }
}

/// Whole seconds from `now` to `due`, rounded down, and at most what SQS allows.
fn delay_seconds(due: Time, now: Time) -> i32 {
    due.since(now).min(LONGEST_MESSAGE_DELAY).as_secs() as i32
}

fn encode(message: &Message) -> Result<String, QueueError> {
    message.encode().map_err(QueueError::other)
}
