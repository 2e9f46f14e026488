//! Running worlds: one by its script, many by their seeds.

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
    world::{Pool, World},
};

/// What a handler says when it panics because it was told to.
pub const AS_TOLD: &str = "as told";

thread_local! {
    /// What panicked on this thread, and was not told to.
    static PANIC: Cell<Option<String>> = const { Cell::new(None) };
    /// Whether a world runs on this thread.
    static IN_WORLD: Cell<bool> = const { Cell::new(false) };
}

/// From now on a panic in a world says nothing, but breaks a rule of it, wherever it is caught; unless a handler was told
/// to.
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

/// What came of one world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first rule that was broken.
    pub broken: Option<String>,
    /// What was left to the audit alone.
    pub left: Left,
    /// Digest of the story.
    pub digest: u64,
    /// The story, where it was to be kept.
    pub lines: Vec<String>,
    /// What was met.
    pub coverage: Coverage,
    /// Faults by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Lives of tasks.
    pub lives: u64,
    /// Attempts that were started.
    pub attempts: u64,
    /// How long it lasted, in milliseconds of its own time.
    pub lasted: u64,
}

/// Who runs worlds, one after the other, on its thread.
#[derive(Debug)]
pub struct Runner {
    pool: Arc<Mutex<Pool>>,
    observer: Observer,
}

impl Runner {
    /// With machines of its own.
    pub fn new(plan: &Arc<Plan>) -> Self {
        Runner { pool: Arc::new(Mutex::new(Pool::new(Arc::clone(plan)))), observer: Observer::default() }
    }

    /// Runs one world.
    ///
    /// # Errors
    /// When it cannot be made; what goes wrong in it is in its outcome.
    pub fn run(&self, script: &Script, kept: bool) -> anyhow::Result<Outcome> {
        let dispatch = Dispatch::new(self.observer.clone());
        dispatcher::with_default(&dispatch, || self.run_listening(script, kept))
    }

    fn run_listening(&self, script: &Script, kept: bool) -> anyhow::Result<Outcome> {
        // The SDK's jitter is this thread's.
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
        // With it goes everything that still runs in it.
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

/// So many lives that are left to the audit are named.
const EXAMPLES: usize = 10;

/// All that came of many worlds.
#[derive(Debug, Default)]
pub struct Total {
    /// Worlds that were run.
    pub worlds: u64,
    /// Steps of their scripts.
    pub steps: u64,
    /// Lives of tasks.
    pub lives: u64,
    /// Attempts that were started.
    pub attempts: u64,
    /// Faults by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// What was met.
    pub coverage: Coverage,
    /// Lives that were left to the audit alone, by why.
    pub left: BTreeMap<&'static str, u64>,
    /// The first of them, by the seeds of their worlds.
    pub examples: Vec<String>,
    /// Milliseconds of the worlds' own time.
    pub lasted: u64,
    /// Of all stories.
    pub digest: u64,
    /// The first seed whose world broke a rule, and which.
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

    /// Faults of all kinds.
    pub fn all_faults(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// The seed of a world among many that begin with `seed`: the first is `seed` itself.
pub fn nth(seed: u64, index: u64) -> u64 {
    seed.wrapping_add(index)
}

/// Runs so many worlds of so many steps each, from `seed` on, on all cores, or until one breaks a rule; `progress` is told
/// how many are done. The sums do not depend on the number of cores.
///
/// # Errors
/// When a world cannot be made.
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
                    // After one that broke a rule, only those before it matter: the first is reported.
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
                    // In their order, so that the digest is the same however many cores there are.
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

/// A seed that nobody has chosen.
pub fn fresh_seed() -> u64 {
    use taskway_runtime::random::{Random, SystemRandom};
    // Short enough to be typed.
    Dice::new(SystemRandom.bits()).seed() % 1_000_000_000
}
