//! How many messages are in a queue.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use futures::FutureExt;

use super::{delivery::Source, error::QueueError, lanes::Lanes};

/// How many messages are in a queue, as far as SQS knows. Its numbers may be a minute old.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// Messages that can be received now.
    pub waiting: u64,
    /// Messages that a receiver has and has not deleted.
    pub in_flight: u64,
    /// Messages whose delay is not over.
    pub delayed: u64,
}

impl Lanes {
    /// Reads how many messages are in a queue. One call of SQS, which SQS bills as a request.
    ///
    /// # Errors
    /// SQS does not answer, does not know the queue, or leaves out a number.
    pub async fn backlog(&self, source: Source) -> Result<Backlog, QueueError> {
        let [waiting, in_flight, delayed] = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let answer = self
            .calls
            .client
            .get_queue_attributes()
            .queue_url(self.calls.configured_url(source)?)
            .attribute_names(waiting.clone())
            .attribute_names(in_flight.clone())
            .attribute_names(delayed.clone())
            .send()
            .boxed()
            .await
            .map_err(QueueError::from_sdk)?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(Backlog {
            waiting: number(&attributes, &waiting)?,
            in_flight: number(&attributes, &in_flight)?,
            delayed: number(&attributes, &delayed)?,
        })
    }
}

fn number(attributes: &HashMap<QueueAttributeName, String>, name: &QueueAttributeName) -> Result<u64, QueueError> {
    let number = attributes.get(name).and_then(|text| text.parse().ok());
    number.ok_or_else(|| QueueError::other(format!("the queue's attributes have no number {}", name.as_str())))
}
