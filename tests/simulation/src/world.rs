//! One world: its services, machines and processes. It plays a script.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    clock::WorldClock,
    cloud::{Cloud, Plan},
    dice::Dice,
    lock::lock,
    machine::Machine,
    process::{Control, Fate, Process},
    script::{Deed, Script, Step},
    witness::{Kind, Left},
};

/// Machines that worlds reuse.
#[derive(Debug)]
pub struct Pool {
    /// The plan for which they are made.
    pub plan: Arc<Plan>,
    all: Vec<Arc<Machine>>,
}

impl Pool {
    /// Makes an empty pool.
    pub fn new(plan: Arc<Plan>) -> Self {
        Pool { plan, all: Vec::new() }
    }

    /// Removes all machines from their world.
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
    /// Whether executors know different handlers.
    pub(crate) programs: bool,
    pub(crate) fates: AtomicU32,
    /// The time between two passes of the audit, in milliseconds.
    pub(crate) audited: AtomicU64,
    pub(crate) seed: u64,
}

/// A process that is about to start.
#[derive(Debug)]
pub struct Born {
    /// The handle by which the world kills or freezes it.
    pub control: Arc<Control>,
    /// Its machine's clock.
    pub clock: WorldClock,
    machine: usize,
}

impl World {
    /// Makes an empty world in the current runtime, whose time must be paused.
    ///
    /// # Errors
    /// If the services cannot be made.
    pub fn new(pool: &Arc<Mutex<Pool>>, script: &Script, kept: bool) -> anyhow::Result<Arc<Self>> {
        let plan = Arc::clone(&lock(pool).plan);
        let dice = Dice::new(script.seed);
        let cloud = Cloud::new(&plan, &dice, script.receives, script.is_wild(), kept)?;
        if script.programs {
            cloud.witness().has_several_programs();
        }
        Ok(Arc::new(World {
            cloud: Arc::new(cloud),
            pool: Arc::clone(pool),
            free: Mutex::default(),
            used: AtomicU32::new(0),
            processes: AtomicU32::new(0),
            running: Mutex::default(),
            skew: script.skew,
            programs: script.programs,
            fates: AtomicU32::new(script.fates),
            audited: AtomicU64::new(script.audited.as_millis() as u64),
            seed: dice.seed(),
        }))
    }

    /// Gives a free machine to a new process.
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

    /// Starts a process, and kills it after `limit`. The task returns `None` if the process was killed.
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
            // The tasks that a killed process spawned wait on its wire forever. Another process on the machine would
            // revive them. The same holds for the tasks of a worker that gives up while it is cut off from all services.
            let wire = &born.control.wire;
            if ended.is_some() && !wire.is_isolated(world.cloud.now()) {
                lock(&world.free).push(born.machine);
            } else {
                wire.cut();
            }
            ended
        })
    }

    /// Plays a script, then runs the world without faults until every task has ended. Returns the tasks that only the
    /// audit could find. The witness holds the first broken rule.
    pub async fn play(self: &Arc<Self>, script: &Script) -> Left {
        let mut doings = JoinSet::new();
        for step in &script.steps {
            tokio::time::sleep(step.after).await;
            if self.cloud.witness().broken().is_some() {
                return Left::default();
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
            Deed::Put(schedule) => {
                doings.spawn(world.put_schedule((**schedule).clone(), dice));
            }
            Deed::OfSchedule(name, what) => {
                doings.spawn(world.ask_of_schedule(name, *what, dice));
            }
            Deed::Steer(paused) => {
                doings.spawn(world.steer(*paused, dice));
            }
            Deed::Limit(limit) => {
                doings.spawn(world.set(json!({"concurrency": limit}), dice));
            }
            Deed::KeyLimit(limit) => {
                doings.spawn(world.set(json!({"per_key": {"concurrency": limit}}), dice));
            }
            Deed::Rate(rate) => {
                doings.spawn(world.set(json!({"rate": rate.map(rate_json)}), dice));
            }
            Deed::KeyRate(rate) => {
                doings.spawn(world.set(json!({"per_key": {"rate": rate.map(rate_json)}}), dice));
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

    /// Whether another process of this kind runs.
    pub fn others(&self, kind: Kind, number: u32) -> bool {
        lock(&self.running).iter().any(|other| other.kind == kind && other.number != number && !other.is_over())
    }

    fn process(&self, which: usize) -> Option<Arc<Control>> {
        let running = lock(&self.running);
        let alive: Vec<_> = running.iter().filter(|control| !control.is_over()).collect();
        // Mostly executors, because an executor holds claims.
        let executors: Vec<_> = alive.iter().copied().filter(|control| control.kind == Kind::Executor).collect();
        let alive = if executors.is_empty() || which.is_multiple_of(4) { alive } else { executors };
        (!alive.is_empty()).then(|| Arc::clone(alive[which % alive.len()]))
    }
}

fn rate_json([tasks, per_seconds, burst]: [u32; 3]) -> Value {
    json!({"tasks": tasks, "per_seconds": per_seconds, "burst": burst})
}
