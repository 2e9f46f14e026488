//! One world: services, machines, processes, and the script that is played in it.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

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
    pub(crate) fates: AtomicU32,
    /// From one pass of the audit to the next, in milliseconds.
    pub(crate) audited: AtomicU64,
    pub(crate) seed: u64,
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
            audited: AtomicU64::new(script.audited.as_millis() as u64),
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

    /// Plays a script to its end, lets the world come to rest, and says what was left to the audit. What is wrong is the witness's to
    /// say.
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
}
