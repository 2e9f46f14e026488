//! The services of one world: the table, the queues, and everybody who must hear of what they do.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use taskway_cloud::sqs::Urls;
use taskway_local::{
    sqs::{Sqs, Stored},
    template::{self, LocalEndpoints, Queue, Template},
};
use taskway_protocol::{Priority, Time};
use taskway_runtime::clock::Clock;
use tower::ServiceExt;

use crate::{
    clock::WorldClock,
    coverage::Coverage,
    dice::Dice,
    lock::lock,
    story::Story,
    table::{Answer, Table, Write},
    weather::Weather,
    witness::{Witness, Writer},
};

/// The template that is deployed: the simulated table and queues are its.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// Where the services are, by name only: nothing is ever connected to.
const ENDPOINT: &str = "http://services";

/// The deployed template's table and queues.
#[derive(Debug)]
pub struct Plan {
    template: Template,
    /// The table's name.
    pub table: String,
    /// The queues.
    pub urls: Urls,
}

impl Plan {
    /// Reads the template.
    ///
    /// # Errors
    /// When it cannot be read.
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
        // A queue must be there before another names it for its dead letters.
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
    /// What they are made of.
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
    /// An empty table and empty queues. A message goes to the dead letters after `receives`.
    ///
    /// # Errors
    /// When the engines refuse what the template says.
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

    /// Tells the story.
    pub fn tell(&self, event: std::fmt::Arguments<'_>) {
        lock(&self.story).tell(self.now(), event);
    }

    /// What went wrong on purpose.
    pub fn fault(&self, fault: &'static str) {
        self.weather().count(fault);
    }

    /// Who watches.
    pub fn witness(&self) -> MutexGuard<'_, Witness> {
        lock(&self.witness)
    }

    /// How things stand.
    pub fn weather(&self) -> MutexGuard<'_, Weather> {
        lock(&self.weather)
    }

    /// What was met.
    pub fn coverage(&self) -> MutexGuard<'_, Coverage> {
        lock(&self.coverage)
    }

    /// The queues.
    pub fn sqs(&self) -> &Sqs {
        &self.sqs
    }

    /// The story so far, which begins anew.
    pub fn take_story(&self) -> Story {
        std::mem::replace(&mut lock(&self.story), Story::new(false))
    }

    /// Answers a request of DynamoDB's.
    pub fn dynamodb(&self, action: &str, body: &[u8], writer: Writer) -> Answer {
        let (lag, page) = {
            let weather = self.weather();
            (weather.lag, weather.page)
        };
        let (answer, write) = lock(&self.table).call(action, body, self.now(), lag, page);
        if let Some(write) = write {
            self.parts_are_there(&write);
            let said = self.witness().wrote(&write, writer);
            if let Some(said) = said {
                self.tell(format_args!("{said}"));
            }
            self.look();
        }
        answer
    }

    /// What a record names by its digest is in the table before it.
    fn parts_are_there(&self, write: &Write) {
        let Some(item) = &write.after else { return };
        for name in ["bd", "resd", "ckd"] {
            let Some(digest) = item[name]["S"].as_str() else { continue };
            let key = (write.key.0.clone(), format!("part#{digest}"));
            let there = lock(&self.table).has(&key);
            self.witness().must(there, || format!("a record names a part that is not there: {name} of {item}"));
        }
    }

    /// Answers a request of SQS's.
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

    /// Deletes what has been kept long enough, as DynamoDB does by itself, at a time of its own choice.
    pub fn sweep(&self) -> usize {
        let now = self.now();
        let over: Vec<_> = {
            let table = lock(&self.table);
            let over = |item: &Value| {
                let ttl = item["ttl"]["N"].as_str().and_then(|digits| digits.parse::<u64>().ok());
                // Never before its time, whatever a function's clock says.
                ttl.is_some_and(|ttl| ttl + 60 < now.as_secs())
            };
            table.items().filter(|(_, item)| over(item)).map(|(key, _)| key.clone()).collect()
        };
        let world = Writer { kind: crate::witness::Kind::World, process: 0, now };
        for key in &over {
            let write = lock(&self.table).delete(key, now);
            if let Some(write) = write {
                let said = self.witness().wrote(&write, world);
                if let Some(said) = said {
                    self.tell(format_args!("{said}"));
                }
            }
        }
        over.len()
    }

    /// All messages, wherever they are.
    pub fn messages(&self) -> Vec<Stored> {
        let names = Priority::ALL.map(|lane| self.plan.lane(lane)).into_iter();
        let dead = self.plan.urls.dead_letters.as_deref().map(name_in);
        self.sqs.with_broker(|broker, now| {
            let of =
                |name| broker.faults(name, now).map(|queue| queue.messages().collect::<Vec<_>>()).unwrap_or_default();
            names.chain(dead).flat_map(of).collect()
        })
    }

    /// Has the witness look at the queues, after something has changed.
    pub fn look(&self) {
        let messages = self.messages();
        self.witness().messages(&messages);
    }
}
