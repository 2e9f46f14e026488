//! Why SQS did not do what a caller asked.

use std::{error::Error, sync::Arc};

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// SQS gave no usable answer, even after the retries of the SDK. The call may or may not have had its effect.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the queue is unavailable")]
pub struct QueueError {
    /// Whether SQS refused because of too many requests.
    pub throttled: bool,
    #[source]
    source: Arc<dyn Error + Send + Sync>,
}

impl QueueError {
    /// An error that is not throttling.
    pub(super) fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        QueueError { throttled: false, source: source.into().into() }
    }

    /// An error of the SDK.
    pub(super) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let throttled =
            matches!(error.code(), Some("RequestThrottled" | "ThrottlingException" | "KmsThrottled" | "OverLimit"));
        QueueError { throttled, source: Arc::new(error) }
    }
}
