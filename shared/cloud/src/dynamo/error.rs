//! Why the table did not do what a caller asked.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::record::Malformed;
use taskway_protocol::{Nonce, Refusal, Task};
use taskway_runtime::log::causes;

/// Why the table did not do what a caller asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record does not meet the write's expectations. Nothing was written.
    #[error("the record refused the write: {}", .0.refusal)]
    Conflict(Box<Conflict>),
    /// The table has no such item.
    #[error("the table has no such item")]
    NotFound,
    /// The table gave no usable answer, even after the retries of the SDK. A write may or may not have happened.
    #[error("the table is unavailable")]
    Unavailable {
        /// Whether the table refused because of too many requests.
        throttled: bool,
        /// The error of the SDK.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The item exists, but this code cannot read it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// A refused write and the record that refused it.
#[derive(Debug)]
pub struct Conflict {
    /// The first expectation that the record did not meet.
    pub refusal: Refusal,
    /// The record as it is in the table.
    pub task: Task,
    /// The nonce of the record's latest claim or first put.
    pub owner: Option<Nonce>,
}

impl StoreError {
    /// An error of the SDK that is not a refused condition.
    pub(super) fn unavailable<E, R>(error: SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        StoreError::Unavailable { throttled: Self::is_throttled(error.code()), source: Box::new(error) }
    }

    /// The same, for another caller whose write shared the request.
    pub(super) fn for_another(&self) -> Self {
        let throttled = matches!(self, StoreError::Unavailable { throttled: true, .. });
        StoreError::Unavailable { throttled, source: causes(self).to_string().into() }
    }

    /// Whether this code of an error says that there were too many requests.
    pub(super) fn is_throttled(code: Option<&str>) -> bool {
        matches!(
            code,
            Some(
                "ProvisionedThroughputExceededException"
                    | "ThrottlingException"
                    | "RequestLimitExceeded"
                    | "LimitExceededException"
            )
        )
    }
}
