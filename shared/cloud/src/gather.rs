//! Natural batching: writes that come while a request is under way go together in the next request.
//!
//! **When a request goes.** At once when none is under way. While some are, another goes beside them as soon as a full
//! request has gathered for each of them, up to [`SIDE_BY_SIDE`]. There is no timer, so a lone write never waits.
//!
//! **Order.** Writes go in the order in which they came. Two that clash, such as two changes of one record, never share a
//! request: the later one stays behind for the next. Two requests may be under way at once, as two callers' were before. A
//! caller that needs one write to come after another waits for the first answer before it asks for the second.
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
};

use tokio::sync::oneshot;

/// The most requests that are under way at once. One slow answer then does not hold up a busy process.
const SIDE_BY_SIDE: usize = 4;

/// Sends the requests of a [`Gather`].
pub(crate) trait Carrier: Send + Sync + 'static {
    /// What callers ask for.
    type Write: Debug + Send;
    /// What they get.
    type Answer: Debug + Send;
    /// The most writes in a request.
    const MOST: usize;

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

    /// Makes a write, alone or together with others. `None` if the task that made the request ended without an answer.
    pub(crate) async fn write(&self, write: C::Write) -> Option<C::Answer> {
        let (reply, answered) = oneshot::channel();
        let starts = {
            let mut state = self.0.lock();
            state.waiting.push_back(Asked { write, reply });
            let starts = state.senders < SIDE_BY_SIDE && state.waiting.len() >= (C::MOST * state.senders).max(1);
            state.senders += usize::from(starts);
            starts
        };
        if starts {
            let sender = Sender { inner: Arc::clone(&self.0), ended: false };
            // A task of its own: a caller that stops waiting must not stop the writes of others.
            tokio::spawn(sender.send());
        }
        answered.await.ok()
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
            tokio::task::yield_now().await;
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
