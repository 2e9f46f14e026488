//! Tasks of a queue with a rate: taking a slot, or sending the message ahead to when one will be free.

use std::{
    cmp::Reverse,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

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

/// An answer of the table is not expected to take longer.
const LONGEST_ANSWER: Duration = Duration::from_millis(500);

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
enum Outcome {
    /// The attempt has them, and must start by this time.
    Taken(Time),
    /// The process was too slow to use all of them.
    Missed,
    /// The rate of this number has none soon.
    None(usize),
    /// The message comes again after this time.
    Later(Duration),
    /// The table gave no answer.
    Unknown(StoreError),
}

/// The slots of one attempt: that of each rate, if it was taken.
struct Slots(Vec<Option<Time>>);

impl Slots {
    /// Until when all of them can be used. `None` if there are none.
    fn usable_until(&self, paces: &[Paced]) -> Option<Time> {
        let of_each = self.0.iter().zip(paces);
        of_each.filter_map(|(slot, paced)| Some((*slot)?.after(paced.pace.rate.usable_for()))).min()
    }

    /// The time of the last one.
    fn last(&self) -> Time {
        self.0.iter().flatten().max().copied().unwrap_or_default()
    }

    /// Forgets those that cannot be used any more.
    fn drop_unusable(&mut self, paces: &[Paced], now: Time) {
        for (slot, paced) in self.0.iter_mut().zip(paces) {
            slot.take_if(|slot| slot.after(paced.pace.rate.usable_for()) < now);
        }
    }
}

/// How long the table takes to give a slot, as far as this process has seen.
#[derive(Debug, Default)]
pub(crate) struct Answers(AtomicU64);

impl Answers {
    fn note(&self, took: Duration) {
        // An answer that took long is forgotten within some others.
        let faded = self.0.load(Ordering::Relaxed) * 3 / 4;
        self.0.store(faded.max(took.as_millis() as u64), Ordering::Relaxed);
    }

    /// An answer will take less than this, most likely.
    fn within(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed) * 2).min(LONGEST_ANSWER)
    }
}

impl Executor {
    /// Takes slots for the attempt that follows `fence`, and waits for them. If one does not come soon, sends the message ahead with
    /// `taken` in it.
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
        let mut slots = Slots(vec![None; paces.len()]);
        for _ in 0..TRIES {
            let late = match self.take_slots(&mut slots, paces, &expected, end).await {
                Outcome::Taken(start_by) => return Start::Now(Some(start_by)),
                Outcome::Missed => continue,
                Outcome::None(late) => late,
                Outcome::Later(after) => return Start::Later(Disposition::HandBack(after)),
                Outcome::Unknown(error) => return Start::Later(self.left(delivery, &error)),
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

    /// Takes a slot of each rate of which `slots` has none that can still be used, and waits for them. `expected` says by which of
    /// them the task is expected.
    async fn take_slots(&self, slots: &mut Slots, paces: &[Paced], expected: &[bool], end: &End) -> Outcome {
        let clock = &self.services.clock;
        slots.drop_unusable(paces, clock.now());
        // Those that can be used for longest come first, since they wait for the answers of the others.
        let mut missing: Vec<usize> = (0..paces.len()).filter(|&rate| slots.0[rate].is_none()).collect();
        missing.sort_by_key(|&rate| Reverse(paces[rate].pace.rate.usable_for()));
        // A slot that was taken is lost if another rate has none. So each is asked first, as far as this process knows.
        let known = |rate: usize| self.services.might_start(&paces[rate], expected[rate], WAITED_OUT);
        if let Some(&late) = missing.iter().find(|&&rate| !known(rate)) {
            return Outcome::None(late);
        }
        for (done, &rate) in missing.iter().enumerate() {
            let asked = clock.now();
            let by = slots.usable_until(paces).unwrap_or(asked.after(WAITED_OUT));
            if by < asked {
                return Outcome::Missed;
            }
            // If the answers take longer than this slot can be used, it must lie where the last of them will have come. One
            // slot alone that has passed is followed by one that lies ahead.
            let answers = self.answers.within() * (missing.len() - done) as u32;
            let passes = paces.len() > 1 && answers > paces[rate].pace.rate.usable_for();
            let ahead = if passes { answers } else { Duration::ZERO };
            let from = slots.last().max(asked.after(ahead)).min(by);
            match self.services.take_slot(&paces[rate], expected[rate], from, by).await {
                Ok(Turn::At(slot)) => slots.0[rate] = Some(slot),
                Ok(Turn::None) => return Outcome::None(rate),
                Ok(Turn::Behind) => return Outcome::Later(BEHIND),
                Err(error) => return Outcome::Unknown(error),
            }
            self.answers.note(clock.now().since(asked));
        }
        if !self.waited(slots.last(), end).await {
            return Outcome::Later(Duration::ZERO);
        }
        match (slots.usable_until(paces), slots.0.iter().flatten().min()) {
            (Some(until), Some(first)) if clock.now() <= until => Outcome::Taken(first.after(LATEST_START)),
            _ => Outcome::Missed,
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
