//! How the table refuses.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::record::Malformed;
use taskway_protocol::{Nonce, Refusal, Task};

/// What the table answered instead of doing as told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record is not what the write expected; nothing was written.
    #[error("conflict: {}", .0.refusal)]
    Conflict(Box<Conflict>),
    /// There is no such record.
    #[error("there is no such record")]
    NotFound,
    /// The table did not answer, or not usefully, after the SDK's own retries. The write may or may not have happened.
    #[error("the table is unavailable")]
    Unavailable {
        /// Whether it asked for less.
        throttled: bool,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The record is there but cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// A refused write and the record that refused it.
#[derive(Debug)]
pub struct Conflict {
    /// The first expectation that the record did not meet.
    pub refusal: Refusal,
    /// The record as it stood.
    pub task: Task,
    /// Who made its latest claim or first put.
    pub owner: Option<Nonce>,
}

impl StoreError {
    /// Whatever the service or the way to it did, but refuse a condition.
    pub(super) fn unavailable<E, R>(error: SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let throttled = matches!(
            error.code(),
            Some(
                "ProvisionedThroughputExceededException"
                    | "ThrottlingException"
                    | "RequestLimitExceeded"
                    | "LimitExceededException"
            )
        );
        StoreError::Unavailable { throttled, source: Box::new(error) }
    }
}
