//! The executor as a long-running process: it polls the lanes itself, in a container, on a server, or in the embedded
//! stack.

use std::{sync::Arc, time::Duration};

use taskway::{
    domain::Priority,
    handler::Handlers,
    sqs::{Arrived, Receipt, Source, lease},
};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Delivery, Disposition, Executor, Readable, acks::Acks, batch, config::Config};

/// How a worker works.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// How many tasks run at once, all lanes together.
    pub concurrency: usize,
    /// The lanes that are polled.
    pub lanes: Vec<Priority>,
    /// How long running tasks may go on after the worker is told to stop.
    pub drain: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions { concurrency: 64, lanes: Priority::ALL.to_vec(), drain: Duration::from_secs(30) }
    }
}

/// SQS waits at most this long for a message.
const LONG_POLL: Duration = Duration::from_secs(20);

/// A message that has waited so long for a slot goes back to the queue: another worker may have one.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The pause after a poll that failed, doubled up to the longer one.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// Runs a worker as the environment says, until SIGTERM or Ctrl-C.
///
/// # Errors
/// When the configuration is incomplete.
pub async fn run_from_env(handlers: Handlers, options: WorkerOptions) -> anyhow::Result<()> {
    taskway::log::init("info");
    let executor = Arc::new(Config::from_env()?.executor(handlers).await?);
    let stop = CancellationToken::new();
    let polling = tokio::spawn(poll(executor, options, stop.clone()));
    println!("ready");
    stopped().await?;
    tracing::info!("draining");
    stop.cancel();
    Ok(polling.await?)
}

/// Ends when the process is told to stop.
///
/// # Errors
/// When signals cannot be listened to.
pub async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Polls until told to stop, then lets running tasks end, though not longer than `options.drain`.
pub async fn poll(executor: Arc<Executor>, options: WorkerOptions, stop: CancellationToken) {
    let (acks, passing_on) = Acks::start(executor.parts.lanes.clone());
    let passing_on = tokio::spawn(passing_on);
    let running = TaskTracker::new();
    let abandon = CancellationToken::new();
    let all = Arc::new(Semaphore::new(options.concurrency.max(1)));
    let pollers = options.lanes.iter().map(|lane| {
        let slots = Slots { all: Arc::clone(&all), lane: Arc::new(Semaphore::new(share(*lane, options.concurrency))) };
        let poller = Poller {
            executor: Arc::clone(&executor),
            lane: *lane,
            slots,
            acks: acks.clone(),
            running: running.clone(),
            stop: stop.clone(),
            abandon: abandon.clone(),
        };
        tokio::spawn(poller.poll())
    });
    let pollers: Vec<_> = pollers.collect();
    for poller in pollers {
        if let Err(error) = poller.await {
            tracing::error!(error = &error as &dyn std::error::Error, "a poller ended");
        }
    }
    running.close();
    if time::timeout(options.drain, running.wait()).await.is_err() {
        // Their leases run out, and their messages come again.
        tracing::warn!(tasks = running.len(), "abandoned, to be run again elsewhere");
        abandon.cancel();
        running.wait().await;
    }
    drop(acks);
    if let Err(error) = passing_on.await {
        tracing::error!(error = &error as &dyn std::error::Error, "acknowledging ended");
    }
}

/// How many slots a lane may fill: the lower ones leave some to the higher, and none is ever left without.
fn share(lane: Priority, concurrency: usize) -> usize {
    let share = match lane {
        Priority::High => concurrency,
        Priority::Normal => concurrency * 4 / 5,
        Priority::Low => concurrency / 2,
    };
    share.max(1)
}

#[derive(Clone)]
struct Slots {
    all: Arc<Semaphore>,
    lane: Arc<Semaphore>,
}

struct Poller {
    executor: Arc<Executor>,
    lane: Priority,
    slots: Slots,
    acks: Acks,
    running: TaskTracker,
    stop: CancellationToken,
    abandon: CancellationToken,
}

impl Poller {
    async fn poll(self) {
        let mut pause = PAUSE.0;
        // As long as the longest lease holds for others; shortened for tasks that hold theirs for less.
        let visibility = lease(u32::MAX) + taskway::domain::SKEW;
        loop {
            let polled = tokio::select! {
                () = self.stop.cancelled() => return,
                polled = async {
                    let free = self.slots.free().await;
                    let lanes = &self.executor.parts.lanes;
                    lanes.receive(Source::Lane(self.lane), free, visibility, LONG_POLL).await
                } => polled,
            };
            match polled {
                Ok(arrived) => {
                    pause = PAUSE.0;
                    self.start(arrived, visibility);
                }
                Err(error) => {
                    tracing::warn!(lane = self.lane.as_str(), error = &error as &dyn std::error::Error, "cannot poll");
                    tokio::select! {
                        () = self.stop.cancelled() => return,
                        () = time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(PAUSE.1);
                }
            }
        }
    }

    fn start(&self, arrived: Vec<Arrived>, visibility: Duration) {
        let mut deliveries = Vec::new();
        for message in arrived {
            match Readable::of(message, self.lane) {
                Readable::Task(delivery) => deliveries.push(delivery),
                Readable::Not(receipt, after) => self.acks.tell(self.lane, receipt, Disposition::HandBack(after)),
            }
        }
        let shorter: Vec<(Receipt, Duration)> = deliveries
            .iter()
            .map(|delivery| (delivery.receipt.clone(), batch::visibility(delivery)))
            .filter(|(_, needed)| *needed < visibility)
            .collect();
        if !shorter.is_empty() {
            let (executor, lane) = (Arc::clone(&self.executor), self.lane);
            self.running.spawn(async move { crate::acks::handed_back(&executor.parts.lanes, lane, &shorter).await });
        }
        deliveries.sort_by_key(Delivery::start_order);
        for delivery in deliveries {
            self.running.spawn(one(
                Arc::clone(&self.executor),
                delivery,
                self.slots.clone(),
                self.acks.clone(),
                self.abandon.clone(),
            ));
        }
    }
}

async fn one(executor: Arc<Executor>, delivery: Delivery, slots: Slots, acks: Acks, abandon: CancellationToken) {
    let deliver = async {
        let Ok(_slot) = time::timeout(LONGEST_WAIT, slots.take()).await else {
            return Disposition::HandBack(Duration::ZERO);
        };
        executor.deliver(&delivery, None).await
    };
    let disposition = tokio::select! {
        disposition = deliver => disposition,
        () = abandon.cancelled() => Disposition::Leave,
    };
    acks.tell(delivery.lane, delivery.receipt, disposition);
}

impl Slots {
    /// Waits until there is a free slot, and says how many there are.
    async fn free(&self) -> usize {
        // Neither semaphore is ever closed.
        drop(self.lane.acquire().await);
        drop(self.all.acquire().await);
        self.lane.available_permits().min(self.all.available_permits()).max(1)
    }

    /// Takes a slot; it is free again when this is dropped.
    async fn take(&self) -> Result<[OwnedSemaphorePermit; 2], AcquireError> {
        let lane = Arc::clone(&self.lane).acquire_owned().await?;
        let all = Arc::clone(&self.all).acquire_owned().await?;
        Ok([lane, all])
    }
}
