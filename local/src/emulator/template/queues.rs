//! Queues. Turns the template's properties into the attributes of SQS's `CreateQueue`, which are all texts.

use std::collections::BTreeMap;

use serde_json::json;

use super::{document::Resource, error::TemplateError, kind::Kind, model::Queue, node::Node, resolve::Scope};

/// Properties about encryption keys and cost. The local stack has neither.
const IGNORED: &[&str] = &["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "Tags"];

/// The numeric attributes of a queue, each with its least and greatest value.
const NUMBERS: &[(&str, u32, u32)] = &[
    ("DelaySeconds", 0, 900),
    ("MaximumMessageSize", 1024, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("VisibilityTimeout", 0, 43_200),
];

pub(super) fn read(resource: &Resource, scope: &Scope<'_>) -> Result<Queue, TemplateError> {
    let properties = resource.properties()?;
    let mut read = vec!["QueueName", "RedrivePolicy", "SqsManagedSseEnabled"];
    read.extend(NUMBERS.iter().map(|(name, ..)| name));
    properties.only(&read, IGNORED)?;
    let part = |name: &str| scope.resolve(&properties.at(name)?);

    let mut attributes = BTreeMap::new();
    for &(name, least, most) in NUMBERS {
        if let Some(number) = part(name)?.optional() {
            attributes.insert(name.to_owned(), number.integer(least, most)?.to_string());
        }
    }
    if let Some(flag) = part("SqsManagedSseEnabled")?.optional() {
        attributes.insert("SqsManagedSseEnabled".to_owned(), flag.boolean()?.to_string());
    }
    if let Some(policy) = part("RedrivePolicy")?.optional() {
        attributes.insert("RedrivePolicy".to_owned(), redrive(&policy, scope)?);
    }
    Ok(Queue { logical_id: resource.id.clone(), name: scope.name(&resource.id), attributes })
}

fn redrive(policy: &Node, scope: &Scope<'_>) -> Result<String, TemplateError> {
    policy.only(&["deadLetterTargetArn", "maxReceiveCount"], &[])?;
    let target = policy.at("deadLetterTargetArn")?;
    let arn = target.text("the arn of a queue")?;
    scope.find(Kind::Queue, &arn).ok_or_else(|| target.not("the arn of a queue of this template"))?;
    let count = policy.at("maxReceiveCount")?.integer(1, 1000)?;
    Ok(json!({ "deadLetterTargetArn": arn, "maxReceiveCount": count }).to_string())
}
