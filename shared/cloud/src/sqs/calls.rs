//! The calls that send messages.

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use futures::FutureExt;

use super::{
    delivery::{Sent, Source},
    error::QueueError,
    lanes::{BATCH, Urls},
};
use taskway_protocol::{
    LONGEST_MESSAGE_DELAY, Priority, Time,
    message::{Message, Outgoing},
};

/// The most bytes of text in one batch call. SQS takes 1 MiB; 16 KiB are left for everything but the texts.
const BATCH_BYTES: usize = 1024 * 1024 - 16 * 1024;

/// Sends messages to the queues with these URLs.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) client: Client,
    pub(super) urls: Urls,
}

impl Calls {
    /// The URL of a queue. `None` if it is not configured.
    pub(super) fn url(&self, source: Source) -> Option<&str> {
        match source {
            Source::Lane(Priority::High) => Some(&self.urls.high),
            Source::Lane(Priority::Normal) => Some(&self.urls.normal),
            Source::Lane(Priority::Low) => Some(&self.urls.low),
            Source::DeadLetters => self.urls.dead_letters.as_deref(),
        }
    }

    pub(super) fn configured_url(&self, source: Source) -> Result<&str, QueueError> {
        self.url(source).ok_or_else(|| QueueError::other("no url of the dead-letter queue is configured"))
    }

    pub(super) async fn send_alone(&self, outgoing: &Outgoing, now: Time) -> Result<Sent, QueueError> {
        self.client
            .send_message()
            .queue_url(self.configured_url(Source::Lane(outgoing.lane))?)
            .message_body(encode(&outgoing.message)?)
            .delay_seconds(delay_seconds(outgoing.message.due, now))
            .set_message_group_id(outgoing.message.fairness_key.as_deref().map(str::to_owned))
            .send()
            .boxed()
            .await
            .map(|_| Sent(()))
            .map_err(QueueError::from_sdk)
    }

    /// Sends messages in as few calls as possible. Returns one result for each message, in the same order.
    pub(super) async fn send_all(&self, outgoing: &[Outgoing], now: Time) -> Vec<Result<Sent, QueueError>> {
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
        match self.client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().boxed().await {
            Ok(answer) => answer
                .failed
                .iter()
                .filter_map(|failed| Some((failed.id.parse().ok()?, QueueError::other(failed.code.clone()))))
                .collect(),
            Err(error) => all_failed(QueueError::from_sdk(error)),
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
