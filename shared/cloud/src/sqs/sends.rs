//! Sending many messages in one request, a `SendMessageBatch`.

use taskway_protocol::{Time, message::Outgoing};

use super::{calls::Calls, delivery::Sent, error::QueueError, lanes::BATCH};
use crate::gather::{Asked, Carrier};

/// A message to send, and the time from which its delay counts.
#[derive(Debug)]
pub(super) struct Send {
    pub(super) outgoing: Outgoing,
    pub(super) now: Time,
}

/// Sends what gathers.
#[derive(Debug)]
pub(super) struct Sends(pub(super) Calls);

impl Carrier for Sends {
    type Write = Send;
    type Answer = Result<Sent, QueueError>;
    const MOST: usize = BATCH;

    fn clash(_: &Send, _: &Send) -> bool {
        false
    }

    async fn carry(&self, sends: Vec<Asked<Send, Self::Answer>>) {
        if let [asked] = &*sends {
            let sent = self.0.send_alone(&asked.write.outgoing, asked.write.now).await;
            return sends.into_iter().for_each(|asked| asked.answer(sent.clone()));
        }
        let outgoing: Vec<Outgoing> = sends.iter().map(|asked| asked.write.outgoing.clone()).collect();
        // A message that arrives too early waits in the executor, and one that arrives too late is late. So the latest time
        // counts.
        let now = sends.iter().map(|asked| asked.write.now).max().unwrap_or_default();
        let sent = self.0.send_all(&outgoing, now).await;
        for (asked, sent) in sends.into_iter().zip(sent) {
            asked.answer(sent);
        }
    }
}
