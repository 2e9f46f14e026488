//! Tasks of a queue with a rate: taking a slot, or sending the message ahead to when one will be free.

use std::time::Duration;

use taskway_cloud::dynamo::StoreError;
use taskway_engine::{Paced, Taken, Turn};
use taskway_protocol::{
    Fence, Scope, Time,
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
    /// The attempt cannot start within a minute by the rate of this scope. The task must be held.
    Full(Scope),
}

/// What has come of taking slots.
enum Slots {
    /// The attempt has them, and must start by this time.
    Taken(Time),
    /// The process was too slow to use them.
    Missed,
    /// The rate of this number has none soon.
    None(usize),
    /// The message comes again after this time.
    Later(Duration),
    /// The table gave no answer.
    Unknown(StoreError),
}

impl Executor {
    /// Takes slots for the attempt that follows `fence`, that of its fairness key first, and waits for them. If one does not come soon,
    /// sends the message ahead with `taken` in it.
    pub(crate) async fn take_turn(
        &self,
        delivery: &Delivery,
        fence: Fence,
        paces: &[Paced],
        taken: &[Taken],
        end: &End,
    ) -> Start {
        let marked = |paced: &Paced| delivery.message.expected_by_rate_of(&paced.scope) == Some(paced.pace.set_at);
        let mut expected: Vec<bool> = paces.iter().map(marked).collect();
        for _ in 0..TRIES {
            let late = match self.take_slots(paces, &expected, end).await {
                Slots::Taken(start_by) => return Start::Now(Some(start_by)),
                Slots::Missed => continue,
                Slots::None(late) => late,
                Slots::Later(after) => return Start::Later(Disposition::HandBack(after)),
                Slots::Unknown(error) => return Start::Later(self.left(delivery, &error)),
            };
            let paced = &paces[late];
            match self.services.expect(paced, marked(paced)).await {
                Ok(Turn::At(time)) if time.since(self.services.clock.now()) <= WAITED_OUT => {
                    if !self.waited(time, end).await {
                        return Start::Later(Disposition::HandBack(Duration::ZERO));
                    }
                    expected[late] = true;
                }
                Ok(Turn::At(time)) => return self.send_ahead(delivery, fence, time, paced, taken).await,
                Ok(Turn::None) => return Start::Full(paced.scope.clone()),
                Ok(Turn::Behind) => return Start::Later(Disposition::HandBack(BEHIND)),
                Err(error) => return Start::Later(self.left(delivery, &error)),
            }
        }
        Start::Later(Disposition::HandBack(MISSED))
    }

    /// Takes a slot of each rate, and waits for them. `expected` says by which of them the task is expected.
    async fn take_slots(&self, paces: &[Paced], expected: &[bool], end: &End) -> Slots {
        // A slot that was taken is lost if another rate has none. So each is asked first, as far as this process knows.
        let known = |(late, paced): (usize, &Paced)| self.services.might_start(paced, expected[late], WAITED_OUT);
        if let Some(late) = paces.iter().enumerate().position(|one| !known(one)) {
            return Slots::None(late);
        }
        let (mut usable_until, mut start_by): (Option<Time>, Option<Time>) = (None, None);
        for (late, paced) in paces.iter().enumerate() {
            let soon = usable_until.map_or(WAITED_OUT, |until| until.since(self.services.clock.now()));
            let slot = match self.services.take_slot(paced, expected[late], soon).await {
                Ok(Turn::At(slot)) => slot,
                Ok(Turn::None) => return Slots::None(late),
                Ok(Turn::Behind) => return Slots::Later(BEHIND),
                Err(error) => return Slots::Unknown(error),
            };
            if !self.waited(slot, end).await {
                return Slots::Later(Duration::ZERO);
            }
            let usable = slot.after(paced.pace.rate.usable_for());
            usable_until = Some(usable_until.map_or(usable, |until| until.min(usable)));
            let latest = slot.after(LATEST_START);
            start_by = Some(start_by.map_or(latest, |by| by.min(latest)));
        }
        match (usable_until, start_by) {
            (Some(until), Some(start_by)) if self.services.clock.now() <= until => Slots::Taken(start_by),
            _ => Slots::Missed,
        }
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
        match self.services.send(&outgoing.expected(time, &paced.scope, paced.pace.set_at)).await {
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
