//! Tasks of a queue with a rate: taking a slot, or sending the message ahead to when one will be free.

use std::time::Duration;

use taskway_engine::{Paced, Taken, Turn};
use taskway_protocol::{
    Fence, Time,
    message::{Message, Outgoing},
};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    attempt::{End, WAITED_OUT},
    delivery::{Delivery, Disposition},
    executor::Executor,
};

/// When a message comes again whose executor does not know the queue's rate yet.
const BEHIND: Duration = Duration::from_secs(5);

/// When a message comes again whose process has missed its slots.
const MISSED: Duration = Duration::from_secs(1);

/// How many slots a busy process may miss before that.
const TRIES: usize = 3;

/// An attempt whose claim is answered later than this after its slot does not start. Otherwise the attempts of processes that
/// stalled could start at one moment.
const LATEST_START: Duration = Duration::from_secs(1);

/// What the rate of its queue means for a message.
pub(crate) enum Start {
    /// The attempt may be claimed now, and must start by this time if its queue has a rate.
    Now(Option<Time>),
    /// It may start later. The message goes this way.
    Later(Disposition),
    /// The message was sent ahead, with the permits that were taken. This one goes this way.
    Sent(Disposition),
    /// The attempt cannot start within a minute. The task must be held.
    Full,
}

impl Executor {
    /// Takes a slot for the attempt that follows `fence`, and waits for it. If none comes soon, sends the message ahead with
    /// `taken` in it.
    pub(crate) async fn take_turn(
        &self,
        delivery: &Delivery,
        fence: Fence,
        paced: &Paced,
        taken: &[Taken],
        end: &End,
    ) -> Start {
        let marked = delivery.message.expected_by == Some(paced.pace.set_at);
        let mut expected = marked;
        for _ in 0..TRIES {
            match self.services.take_slot(paced, expected, WAITED_OUT).await {
                Ok(Turn::At(slot)) => {
                    if !self.waited(slot, end).await {
                        return Start::Later(Disposition::HandBack(Duration::ZERO));
                    }
                    if paced.pace.rate.is_usable(slot, self.services.clock.now()) {
                        return Start::Now(Some(slot.after(LATEST_START)));
                    }
                    continue;
                }
                Ok(Turn::None) => {}
                Ok(Turn::Behind) => return Start::Later(Disposition::HandBack(BEHIND)),
                Err(error) => return Start::Later(self.left(delivery, &error)),
            }
            match self.services.expect(paced, marked).await {
                Ok(Turn::At(time)) if time.since(self.services.clock.now()) <= WAITED_OUT => {
                    if !self.waited(time, end).await {
                        return Start::Later(Disposition::HandBack(Duration::ZERO));
                    }
                    expected = true;
                }
                Ok(Turn::At(time)) => return self.send_ahead(delivery, fence, time, paced, taken).await,
                Ok(Turn::None) => return Start::Full,
                Ok(Turn::Behind) => return Start::Later(Disposition::HandBack(BEHIND)),
                Err(error) => return Start::Later(self.left(delivery, &error)),
            }
        }
        Start::Later(Disposition::HandBack(MISSED))
    }

    /// Waits until then. `false` if the process stops before.
    async fn waited(&self, until: Time, end: &End) -> bool {
        tokio::select! {
            biased;
            () = end.stop.cancelled() => false,
            () = self.services.clock.sleep_until(until) => true,
        }
    }

    /// Sends the message again, to arrive when its task is expected. If this process dies before it has deleted the one that it
    /// received, two messages carry the task, and one dies at its claim.
    async fn send_ahead(&self, delivery: &Delivery, fence: Fence, time: Time, paced: &Paced, taken: &[Taken]) -> Start {
        let message = Message { fence: Some(fence), ..delivery.message.clone() };
        let outgoing = Outgoing { lane: delivery.lane, message }.without_permits();
        let outgoing = taken.iter().fold(outgoing, |outgoing, taken| outgoing.with_permit(&taken.scope, taken.permit));
        match self.services.send(&outgoing.expected(time, paced.pace.set_at)).await {
            Ok(sent) => {
                self.services.faults.reach(CrashPoint::SlotSent).await;
                Start::Sent(Disposition::Ack(sent.ack()))
            }
            // It may have been sent, so the permits are not given back.
            Err(error) => {
                let id = delivery.message.id;
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot send task {id} ahead");
                Start::Sent(Disposition::Leave)
            }
        }
    }
}
