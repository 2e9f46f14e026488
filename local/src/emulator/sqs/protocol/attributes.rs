//! GetQueueAttributes and SetQueueAttributes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::{Action, Nothing, required};
use crate::emulator::sqs::{Sqs, SqsError, core::is_known_attribute};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    queue_url: Option<String>,
    attribute_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributes {
    queue_url: Option<String>,
    attributes: Option<BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueAttributes {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
}

impl Action for GetQueueAttributes {
    type Answer = QueueAttributes;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<QueueAttributes, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let names = self.attribute_names.unwrap_or_default();
        if let Some(unknown) = names.iter().find(|name| *name != "All" && !is_known_attribute(name)) {
            return Err(SqsError::InvalidAttributeName(unknown.clone()));
        }
        let mut attributes = sqs.change(queue, |broker, now| broker.attributes(queue, now))?;
        attributes.retain(|name, _| names.iter().any(|wanted| wanted == "All" || wanted == name));
        Ok(QueueAttributes { attributes })
    }
}

impl Action for SetQueueAttributes {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let attributes = required(self.attributes, "Attributes")?;
        sqs.change(queue, |broker, now| broker.set_attributes(queue, &attributes, now))?;
        Ok(Nothing {})
    }
}
