//! Tasks of a queue with a rate: waiting for the slot of an attempt, here for a moment or in a message that is sent ahead.

use std::time::Duration;

use taskway_engine::{Paced, Taken, Turn};
use taskway_protocol::{
    Fence, SLOTS_SENT_AHEAD, Slot, Time,
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

/// How many slots a busy process may miss before it hands the message back.
const TRIES: usize = 3;

/// An attempt whose claim was answered so much later than its slot could be used does not start. Otherwise the attempts of
/// processes that stalled could start at one moment.
const STALLED: Duration = Duration::from_secs(5);

/// What the rate of its queue means for a message.
pub(crate) enum Start {
    /// The attempt may be claimed now, and must start by this time if its queue has a rate.
    Now(Option<Time>),
    /// It may start later. The message goes this way.
    Later(Disposition),
    /// The message was sent again, with the permit that was taken. This one goes this way.
    Sent(Disposition),
    /// No slot is free within a minute. The task must be held.
    Full,
}

impl Executor {
    /// The slot that the message carries, if it is one of the queue's rate as it is, and may be used now or soon.
    pub(crate) fn received_slot(&self, delivery: &Delivery, paced: &Paced) -> Option<Slot> {
        let slot = delivery.message.slot?;
        let (now, pace) = (self.services.clock.now(), paced.pace);
        // Nobody takes one further ahead, so a message with such a slot is forged.
        let comes = slot.at > now && slot.at.since(now) <= SLOTS_SENT_AHEAD && slot.rate_set_at == pace.set_at;
        let usable = slot.is_usable(pace.rate, pace.set_at, now);
        (delivery.message.fence.is_some() && (usable || comes)).then_some(slot)
    }

    /// Waits for the slot that the message carries, if it comes soon.
    pub(crate) async fn wait_for(&self, slot: Slot, paced: &Paced, end: &End) -> Start {
        let early = slot.at.since(self.services.clock.now());
        if early > WAITED_OUT {
            return Start::Later(Disposition::HandBack(early));
        }
        if !self.waited(slot, end).await {
            return Start::Later(Disposition::HandBack(Duration::ZERO));
        }
        match self.usable(slot, paced) {
            Some(start_by) => Start::Now(Some(start_by)),
            None => Start::Later(Disposition::HandBack(Duration::ZERO)),
        }
    }

    /// Takes a slot for the attempt that follows `fence`. Waits for it if it comes soon. If not, sends the message again, to
    /// arrive then, with `taken` in it.
    pub(crate) async fn take_turn(
        &self,
        delivery: &Delivery,
        fence: Fence,
        paced: &Paced,
        taken: Option<&Taken>,
        end: &End,
    ) -> Start {
        for _ in 0..TRIES {
            let slot = match self.services.take_slot(paced).await {
                Ok(Turn::At(slot)) => slot,
                Ok(Turn::Full) => return Start::Full,
                Ok(Turn::Behind) => return Start::Later(Disposition::HandBack(BEHIND)),
                Err(error) => return Start::Later(self.left(delivery, &error)),
            };
            if slot.at.since(self.services.clock.now()) > WAITED_OUT {
                return self.send_ahead(delivery, fence, slot, taken).await;
            }
            if !self.waited(slot, end).await {
                return Start::Later(Disposition::HandBack(Duration::ZERO));
            }
            if let Some(start_by) = self.usable(slot, paced) {
                return Start::Now(Some(start_by));
            }
        }
        Start::Later(Disposition::HandBack(Duration::from_secs(1)))
    }

    /// When the attempt must start, if its slot can be used now.
    fn usable(&self, slot: Slot, paced: &Paced) -> Option<Time> {
        let pace = paced.pace;
        let usable = slot.is_usable(pace.rate, pace.set_at, self.services.clock.now());
        usable.then(|| slot.at.after(pace.rate.usable_for() + STALLED))
    }

    /// Waits until the slot. `false` if the process stops before.
    async fn waited(&self, slot: Slot, end: &End) -> bool {
        tokio::select! {
            biased;
            () = end.stop.cancelled() => false,
            () = self.services.clock.sleep_until(slot.at) => true,
        }
    }

    /// Sends the message again, to arrive at the slot. If this process dies before it has deleted the one that it received, two
    /// messages carry the task, and one dies at its claim.
    async fn send_ahead(&self, delivery: &Delivery, fence: Fence, slot: Slot, taken: Option<&Taken>) -> Start {
        let permit = taken.map(|taken| (taken.scope.share, taken.permit));
        let message = Message { fence: Some(fence), ..delivery.message.clone() };
        let outgoing = Outgoing { lane: delivery.lane, message }.with_permit(permit).with_slot(Some(slot));
        match self.services.send(&outgoing).await {
            Ok(sent) => {
                self.services.faults.reach(CrashPoint::SlotSent).await;
                Start::Sent(Disposition::Ack(sent.ack()))
            }
            // It may have been sent, so the permit is not given back.
            Err(error) => {
                let id = delivery.message.id;
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot send task {id} ahead of its slot");
                Start::Sent(Disposition::Leave)
            }
        }
    }
}
