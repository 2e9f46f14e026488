//! The endpoint's state: the broker, the clock, and the bells of its queues.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::future::BoxFuture;
use taskway_protocol::Time;
use taskway_runtime::clock::Clock;
use tokio::sync::watch;

use super::{
    bell::Bell,
    interruption::{Interruption, InterruptionRule},
};
use crate::emulator::{
    account::ACCOUNT,
    calls::Calls,
    sqs::{Broker, Outlook, SqsError},
};

/// The SQS endpoint. Clones share one broker.
#[derive(Clone)]
pub struct Sqs(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    base_url: String,
    rule: RwLock<Option<Arc<InterruptionRule>>>,
    calls: OnceLock<Calls>,
    closing: watch::Sender<bool>,
    requests: AtomicU64,
}

/// The part of the endpoint behind the lock.
pub(super) struct State {
    pub(super) broker: Broker,
    /// A bell for each queue that a receive has waited at.
    pub(super) bells: BTreeMap<String, Arc<Bell>>,
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

impl Sqs {
    /// An endpoint without queues. The queues' URLs start with `base_url` (`http://127.0.0.1:9324`).
    pub fn new(clock: Arc<dyn Clock>, base_url: String) -> Self {
        // The start time is the seed, so that a receipt from before a restart is refused and matches no other message.
        let broker = Broker::new(clock.now().as_millis());
        Sqs(Arc::new(Shared {
            state: Mutex::new(State { broker, bells: BTreeMap::new() }),
            clock,
            base_url: base_url.trim_end_matches('/').to_owned(),
            rule: RwLock::new(None),
            calls: OnceLock::new(),
            closing: watch::Sender::new(false),
            requests: AtomicU64::new(0),
        }))
    }

    /// Creates a queue and returns its URL; see [`Broker::create_queue`].
    pub fn create_queue(&self, name: &str, attributes: &BTreeMap<String, String>) -> Result<String, SqsError> {
        self.change(name, |broker, now| broker.create_queue(name, attributes, now))?;
        Ok(self.queue_url(name))
    }

    /// The URL of the queue with this name, whether it exists or not.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.0.base_url)
    }

    /// Reads or changes the broker under its lock. Wakes waiting receives for what changed.
    pub fn with_broker<T>(&self, f: impl FnOnce(&mut Broker, Time) -> T) -> T {
        let mut state = self.state();
        let now = self.now();
        let answer = f(&mut state.broker, now);
        let queues: Vec<String> = state.bells.keys().cloned().collect();
        queues.iter().for_each(|queue| state.ring(queue, now));
        answer
    }

    /// Sets the fault switch for calls over HTTP; `None` turns it off.
    pub fn interrupt(&self, rule: Option<InterruptionRule>) {
        *self.0.rule.write().unwrap_or_else(PoisonError::into_inner) = rule.map(Arc::new);
    }

    /// Records all further calls over HTTP in `calls`. A second record is ignored.
    pub fn record(&self, calls: Calls) {
        let _ = self.0.calls.set(calls);
    }

    /// Changes one queue under the lock, and wakes a waiting receive if the queue has a message for it.
    pub(in crate::emulator::sqs) fn change<T>(&self, queue: &str, f: impl FnOnce(&mut Broker, Time) -> T) -> T {
        let mut state = self.state();
        let now = self.now();
        let answer = f(&mut state.broker, now);
        state.ring(queue, now);
        answer
    }

    pub(in crate::emulator::sqs) fn interruption(&self, action: &str, queue: &str) -> Interruption {
        let rule = self.0.rule.read().unwrap_or_else(PoisonError::into_inner).clone();
        rule.map_or(Interruption::None, |rule| rule(action, queue))
    }

    pub(in crate::emulator::sqs) fn calls(&self) -> Option<&Calls> {
        self.0.calls.get()
    }

    pub(in crate::emulator::sqs) fn next_request(&self) -> u64 {
        self.0.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Ends every waiting receive, without messages.
    pub(in crate::emulator::sqs) fn end_waits(&self) {
        self.0.closing.send_replace(true);
    }

    /// Turns true when waiting receives must end.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    /// How many receives wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.0.closing.receiver_count()
    }

    pub(super) fn now(&self) -> Time {
        self.0.clock.now()
    }

    pub(super) fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        self.0.clock.sleep_until(at)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock fails its own test or request. The other callers can still use the queues.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Wakes the receives that wait at `queue`, after a call has changed it.
    pub(super) fn ring(&mut self, queue: &str, now: Time) {
        let Some(bell) = self.bells.get(queue) else { return };
        match self.broker.outlook(queue, now) {
            Ok(Outlook::Ready) => bell.wake_one(),
            Ok(Outlook::Due(at)) => bell.wake_keeper(at),
            Ok(Outlook::Idle) => {}
            // The queue was deleted. Its bell stays: a new queue of that name may exist before the waiters have looked.
            Err(_) => bell.wake_all(),
        }
    }
}
