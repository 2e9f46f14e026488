//! How long a client waits for an answer.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;

/// The timeout of a connection. It is the SDK's own.
pub(super) const CONNECT: Duration = Duration::from_millis(3100);

/// The timeout of one try. Without it, the SDK waits for ever.
const TRY: Duration = Duration::from_secs(3);

/// The timeout of all tries together. It is shorter than the timeouts of the API's clients, and shorter than the lease
/// of an ordinary task.
const CALL: Duration = Duration::from_secs(8);

/// The timeout of one try to receive messages. SQS may wait for messages for up to 20 s before it answers.
const POLL: Duration = Duration::from_secs(25);

/// The timeouts of calls that AWS answers at once.
pub fn calls() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(TRY).operation_timeout(CALL).build()
}

/// The timeouts of a client that receives messages.
pub fn polls() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(POLL).build()
}
