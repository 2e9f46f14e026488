//! A function's answer to a batch: the messages that failed.

use std::collections::HashSet;

use anyhow::{Context, bail};
use serde::Deserialize;
use taskway_cloud::sqs::Arrived;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    batch_item_failures: Vec<Failed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    item_identifier: String,
}

/// Reads the ids of the failed messages.
///
/// # Errors
/// If the answer has another form, or names a message outside the batch. Then Lambda keeps the whole batch.
pub(super) fn failed(answer: &[u8], batch: &[Arrived]) -> anyhow::Result<HashSet<String>> {
    let answer: Answer =
        serde_json::from_slice(answer).context("expected a function's answer with batchItemFailures")?;
    let failed: HashSet<String> = answer.batch_item_failures.into_iter().map(|failed| failed.item_identifier).collect();
    if let Some(unknown) = failed.iter().find(|id| batch.iter().all(|message| message.message_id != **id)) {
        bail!("the function reported the failure of {unknown:?}, which is not in its batch; no message was deleted");
    }
    Ok(failed)
}
