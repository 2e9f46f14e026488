//! The services of one world: the table and the queues. They report every change to the witness and the story.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use taskway_cloud::{
    dynamo::layout::{attr, part_sort},
    sqs::Urls,
};
use taskway_local::{
    sqs::{Sqs, Stored},
    template::{self, LocalEndpoints, Queue, Template},
};
use taskway_protocol::{Digest, Priority, Time};
use taskway_runtime::clock::Clock;
use tower::ServiceExt;

use crate::{
    clock::WorldClock,
    coverage::Coverage,
    dice::Dice,
    lock::lock_in_world,
    story::Story,
    table::{Answer, Table, Write},
    weather::Weather,
    witness::{Witness, Writer},
};

/// The deployed template, from which the simulated table and queues are made.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The endpoint of the services. No connection is ever opened to it.
const ENDPOINT: &str = "http://services";

/// The deployed template's table and queues.
#[derive(Debug)]
pub struct Plan {
    template: Template,
    /// The table's name.
    pub table: String,
    /// The URLs of the queues.
    pub urls: Urls,
}

impl Plan {
    /// Reads the template.
    ///
    /// # Errors
    /// If the template cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let local = LocalEndpoints { sqs_base: ENDPOINT.to_owned(), stack: "taskway".to_owned(), ..Default::default() };
        let template = template::read(TEMPLATE, &local)?;
        let url = |logical: &str| {
            let queue = template.queues.iter().find(|queue| queue.logical_id == logical);
            queue.map(|queue| local.queue_url(&queue.name)).ok_or_else(|| anyhow::anyhow!("no queue {logical}"))
        };
        let urls = Urls {
            high: url("HighLane")?,
            normal: url("NormalLane")?,
            low: url("LowLane")?,
            dead_letters: Some(url("DeadLetters")?),
        };
        let table = template.tables.first().ok_or_else(|| anyhow::anyhow!("no table"))?.name.clone();
        Ok(Plan { template, table, urls })
    }

    /// The name of a lane's queue.
    pub fn lane(&self, lane: Priority) -> &str {
        name_in(match lane {
            Priority::High => &self.urls.high,
            Priority::Normal => &self.urls.normal,
            Priority::Low => &self.urls.low,
        })
    }

    fn queues(&self) -> impl Iterator<Item = &Queue> {
        // A dead-letter queue must exist before another queue names it.
        let names = |queue: &&Queue| queue.attributes.contains_key("RedrivePolicy");
        let all = &self.template.queues;
        all.iter().filter(move |queue| !names(queue)).chain(all.iter().filter(names))
    }
}

fn name_in(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// One world's services.
#[derive(Debug)]
pub struct Cloud {
    /// The plan from which they are made.
    pub plan: Arc<Plan>,
    /// The true time.
    pub clock: WorldClock,
    sqs: Sqs,
    router: Router,
    table: Mutex<Table>,
    witness: Mutex<Witness>,
    story: Mutex<Story>,
    weather: Mutex<Weather>,
    coverage: Mutex<Coverage>,
}

impl Cloud {
    /// Makes an empty table and empty queues. A message moves to the dead-letter queue after `receives` receives.
    ///
    /// # Errors
    /// If an engine refuses the template's definition.
    pub fn new(plan: &Arc<Plan>, dice: &Dice, receives: u32, wild: bool, kept: bool) -> anyhow::Result<Self> {
        let clock = WorldClock::start();
        let sqs = Sqs::new(Arc::new(clock), ENDPOINT.to_owned());
        for queue in plan.queues() {
            let mut attributes = queue.attributes.clone();
            if let Some(policy) = attributes.get_mut("RedrivePolicy") {
                let mut redrive: Value = serde_json::from_str(policy)?;
                redrive["maxReceiveCount"] = json!(receives);
                *policy = redrive.to_string();
            }
            sqs.create_queue(&queue.name, &attributes)?;
        }
        let router = sqs.router();
        let table = Table::new(&plan.template.tables[0], clock)?;
        Ok(Cloud {
            plan: Arc::clone(plan),
            clock,
            sqs,
            router,
            table: Mutex::new(table),
            witness: Mutex::new(Witness::new(wild)),
            story: Mutex::new(Story::new(kept)),
            weather: Mutex::new(Weather::new(dice)),
            coverage: Mutex::new(Coverage::default()),
        })
    }

    /// The true time.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Adds an event to the story.
    pub fn tell(&self, event: std::fmt::Arguments<'_>) {
        lock_in_world(&self.story).tell(self.now(), event);
    }

    /// Counts an injected fault.
    pub fn fault(&self, fault: &'static str) {
        self.weather().count(fault);
    }

    /// The witness.
    pub fn witness(&self) -> MutexGuard<'_, Witness> {
        lock_in_world(&self.witness)
    }

    /// The weather.
    pub fn weather(&self) -> MutexGuard<'_, Weather> {
        lock_in_world(&self.weather)
    }

    /// The coverage.
    pub fn coverage(&self) -> MutexGuard<'_, Coverage> {
        lock_in_world(&self.coverage)
    }

    /// The queues.
    pub fn sqs(&self) -> &Sqs {
        &self.sqs
    }

    /// Takes the story so far and starts an empty one.
    pub fn take_story(&self) -> Story {
        std::mem::replace(&mut lock_in_world(&self.story), Story::new(false))
    }

    /// Answers a request to DynamoDB.
    pub fn dynamodb(&self, action: &str, body: &[u8], writer: Writer) -> Answer {
        let (lag, page) = {
            let weather = self.weather();
            (weather.lag, weather.page)
        };
        let (answer, writes) = lock_in_world(&self.table).call(action, body, self.now(), lag, page);
        for write in writes {
            self.parts_are_there(&write);
            let steered = self.witness().steered(&write, self.now());
            let steered = steered.or_else(|| self.witness().announced(&write, self.now()));
            let said = steered.or_else(|| self.witness().wrote(&write, writer));
            if let Some(said) = said {
                self.tell(format_args!("{said}"));
            }
            self.look();
        }
        answer
    }

    /// Checks that the table holds every part that a written record names by its digest.
    fn parts_are_there(&self, write: &Write) {
        let Some(item) = &write.after else { return };
        for name in [attr::BODY_DIGEST, attr::RESULT_DIGEST, attr::CHECKPOINT_DIGEST] {
            let Some(text) = item[name]["S"].as_str() else { continue };
            let key = Digest::parse(text).map(|digest| (write.key.0.clone(), part_sort(&digest)));
            let there = key.is_some_and(|key| lock_in_world(&self.table).has(&key));
            self.witness().must(there, || format!("a record names a part that is not in the table: {name} of {item}"));
        }
    }

    /// Answers a request to SQS.
    pub async fn sqs_call(&self, action: &str, body: Vec<u8>) -> Answer {
        let request = Request::post("/")
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(body));
        let Ok(request) = request else { return (400, String::new()) };
        let Ok(answer) = self.router.clone().oneshot(request).await;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        self.look();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Deletes expired items, as DynamoDB's time to live does at a time of its choice. Returns how many it deleted.
    pub fn sweep(&self) -> usize {
        let now = self.now();
        let over: Vec<_> = {
            let table = lock_in_world(&self.table);
            let over = |item: &Value| {
                let ttl = item[attr::TTL]["N"].as_str().and_then(|digits| digits.parse::<u64>().ok());
                // DynamoDB never deletes an item early, and it does not know the functions' clocks.
                ttl.is_some_and(|ttl| ttl + 60 < now.as_secs())
            };
            table.items().filter(|(_, item)| over(item)).map(|(key, _)| key.clone()).collect()
        };
        let world = Writer { kind: crate::witness::Kind::World, process: 0, now };
        for key in &over {
            let write = lock_in_world(&self.table).delete(key, now);
            if let Some(write) = write {
                let said = self.witness().wrote(&write, world);
                if let Some(said) = said {
                    self.tell(format_args!("{said}"));
                }
            }
        }
        over.len()
    }

    /// The messages of all queues.
    pub fn messages(&self) -> Vec<Stored> {
        let names = Priority::ALL.iter().map(|lane| self.plan.lane(*lane));
        let dead = self.plan.urls.dead_letters.as_deref().map(name_in);
        self.sqs.with_broker(|broker, now| {
            let of =
                |name| broker.faults(name, now).map(|queue| queue.messages().collect::<Vec<_>>()).unwrap_or_default();
            names.chain(dead).flat_map(of).collect()
        })
    }

    /// Shows the queues to the witness. Call it after every change.
    pub fn look(&self) {
        let messages = self.messages();
        self.witness().messages(&messages);
    }
}
