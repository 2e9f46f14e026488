//! The errors of the endpoint.

/// Why a call is refused. Known texts of AWS are kept exactly, including capitals and full stops, because programs match
/// on them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqsError {
    /// No queue has this name.
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    /// The queue exists with another value of an attribute.
    #[error("A queue already exists with the same name and a different value for attribute {attribute}")]
    QueueNameExists {
        /// The attribute.
        attribute: String,
    },
    /// The queue was purged less than a minute ago.
    #[error("Only one PurgeQueue operation on {queue} is allowed every 60 seconds.")]
    PurgeQueueInProgress {
        /// The queue's name.
        queue: String,
    },
    /// A batch without entries.
    #[error("There should be at least one {entry} in the request.")]
    EmptyBatchRequest {
        /// The name of the entry's type.
        entry: &'static str,
    },
    /// More than ten entries.
    #[error("Maximum number of entries per request are 10. You have sent {sent}.")]
    TooManyEntriesInBatchRequest {
        /// How many entries there were.
        sent: usize,
    },
    /// Two entries of a batch share an id.
    #[error("Id {id} repeated.")]
    BatchEntryIdsNotDistinct {
        /// The id.
        id: String,
    },
    /// An entry's id is not 1 to 80 of `[A-Za-z0-9_-]`.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
         letters long."
    )]
    InvalidBatchEntryId,
    /// The sum of the message sizes of a batch is too large.
    #[error("Batch requests cannot be longer than 1048576 bytes. You have sent {sent} bytes.")]
    BatchRequestTooLong {
        /// The sum in bytes.
        sent: usize,
    },
    /// SQS has no attribute of this name.
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    /// The value is not allowed for the attribute.
    #[error("Invalid value for the parameter {name}.{reason}")]
    InvalidAttributeValue {
        /// The attribute.
        name: String,
        /// The reason with a space in front, or empty.
        reason: String,
    },
    /// The body or a text attribute has characters that XML 1.0 does not allow.
    #[error(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
         #x10000 to #x10FFFF"
    )]
    InvalidMessageContents,
    /// A parameter is out of its range. The text names the parameter and the reason.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// A required parameter is missing or empty.
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(String),
    /// The queue has 120,000 messages in flight.
    #[error("Too many messages in flight: a queue holds at most 120000 received and undeleted messages.")]
    OverLimit,
    /// The receipt is not from this queue.
    #[error("The input receipt handle \"{0}\" is not a valid receipt handle.")]
    ReceiptHandleIsInvalid(String),
    /// AWS supports the operation, and this endpoint does not.
    #[error("{0}")]
    UnsupportedOperation(String),
    /// The body is not JSON of the form that the action expects.
    #[error("{0}")]
    Serialization(String),
    /// The `X-Amz-Target` header does not name an action.
    #[error("{0}")]
    UnknownOperation(String),
    /// The body is larger than the endpoint reads.
    #[error("the request body is larger than {limit} bytes")]
    RequestTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The fault switch refused the call or lost its answer.
    #[error("Service is temporarily unavailable.")]
    ServiceUnavailable,
}

impl SqsError {
    /// AWS's text for a value outside its range.
    pub(super) fn out_of_range(value: impl std::fmt::Display, parameter: &str, reason: impl std::fmt::Display) -> Self {
        SqsError::InvalidParameterValue(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }
}
