//! SendMessage and SendMessageBatch.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    action::{Action, required},
    batch, md5,
};
use crate::emulator::sqs::{Attribute, AttributeValue, Attributes, Draft, MessageId, Sqs, SqsError};

/// The largest sum of message sizes in one call, in bytes.
const BATCH_BYTES: usize = 1_048_576;

/// A message to send. A single call has the queue's URL, and an entry of a batch has an id. One flat struct serves both,
/// because serde buffers flattened fields, and sending must be fast.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessage {
    queue_url: Option<String>,
    id: Option<String>,
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
    message_attributes: Option<BTreeMap<Box<str>, Value>>,
    message_system_attributes: Option<BTreeMap<Box<str>, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessageBatch {
    queue_url: Option<String>,
    entries: Option<Vec<SendMessage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    data_type: Option<Box<str>>,
    string_value: Option<Box<str>>,
    binary_value: Option<Box<str>>,
    string_list_values: Option<Vec<IgnoredAny>>,
    binary_list_values: Option<Vec<IgnoredAny>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: MessageId,
    #[serde(rename = "MD5OfMessageBody")]
    body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    system_attributes: Option<String>,
}

struct Digests {
    body: String,
    attributes: Option<String>,
    system_attributes: Option<String>,
}

impl Digests {
    fn answer(self, id: Option<String>, message_id: MessageId) -> Sent {
        let Digests { body, attributes, system_attributes } = self;
        Sent { id, message_id, body, attributes, system_attributes }
    }
}

impl Action for SendMessage {
    type Answer = Sent;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Sent, SqsError> {
        required(self.queue_url.as_ref(), "QueueUrl")?;
        let (draft, digests) = self.check()?;
        let message_id = sqs.change(queue, |broker, now| broker.send(queue, draft, now))?;
        Ok(digests.answer(None, message_id))
    }
}

impl Action for SendMessageBatch {
    type Answer = batch::Outcome<Sent>;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Self::Answer, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let entries = self.entries.unwrap_or_default();
        batch::check("SendMessageBatchRequestEntry", entries.iter().map(|entry| entry.id.as_deref()))?;
        // Checking and hashing take most of the time and need no lock.
        let drafts: Vec<_> =
            entries.into_iter().map(|mut entry| (entry.id.take().unwrap_or_default(), entry.check())).collect();
        let sent = drafts.iter().filter_map(|(_, draft)| draft.as_ref().ok()).map(|(draft, _)| draft.size()).sum();
        if sent > BATCH_BYTES {
            return Err(SqsError::BatchRequestTooLong { sent });
        }
        sqs.change(queue, |broker, now| {
            if !broker.has_queue(queue) {
                return Err(SqsError::QueueDoesNotExist);
            }
            let mut outcome = batch::Outcome::new();
            for (id, draft) in drafts {
                let sent = draft.and_then(|(draft, digests)| {
                    let message_id = broker.send(queue, draft, now)?;
                    Ok(move |id| digests.answer(Some(id), message_id))
                });
                outcome.add(id, sent);
            }
            Ok(outcome)
        })
    }
}

impl SendMessage {
    fn check(self) -> Result<(Draft, Digests), SqsError> {
        let body = required(self.message_body, "MessageBody")?;
        let digest = md5::of_body(&body);
        let mut draft = Draft::new(body)?;
        if let Some(delay) = self.delay_seconds {
            let seconds = u64::try_from(delay)
                .map_err(|_| SqsError::out_of_range(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900."))?;
            draft = draft.delayed_by(Duration::from_secs(seconds))?;
        }
        if let Some(group) = &self.message_group_id {
            draft = draft.in_group(group)?;
        }
        if let Some(id) = &self.message_deduplication_id {
            return Err(SqsError::out_of_range(
                id,
                "MessageDeduplicationId",
                "The request include parameter that is not valid for this queue type",
            ));
        }
        let user = self.message_attributes.unwrap_or_default();
        let user = user.into_iter().map(|(name, value)| Ok((name.clone(), value.attribute(&name)?)));
        let user = user.collect::<Result<BTreeMap<_, _>, SqsError>>()?;
        let trace = trace_header(self.message_system_attributes.unwrap_or_default())?;
        let attributes = Attributes { user, trace };
        let digests = Digests {
            body: digest,
            attributes: md5::of_attributes(attributes.user.iter().map(|(name, value)| (&**name, value))),
            system_attributes: md5::of_system_attributes(&attributes),
        };
        Ok((draft.with_attributes(attributes)?, digests))
    }
}

impl Value {
    fn attribute(self, name: &str) -> Result<Attribute, SqsError> {
        let data_type = self.data_type.filter(|data_type| !data_type.is_empty());
        let data_type = data_type.ok_or_else(|| {
            SqsError::InvalidParameterValue(format!(
                "The message attribute '{name}' must contain non-empty message attribute type."
            ))
        })?;
        let lists = [self.string_list_values, self.binary_list_values];
        if lists.iter().flatten().any(|list| !list.is_empty()) {
            return Err(SqsError::UnsupportedOperation(
                "Message attribute list values in SendMessage operation are not supported.".to_owned(),
            ));
        }
        let value = match (self.string_value, self.binary_value) {
            (Some(text), None) => AttributeValue::Text(text),
            (None, Some(binary)) => {
                let bytes = STANDARD.decode(&*binary).map_err(|error| {
                    SqsError::Serialization(format!(
                        "the binary value of the attribute '{name}' is not base64: {error}"
                    ))
                })?;
                AttributeValue::Binary(bytes.into())
            }
            (None, None) => AttributeValue::Text("".into()),
            (Some(_), Some(_)) => {
                return Err(SqsError::InvalidParameterValue(format!(
                    "The message attribute '{name}' has more than one value."
                )));
            }
        };
        Ok(Attribute { data_type, value })
    }
}

fn trace_header(attributes: BTreeMap<Box<str>, Value>) -> Result<Option<Box<str>>, SqsError> {
    let mut trace = None;
    for (name, value) in attributes {
        if &*name != "AWSTraceHeader" {
            return Err(SqsError::InvalidParameterValue(format!("Message system attribute name '{name}' is invalid.")));
        }
        trace = value.string_value.filter(|value| !value.is_empty());
        if trace.is_none() || value.data_type.as_deref() != Some("String") {
            return Err(SqsError::InvalidParameterValue(
                "The message system attribute 'AWSTraceHeader' must be a non-empty String.".to_owned(),
            ));
        }
    }
    Ok(trace)
}
