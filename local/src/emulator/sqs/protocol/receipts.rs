//! DeleteMessage, ChangeMessageVisibility, and the batch actions of both.

use std::time::Duration;

use serde::Deserialize;
use taskway_protocol::Time;

use super::{
    action::{Action, Nothing, required},
    batch::{self, Done, Outcome},
};
use crate::emulator::sqs::{Broker, Sqs, SqsError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessage {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibility {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessageBatch {
    queue_url: Option<String>,
    entries: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibilityBatch {
    queue_url: Option<String>,
    entries: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl Action for DeleteMessage {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        sqs.change(queue, |broker, now| delete(broker, queue, self.receipt_handle, now))?;
        Ok(Nothing {})
    }
}

impl Action for ChangeMessageVisibility {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        sqs.change(queue, |broker, now| change(broker, queue, self.receipt_handle, self.visibility_timeout, now))?;
        Ok(Nothing {})
    }
}

impl Action for DeleteMessageBatch {
    type Answer = Outcome<Done>;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Self::Answer, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        each("DeleteMessageBatchRequestEntry", sqs, queue, self.entries, |broker, entry, now| {
            delete(broker, queue, entry.receipt_handle, now)
        })
    }
}

impl Action for ChangeMessageVisibilityBatch {
    type Answer = Outcome<Done>;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Self::Answer, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        each("ChangeMessageVisibilityBatchRequestEntry", sqs, queue, self.entries, |broker, entry, now| {
            change(broker, queue, entry.receipt_handle, entry.visibility_timeout, now)
        })
    }
}

/// Makes the call for each entry, all under one lock. A refused entry does not affect the others.
fn each(
    kind: &'static str,
    sqs: &Sqs,
    queue: &str,
    entries: Option<Vec<Entry>>,
    act: impl Fn(&mut Broker, Entry, Time) -> Result<(), SqsError>,
) -> Result<Outcome<Done>, SqsError> {
    let entries = entries.unwrap_or_default();
    batch::check(kind, entries.iter().map(|entry| entry.id.as_deref()))?;
    sqs.change(queue, |broker, now| {
        if !broker.has_queue(queue) {
            return Err(SqsError::QueueDoesNotExist);
        }
        let mut outcome = Outcome::new();
        for mut entry in entries {
            let id = entry.id.take().unwrap_or_default();
            outcome.add(id, act(broker, entry, now).map(|()| |id| Done { id }));
        }
        Ok(outcome)
    })
}

fn delete(broker: &mut Broker, queue: &str, receipt: Option<String>, now: Time) -> Result<(), SqsError> {
    broker.delete(queue, &required(receipt, "ReceiptHandle")?, now)
}

fn change(
    broker: &mut Broker,
    queue: &str,
    receipt: Option<String>,
    seconds: Option<i64>,
    now: Time,
) -> Result<(), SqsError> {
    let receipt = required(receipt, "ReceiptHandle")?;
    let seconds = required(seconds, "VisibilityTimeout")?;
    let visibility = u64::try_from(seconds).ok().filter(|seconds| *seconds <= 43_200).ok_or_else(|| {
        SqsError::out_of_range(seconds, "VisibilityTimeout", "VisibilityTimeout must be an integer between 0 and 43200")
    })?;
    broker.change_visibility(queue, &receipt, Duration::from_secs(visibility), now)
}
