//! A broker behind one lock, with a clock, a door for HTTP and a switch for faults.

mod long_poll;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::serve::ListenerExt;
use taskway_protocol::Time;
use taskway_runtime::clock::Clock;
use tokio::{net::TcpListener, sync::watch};

use super::{
    Broker, SqsError,
    core::{ACCOUNT, Outlook},
    protocol,
};
use crate::calls::Calls;
use long_poll::Bell;

pub(super) use long_poll::Ask;

/// What the fault switch does to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Nothing.
    None,
    /// Answers 503, and nothing has happened.
    RefuseBefore,
    /// Does it, then answers 503: the caller cannot know.
    LoseAnswer,
}

/// Decides by the action (`SendMessage`) and the queue's name, which is empty where an action has none.
pub type InterruptionRule = Box<dyn Fn(&str, &str) -> Interruption + Send + Sync>;

/// The endpoint. Clones share one broker.
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

struct State {
    broker: Broker,
    /// One for each queue that somebody has waited at.
    bells: BTreeMap<String, Arc<Bell>>,
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

impl Sqs {
    /// An endpoint without queues. `base_url` (`http://127.0.0.1:9324`) is what the queues' URLs start with.
    pub fn new(clock: Arc<dyn Clock>, base_url: String) -> Self {
        // Seeded by the start, so that receipts from before a restart are refused, not mistaken for others.
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

    /// Makes a queue and gives its URL; see [`Broker::create_queue`].
    pub fn create_queue(&self, name: &str, attributes: &BTreeMap<String, String>) -> Result<String, SqsError> {
        self.change(name, |broker, now| broker.create_queue(name, attributes, now))?;
        Ok(self.queue_url(name))
    }

    /// The URL of the queue with this name, whether it exists or not.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.0.base_url)
    }

    /// Looks at the broker or changes it, under its lock. Receivers that wait notice what changed.
    pub fn with_broker<T>(&self, f: impl FnOnce(&mut Broker, Time) -> T) -> T {
        let mut state = self.state();
        let now = self.0.clock.now();
        let answer = f(&mut state.broker, now);
        let queues: Vec<String> = state.bells.keys().cloned().collect();
        queues.iter().for_each(|queue| state.ring(queue, now));
        answer
    }

    /// Sets the fault switch, or with `None` takes it off. It acts on calls that come over HTTP.
    pub fn interrupt(&self, rule: Option<InterruptionRule>) {
        *self.0.rule.write().unwrap_or_else(PoisonError::into_inner) = rule.map(Arc::new);
    }

    /// Notes from now on in `calls` who asks for what over HTTP. Only the first record that it is given is kept.
    pub fn record(&self, calls: Calls) {
        let _ = self.0.calls.set(calls);
    }

    /// Everything the endpoint answers, for a server of the caller's own.
    pub fn router(&self) -> axum::Router {
        protocol::router(self.clone())
    }

    /// Serves until `shutdown` ends. Receives that wait are then answered at once, empty.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        // Answers are small and written in one go: waiting to fill a packet would only add latency.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
        });
        let shared = Arc::clone(&self.0);
        let closing = async move {
            shutdown.await;
            shared.closing.send_replace(true);
        };
        axum::serve(listener, self.router()).with_graceful_shutdown(closing).await
    }

    /// Changes one queue under the lock, and wakes a receiver if there is something for it now.
    pub(super) fn change<T>(&self, queue: &str, f: impl FnOnce(&mut Broker, Time) -> T) -> T {
        let mut state = self.state();
        let now = self.0.clock.now();
        let answer = f(&mut state.broker, now);
        state.ring(queue, now);
        answer
    }

    pub(super) fn interruption(&self, action: &str, queue: &str) -> Interruption {
        let rule = self.0.rule.read().unwrap_or_else(PoisonError::into_inner).clone();
        rule.map_or(Interruption::None, |rule| rule(action, queue))
    }

    pub(super) fn calls(&self) -> Option<&Calls> {
        self.0.calls.get()
    }

    pub(super) fn next_request(&self) -> u64 {
        self.0.requests.fetch_add(1, Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock fails the test or request it happened in; the queues stay usable for the others.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Tells those who wait at `queue` what a call has changed.
    fn ring(&mut self, queue: &str, now: Time) {
        let Some(bell) = self.bells.get(queue) else { return };
        match self.broker.outlook(queue, now) {
            Ok(Outlook::Ready) => bell.wake_one(),
            Ok(Outlook::Due(at)) => bell.wake_keeper(at),
            Ok(Outlook::Idle) => {}
            // The queue is gone. Its bell stays, for a queue of that name may come before the waiters have looked.
            Err(_) => bell.wake_all(),
        }
    }
}
