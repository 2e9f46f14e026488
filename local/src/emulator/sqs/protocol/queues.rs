//! The actions that create, find, list, empty and delete queues.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::action::{Action, Nothing, required};
use crate::emulator::sqs::{Sqs, SqsError};

/// The most queues in one list.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueue {
    queue_name: Option<String>,
    attributes: Option<BTreeMap<String, String>>,
    #[serde(rename = "tags")]
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    queue_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteQueue {
    queue_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PurgeQueue {
    queue_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    queue_name_prefix: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListDeadLetterSourceQueues {
    queue_url: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Url {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Urls {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// AWS's model begins `queueUrls` with a lower-case letter in this answer only.
#[derive(Serialize)]
pub(super) struct SourceUrls {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Action for CreateQueue {
    type Answer = Url;

    fn queue(&self) -> Option<&str> {
        self.queue_name.as_deref()
    }

    fn run(self, sqs: &Sqs, _: &str) -> Result<Url, SqsError> {
        // The name as the client wrote it, not its part after the last slash: a name with a slash must be refused.
        let name = required(self.queue_name, "QueueName")?;
        let attributes = self.attributes.unwrap_or_default();
        sqs.change(&name, |broker, now| {
            let is_new = !broker.has_queue(&name);
            broker.create_queue(&name, &attributes, now)?;
            match self.tags {
                Some(tags) if is_new => broker.tags_mut(&name).map(|own| *own = tags),
                Some(_) | None => Ok(()),
            }
        })?;
        Ok(Url { queue_url: sqs.queue_url(&name) })
    }
}

impl Action for GetQueueUrl {
    type Answer = Url;

    fn queue(&self) -> Option<&str> {
        self.queue_name.as_deref()
    }

    fn run(self, sqs: &Sqs, _: &str) -> Result<Url, SqsError> {
        let name = required(self.queue_name, "QueueName")?;
        let exists = sqs.change(&name, |broker, _| broker.has_queue(&name));
        if exists { Ok(Url { queue_url: sqs.queue_url(&name) }) } else { Err(SqsError::QueueDoesNotExist) }
    }
}

impl Action for DeleteQueue {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        sqs.change(queue, |broker, _| broker.delete_queue(queue))?;
        Ok(Nothing {})
    }
}

impl Action for PurgeQueue {
    type Answer = Nothing;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Nothing, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        sqs.change(queue, |broker, now| broker.purge_queue(queue, now))?;
        Ok(Nothing {})
    }
}

impl Action for ListQueues {
    type Answer = Urls;

    fn queue(&self) -> Option<&str> {
        None
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<Urls, SqsError> {
        let prefix = self.queue_name_prefix.unwrap_or_default();
        let after = self.page.after()?;
        let names = |limit| {
            sqs.change(queue, |broker, _| {
                broker.names(&prefix, after.as_deref()).take(limit).map(str::to_owned).collect()
            })
        };
        let (names, next_token) = self.page.cut(names)?;
        Ok(Urls { queue_urls: names.iter().map(|name| sqs.queue_url(name)).collect(), next_token })
    }
}

impl Action for ListDeadLetterSourceQueues {
    type Answer = SourceUrls;

    fn queue(&self) -> Option<&str> {
        self.queue_url.as_deref()
    }

    fn run(self, sqs: &Sqs, queue: &str) -> Result<SourceUrls, SqsError> {
        required(self.queue_url, "QueueUrl")?;
        let after = self.page.after()?;
        let all: Vec<String> = sqs.change(queue, |broker, _| {
            broker.dead_letter_sources(queue, after.as_deref()).map(|names| names.map(str::to_owned).collect())
        })?;
        let (names, next_token) = self.page.cut(|limit| all.into_iter().take(limit).collect())?;
        Ok(SourceUrls { queue_urls: names.iter().map(|name| sqs.queue_url(name)).collect(), next_token })
    }
}

impl Page {
    /// The last name of the previous page.
    fn after(&self) -> Result<Option<String>, SqsError> {
        let Some(token) = &self.next_token else { return Ok(None) };
        let name = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        name.map(Some).ok_or_else(|| SqsError::InvalidParameterValue("Invalid or expired next token.".to_owned()))
    }

    /// Returns a page and the token of the next page. As on AWS, there are more pages only if the client sets a limit.
    fn cut(&self, names: impl FnOnce(usize) -> Vec<String>) -> Result<(Vec<String>, Option<String>), SqsError> {
        let Some(max) = self.max_results else { return Ok((names(PAGE), None)) };
        let limit = usize::try_from(max).ok().filter(|max| (1..=PAGE).contains(max)).ok_or_else(|| {
            SqsError::InvalidParameterValue(
                "Value for parameter MaxResults is invalid. Reason: Must be an integer value between 1 and 1000."
                    .to_owned(),
            )
        })?;
        let mut names = names(limit + 1);
        let more = names.len() > limit;
        names.truncate(limit);
        let token = names.last().filter(|_| more).map(|name| STANDARD.encode(name));
        Ok((names, token))
    }
}
