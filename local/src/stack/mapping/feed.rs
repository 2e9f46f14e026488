//! Polls a lane and invokes the function.

use std::{collections::HashSet, time::Duration};

use taskway_cloud::sqs::{Arrived, Receipt, Source};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{answer, event::event, lanes::MappedLanes, source::Mapping};
use crate::stack::functions::Functions;

/// How long a message stays hidden after the function failed on its batch.
const AGAIN: Duration = Duration::from_secs(5);

/// The longest wait of a receive that SQS allows.
const LONG_POLL: Duration = Duration::from_secs(20);

/// The pause after an error, so that a missing function does not cause a busy loop.
const PAUSE: Duration = Duration::from_secs(1);

impl Mapping {
    /// Passes the lane's messages to the function, one batch at a time, until `stop` is cancelled.
    pub async fn feed(self, functions: Functions, lanes: MappedLanes, stop: CancellationToken) {
        let source = Source::Lane(self.lane);
        loop {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = lanes.lanes.receive(source, self.batch_size, self.visibility, LONG_POLL) => received,
            };
            let outcome = match received {
                Ok(batch) if batch.is_empty() => continue,
                Ok(batch) => self.run(&functions, &lanes, batch).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = outcome {
                let function = &self.function;
                tracing::warn!(function, error = format!("{error:#}"), "cannot feed function {function}");
                time::sleep(PAUSE).await;
            }
        }
    }

    async fn run(&self, functions: &Functions, lanes: &MappedLanes, batch: Vec<Arrived>) -> anyhow::Result<()> {
        let source = Source::Lane(self.lane);
        let event = event(&batch, &self.queue).to_string().into_bytes();
        // After the visibility timeout another poll may receive the messages, so a later answer would be useless.
        match functions.invoke(&self.function, event, self.visibility).await {
            Ok(answer) => {
                let failed = match self.reports_failures {
                    true => answer::failed(&answer, &batch)?,
                    false => HashSet::new(),
                };
                let done = batch.iter().filter(|message| !failed.contains(&message.message_id));
                let receipts: Vec<&Receipt> = done.map(|message| &message.receipt).collect();
                lanes.delete(source, &receipts).await
            }
            Err(error) => {
                let again: Vec<(Receipt, Duration)> =
                    batch.into_iter().map(|message| (message.receipt, AGAIN)).collect();
                lanes.lanes.set_visibility(source, &again).await?;
                Err(error.into())
            }
        }
    }
}
