//! Delayed tasks, lost attempts, dead letters and the audit: every task runs once, in its turn.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Value, json};
use taskway::{Context, Task};
use taskway_cloud::sqs::Source;
use taskway_executor::Executor;
use taskway_protocol::{Priority, TaskId, Time};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::{Auditing, Scheduler};
use taskway_tests::{Effects, Gate, World, until};

use super::{Ended, HOUR, Starts, are_in_order, tick_at_once};

/// Where schedulers die, minute by minute and over and over, if they come there.
const POINTS: [CrashPoint; 6] = [
    CrashPoint::PromotionSent,
    CrashPoint::Marked,
    CrashPoint::DeadLetterSent,
    CrashPoint::Rescued,
    CrashPoint::KeptAside,
    CrashPoint::Audited,
];

/// The pass that finds something begins in a minute in which schedulers die of it.
const AUDITED: Duration = Duration::from_secs(17 * 60);

/// How often the executor looks for messages: nobody can be started more exactly.
const STEP: Duration = Duration::from_secs(30);

/// Steps of a minute.
const MINUTE: usize = 2;

/// A tick that is missed is caught up by the next, a minute later.
const CATCH_UP: Duration = Duration::from_secs(60 + 30);

/// Attempts that beat, and then fell silent.
const SILENT: usize = 4;

struct Scene {
    world: World,
    starts: Starts,
    executor: Arc<Executor>,
    due: BTreeMap<String, (TaskId, Time)>,
    died: BTreeMap<CrashPoint, usize>,
    ticks: usize,
    poison: usize,
}

impl Scene {
    async fn new() -> Self {
        let (world, starts) = (World::new().await, Starts::default());
        let handlers = starts.handlers(&world);
        // What beat and fell silent goes on under the same handler's name.
        let executor = world.executor(handlers.on("gate", |_: Task<Value>, _: Context| async { Ok(()) }));
        Scene { world, starts, executor, due: BTreeMap::new(), died: BTreeMap::new(), ticks: 0, poison: 0 }
    }

    /// A task that is due so many seconds from now.
    async fn submit(&mut self, delay: u64) {
        let id = self.world.api.submit(json!({"target": {"handler": "start"}, "delay_seconds": delay})).await;
        self.due.insert(id.to_string(), (id, self.world.now().after(Duration::from_secs(delay))));
    }

    /// An attempt makes one heartbeat, and is lost with its process and its message.
    async fn fall_silent(&self) -> TaskId {
        let (effects, faults) = (Effects::default(), Faults::crash_at(CrashPoint::Beaten));
        let victim = self.world.mortal(effects.gated(&Gate::default()), &faults);
        let id = self.world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
        let delivery = self.world.delivery().await;
        let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
        until("the start", async || (effects.count() == 1).then_some(())).await;
        self.world.pass_secs(30);
        faults.died().await;
        victim.abort();
        self.world.lose();
        id
    }

    /// Makes dead letters of what is visible, and of something that nobody can read.
    async fn wear_out(&mut self) {
        self.world.put("poison");
        self.poison += 1;
        let lane = Source::Lane(Priority::Normal);
        for _ in 0..21 {
            self.world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
        }
    }

    /// Three schedulers tick at once, in processes of their own, and each dies at this minute's point, should it come there.
    async fn three_ticks(&mut self) {
        let point = POINTS[self.ticks % POINTS.len()];
        if matches!(point, CrashPoint::DeadLetterSent | CrashPoint::KeptAside) {
            self.wear_out().await;
        }
        let auditing = Auditing::every(AUDITED).in_pages_of(50);
        let scheduler = Scheduler { auditing, ..self.world.scheduler.clone() };
        for ended in tick_at_once([(); 3].map(|()| (scheduler.clone(), Some(point)))).await {
            if let Ended::Died = ended {
                *self.died.entry(point).or_default() += 1;
            }
        }
        self.ticks += 1;
    }

    /// A step of time, and all that the executor finds then.
    async fn step(&self) {
        self.world.work(&self.executor).await;
        self.world.pass(STEP);
    }

    /// Everything ended once, nothing started early, and none started before another that was due long before it.
    async fn check(&self, late: impl Fn(Time) -> Duration) {
        let mut started: BTreeMap<String, Time> = BTreeMap::new();
        for (id, at) in self.starts.by_id() {
            assert_eq!(at.len(), 1, "{id} was started at {at:?}");
            started.insert(id, at[0]);
        }
        for (name, (id, due)) in &self.due {
            let at = started[name];
            assert!(*due <= at, "{id} was due at {due:?} and started at {at:?}");
            assert!(at.since(*due) <= late(*due), "{id} was due at {due:?} and started at {at:?}");
            let record = self.world.record(*id).await;
            assert_eq!((record.state.name().as_str(), record.attempts, record.fence.0), ("succeeded", 1, 1));
        }
        are_in_order(self.due.iter().map(|(name, (_, due))| (started[name], *due)).collect(), CATCH_UP);
    }
}

#[tokio::test]
async fn three_schedulers_that_die_everywhere_and_an_hour_without_any_run_every_task_once_in_its_turn() {
    let mut scene = Scene::new().await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(scene.fall_silent().await);
    }
    // Due from 16 minutes from now on, one every 25 seconds for an hour and a half.
    for n in 0..220 {
        scene.submit(960 + 25 * n).await;
    }
    // A task whose message SQS loses: only the audit finds it.
    let lost = scene.world.api.submit(json!({"target": {"handler": "gate"}})).await;
    scene.world.lose();
    let began = scene.world.now();
    for _ in 0..50 {
        scene.three_ticks().await;
        for _ in 0..MINUTE {
            scene.step().await;
        }
    }
    let stopped = scene.world.now();
    // What was sent ahead still comes.
    for _ in 0..6 * MINUTE {
        scene.step().await;
    }
    scene.world.pass(HOUR.saturating_sub(scene.world.now().since(stopped)));
    let again = scene.world.now();
    let waiting = scene.due.values().filter(|(_, due)| *due <= again).count() - scene.starts.count();
    assert!(waiting > 100, "{waiting} tasks wait for the first tick");
    for _ in 0..20 {
        scene.three_ticks().await;
        for _ in 0..MINUTE {
            scene.step().await;
        }
    }
    // What the last tick did not send waited for the first; everything else was a minute late at most, and that where the
    // message had become a dead letter.
    let slack = STEP + CATCH_UP;
    let ahead = Duration::from_secs(240);
    scene.check(|due| if due >= stopped.after(ahead) && due < again { again.since(due) + slack } else { slack }).await;
    for id in silent {
        let record = scene.world.record(id).await;
        assert_eq!((record.state.name().as_str(), record.attempts), ("succeeded", 2));
    }
    assert_eq!(scene.world.state(lost).await, "succeeded");
    assert_eq!(scene.world.store.unreadable(None).await.unwrap().items.len(), scene.poison);
    assert_eq!(scene.world.carried(), 0);
    let never: Vec<_> = POINTS.into_iter().filter(|point| !scene.died.contains_key(point)).collect();
    assert!(never.is_empty(), "nobody died at {never:?}: {:?}", scene.died);
    assert!(scene.world.now().since(began) > 2 * HOUR);
}
