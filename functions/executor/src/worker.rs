//! The executor as a long-running process: it polls the lanes itself, in a container, on a server, or in the embedded
//! stack.

use std::{future::Future, sync::Arc, time::Duration};

use taskway::Handlers;
use taskway_cloud::sqs::{Arrived, BATCH, QueueError, Receipt, Source};
use taskway_protocol::{LONGEST_LEASE, Priority, SKEW};
use taskway_runtime::env::{Env, Missing};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Delivery, Disposition, Executor, Readable,
    acks::{Acks, handed_back},
    batch,
    config::Config,
};

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

impl WorkerOptions {
    /// The defaults, but for the lanes that `TASKWAY_LANES` names, divided by commas.
    ///
    /// # Errors
    /// When it names something else.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let lanes = env.parsed("TASKWAY_LANES", |names| {
            let lanes: Option<Vec<Priority>> = names.split(',').map(|name| Priority::parse(name.trim())).collect();
            lanes.ok_or("must name lanes like high,normal,low")
        });
        env.finish()?;
        Ok(lanes.map_or_else(Self::default, |lanes| WorkerOptions { lanes, ..Self::default() }))
    }
}

/// SQS waits at most this long for a message.
const LONG_POLL: Duration = Duration::from_secs(20);

/// A message that has waited so long for a slot goes back to the queue: another worker may have one.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// And comes again after so long.
const BUSY: Duration = Duration::from_secs(5);

/// How long a poll under way is waited for when the worker is to stop.
const LAST_POLL: Duration = Duration::from_millis(500);

/// A message that has waited so long is hidden anew when its task starts, or it would come again before its lease ends.
const NOTICEABLE_WAIT: Duration = Duration::from_secs(2);

/// How long threads may still compute when everything else has ended.
const THREADS: Duration = Duration::from_secs(1);

/// As long as the longest lease holds for others; shortened for tasks that hold theirs for less.
const VISIBILITY: Duration = LONGEST_LEASE.saturating_add(SKEW);

/// The pause after a poll that failed, doubled up to the longer one.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// Runs a worker as the environment says, until SIGTERM or Ctrl-C.
///
/// # Errors
/// When the configuration is incomplete.
pub async fn run_from_env(handlers: Handlers, options: WorkerOptions) -> anyhow::Result<()> {
    taskway_runtime::log::init("info");
    let executor = Arc::new(Config::from_env()?.executor(handlers).await?);
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let polling = tokio::spawn(poll(executor, options, stop.clone()));
    println!("ready");
    signals.stop().await;
    tracing::info!("draining; told once more, it ends at once");
    stop.cancel();
    tokio::select! {
        biased;
        drained = polling => Ok(drained?),
        () = signals.stop() => Ok(()),
    }
}

/// Runs a process whose threads may compute on when it is to end: they are not waited for.
///
/// # Errors
/// What `run` says, or that there is no runtime to be had.
pub fn block_on<T>(run: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(run);
    runtime.shutdown_timeout(THREADS);
    Ok(ended)
}

/// What tells the process to stop. From the first moment on nothing is missed.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the process has no signals to listen to.
    pub fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Signals {})
    }

    /// Ends when the process is told to stop, each time anew.
    pub async fn stop(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Polls until told to stop, then lets running tasks end, though not longer than `options.drain`.
pub async fn poll(executor: Arc<Executor>, options: WorkerOptions, stop: CancellationToken) {
    let (acks, passing_on) = Acks::start(executor.services.lanes.clone());
    let passing_on = tokio::spawn(passing_on);
    let running = TaskTracker::new();
    let abandon = CancellationToken::new();
    let all = Arc::new(Semaphore::new(options.concurrency.max(1)));
    let most_urgent = options.lanes.iter().min().copied();
    let pollers = options.lanes.iter().map(|lane| {
        let share = if Some(*lane) == most_urgent { options.concurrency } else { share(*lane, options.concurrency) };
        let poller = Poller {
            executor: Arc::clone(&executor),
            lane: *lane,
            all: Arc::clone(&all),
            held: Arc::new(Semaphore::new(share.max(1))),
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
            tracing::error!(error = %taskway_runtime::log::causes(&error), "a poller ended");
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
        tracing::error!(error = %taskway_runtime::log::causes(&error), "acknowledging ended");
    }
}

/// How many messages a lane may hold: the lower ones leave slots to the higher.
fn share(lane: Priority, concurrency: usize) -> usize {
    match lane {
        Priority::High => concurrency,
        Priority::Normal => concurrency * 4 / 5,
        Priority::Low => concurrency / 2,
    }
}

struct Poller {
    executor: Arc<Executor>,
    lane: Priority,
    /// Slots of the whole worker: a task that runs has one.
    all: Arc<Semaphore>,
    /// The lane's share: a message that was received has one, whether its task runs or waits for a slot or a thread.
    held: Arc<Semaphore>,
    acks: Acks,
    running: TaskTracker,
    stop: CancellationToken,
    abandon: CancellationToken,
}

impl Poller {
    async fn poll(self) {
        let mut pause = PAUSE.0;
        loop {
            let mut receive = std::pin::pin!(self.receive());
            let polled = tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    // What is on its way already would be hidden from everybody else for a minute.
                    if let Ok(Ok((arrived, _))) = time::timeout(LAST_POLL, receive).await {
                        self.give_back(arrived);
                    }
                    return;
                }
                polled = &mut receive => polled,
            };
            match polled {
                Ok((arrived, held)) => {
                    pause = PAUSE.0;
                    self.start(arrived, held);
                }
                Err(error) => {
                    tracing::warn!(lane = self.lane.as_str(), error = %taskway_runtime::log::causes(&error), "cannot poll");
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => return,
                        () = time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(PAUSE.1);
                }
            }
        }
    }

    /// Takes as many messages as there is room for, once there is any.
    async fn receive(&self) -> Result<(Vec<Arrived>, Vec<OwnedSemaphorePermit>), QueueError> {
        // Neither semaphore is ever closed.
        let mut held: Vec<OwnedSemaphorePermit> = Arc::clone(&self.held).acquire_owned().await.into_iter().collect();
        while held.len() < BATCH
            && let Ok(one) = Arc::clone(&self.held).try_acquire_owned()
        {
            held.push(one);
        }
        drop(self.all.acquire().await);
        let most = held.len().min(self.all.available_permits().max(1));
        let lanes = &self.executor.services.lanes;
        let arrived = lanes.receive(Source::Lane(self.lane), most, VISIBILITY, LONG_POLL).await?;
        Ok((arrived, held))
    }

    fn start(&self, arrived: Vec<Arrived>, mut held: Vec<OwnedSemaphorePermit>) {
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
            .filter(|(_, needed)| *needed < VISIBILITY)
            .collect();
        if !shorter.is_empty() {
            self.set_visibility(shorter);
        }
        deliveries.sort_by_key(Delivery::start_order);
        for delivery in deliveries {
            let one = One {
                executor: Arc::clone(&self.executor),
                all: Arc::clone(&self.all),
                acks: self.acks.clone(),
                abandon: self.abandon.clone(),
                _held: held.pop(),
            };
            self.running.spawn(one.run(delivery));
        }
    }

    fn give_back(&self, arrived: Vec<Arrived>) {
        for message in arrived {
            self.acks.tell(self.lane, message.receipt, Disposition::HandBack(Duration::ZERO));
        }
    }

    fn set_visibility(&self, changes: Vec<(Receipt, Duration)>) {
        let (executor, lane) = (Arc::clone(&self.executor), self.lane);
        tokio::spawn(async move { handed_back(&executor.services.lanes, lane, &changes).await });
    }
}

/// One message in this worker's hands.
struct One {
    executor: Arc<Executor>,
    all: Arc<Semaphore>,
    acks: Acks,
    abandon: CancellationToken,
    _held: Option<OwnedSemaphorePermit>,
}

impl One {
    async fn run(self, delivery: Delivery) {
        let disposition = tokio::select! {
            biased;
            disposition = self.deliver(&delivery) => disposition,
            () = self.abandon.cancelled() => Disposition::Leave,
        };
        self.acks.tell(delivery.lane, delivery.receipt, disposition);
    }

    /// First a thread, where one is needed, then a slot: who waits for a thread must not keep others from running.
    async fn deliver(&self, delivery: &Delivery) -> Disposition {
        let received = time::Instant::now();
        let ready = async { (self.executor.slot(delivery).await, self.all.acquire().await) };
        let Ok((slot, _running)) = time::timeout(LONGEST_WAIT, ready).await else {
            return Disposition::HandBack(BUSY);
        };
        if received.elapsed() > NOTICEABLE_WAIT {
            let anew = [(delivery.receipt.clone(), batch::visibility(delivery))];
            handed_back(&self.executor.services.lanes, delivery.lane, &anew).await;
        }
        self.executor.deliver_with(delivery, slot, None).await
    }
}
