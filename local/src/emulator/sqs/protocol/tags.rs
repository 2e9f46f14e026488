//! TagQueue, UntagQueue and ListQueueTags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::{Action, Nothing, required};
use crate::emulator::sqs::{Sqs, SqsError};

/// The most tags of a queue.
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagQueue {
    queue_url: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagQueue {
    queue_url: Option<String>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueueTags {
    queue_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tags {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

impl Action for TagQueue {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let new = required(self.tags, "Tags")?;
        sqs.change(queue, |broker, _| {
            let tags = broker.tags_mut(queue)?;
            let added = new.keys().filter(|key| !tags.contains_key(*key)).count();
            if tags.len() + added > MOST {
                return Err(SqsError::InvalidParameterValue(format!("Too many tags added for queue {queue}.")));
            }
            tags.extend(new);
            Ok(Nothing {})
        })
    }
}

impl Action for UntagQueue {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let keys = required(self.tag_keys, "TagKeys")?;
        sqs.change(queue, |broker, _| {
            let tags = broker.tags_mut(queue)?;
            keys.iter().for_each(|key| drop(tags.remove(key)));
            Ok(Nothing {})
        })
    }
}

impl Action for ListQueueTags {
    type Answer = Tags;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Tags, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let tags = sqs.change(queue, |broker, _| broker.tags(queue).cloned())?;
        Ok(Tags { tags })
    }
}
