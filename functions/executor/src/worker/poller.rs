//! Polling the lanes, and running what they deliver within the worker's concurrency.

use std::{sync::Arc, time::Duration};

use taskway_cloud::sqs::{Arrived, BATCH, QueueError, Receipt, Source};
use taskway_engine::WORKER_TELLS;
use taskway_protocol::{LONGEST_LEASE, Priority, SKEW};
use taskway_runtime::log::causes;
use tokio::time;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    options::WorkerOptions,
    slots::{Place, Slots},
};
use crate::{
    acks::{Acks, handed_back},
    attempt::End,
    delivery::{Delivery, Disposition, Readable},
    executor::Executor,
};

/// How long a poll waits for a message. SQS allows no more.
const LONG_POLL: Duration = Duration::from_secs(20);

/// A message that has waited this long for a slot goes back to the queue. Another worker may have a free slot.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// When such a message comes again.
const BUSY: Duration = Duration::from_secs(5);

/// How long a stopping worker waits for the poll that is under way.
const LAST_POLL: Duration = Duration::from_millis(500);

/// How long a handler may run on after it was told that the worker stops. Short, because another worker waits for its task.
const FAREWELL: Duration = Duration::from_millis(500);

/// How long a stopping worker tries to give its tasks back.
const LAST_WRITES: Duration = Duration::from_secs(8);

/// How long it then tries to delete finished messages. With [`LAST_POLL`] and [`LAST_WRITES`] it ends within ten seconds of its
/// drain.
const LAST_ACKS: Duration = Duration::from_millis(1500);

/// A message that has waited longer than this for a slot is hidden again when its task starts. Otherwise it would be
/// delivered again before the task's lease ends.
const NOTICEABLE_WAIT: Duration = Duration::from_secs(2);

/// How long a received message is hidden: until others take the longest lease as over. It is shortened for tasks with
/// shorter leases.
const VISIBILITY: Duration = LONGEST_LEASE.saturating_add(SKEW);

/// The pause after a failed poll. It doubles with every failure, up to the second value.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// [`poll_with`] without a way to end the drain early.
pub async fn poll(executor: Arc<Executor>, options: WorkerOptions, stop: CancellationToken) {
    poll_with(executor, options, stop, CancellationToken::new()).await;
}

/// Polls until `stop`. Then starts no other task, and lets the running ones end for `options.drain` or until `give_back`.
/// Gives back the rest: another worker has them at once. If the table does not take that in time, abandons them: their
/// leases end, and their messages are delivered again.
pub async fn poll_with(
    executor: Arc<Executor>,
    options: WorkerOptions,
    stop: CancellationToken,
    give_back: CancellationToken,
) {
    let announcing = {
        let (executor, stop) = (Arc::clone(&executor), stop.clone());
        tokio::spawn(async move { executor.keep_announcing(&stop).await })
    };
    let telling = {
        let services = executor.services.clone();
        tokio::spawn(async move {
            loop {
                services.clock.sleep(WORKER_TELLS).await;
                services.tell(Duration::ZERO).await;
            }
        })
    };
    let services = executor.services.clone();
    let (acks, sending) = Acks::start(executor.services.lanes.clone());
    let sending = tokio::spawn(sending);
    let running = TaskTracker::new();
    let abandon = CancellationToken::new();
    let most_urgent = options.lanes.iter().min().copied();
    let shares = options.lanes.iter().map(|lane| {
        (*lane, if Some(*lane) == most_urgent { options.concurrency } else { share(*lane, options.concurrency) })
    });
    let slots = Slots::new(options.concurrency, shares);
    let pollers = options.lanes.iter().map(|lane| {
        let poller = Poller {
            executor: Arc::clone(&executor),
            lane: *lane,
            slots: slots.clone(),
            acks: acks.clone(),
            running: running.clone(),
            stop: stop.clone(),
            give_back: give_back.clone(),
            abandon: abandon.clone(),
        };
        tokio::spawn(poller.poll())
    });
    let pollers: Vec<_> = pollers.collect();
    for poller in pollers {
        if let Err(error) = poller.await {
            tracing::error!(error = %causes(&error), "a poller stopped early");
        }
    }
    announcing.abort();
    running.close();
    let drained = tokio::select! {
        biased;
        () = running.wait() => true,
        () = give_back.cancelled() => false,
        () = time::sleep(options.drain) => false,
    };
    if !drained {
        let tasks = running.len();
        tracing::info!(tasks, "giving back {tasks} running tasks; they will run again elsewhere");
        give_back.cancel();
    }
    if time::timeout(LAST_WRITES, running.wait()).await.is_err() {
        let tasks = running.len();
        tracing::warn!(
            tasks,
            "abandoning {tasks} tasks that cannot be given back; they run again when their leases end"
        );
        abandon.cancel();
        running.wait().await;
    }
    drop(acks);
    telling.abort();
    // What it has not told is back among the counts then.
    let _ = telling.await;
    let (sent, ()) = tokio::join!(time::timeout(LAST_ACKS, sending), services.tell_all());
    match sent {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error = %causes(&error), "the sender of acknowledgements stopped early"),
        Err(_) => tracing::warn!("SQS does not answer: finished messages come again, and are acknowledged then"),
    }
}

/// How many tasks of a lane may run at once. Lower lanes leave slots to higher ones.
fn share(lane: Priority, concurrency: usize) -> usize {
    match lane {
        Priority::High => concurrency,
        Priority::Normal => concurrency * 4 / 5,
        Priority::Low => concurrency / 2,
    }
}

/// Polls one lane.
struct Poller {
    executor: Arc<Executor>,
    lane: Priority,
    /// The slots of the whole worker. A running task has one.
    slots: Slots,
    acks: Acks,
    running: TaskTracker,
    stop: CancellationToken,
    give_back: CancellationToken,
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
                    // SQS may be answering already. Messages of an answer that is not read stay hidden for a minute.
                    if let Ok(Ok(arrived)) = time::timeout(LAST_POLL, receive).await {
                        self.hand_back(arrived);
                    }
                    return;
                }
                polled = &mut receive => polled,
            };
            match polled {
                Ok(arrived) => {
                    pause = PAUSE.0;
                    self.start(arrived);
                }
                Err(error) => {
                    let lane = self.lane.as_str();
                    tracing::warn!(lane, error = %causes(&error), "cannot poll lane {lane}");
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

    /// Waits until there is room for a message, and receives as many as there is room for.
    async fn receive(&self) -> Result<Vec<Arrived>, QueueError> {
        let most = self.slots.room(self.lane).await.min(BATCH);
        self.executor.services.lanes.receive(Source::Lane(self.lane), most, VISIBILITY, LONG_POLL).await
    }

    fn start(&self, arrived: Vec<Arrived>) {
        let mut deliveries = Vec::new();
        for message in arrived {
            match Readable::of(message, self.lane) {
                Readable::Task(delivery) => deliveries.push(delivery),
                Readable::Not(receipt, after) => self.acks.add(self.lane, receipt, Disposition::HandBack(after)),
            }
        }
        let shorter: Vec<(Receipt, Duration)> = deliveries
            .iter()
            .map(|delivery| (delivery.receipt.clone(), delivery.visibility()))
            .filter(|(_, needed)| *needed < VISIBILITY)
            .collect();
        if !shorter.is_empty() {
            let (executor, lane) = (Arc::clone(&self.executor), self.lane);
            tokio::spawn(async move { handed_back(&executor.services.lanes, lane, &shorter).await });
        }
        deliveries.sort_by_key(|delivery| self.executor.start_order(delivery));
        for delivery in deliveries {
            let delivering = Delivering {
                executor: Arc::clone(&self.executor),
                slots: self.slots.clone(),
                acks: self.acks.clone(),
                stop: self.stop.clone(),
                end: End { cutoff: None, stop: self.give_back.clone(), farewell: FAREWELL },
                abandon: self.abandon.clone(),
                _place: self.slots.place(self.lane),
            };
            self.running.spawn(delivering.run(delivery));
        }
    }

    fn hand_back(&self, arrived: Vec<Arrived>) {
        for message in arrived {
            self.acks.add(self.lane, message.receipt, Disposition::HandBack(Duration::ZERO));
        }
    }
}

/// One message that this worker is delivering.
struct Delivering {
    executor: Arc<Executor>,
    slots: Slots,
    acks: Acks,
    /// Nothing starts after this.
    stop: CancellationToken,
    /// What starts is given back when its `stop` comes.
    end: End,
    abandon: CancellationToken,
    _place: Place,
}

impl Delivering {
    async fn run(self, delivery: Box<Delivery>) {
        let disposition = tokio::select! {
            biased;
            disposition = self.deliver(&delivery) => disposition,
            () = self.abandon.cancelled() => Disposition::Leave,
        };
        self.acks.add(delivery.lane, delivery.receipt, disposition);
    }

    /// Waits for a thread first, if the task needs one, and then for a slot: a task that waits for a thread must not take
    /// a slot from others.
    async fn deliver(&self, delivery: &Delivery) -> Disposition {
        let received = time::Instant::now();
        let ready = async {
            let order = self.executor.turn(delivery, self.executor.services.clock.now());
            (self.executor.thread_for(delivery).await, self.slots.take(delivery.lane, order).await)
        };
        let (thread, _slot) = tokio::select! {
            biased;
            // Another worker has the message at once.
            () = self.stop.cancelled() => return Disposition::HandBack(Duration::ZERO),
            ready = ready => ready,
            () = time::sleep(LONGEST_WAIT) => return Disposition::HandBack(BUSY),
        };
        if received.elapsed() > NOTICEABLE_WAIT {
            let hidden = [(delivery.receipt.clone(), delivery.visibility())];
            handed_back(&self.executor.services.lanes, delivery.lane, &hidden).await;
        }
        self.executor.deliver_with(delivery, thread, &self.end).await
    }
}
