//! The lanes as an event source mapping uses them.
//!
//! A mapping deletes every message that the function did not report as failed. Taskway's own adapter cannot do that: it
//! deletes a message only with an `Ack`. Here the function had the `Ack`, so the mapping needs none.

use anyhow::bail;
use aws_sdk_sqs::{Client, types::DeleteMessageBatchRequestEntry};
use taskway_cloud::sqs::{BATCH, Lanes, Receipt, Source};

use crate::stack::{caller::Caller, running::Stack};

/// The lanes, with the right to delete messages without an `Ack`.
#[derive(Clone, Debug)]
pub struct MappedLanes {
    /// For receiving messages and handing them back.
    pub lanes: Lanes,
    sqs: Client,
}

impl MappedLanes {
    /// These lanes, with a client of the same queues for deleting.
    pub const fn new(lanes: Lanes, sqs: Client) -> Self {
        MappedLanes { lanes, sqs }
    }

    /// A stack's lanes. The mappings poll with the executor's access key, as Lambda polls in the function's role.
    pub fn of(stack: &Stack) -> Self {
        MappedLanes::new(stack.lanes_for(Caller::Executor), stack.queues_for(Caller::Executor))
    }

    /// Deletes messages, ten in each call.
    ///
    /// # Errors
    /// If SQS refuses a call or a message.
    pub async fn delete(&self, source: Source, receipts: &[&Receipt]) -> anyhow::Result<()> {
        let Some(url) = self.lanes.url(source) else { bail!("the lanes have no URL for {source:?}") };
        for ten in receipts.chunks(BATCH) {
            let entries = ten.iter().enumerate().map(|(index, receipt)| {
                DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(&receipt.0).build()
            });
            let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
            let answer = self.sqs.delete_message_batch().queue_url(url).set_entries(Some(entries)).send().await?;
            if let Some(failed) = answer.failed.first() {
                bail!("SQS refused to delete a message: {}", failed.code);
            }
        }
        Ok(())
    }
}
