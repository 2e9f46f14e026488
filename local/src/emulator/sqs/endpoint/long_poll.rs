//! Receives that wait for a message.

use std::{sync::Arc, time::Duration};

use futures::future::OptionFuture;
use taskway_protocol::Time;

use super::{
    bell::{Bell, Keeper},
    sqs::{Sqs, State},
};
use crate::emulator::sqs::{Outlook, Received, SqsError};

/// The parameters of a receive.
#[derive(Clone, Copy, Debug)]
pub(in crate::emulator::sqs) struct Ask {
    pub(in crate::emulator::sqs) max: usize,
    /// `None` takes the queue's own visibility timeout.
    pub(in crate::emulator::sqs) visibility: Option<Duration>,
    /// `None` takes the queue's own wait.
    pub(in crate::emulator::sqs) wait: Option<Duration>,
}

impl Sqs {
    /// Receives messages, and waits for them as long as `ask` allows. If the caller drops the future, every message stays
    /// in its queue.
    pub(in crate::emulator::sqs) async fn receive(&self, queue: &str, ask: Ask) -> Result<Vec<Received>, SqsError> {
        let (bell, until) = {
            let mut state = self.state();
            let now = self.now();
            let wait = match ask.wait {
                Some(wait) => wait,
                None => state.broker.default_wait(queue)?,
            };
            match state.take(queue, ask, now) {
                // If too many messages are in flight, a short poll is refused and a long poll waits for room.
                Err(SqsError::OverLimit) if !wait.is_zero() => {}
                Ok(none) if none.is_empty() && !wait.is_zero() => {}
                answer => return answer,
            }
            let bell = state.bells.entry(queue.to_owned()).or_insert_with(|| Arc::new(Bell::new()));
            (Arc::clone(bell), now.after(wait))
        };
        let mut closing = self.closing();
        let mut keeper = None;
        loop {
            // Listen before looking at the queue. Otherwise a ring between the two would be lost.
            let called = bell.woken();
            tokio::pin!(called);
            called.as_mut().enable();
            keeper = keeper.or_else(|| Keeper::of(&bell));
            let wake_at = {
                let mut state = self.state();
                let now = self.now();
                match state.take(queue, ask, now) {
                    Err(SqsError::OverLimit) => {}
                    Ok(none) if none.is_empty() => {}
                    answer => return answer,
                }
                if now >= until {
                    return Ok(Vec::new());
                }
                let due = match state.broker.outlook(queue, now)? {
                    Outlook::Due(due) => Some(due),
                    Outlook::Idle | Outlook::Ready => None,
                };
                match &keeper {
                    Some(keeper) => {
                        keeper.arm(due);
                        due.map_or(until, |due| due.min(until))
                    }
                    None => until,
                }
            };
            tokio::select! {
                biased;
                () = called => {}
                Some(()) = OptionFuture::from(keeper.as_ref().map(Keeper::woken)) => {}
                () = self.sleep_until(wake_at) => {}
                _ = closing.wait_for(|closing| *closing) => return Ok(Vec::new()),
            }
        }
    }
}

impl State {
    /// Takes messages. Then rings for the messages that are left and for those that went to the dead-letter queue.
    fn take(&mut self, queue: &str, ask: Ask, now: Time) -> Result<Vec<Received>, SqsError> {
        let received = self.broker.receive(queue, ask.max, ask.visibility, now)?;
        if !self.bells.is_empty() {
            if !received.is_empty() {
                self.ring(queue, now);
            }
            if let Some(target) = self.broker.dead_letter_target(queue).map(str::to_owned) {
                self.ring(&target, now);
            }
        }
        Ok(received)
    }
}
