//! Who invokes the executor and the scheduler: the event source mapping, EventBridge, and workers that invoke themselves.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use taskway_engine::{Hooks, Services};
use taskway_executor::{
    Executor, batch,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
    worker::{self, WorkerOptions},
};
use taskway_local::sqs::Received;
use taskway_protocol::{Priority, Task, message::Message};
use taskway_runtime::{clock::Clock, random::SeededRandom};
use taskway_scheduler::{Auditing, Scheduler};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    dice::Dice,
    machine::Machine,
    process::Control,
    witness::Kind,
    work,
    world::{Born, World},
};

/// The scheduler's timeout, and what of it a tick works.
const TICK: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(50));

/// How long before its end an invocation cuts its attempts.
const OUTCOMES: Duration = Duration::from_secs(10);

impl World {
    /// One tick.
    pub async fn tick(self: Arc<Self>, dice: Dice) {
        let (born, machine) = self.boot(Kind::Scheduler, &dice);
        let number = born.control.number;
        if self.others(Kind::Scheduler, number) {
            self.cloud.fault("tick while another is at it");
        }
        self.cloud.tell(format_args!("process {number} ticks"));
        let scheduler = Scheduler {
            auditing: Auditing::every(Duration::from_millis(self.audited.load(Ordering::Relaxed))),
            ..Scheduler::new(services(&born, &machine, &dice))
        };
        let report = self.start(born, TICK.0, async move { scheduler.tick(TICK.1).await }).await;
        if let Ok(Some(report)) = report {
            let (promoted, rescued, ended, letters) =
                (report.promoted, report.rescued, report.ended, report.dead_letters);
            let (audited, found) = (report.audited, report.audit_findings);
            self.cloud.coverage().audited(audited as u64, found as u64);
            self.cloud.tell(format_args!(
                "process {number} has ticked: promoted {promoted}, rescued {rescued}, ended {ended}, dead letters {letters}, \
                 audited {audited}, found {found}"
            ));
        }
    }

    /// The mapping takes messages of a lane and hands them to the function, and deletes what that did not report.
    pub async fn deliver(self: Arc<Self>, lane: Priority, most: usize, dice: Dice) {
        let received = self.receive(lane, most, &dice);
        if !received.is_empty() {
            self.invoke(lane, received, dice).await;
        }
    }

    /// The same when all goes well; does not wait for the function. How many messages there were.
    pub fn deliver_all(self: Arc<Self>, lane: Priority, dice: Dice, doings: &mut JoinSet<()>) -> usize {
        let received = self
            .cloud
            .sqs()
            .with_broker(|broker, now| broker.receive(self.cloud.plan.lane(lane), 10, None, now).unwrap_or_default());
        let count = received.len();
        if count > 0 {
            doings.spawn(async move { self.invoke(lane, received, dice).await });
        }
        count
    }

    fn receive(&self, lane: Priority, most: usize, dice: &Dice) -> Vec<Received> {
        let name = self.cloud.plan.lane(lane);
        let out_of_order = dice.chance(200);
        self.cloud.sqs().with_broker(|broker, now| {
            if out_of_order && let Ok(mut queue) = broker.faults(name, now) {
                let mut messages: Vec<_> = queue.messages().collect();
                let mut received = Vec::new();
                while received.len() < most && !messages.is_empty() {
                    let message = messages.swap_remove(dice.below(messages.len()));
                    received.extend(queue.deliver(message.key, Duration::from_secs(900)));
                }
                return received;
            }
            broker.receive(name, most, None, now).unwrap_or_default()
        })
    }

    async fn invoke(self: Arc<Self>, lane: Priority, received: Vec<Received>, dice: Dice) {
        let queue = self.cloud.plan.lane(lane).to_owned();
        let limit = Duration::from_secs(dice.pick(&[30, 90, 900]));
        let (born, machine) = self.boot(Kind::Executor, &dice);
        self.cloud.tell(format_args!("process {} is handed {} of {queue}", born.control.number, received.len()));
        let executor = match self.executor(&born, &machine, &dice) {
            Ok(executor) => executor,
            Err(error) => return self.cloud.witness().break_rule(format!("no executor: {error}")),
        };
        let deadline = born.clock.now().after(limit);
        // Attempts are cut some seconds before an invocation ends, so that their outcomes can be written.
        self.cloud.witness().told_to_stop(born.control.number, deadline.before(OUTCOMES));
        let deadline = deadline.as_millis();
        let records: Vec<Value> = received.iter().map(|message| record(message, &queue)).collect();
        let event = match serde_json::from_value(json!({"Records": records})) {
            Ok(event) => event,
            Err(error) => return self.cloud.witness().break_rule(format!("no event: {error}")),
        };
        let answered = self.start(born, limit, async move { batch::run(&executor, event, deadline).await }).await;
        let Ok(Some(answer)) = answered else { return };
        if dice.chance(self.cloud.weather().mishaps / 4) {
            self.cloud.fault("mapping does not delete");
            return;
        }
        let failed: Vec<String> = answer.batch_item_failures.into_iter().map(|failed| failed.item_identifier).collect();
        self.cloud.sqs().with_broker(|broker, now| {
            for message in received.iter().filter(|message| !failed.contains(&message.id.to_string())) {
                // A receipt that another delivery has overtaken deletes nothing.
                let _ = broker.delete(&queue, &message.receipt, now);
            }
        });
        self.cloud.look();
    }

    /// A worker for a while: it is told to stop, and ends by itself.
    pub async fn work(self: Arc<Self>, for_: Duration, dice: Dice) {
        let (born, machine) = self.boot(Kind::Executor, &dice);
        self.cloud.tell(format_args!("process {} works for {for_:?}", born.control.number));
        let executor = match self.executor(&born, &machine, &dice) {
            Ok(executor) => Arc::new(executor),
            Err(error) => return self.cloud.witness().break_rule(format!("no executor: {error}")),
        };
        let options = WorkerOptions {
            concurrency: dice.pick(&[1, 3, 16]),
            drain: dice.millis(0, 30_000),
            ..WorkerOptions::default()
        };
        let stop = CancellationToken::new();
        let told = stop.clone();
        let (cloud, clock, number) = (Arc::clone(&self.cloud), born.clock, born.control.number);
        tokio::spawn(async move {
            tokio::time::sleep(for_).await;
            cloud.witness().told_to_stop(number, clock.now());
            told.cancel();
        });
        let limit = for_ + Duration::from_secs(3_600);
        let _ = self.start(born, limit, worker::poll(executor, options, stop)).await;
    }

    fn executor(&self, born: &Born, machine: &Machine, dice: &Dice) -> anyhow::Result<Executor> {
        let names = if self.programs { dice.pick(&work::PROGRAMS) } else { &work::HANDLERS };
        let handlers = work::handlers(names, &self.cloud, &born.control, born.clock);
        let targets = Targets::new(handlers, Http::new(Allowed::default(), Secrets::default())?)?;
        Ok(Executor::new(services(born, machine, dice), targets))
    }
}

/// What a process of this machine works with. Every third process writes one by one, the others in batches of their own.
pub(crate) fn services(born: &Born, machine: &Machine, dice: &Dice) -> Services {
    let (store, lanes) = (machine.store(), machine.lanes.clone());
    let one_by_one = born.control.number.is_multiple_of(3);
    let (store, lanes) = if one_by_one { (store, lanes) } else { (store.with_batches(), lanes.with_batches()) };
    Services::new(store, lanes)
        .with_clock(Arc::new(born.clock))
        .with_random(Arc::new(SeededRandom::new(dice.seed())))
        .with_faults(born.control.faults())
        .with_hooks(Arc::new(Watched(Arc::clone(&born.control))))
}

/// Hooks that pass their calls on to the witness.
struct Watched(Arc<Control>);

impl Hooks for Watched {
    fn admit<'a>(&'a self, message: &'a Message) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async { self.0.cloud.witness().admits(self.0.number, message.id, message.generation) })
    }

    fn ended<'a>(&'a self, task: &'a Task) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async { self.0.cloud.witness().reports_end(task) })
    }
}

fn record(message: &Received, queue: &str) -> Value {
    json!({
        "messageId": message.id.to_string(),
        "receiptHandle": message.receipt,
        "body": &*message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent.as_millis().to_string(),
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
    })
}
