//! Natural batching: writes that come while a request is under way go together in the next request.
//!
//! **When a request goes.** At once when none is under way, so a lone write waits for nothing. While some are, another goes
//! beside them when a full request has gathered for each of them, or when a write has waited for [`PATIENCE`]. At most
//! [`SIDE_BY_SIDE`] are under way.
//!
//! **Order.** Writes are taken in the order in which they came. Two that clash, such as two changes of one record, never
//! share a request: the later one waits for the next. Requests under way side by side have no order among them. A caller that
//! needs one write to come after another waits for the first answer before it asks for the second.
//!
//! **Failure.** Each write has its own answer. If a request is lost, each of its writes may or may not have happened, as a
//! lost single write may.
//!
//! **A caller that stops waiting.** A write that has not gone yet is taken back. One that has gone may happen.

use std::{
    collections::VecDeque,
    fmt::Debug,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use tokio::sync::oneshot;

/// The most requests that are under way at once.
const SIDE_BY_SIDE: usize = 16;

/// A write that has waited this long does not wait for the requests under way any longer. Otherwise one lost packet would
/// hold up all writes of its process for seconds.
const PATIENCE: Duration = Duration::from_millis(100);

/// Sends the requests of a [`Gather`].
pub(crate) trait Carrier: Send + Sync + 'static {
    /// What callers ask for.
    type Write: Debug + Send;
    /// What they get.
    type Answer: Debug + Send;
    /// The most writes in a request.
    const MOST: usize;
    /// How long a request waits for writes that may be about to come, if it is worth that to have fewer requests.
    const LINGER: Duration = Duration::ZERO;

    /// Whether two writes must not share a request.
    fn clash(one: &Self::Write, other: &Self::Write) -> bool;

    /// Makes one request and answers each of its writes. The next request goes when this future ends.
    fn carry(&self, writes: Vec<Asked<Self::Write, Self::Answer>>) -> impl Future<Output = ()> + Send;
}

/// A write, and the place for its answer.
#[derive(Debug)]
pub(crate) struct Asked<W, A> {
    pub(crate) write: W,
    reply: oneshot::Sender<A>,
}

impl<W, A> Asked<W, A> {
    /// Gives the caller its answer. The caller may have stopped waiting.
    pub(crate) fn answer(self, answer: A) {
        let _ = self.reply.send(answer);
    }
}

/// Gathers writes into requests. Clones gather together.
#[derive(Debug)]
pub(crate) struct Gather<C: Carrier>(Arc<Inner<C>>);

impl<C: Carrier> Clone for Gather<C> {
    fn clone(&self) -> Self {
        Gather(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<C: Carrier> {
    carrier: C,
    state: Mutex<State<C>>,
}

#[derive(Debug)]
struct State<C: Carrier> {
    waiting: VecDeque<Asked<C::Write, C::Answer>>,
    /// How many tasks send requests. Each has one under way, or is about to.
    senders: usize,
}

impl<C: Carrier> Gather<C> {
    pub(crate) fn new(carrier: C) -> Self {
        let state = State { waiting: VecDeque::new(), senders: 0 };
        Gather(Arc::new(Inner { carrier, state: Mutex::new(state) }))
    }

    /// What sends the requests.
    pub(crate) fn carrier(&self) -> &C {
        &self.0.carrier
    }

    /// Makes a write, alone or together with others. `None` if the task that made the request ended without an answer.
    pub(crate) async fn write(&self, write: C::Write) -> Option<C::Answer> {
        let (reply, mut answered) = oneshot::channel();
        self.start(|state| {
            state.waiting.push_back(Asked { write, reply });
            state.waiting.len() >= (C::MOST * state.senders).max(1)
        });
        if let Ok(answer) = tokio::time::timeout(PATIENCE, &mut answered).await {
            return answer.ok();
        }
        self.start(|state| !state.waiting.is_empty());
        answered.await.ok()
    }

    /// Starts another sender if that is wanted and allowed.
    fn start(&self, is_wanted: impl FnOnce(&mut State<C>) -> bool) {
        let starts = {
            let mut state = self.0.lock();
            let starts = is_wanted(&mut state) && state.senders < SIDE_BY_SIDE;
            state.senders += usize::from(starts);
            starts
        };
        if starts {
            let sender = Sender { inner: Arc::clone(&self.0), ended: false };
            // A task of its own: a caller that stops waiting must not stop the writes of others.
            tokio::spawn(sender.send());
        }
    }
}

impl<C: Carrier> Inner<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that sends requests until nothing waits.
struct Sender<C: Carrier> {
    inner: Arc<Inner<C>>,
    /// Whether this sender is no longer counted.
    ended: bool,
}

impl<C: Carrier> Sender<C> {
    async fn send(mut self) {
        loop {
            // Lets the tasks that are ready ask for their writes first. It goes on as soon as they have.
            if C::LINGER.is_zero() {
                behind_the_others().await;
            } else {
                tokio::time::sleep(C::LINGER).await;
            }
            let writes = {
                let mut state = self.inner.lock();
                let writes = state.take();
                if writes.is_empty() {
                    // Under the same lock, so that a write that comes now starts a new sender.
                    state.senders -= 1;
                    self.ended = true;
                    return;
                }
                writes
            };
            self.inner.carrier.carry(writes).await;
        }
    }
}

/// Goes to the back of the run queue, from where another thread can take it. Tokio's `yield_now` stays with its thread, which
/// may be busy.
async fn behind_the_others() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// If a sender ends early, because its runtime ends or the carrier panics, those who wait get no answer.
impl<C: Carrier> Drop for Sender<C> {
    fn drop(&mut self) {
        if !self.ended {
            let mut state = self.inner.lock();
            state.senders -= 1;
            if state.senders == 0 {
                state.waiting.clear();
            }
        }
    }
}

impl<C: Carrier> State<C> {
    /// Takes the writes of the next request. Drops those whose callers have stopped waiting.
    fn take(&mut self) -> Vec<Asked<C::Write, C::Answer>> {
        let mut taken: Vec<Asked<C::Write, C::Answer>> = Vec::new();
        let mut behind = VecDeque::new();
        while taken.len() < C::MOST
            && let Some(next) = self.waiting.pop_front()
        {
            if next.reply.is_closed() {
                continue;
            }
            if taken.iter().any(|asked| C::clash(&asked.write, &next.write)) {
                behind.push_back(next);
            } else {
                taken.push(next);
            }
        }
        behind.append(&mut self.waiting);
        self.waiting = behind;
        taken
    }
}

#[cfg(test)]
mod tests;
