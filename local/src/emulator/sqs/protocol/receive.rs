//! ReceiveMessage.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    action::{finish, name_in, parse, required},
    md5,
    system_attribute::SystemAttribute,
};
use crate::emulator::sqs::{
    Attribute, AttributeValue, Interruption, MessageId, Received, Sqs, SqsError, endpoint::Ask,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    message_id: MessageId,
    receipt_handle: &'a str,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, Value<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Value<'a> {
    data_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

/// Runs the action. It is not an [`Action`](super::action::Action), because it may wait.
pub(super) async fn run(sqs: &Sqs, action: &str, body: &[u8]) -> Result<Vec<u8>, SqsError> {
    let request: ReceiveMessage = parse(body)?;
    let queue = request.queue_url.as_deref().map(name_in).unwrap_or_default();
    let interruption = sqs.interruption(action, queue);
    if interruption == Interruption::RefuseBefore {
        return Err(SqsError::ServiceUnavailable);
    }
    let received = receive(sqs, queue, &request).await;
    let answer = received.as_ref().map_err(SqsError::clone).map(|(system, received)| Answer {
        messages: received.iter().map(|received| request.show(received, system)).collect(),
    });
    finish(interruption, answer)
}

async fn receive(
    sqs: &Sqs,
    queue: &str,
    request: &ReceiveMessage,
) -> Result<(Vec<SystemAttribute>, Vec<Received>), SqsError> {
    required(request.queue_url.as_ref(), "QueueUrl")?;
    let ask = request.ask()?;
    let system = request.system_attributes()?;
    Ok((system, sqs.receive(queue, ask).await?))
}

impl ReceiveMessage {
    fn ask(&self) -> Result<Ask, SqsError> {
        let max = self.max_number_of_messages.unwrap_or(1);
        let max = usize::try_from(max).ok().filter(|max| (1..=10).contains(max)).ok_or_else(|| {
            SqsError::out_of_range(max, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
        })?;
        let visibility = self
            .visibility_timeout
            .map(|seconds| within(seconds, 43_200, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided."));
        let wait = self
            .wait_time_seconds
            .map(|seconds| within(seconds, 20, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."));
        Ok(Ask { max, visibility: visibility.transpose()?, wait: wait.transpose()? })
    }

    /// The system attributes that the client asks for.
    fn system_attributes(&self) -> Result<Vec<SystemAttribute>, SqsError> {
        // `AttributeNames` is the older name of `MessageSystemAttributeNames`.
        let names = self.attribute_names.iter().chain(&self.message_system_attribute_names).flatten();
        let mut wanted = Vec::new();
        for name in names {
            match name.as_str() {
                "All" => wanted.extend(SystemAttribute::ALL),
                // Only messages of FIFO queues have these. Clients of both kinds of queue ask for them.
                "SequenceNumber" | "MessageDeduplicationId" => {}
                name => wanted.push(SystemAttribute::parse(name)?),
            }
        }
        Ok(wanted)
    }

    fn wants(&self, name: &str) -> bool {
        self.message_attribute_names.iter().flatten().any(|wanted| {
            let prefix = wanted.strip_suffix(".*");
            wanted == "All" || wanted == ".*" || wanted == name || prefix.is_some_and(|prefix| name.starts_with(prefix))
        })
    }

    fn show<'a>(&self, received: &'a Received, system: &[SystemAttribute]) -> Message<'a> {
        let user = received.attributes.iter().flat_map(|attributes| &attributes.user);
        let user: BTreeMap<&str, &Attribute> =
            user.map(|(name, attribute)| (&**name, attribute)).filter(|(name, _)| self.wants(name)).collect();
        Message {
            message_id: received.id,
            receipt_handle: &received.receipt,
            md5_of_body: md5::of_body(&received.body),
            body: &received.body,
            attributes: system.iter().filter_map(|attribute| attribute.of(received)).collect(),
            md5_of_message_attributes: md5::of_attributes(user.iter().map(|(name, attribute)| (*name, *attribute))),
            message_attributes: user.into_iter().map(|(name, attribute)| (name, Value::of(attribute))).collect(),
        }
    }
}

impl<'a> Value<'a> {
    fn of(attribute: &'a Attribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(&**text), None),
            AttributeValue::Binary(bytes) => (None, Some(STANDARD.encode(bytes))),
        };
        Value { data_type: &attribute.data_type, string_value, binary_value }
    }
}

fn within(seconds: i64, most: u64, parameter: &str, reason: &str) -> Result<Duration, SqsError> {
    let seconds_in_range = u64::try_from(seconds).ok().filter(|seconds| *seconds <= most);
    seconds_in_range.map(Duration::from_secs).ok_or_else(|| SqsError::out_of_range(seconds, parameter, reason))
}
