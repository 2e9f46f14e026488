//! One world: services, machines, processes, and the script that is played in it.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use taskway::domain::Priority;
use taskway_local::sqs::{Draft, Phase};
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    clock::WorldClock,
    cloud::{Cloud, Plan},
    dice::Dice,
    machine::Machine,
    process::{Control, Fate, Process},
    script::{Deed, MessageFault, Script, Step},
    witness::{Carrier, Kind, Remains},
};

/// Machines that are kept from world to world.
#[derive(Debug)]
pub struct Pool {
    /// What they are made for.
    pub plan: Arc<Plan>,
    all: Vec<Arc<Machine>>,
}

impl Pool {
    /// No machines yet.
    pub fn new(plan: Arc<Plan>) -> Self {
        Pool { plan, all: Vec::new() }
    }

    /// Takes all machines out of their world.
    pub fn unplug(&self) {
        self.all.iter().for_each(|machine| machine.unplug());
    }

    fn get(&mut self, index: usize) -> Arc<Machine> {
        while self.all.len() <= index {
            self.all.push(Arc::new(Machine::new(&self.plan)));
        }
        Arc::clone(&self.all[index])
    }
}

/// A world.
#[derive(Debug)]
pub struct World {
    /// Its services.
    pub cloud: Arc<Cloud>,
    pool: Arc<Mutex<Pool>>,
    free: Mutex<Vec<usize>>,
    used: AtomicU32,
    processes: AtomicU32,
    running: Mutex<Vec<Arc<Control>>>,
    skew: i64,
    fates: AtomicU32,
    seed: u64,
}

/// A process that is about to start.
#[derive(Debug)]
pub struct Born {
    /// The hold on it.
    pub control: Arc<Control>,
    /// The time on its machine.
    pub clock: WorldClock,
    machine: usize,
}

/// How long everything may take to come to rest when faults have ceased.
const REST: Duration = Duration::from_secs(8 * 3600);

impl World {
    /// An empty world, in the current runtime, whose time is paused.
    ///
    /// # Errors
    /// When the services cannot be made.
    pub fn new(pool: &Arc<Mutex<Pool>>, script: &Script, kept: bool) -> anyhow::Result<Arc<Self>> {
        let plan = Arc::clone(&lock(pool).plan);
        let dice = Dice::new(script.seed);
        let cloud = Cloud::new(&plan, &dice, script.receives, script.is_wild(), kept)?;
        Ok(Arc::new(World {
            cloud: Arc::new(cloud),
            pool: Arc::clone(pool),
            free: Mutex::default(),
            used: AtomicU32::new(0),
            processes: AtomicU32::new(0),
            running: Mutex::default(),
            skew: script.skew,
            fates: AtomicU32::new(script.fates),
            seed: dice.seed(),
        }))
    }

    /// Takes a machine and gives it to a process.
    pub fn boot(self: &Arc<Self>, kind: Kind, dice: &Dice) -> (Born, Arc<Machine>) {
        let index = lock(&self.free).pop().unwrap_or_else(|| self.used.fetch_add(1, Ordering::Relaxed) as usize);
        let machine = lock(&self.pool).get(index);
        let number = self.processes.fetch_add(1, Ordering::Relaxed) + 1;
        let most = self.skew;
        let off = Dice::new(self.seed ^ (index as u64 + 1)).below(2 * most as usize + 1) as i64 - most;
        let clock = self.cloud.clock.off_by(off);
        machine.boot(&self.cloud, kind, number, clock, Dice::new(dice.seed()));
        let fate = Fate::draw(dice, self.fates.load(Ordering::Relaxed));
        let control = Control::new(number, kind, &self.cloud, machine.wire(), fate);
        let mut running = lock(&self.running);
        running.retain(|control| !control.is_over());
        running.push(Arc::clone(&control));
        (Born { control, clock, machine: index }, machine)
    }

    /// Starts a process. It is killed when it takes longer than `limit`.
    pub fn start<F>(self: &Arc<Self>, born: Born, limit: Duration, future: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            let process = Process::new(Arc::clone(&born.control), future);
            let ended = match tokio::time::timeout(limit, process).await {
                Ok(ended) => ended,
                Err(_) => {
                    world.cloud.fault("process over its time");
                    world.cloud.tell(format_args!("process {} is over its time", born.control.number));
                    born.control.kill();
                    None
                }
            };
            // What a killed process has left behind must not come alive again, so its machine is not used any more.
            if ended.is_some() {
                lock(&world.free).push(born.machine);
            }
            ended
        })
    }

    /// Plays a script to its end, lets the world come to rest, and says what is left. What is wrong is the witness's to
    /// say.
    pub async fn play(self: &Arc<Self>, script: &Script) -> Remains {
        let mut doings = JoinSet::new();
        for step in &script.steps {
            tokio::time::sleep(step.after).await;
            if self.cloud.witness().broken().is_some() {
                return Remains::default();
            }
            self.step(step, &mut doings);
        }
        self.rest(doings).await
    }

    fn step(self: &Arc<Self>, step: &Step, doings: &mut JoinSet<()>) {
        let dice = Dice::new(step.seed);
        let cloud = &self.cloud;
        let world = Arc::clone(self);
        match &step.deed {
            Deed::Submit(submission) => {
                doings.spawn(world.submit((**submission).clone(), dice));
            }
            Deed::Batch(submissions) => {
                doings.spawn(world.submit_all(submissions.clone(), dice));
            }
            Deed::Ask { which, what } => {
                let known = cloud.witness().known();
                if !known.is_empty() {
                    doings.spawn(world.ask(known[which % known.len()], *what, dice));
                }
            }
            Deed::Watch { which, looks, meddles } => {
                let known = cloud.witness().known();
                if !known.is_empty() {
                    doings.spawn(world.watch(known[which % known.len()], *looks, *meddles, dice));
                }
            }
            Deed::Deliver { lane, most } => {
                doings.spawn(world.deliver(*lane, *most, dice));
            }
            Deed::Work(for_) => {
                doings.spawn(world.work(*for_, dice));
            }
            Deed::Tick => {
                doings.spawn(world.tick(dice));
            }
            Deed::Message { which, fault } => self.message(*which, *fault, &dice),
            Deed::Foreign { lane, newer } => self.foreign(*lane, *newer, &dice),
            Deed::Kill(which) => {
                if let Some(control) = self.process(*which) {
                    cloud.fault("process killed between two steps");
                    cloud.tell(format_args!("process {} is killed", control.number));
                    control.kill();
                }
            }
            Deed::Freeze(which, for_) => {
                if let Some(control) = self.process(*which) {
                    cloud.fault("process held up");
                    cloud.tell(format_args!("process {} is held up for {for_:?}", control.number));
                    control.freeze(*for_);
                }
            }
            Deed::SqsDown(for_) => {
                cloud.tell(format_args!("sqs is down for {for_:?}"));
                cloud.weather().sqs_down = cloud.now().after(*for_);
            }
            Deed::SendsDown(for_) => {
                cloud.tell(format_args!("sqs takes no messages for {for_:?}"));
                cloud.weather().sends_down = cloud.now().after(*for_);
            }
            Deed::DynamoDown(for_) => {
                cloud.tell(format_args!("dynamodb is down for {for_:?}"));
                cloud.weather().dynamodb_down = cloud.now().after(*for_);
            }
            Deed::Mishaps(per_mille) => cloud.weather().mishaps = *per_mille,
            Deed::Lag(lag) => {
                if *lag >= Duration::from_secs(1) {
                    cloud.fault("index lags by a second or more");
                }
                cloud.tell(format_args!("the index lags by {lag:?}"));
                cloud.weather().lag = *lag;
            }
            Deed::Sweep => {
                cloud.sweep();
            }
        }
    }

    /// Whether another process of that kind is at it.
    pub fn others(&self, kind: Kind, number: u32) -> bool {
        lock(&self.running).iter().any(|other| other.kind == kind && other.number != number && !other.is_over())
    }

    fn process(&self, which: usize) -> Option<Arc<Control>> {
        let running = lock(&self.running);
        let alive: Vec<_> = running.iter().filter(|control| !control.is_over()).collect();
        // Mostly one of those that have the most to lose.
        let executors: Vec<_> = alive.iter().copied().filter(|control| control.kind == Kind::Executor).collect();
        let alive = if executors.is_empty() || which.is_multiple_of(4) { alive } else { executors };
        (!alive.is_empty()).then(|| Arc::clone(alive[which % alive.len()]))
    }

    fn message(&self, which: usize, fault: MessageFault, dice: &Dice) {
        let cloud = &self.cloud;
        let lane =
            cloud.plan.lane(dice.pick(&[Priority::High, Priority::Normal, Priority::Normal, Priority::Low])).to_owned();
        let mut lost = None;
        let done = cloud.sqs().with_broker(|broker, now| {
            let Ok(mut queue) = broker.faults(&lane, now) else { return None };
            let messages: Vec<_> = queue.messages().collect();
            let message = messages.get(which % messages.len().max(1))?.clone();
            let name = match fault {
                MessageFault::Duplicate => {
                    queue.duplicate(message.key)?;
                    "message duplicated"
                }
                MessageFault::Delay(by) => {
                    queue.postpone(message.key, now.after(by));
                    "message delayed"
                }
                MessageFault::Show => {
                    if matches!(message.phase, Phase::Visible { .. }) {
                        return None;
                    }
                    queue.show(message.key);
                    "message shown early or out of order"
                }
                MessageFault::WearOut => {
                    for _ in 0..25 {
                        queue.show(message.key);
                        queue.deliver(message.key, Duration::ZERO);
                    }
                    queue.show(message.key);
                    "message made a dead letter"
                }
                MessageFault::Lose => {
                    // One of a newer release would only have to be counted out of the sum.
                    if Carrier::of(&message.body) == Carrier::Newer {
                        return None;
                    }
                    lost = Some(message.body.to_string());
                    cloud.witness().garbage.remove(&message.id.to_string());
                    queue.lose(message.key);
                    "message lost"
                }
            };
            Some((name, message))
        });
        if let Some(lost) = lost {
            let others = cloud.messages();
            cloud.witness().loses(&lost, &others);
        }
        if let Some((name, message)) = done {
            cloud.fault(name);
            let of = match Carrier::of(&message.body) {
                Carrier::Task(id, generation) => format!("{} generation {}", cloud.witness().name(id), generation.0),
                Carrier::Newer => "a newer release".to_owned(),
                Carrier::Garbage => "nobody".to_owned(),
            };
            cloud.tell(format_args!("{name}: of {of}"));
            cloud.look();
        }
    }

    fn foreign(&self, lane: Option<Priority>, newer: bool, dice: &Dice) {
        let cloud = &self.cloud;
        let texts = ["hello", "{\"v\":1,\"id\":\"x\"}", "[]", "{\"v\":\"1\"}", "{}"];
        let text = if newer { "{\"v\":2,\"task\":\"t\",\"unknown\":true}" } else { dice.pick(&texts) };
        let dead = cloud.plan.urls.dead_letters.as_deref().and_then(|url| url.rsplit('/').next());
        let Some(queue) = lane.map(|lane| cloud.plan.lane(lane)).or(dead) else { return };
        let sent = cloud.sqs().with_broker(|broker, now| {
            let draft = Draft::new(text).ok()?;
            broker.send(queue, draft, now).ok()
        });
        let Some(sent) = sent else { return };
        cloud.fault(if newer { "message of a newer release" } else { "message of somebody else" });
        cloud.tell(format_args!("somebody sends {text}"));
        let mut witness = cloud.witness();
        if newer {
            witness.newer.insert(sent.to_string());
        } else {
            witness.foreign.insert(sent.to_string());
            witness.garbage.insert(sent.to_string());
        }
    }

    /// Forgets what is done, unless it panicked.
    fn settle(&self, doings: &mut JoinSet<()>) {
        while let Some(done) = doings.try_join_next() {
            if let Err(error) = done {
                self.cloud.witness().break_rule(format!("the world itself failed: {error}"));
            }
        }
    }

    /// Faults have ceased: everything comes to rest, or never will.
    async fn rest(self: &Arc<Self>, mut doings: JoinSet<()>) -> Remains {
        let cloud = &self.cloud;
        cloud.tell(format_args!("from here on nothing goes wrong"));
        cloud.weather().clear();
        self.fates.store(0, Ordering::Relaxed);
        let dice = Dice::new(self.seed);
        let until = cloud.now().after(REST);
        loop {
            self.settle(&mut doings);
            let busy = !doings.is_empty();
            Arc::clone(self).tick(Dice::new(dice.seed())).await;
            let mut delivered = 0;
            for lane in Priority::ALL {
                for _ in 0..20 {
                    let some = Arc::clone(self).deliver_all(lane, Dice::new(dice.seed()), &mut doings);
                    delivered += some;
                    if some == 0 {
                        break;
                    }
                }
            }
            if cloud.witness().broken().is_some() {
                return Remains::default();
            }
            let messages = cloud.messages();
            let newer = |body: &str| Carrier::of(body) == Carrier::Newer;
            let waits = messages.iter().any(|message| !newer(&message.body)) || cloud.witness().waits();
            if !busy && delivered == 0 && !waits || cloud.now() >= until {
                break;
            }
            // To when something may happen, though not too far: ticks come every minute.
            let times = messages.iter().filter(|message| !newer(&message.body)).map(|message| match message.phase {
                Phase::Visible { since } => since,
                Phase::Delayed { until } | Phase::InFlight { until, .. } => until,
            });
            let now = cloud.now();
            let next = times.chain(cloud.witness().next_times()).filter(|at| *at > now).min();
            let pause = next.map_or(Duration::from_secs(60), |at| at.since(now));
            let least = Duration::from_millis(if busy || delivered > 0 { 200 } else { 5_000 });
            tokio::time::sleep(pause.clamp(least, Duration::from_secs(120))).await;
        }
        self.settle(&mut doings);
        if !doings.is_empty() {
            cloud.witness().break_rule(format!("{} doings never end", doings.len()));
        }
        let messages = cloud.messages();
        let remains = cloud.witness().at_rest(&messages);
        for (why, names) in [("sqs lost", &remains.lost_by_sqs), ("was never answered", &remains.never_answered)] {
            for name in names {
                cloud.tell(format_args!("only the audit would find {name}: {why}"));
            }
        }
        remains
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
