//! A lane as an event source mapping sees it: it deletes what a function was handed and did not report as failed.
//!
//! Only the mapping may delete without a reason of its own: the function had one. Taskway's adapter has no such call.

use anyhow::bail;
use aws_sdk_sqs::{Client, types::DeleteMessageBatchRequestEntry};
use taskway_cloud::sqs::{BATCH, Lanes, Receipt, Source};

/// The lanes, and the right to delete from them without a reason.
#[derive(Clone, Debug)]
pub struct MappedLanes {
    /// For receiving messages and handing them back.
    pub lanes: Lanes,
    sqs: Client,
}

impl MappedLanes {
    /// These lanes, deleted from by this client.
    pub const fn new(lanes: Lanes, sqs: Client) -> Self {
        MappedLanes { lanes, sqs }
    }

    /// Deletes messages that a function has dealt with, ten a call.
    ///
    /// # Errors
    /// When SQS refuses a call or a message.
    pub async fn delete(&self, source: Source, receipts: &[&Receipt]) -> anyhow::Result<()> {
        let Some(url) = self.lanes.url(source) else { bail!("no such queue is configured") };
        for ten in receipts.chunks(BATCH) {
            let entries = ten.iter().enumerate().map(|(index, receipt)| {
                DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(&receipt.0).build()
            });
            let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
            let answer = self.sqs.delete_message_batch().queue_url(url).set_entries(Some(entries)).send().await?;
            if let Some(failed) = answer.failed.first() {
                bail!("SQS does not delete a message: {}", failed.code);
            }
        }
        Ok(())
    }
}
