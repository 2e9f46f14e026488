//! What EventBridge does: a tick, again and again. And what Lambda does for a function that goes on by itself.

use std::{future::Future, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use taskway_runtime::clock::Clock;
use taskway_scheduler::{NotTakenOver, Scheduler, Successor, Sweep};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Ticks at once and then every `period`, one at a time, until told to stop.
pub(crate) async fn tick<F: Future<Output = ()>>(
    clock: Arc<dyn Clock>,
    period: Duration,
    stop: CancellationToken,
    mut once: impl FnMut() -> F,
) {
    loop {
        once().await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep(period) => {}
        }
    }
}

/// A scheduler's successor in its own process.
#[derive(Debug)]
pub(crate) struct Continuing(UnboundedSender<Sweep>);

impl Continuing {
    /// The successor, and what it was given to do.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Sweep>) {
        let (given, to_do) = unbounded_channel();
        (Continuing(given), to_do)
    }
}

impl Successor for Continuing {
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>> {
        let given = self.0.send(sweep).map_err(|error| NotTakenOver(Box::new(error)));
        Box::pin(async move { given })
    }
}

/// Sweeps what is given to do, side by side, each within `budget`, until told to stop. What is under way then is
/// dropped, as if the process had died: the agenda still has it.
pub(crate) async fn go_on(
    scheduler: Scheduler,
    mut to_do: UnboundedReceiver<Sweep>,
    budget: Duration,
    stop: CancellationToken,
) {
    let mut sweeps = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(_) = sweeps.join_next() => {}
            given = to_do.recv() => match given {
                Some(sweep) => {
                    let scheduler = scheduler.clone();
                    sweeps.spawn(async move { scheduler.sweep(sweep, budget).await });
                }
                None => return,
            },
        }
    }
}
