//! The three lanes and the dead-letter queue, through the AWS SDK.

use std::{error::Error, time::Duration};

use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageSystemAttributeName,
        SendMessageBatchRequestEntry,
    },
};

use taskway_protocol::{
    Ack, LONGEST_MESSAGE_DELAY, Priority, Time,
    message::{Message, Outgoing},
};

/// SQS takes this many messages in one batch call.
pub const BATCH: usize = 10;

/// SQS takes this many bytes in one batch call, all messages together; what is left is for their envelopes.
const BATCH_BYTES: usize = 1024 * 1024 - 16 * 1024;

/// The lanes.
#[derive(Clone, Debug)]
pub struct Lanes {
    client: Client,
    /// For receiving alone, which waits for messages by design.
    poller: Client,
    urls: Urls,
}

/// The queues' URLs.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Lane `high`.
    pub high: String,
    /// Lane `normal`.
    pub normal: String,
    /// Lane `low`.
    pub low: String,
    /// Where messages go that were received too often; only the scheduler needs it.
    pub dead_letters: Option<String>,
}

/// A queue did not answer, or not usefully, after the SDK's own retries. What was asked may or may not have happened.
#[derive(Debug, thiserror::Error)]
#[error("the queue is unavailable")]
pub struct QueueError {
    /// Whether it asked for less.
    pub throttled: bool,
    /// What the SDK said.
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

/// Which queue a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A lane.
    Lane(Priority),
    /// The dead-letter queue.
    DeadLetters,
}

/// A message's handle at its queue, valid for this delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// SQS accepted a message: the one before it may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent(());

impl Sent {
    /// The right to delete the message that this one follows.
    pub fn ack(self) -> Ack {
        #[expect(clippy::disallowed_methods, reason = "SQS has accepted the successor")]
        Ack::successor_placed()
    }
}

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The queue's name for it.
    pub message_id: String,
    /// For deleting it.
    pub receipt: Receipt,
    /// What it says, unread.
    pub body: String,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent: Time,
}

/// A receipt and why its message may be deleted: the only thing that can be deleted.
#[derive(Debug)]
pub struct Acked {
    /// Which delivery.
    pub receipt: Receipt,
    /// Why.
    pub ack: Ack,
}

impl Lanes {
    /// The lanes behind these URLs.
    pub fn new(client: Client, urls: Urls) -> Self {
        Lanes { poller: client.clone(), client, urls }
    }

    /// The same lanes, where receiving is done by a client that is more patient.
    #[must_use]
    pub fn polled_by(self, poller: Client) -> Self {
        Lanes { poller, ..self }
    }

    /// The URL of a queue, if it is configured.
    pub fn url(&self, source: Source) -> Option<&str> {
        match source {
            Source::Lane(Priority::High) => Some(&self.urls.high),
            Source::Lane(Priority::Normal) => Some(&self.urls.normal),
            Source::Lane(Priority::Low) => Some(&self.urls.low),
            Source::DeadLetters => self.urls.dead_letters.as_deref(),
        }
    }

    /// The lane whose queue has this name, as the last part of an ARN or a URL has it.
    pub fn lane_named(&self, name: &str) -> Option<Priority> {
        Priority::ALL.into_iter().find(|lane| {
            self.url(Source::Lane(*lane)).and_then(|url| url.rsplit('/').next()).is_some_and(|queue| queue == name)
        })
    }

    fn known(&self, source: Source) -> Result<&str, QueueError> {
        self.url(source).ok_or_else(|| QueueError { throttled: false, source: "no such queue is configured".into() })
    }

    /// Sends a message so that it arrives when its task is due, to the second; the rest is waited out by the executor.
    ///
    /// # Errors
    /// [`QueueError`]: it may or may not have been sent.
    pub async fn send(&self, outgoing: &Outgoing, now: Time) -> Result<Sent, QueueError> {
        self.client
            .send_message()
            .queue_url(self.known(Source::Lane(outgoing.lane))?)
            .message_body(encode(&outgoing.message)?)
            .delay_seconds(delay_seconds(outgoing.message.due, now))
            .set_message_group_id(outgoing.message.fairness_key.as_deref().map(str::to_owned))
            .send()
            .await
            .map(|_| Sent(()))
            .map_err(QueueError::from_sdk)
    }

    /// Sends many, packed into as few calls as they fit in. An answer for each, in their order.
    pub async fn send_all(&self, outgoing: &[Outgoing], now: Time) -> Vec<Result<Sent, QueueError>> {
        let mut answers: Vec<Result<Sent, QueueError>> = Vec::with_capacity(outgoing.len());
        answers.resize_with(outgoing.len(), || Ok(Sent(())));
        let mut calls = Vec::new();
        for lane in Priority::ALL {
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
        let all = |error: &dyn Fn() -> QueueError| indexes.iter().map(|index| (*index, error())).collect::<Vec<_>>();
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
            Err(error) => return all(&|| QueueError::other(error.to_string())),
        };
        let url = match self.known(Source::Lane(lane)) {
            Ok(url) => url,
            Err(error) => return all(&|| QueueError::other(error.to_string())),
        };
        match self.client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await {
            Ok(answer) => answer
                .failed
                .iter()
                .filter_map(|failed| Some((failed.id.parse().ok()?, QueueError::other(failed.code.clone()))))
                .collect(),
            Err(error) => {
                let error = QueueError::from_sdk(error);
                all(&|| QueueError { throttled: error.throttled, source: error.to_string().into() })
            }
        }
    }

    /// Waits up to `wait` for messages and takes at most ten, hidden from others for `visibility`.
    ///
    /// # Errors
    /// [`QueueError`]: nothing is lost, what was taken comes back after `visibility`.
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
            .queue_url(self.known(source)?)
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

    /// Deletes messages, ten a call. One that could not be deleted comes again, and dies at its claim.
    ///
    /// # Errors
    /// [`QueueError`] when a call failed, or any message of it.
    pub async fn delete(&self, source: Source, acked: &[Acked]) -> Result<(), QueueError> {
        let mut outcome = Ok(());
        for ten in acked.chunks(BATCH) {
            outcome = self.delete_of(source, ten).await.and(outcome);
        }
        outcome
    }

    async fn delete_of(&self, source: Source, ten: &[Acked]) -> Result<(), QueueError> {
        let entries = ten.iter().enumerate().map(|(index, acked)| {
            DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(&acked.receipt.0).build()
        });
        let entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(QueueError::other)?;
        let call = self.client.delete_message_batch().queue_url(self.known(source)?).set_entries(Some(entries));
        let answer = call.send().await.map_err(QueueError::from_sdk)?;
        match answer.failed.first() {
            Some(failed) => Err(QueueError::other(failed.code.clone())),
            None => Ok(()),
        }
    }

    /// Sets for how long messages stay hidden from now on, ten a call.
    ///
    /// # Errors
    /// [`QueueError`] when a call failed, or any message of it; those keep the visibility that they had.
    pub async fn set_visibility(&self, source: Source, changes: &[(Receipt, Duration)]) -> Result<(), QueueError> {
        let mut outcome = Ok(());
        for ten in changes.chunks(BATCH) {
            // Each call for itself: one that fails says nothing of the others.
            outcome = self.set_visibility_of(source, ten).await.and(outcome);
        }
        outcome
    }

    async fn set_visibility_of(&self, source: Source, ten: &[(Receipt, Duration)]) -> Result<(), QueueError> {
        let entries = ten.iter().enumerate().map(|(index, (receipt, visibility))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(&receipt.0)
                .visibility_timeout(visibility.as_secs().min(LONGEST_INVISIBLE) as i32)
                .build()
        });
        let entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(QueueError::other)?;
        let call =
            self.client.change_message_visibility_batch().queue_url(self.known(source)?).set_entries(Some(entries));
        let answer = call.send().await.map_err(QueueError::from_sdk)?;
        match answer.failed.first() {
            Some(failed) => Err(QueueError::other(failed.code.clone())),
            None => Ok(()),
        }
    }
}

/// SQS hides a message for at most 12 hours in all, counted from its delivery: an hour is left for what came before.
const LONGEST_INVISIBLE: u64 = 11 * 3_600;

/// Whole seconds from `now` to `due`, rounded down and capped at what SQS allows.
fn delay_seconds(due: Time, now: Time) -> i32 {
    due.since(now).min(LONGEST_MESSAGE_DELAY).as_secs() as i32
}

fn encode(message: &Message) -> Result<String, QueueError> {
    message.encode().map_err(QueueError::other)
}

impl QueueError {
    fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        QueueError { throttled: false, source: source.into() }
    }

    fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let throttled =
            matches!(error.code(), Some("RequestThrottled" | "ThrottlingException" | "KmsThrottled" | "OverLimit"));
        QueueError { throttled, source: Box::new(error) }
    }
}
