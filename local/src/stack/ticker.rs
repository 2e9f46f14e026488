//! Ticks at a fixed rate, as EventBridge does in the cloud. Also continues an unfinished tick, as Lambda does when the
//! scheduler invokes itself.

use std::{future::Future, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use taskway_runtime::clock::Clock;
use taskway_scheduler::{NotTakenOver, Scheduler, Successor, Sweep};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Ticks at once, then again `period` after the end of each tick, until `stop` is cancelled.
pub(super) async fn tick<F: Future<Output = ()>>(
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

/// Passes the sweeps that a tick leaves unfinished to [`go_on`], in the same process.
#[derive(Debug)]
pub(super) struct Continuing(UnboundedSender<Sweep>);

impl Continuing {
    /// Returns the successor, and the receiver of its sweeps.
    pub(super) fn new() -> (Self, UnboundedReceiver<Sweep>) {
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

/// Runs the received sweeps concurrently, each within `budget`, until `stop` is cancelled. Then it drops the running sweeps,
/// as if the process had died. That is safe, because the agenda still has their tasks.
pub(super) async fn go_on(
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
