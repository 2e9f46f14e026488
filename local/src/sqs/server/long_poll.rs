//! Receives that wait.
//!
//! A waiter sleeps until somebody rings for it. Only one waiter of a queue, its keeper, also sleeps until the next
//! message falls due; when the keeper leaves, for whatever reason, the next one takes over. So an event wakes one
//! waiter, not all, and nothing polls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use taskway_protocol::Time;
use tokio::sync::Notify;

use super::{Sqs, State};
use crate::sqs::{Outlook, Received, SqsError};

/// Where the waiters of one queue sleep.
#[derive(Debug)]
pub(super) struct Bell {
    waiters: Notify,
    keeper: Notify,
    has_keeper: AtomicBool,
    /// When the keeper will look again, in milliseconds.
    armed: AtomicU64,
}

impl Bell {
    fn new() -> Self {
        Bell {
            waiters: Notify::new(),
            keeper: Notify::new(),
            has_keeper: AtomicBool::new(false),
            armed: AtomicU64::new(u64::MAX),
        }
    }

    /// Wakes one waiter. If that one has just given up, tokio hands the call on to the next.
    pub(super) fn wake_one(&self) {
        self.waiters.notify_one();
    }

    pub(super) fn wake_all(&self) {
        self.waiters.notify_waiters();
    }

    /// Wakes the keeper if it would otherwise sleep beyond `due`.
    pub(super) fn wake_keeper(&self, due: Time) {
        if due.as_millis() < self.armed.load(Ordering::SeqCst) {
            self.keeper.notify_one();
        }
    }
}

/// The keeper's office, given up when dropped.
struct Office(Arc<Bell>);

impl Office {
    fn take(bell: &Arc<Bell>) -> Option<Self> {
        let free = bell.has_keeper.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        free.then(|| Office(Arc::clone(bell)))
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.0.armed.store(u64::MAX, Ordering::SeqCst);
        self.0.has_keeper.store(false, Ordering::SeqCst);
        self.0.wake_one();
    }
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(in crate::sqs) struct Ask {
    pub(in crate::sqs) max: usize,
    /// The queue's own when `None`.
    pub(in crate::sqs) visibility: Option<Duration>,
    /// The queue's own when `None`.
    pub(in crate::sqs) wait: Option<Duration>,
}

impl Sqs {
    /// Receives, and waits if it may and must. Dropping the future while it waits leaves every message where it is.
    pub(in crate::sqs) async fn receive(&self, queue: &str, ask: Ask) -> Result<Vec<Received>, SqsError> {
        let (bell, until) = {
            let mut state = self.state();
            let now = self.0.clock.now();
            let wait = match ask.wait {
                Some(wait) => wait,
                None => state.broker.default_wait(queue)?,
            };
            match state.take(queue, ask, now) {
                // A full queue refuses a short poll, and lets a long one wait for room.
                Err(SqsError::OverLimit) if !wait.is_zero() => {}
                Ok(none) if none.is_empty() && !wait.is_zero() => {}
                answer => return answer,
            }
            let bell = state.bells.entry(queue.to_owned()).or_insert_with(|| Arc::new(Bell::new()));
            (Arc::clone(bell), now.after(wait))
        };
        let mut closing = self.0.closing.subscribe();
        let mut office = None;
        loop {
            // Listening starts before looking, so that a ring between the two is not missed.
            let called = bell.waiters.notified();
            tokio::pin!(called);
            called.as_mut().enable();
            office = office.or_else(|| Office::take(&bell));
            let wake_at = {
                let mut state = self.state();
                let now = self.0.clock.now();
                match state.take(queue, ask, now) {
                    Err(SqsError::OverLimit) => {}
                    Ok(none) if none.is_empty() => {}
                    answer => return answer,
                }
                if now >= until {
                    return Ok(Vec::new());
                }
                match state.broker.outlook(queue, now)? {
                    Outlook::Due(due) if office.is_some() => {
                        bell.armed.store(due.as_millis(), Ordering::SeqCst);
                        due.min(until)
                    }
                    Outlook::Due(_) | Outlook::Idle | Outlook::Ready => {
                        if office.is_some() {
                            bell.armed.store(u64::MAX, Ordering::SeqCst);
                        }
                        until
                    }
                }
            };
            tokio::select! {
                biased;
                () = called => {}
                () = bell.keeper.notified(), if office.is_some() => {}
                () = self.0.clock.sleep_until(wake_at) => {}
                _ = closing.wait_for(|closing| *closing) => return Ok(Vec::new()),
            }
        }
    }
}

impl State {
    /// Takes what is there, and rings for what is left and for what has become a dead letter.
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
