//! The names that a queue may have.

use crate::emulator::sqs::SqsError;

pub(super) fn check(name: &str) -> Result<(), SqsError> {
    let is_legal = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if name.ends_with(".fifo") {
        return Err(SqsError::UnsupportedOperation(format!(
            "the queue {name} cannot be created: this endpoint has standard queues, and no fifo queues"
        )));
    }
    if name.is_empty() || name.len() > 80 || !is_legal(name) {
        return Err(SqsError::InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length".to_owned(),
        ));
    }
    Ok(())
}
