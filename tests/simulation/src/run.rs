//! Runs worlds: one from its script, or many from their seeds.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use tracing::dispatcher::{self, Dispatch};

use crate::{
    cloud::Plan,
    coverage::Coverage,
    dice::Dice,
    lock::lock,
    observer::Observer,
    script::Script,
    witness::Left,
    work::AS_TOLD,
    world::{Pool, World},
};

thread_local! {
    /// The last panic on this thread that no payload asked for.
    static PANIC: Cell<Option<String>> = const { Cell::new(None) };
    /// Whether this thread runs a world.
    static IN_WORLD: Cell<bool> = const { Cell::new(false) };
}

/// Installs a panic hook. A panic in a world prints nothing and breaks a rule of that world, even if some code catches
/// it. The panic of a handler whose payload asked for it breaks no rule.
pub fn hear_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.payload_as_str().unwrap_or("(it did not say why)");
        if !IN_WORLD.get() {
            eprintln!("{panic}");
        } else if said != AS_TOLD {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            PANIC.set(Some(format!("{said} at {place}")));
        }
    }));
}

/// The outcome of one world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first broken rule.
    pub broken: Option<String>,
    /// The tasks that only the audit could find.
    pub left: Left,
    /// A digest of the story.
    pub digest: u64,
    /// The lines of the story, if it was kept.
    pub lines: Vec<String>,
    /// Which steps, refusals and crash points were met.
    pub coverage: Coverage,
    /// How often each fault was injected, by its name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Lives of tasks.
    pub lives: u64,
    /// Attempts that started.
    pub attempts: u64,
    /// Its length, in milliseconds of virtual time.
    pub lasted: u64,
}

/// Runs worlds on one thread, one after another.
#[derive(Debug)]
pub struct Runner {
    pool: Arc<Mutex<Pool>>,
    observer: Observer,
}

impl Runner {
    /// Makes a runner with its own machines.
    pub fn new(plan: &Arc<Plan>) -> Self {
        Runner { pool: Arc::new(Mutex::new(Pool::new(Arc::clone(plan)))), observer: Observer::default() }
    }

    /// Runs one world.
    ///
    /// # Errors
    /// If the world cannot be made. A broken rule is no error: the outcome holds it.
    pub fn run(&self, script: &Script, kept: bool) -> anyhow::Result<Outcome> {
        let dispatch = Dispatch::new(self.observer.clone());
        dispatcher::with_default(&dispatch, || self.run_listening(script, kept))
    }

    fn run_listening(&self, script: &Script, kept: bool) -> anyhow::Result<Outcome> {
        // The SDK draws its jitter from this thread's generator.
        fastrand::seed(script.seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        IN_WORLD.set(true);
        let played = runtime.block_on(async {
            let world = World::new(&self.pool, script, kept)?;
            self.observer.listen(Some(Arc::clone(&world.cloud)));
            let left = world.play(script).await;
            let lasted = world.cloud.clock.elapsed().as_millis() as u64;
            anyhow::Ok((Arc::clone(&world.cloud), left, lasted))
        });
        // Dropping the runtime ends everything that still runs in it.
        drop(runtime);
        IN_WORLD.set(false);
        self.observer.listen(None);
        lock(&self.pool).unplug();
        let (cloud, left, lasted) = played?;
        let story = cloud.take_story();
        let (broken, lives, attempts) = {
            let mut witness = cloud.witness();
            if let Some(panic) = PANIC.take() {
                witness.break_rule(format!("something panicked: {panic}"));
            }
            cloud.coverage().scheduled(&witness.scheduled());
            (witness.broken().map(str::to_owned), witness.lives(), witness.attempts() as u64)
        };
        let faults = std::mem::take(&mut cloud.weather().tally);
        let coverage = std::mem::take(&mut *cloud.coverage());
        let digest = story.digest();
        Ok(Outcome { broken, left, digest, lines: story.into_lines(), coverage, faults, lives, attempts, lasted })
    }
}

/// How many of the lives that only the audit could find are named.
const EXAMPLES: usize = 10;

/// The sums of many worlds.
#[derive(Debug, Default)]
pub struct Total {
    /// How many worlds ran.
    pub worlds: u64,
    /// The steps of their scripts.
    pub steps: u64,
    /// Lives of tasks.
    pub lives: u64,
    /// Attempts that started.
    pub attempts: u64,
    /// Faults by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Which steps, refusals and crash points were met.
    pub coverage: Coverage,
    /// Lives that only the audit could find, by the cause.
    pub left: BTreeMap<&'static str, u64>,
    /// The first of these lives, with the seeds of their worlds.
    pub examples: Vec<String>,
    /// Virtual time, in milliseconds.
    pub lasted: u64,
    /// A digest of all stories.
    pub digest: u64,
    /// The first seed whose world broke a rule, and that rule.
    pub broken: Option<(u64, String)>,
}

impl Total {
    fn add(&mut self, seed: u64, steps: usize, outcome: Outcome) {
        self.worlds += 1;
        self.steps += steps as u64;
        self.lives += outcome.lives;
        self.attempts += outcome.attempts;
        self.lasted += outcome.lasted;
        outcome.faults.into_iter().for_each(|(name, count)| *self.faults.entry(name).or_default() += count);
        self.coverage.add(&outcome.coverage);
        let Left { lost_by_sqs, never_answered } = outcome.left;
        for (why, names) in
            [("sqs lost its message", lost_by_sqs), ("never answered, without a message", never_answered)]
        {
            *self.left.entry(why).or_default() += names.len() as u64;
            let left = EXAMPLES.saturating_sub(self.examples.len());
            self.examples.extend(names.iter().take(left).map(|name| format!("seed {seed}, {name}: {why}")));
        }
        self.digest = self.digest.rotate_left(5) ^ outcome.digest;
    }

    /// The number of injected faults.
    pub fn all_faults(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// The seed of the world with this index. The world with index 0 has `seed` itself.
pub fn nth(seed: u64, index: u64) -> u64 {
    seed.wrapping_add(index)
}

/// Runs `worlds` worlds of `steps` steps each on all cores, the first with `seed`, and stops after a world that breaks
/// a rule. Calls `progress` with the number of finished worlds. The sums do not depend on the number of cores.
///
/// # Errors
/// If a world cannot be made.
pub fn many(
    plan: &Arc<Plan>,
    seed: u64,
    worlds: u64,
    steps: usize,
    progress: impl Fn(u64) + Sync,
) -> anyhow::Result<Total> {
    let (next, broken) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let done = AtomicUsize::new(0);
    let outcomes: Mutex<BTreeMap<u64, anyhow::Result<Outcome>>> = Mutex::default();
    let total: Mutex<(u64, Total)> = Mutex::default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let runner = Runner::new(plan);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    // The report names the first world that broke a rule, so worlds after a broken one need not run.
                    if index >= worlds || index > broken.load(Ordering::Relaxed) {
                        return;
                    }
                    let outcome = runner.run(&Script::draw(nth(seed, index), steps), false);
                    if outcome.as_ref().is_ok_and(|outcome| outcome.broken.is_none()) {
                        progress(done.fetch_add(1, Ordering::Relaxed) as u64 + 1);
                    } else {
                        broken.fetch_min(index, Ordering::Relaxed);
                    }
                    let mut outcomes = lock(&outcomes);
                    outcomes.insert(index, outcome);
                    // Outcomes are added in the order of their seeds, so the digest does not depend on the number of
                    // cores.
                    let mut total = lock(&total);
                    while total.1.broken.is_none()
                        && let Some(Ok(_)) = outcomes.get(&total.0)
                    {
                        let index = total.0;
                        if let Some(Ok(outcome)) = outcomes.remove(&index) {
                            let broken = outcome.broken.clone();
                            total.1.add(nth(seed, index), steps, outcome);
                            total.0 += 1;
                            if let Some(broken) = broken {
                                total.1.broken.get_or_insert((nth(seed, index), broken));
                            }
                        }
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let total = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).1;
    match outcomes.into_values().find(Result::is_err) {
        Some(Err(error)) if total.broken.is_none() => Err(error),
        Some(_) | None => Ok(total),
    }
}

/// A random seed.
pub fn fresh_seed() -> u64 {
    use taskway_runtime::random::{Random, SystemRandom};
    // Short enough to type.
    Dice::new(SystemRandom.bits()).seed() % 1_000_000_000
}
