//! The permission that AWS would check for a request.

use serde::Deserialize;

use super::action::name_in;
use crate::emulator::sqs::core::arn;

/// A batch action needs the permission of its single action.
pub(super) fn of(action: &str) -> String {
    format!("sqs:{}", action.strip_suffix("Batch").unwrap_or(action))
}

/// The ARN of the request's queue, or `*`.
pub(super) fn resource(body: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        queue_url: Option<String>,
        queue_name: Option<String>,
    }
    let named: Option<Named> = serde_json::from_slice(body).ok();
    match named.and_then(|named| named.queue_url.or(named.queue_name)) {
        Some(queue) => arn(name_in(&queue)),
        None => "*".to_owned(),
    }
}
