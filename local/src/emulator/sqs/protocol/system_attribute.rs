//! The system attributes of a received message.

use crate::emulator::{
    account::ACCOUNT,
    sqs::{Received, SqsError},
};

#[derive(Clone, Copy)]
pub(super) enum SystemAttribute {
    SenderId,
    SentTimestamp,
    ReceiveCount,
    FirstReceiveTimestamp,
    GroupId,
    TraceHeader,
    DeadLetterSource,
}

impl SystemAttribute {
    pub(super) const ALL: [Self; 7] = [
        Self::SenderId,
        Self::SentTimestamp,
        Self::ReceiveCount,
        Self::FirstReceiveTimestamp,
        Self::GroupId,
        Self::TraceHeader,
        Self::DeadLetterSource,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::SenderId => "SenderId",
            Self::SentTimestamp => "SentTimestamp",
            Self::ReceiveCount => "ApproximateReceiveCount",
            Self::FirstReceiveTimestamp => "ApproximateFirstReceiveTimestamp",
            Self::GroupId => "MessageGroupId",
            Self::TraceHeader => "AWSTraceHeader",
            Self::DeadLetterSource => "DeadLetterQueueSourceArn",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, SqsError> {
        let found = Self::ALL.into_iter().find(|attribute| attribute.name() == name);
        found.ok_or_else(|| SqsError::InvalidAttributeName(name.to_owned()))
    }

    /// The attribute's name and its value in a message; `None` if the message does not have it.
    pub(super) fn of(self, received: &Received) -> Option<(&'static str, String)> {
        let value = match self {
            Self::SenderId => Some(ACCOUNT.to_owned()),
            Self::SentTimestamp => Some(received.sent.as_millis().to_string()),
            Self::ReceiveCount => Some(received.receives.to_string()),
            Self::FirstReceiveTimestamp => Some(received.first_received.as_millis().to_string()),
            Self::GroupId => received.group.as_deref().map(str::to_owned),
            Self::TraceHeader => {
                received.attributes.as_ref().and_then(|attributes| attributes.trace.as_deref()).map(str::to_owned)
            }
            Self::DeadLetterSource => received.dead_letter_source.as_deref().map(str::to_owned),
        };
        Some((self.name(), value?))
    }
}
