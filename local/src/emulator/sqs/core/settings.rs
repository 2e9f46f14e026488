//! A queue's attributes: their allowed values and their defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::emulator::{
    account::{ACCOUNT, REGION},
    sqs::SqsError,
};

/// Attributes that the queue computes. A client cannot set them.
const COUNTED: [&str; 6] = [
    "QueueArn",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
];

/// Attributes that the queue stores without an effect.
const KEPT: [&str; 5] =
    ["Policy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"];

/// Attributes that only FIFO queues have.
const FIFO: [&str; 4] = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

/// Whether GetQueueAttributes accepts the name.
pub(in crate::emulator::sqs) fn is_known_attribute(name: &str) -> bool {
    let settable = matches!(
        name,
        "VisibilityTimeout"
            | "DelaySeconds"
            | "MessageRetentionPeriod"
            | "ReceiveMessageWaitTimeSeconds"
            | "MaximumMessageSize"
            | "RedrivePolicy"
    );
    settable || COUNTED.contains(&name) || KEPT.contains(&name) || FIFO.contains(&name)
}

pub(in crate::emulator::sqs) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// A queue's attributes. Times are in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) visibility: u32,
    pub(super) delay: u32,
    pub(super) retention: u32,
    pub(super) wait: u32,
    pub(super) max_size: u32,
    pub(super) redrive: Option<Redrive>,
    kept: BTreeMap<&'static str, String>,
}

impl Default for Settings {
    /// AWS's defaults.
    fn default() -> Self {
        Settings {
            visibility: 30,
            delay: 0,
            retention: 345_600,
            wait: 0,
            max_size: 1_048_576,
            redrive: None,
            kept: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Returns these settings with some changed.
    pub(super) fn with(&self, attributes: &BTreeMap<String, String>) -> Result<Settings, SqsError> {
        let mut settings = self.clone();
        attributes.iter().try_for_each(|(name, value)| settings.set(name, value))?;
        Ok(settings)
    }

    /// The first of `attributes` whose value differs from these settings.
    pub(super) fn first_difference(&self, attributes: &BTreeMap<String, String>) -> Result<Option<String>, SqsError> {
        for (name, value) in attributes {
            let mut settings = self.clone();
            settings.set(name, value)?;
            if settings != *self {
                return Ok(Some(name.clone()));
            }
        }
        Ok(None)
    }

    pub(super) fn attributes(&self) -> BTreeMap<&'static str, String> {
        let mut all = self.kept.clone();
        all.extend([
            ("VisibilityTimeout", self.visibility.to_string()),
            ("DelaySeconds", self.delay.to_string()),
            ("MessageRetentionPeriod", self.retention.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait.to_string()),
            ("MaximumMessageSize", self.max_size.to_string()),
        ]);
        all.extend(self.redrive.as_ref().map(|redrive| ("RedrivePolicy", redrive.policy())));
        all.entry("SqsManagedSseEnabled").or_insert_with(|| "false".to_owned());
        all
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SqsError> {
        let number = |least: u32, most: u32| {
            let number = value.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| invalid(name, ""))
        };
        match name {
            "VisibilityTimeout" => self.visibility = number(0, 43_200)?,
            "DelaySeconds" => self.delay = number(0, 900)?,
            "MessageRetentionPeriod" => self.retention = number(60, 1_209_600)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait = number(0, 20)?,
            "MaximumMessageSize" => self.max_size = number(1_024, 1_048_576)?,
            "RedrivePolicy" if value.is_empty() => self.redrive = None,
            "RedrivePolicy" => self.redrive = Some(Redrive::parse(value)?),
            name if FIFO.contains(&name) => {
                return Err(SqsError::UnsupportedOperation(format!(
                    "the attribute {name} belongs to fifo queues, which this endpoint does not have"
                )));
            }
            name if COUNTED.contains(&name) => {
                return Err(invalid(name, " Reason: it is computed, and cannot be set."));
            }
            name => match KEPT.iter().find(|kept| **kept == name) {
                // An empty value removes a policy.
                Some(kept) if value.is_empty() => drop(self.kept.remove(kept)),
                Some(kept) => drop(self.kept.insert(kept, value.to_owned())),
                None => return Err(SqsError::InvalidAttributeName(name.to_owned())),
            },
        }
        Ok(())
    }
}

/// Sends messages to a dead-letter queue after too many receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Redrive {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

impl Redrive {
    fn parse(text: &str) -> Result<Self, SqsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Policy {
            dead_letter_target_arn: String,
            max_receive_count: Count,
        }
        // CloudFormation and the console write the count as a number. Older tools write it as text.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Count {
            Number(u32),
            Text(String),
        }
        let refused = |reason: &str| SqsError::out_of_range(text, "RedrivePolicy", reason);
        let policy: Policy = serde_json::from_str(text).map_err(|_| {
            refused("Redrive policy is not a valid JSON map with deadLetterTargetArn and maxReceiveCount.")
        })?;
        let count = match policy.max_receive_count {
            Count::Number(count) => Some(count),
            Count::Text(text) => text.parse().ok(),
        };
        let max_receive_count = count
            .filter(|count| (1..=1_000).contains(count))
            .ok_or_else(|| refused("Invalid value for maxReceiveCount. Must be between 1 and 1000."))?;
        let dead_letter_target_arn = policy.dead_letter_target_arn;
        if dead_letter_target_arn.split(':').count() != 6 || !dead_letter_target_arn.starts_with("arn:") {
            return Err(refused("Invalid value for deadLetterTargetArn."));
        }
        Ok(Redrive { dead_letter_target_arn, max_receive_count })
    }

    /// The name of the dead-letter queue.
    pub(super) fn target(&self) -> &str {
        self.dead_letter_target_arn.rsplit(':').next().unwrap_or_default()
    }

    pub(super) fn max_receives(&self) -> u32 {
        self.max_receive_count
    }

    pub(super) fn policy(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn invalid(name: &str, reason: &str) -> SqsError {
    SqsError::InvalidAttributeValue { name: name.to_owned(), reason: reason.to_owned() }
}
