//! Schedules that two schedulers fire at the same time, with clocks that differ.

use std::{collections::BTreeSet, iter, sync::Arc, time::Duration};

use serde_json::{Value, json};
use taskway_executor::Executor;
use taskway_protocol::{
    End, State, Time,
    schedule::{Firing, Overlap},
};
use taskway_scheduler::Scheduler;
use taskway_tests::{Effects, START, Skewed, after_start, of, time_of};

use super::{Off, STEP, Scene, Starts, executor_apart, noting};

/// The time limit of a tick. The clock stands still while it works.
const BUDGET: Duration = Duration::from_secs(50);

const MINUTE: u64 = 60;

/// A time of a schedule, and the attempts of its task.
struct Told {
    at: Time,
    /// The start of each attempt. Empty if the time passed without a firing.
    starts: Vec<Time>,
}

/// A scene with two schedulers: the clock of one has the scene's offset, and the clock of the other the opposite one.
struct Story {
    scene: Scene,
    schedulers: [Scheduler; 2],
    starts: Starts,
    executor: Arc<Executor>,
}

impl Story {
    async fn new(off: Off) -> Self {
        let (scene, starts) = (Scene::new(off).await, Starts::default());
        let schedulers = two_that_disagree(&scene);
        let executor = scene.executor(off.executor, noting(&scene.world, &starts));
        Story { scene, schedulers, starts, executor }
    }

    /// Passes this many minutes. Both schedulers tick at the start of each.
    async fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            tick(&self.schedulers).await;
            let ends = self.scene.world.now().after(Duration::from_secs(MINUTE));
            loop {
                self.scene.world.work(&self.executor).await;
                let left = ends.since(self.scene.world.now());
                if left.is_zero() {
                    break;
                }
                self.scene.world.pass(left.min(Duration::from_secs(STEP)));
            }
        }
    }

    /// The times of a schedule with their tasks. Checks that each time has one task, which succeeded or was cancelled
    /// before it started.
    async fn told(&self, name: &str, attempts: usize) -> (Overlap, Vec<Told>) {
        let (world, off) = (&self.scene.world, self.scene.off);
        let schedule = world.store.schedule(name).await.unwrap();
        let (mut told, all) = (Vec::new(), self.starts.lock().unwrap().clone());
        for at in iter::successors(schedule.times.next_after(START), |at| schedule.times.next_after(*at)) {
            let id = Firing::of(&schedule, at).id;
            let record = world.find(id).await.unwrap_or_else(|error| panic!("{off:?}, {name}, {at:?}: {error}"));
            let State::Ended { end, .. } = record.state else { panic!("{off:?}, {name}: {record:?} is open") };
            let starts: Vec<Time> = all.iter().filter(|(one, _)| *one == id).map(|(_, at)| *at).collect();
            let expected =
                if starts.is_empty() { (End::Cancelled, 0, 0) } else { (End::Succeeded, attempts, attempts) };
            assert_eq!((end, record.attempts as usize, starts.len()), expected, "{off:?}, {name}, {at:?}");
            assert_eq!(record.fence.0 as usize, starts.len(), "no attempt lost its claim");
            told.push(Told { at, starts });
        }
        (schedule.definition.overlap, told)
    }
}

fn two_that_disagree(scene: &Scene) -> [Scheduler; 2] {
    [scene.off.scheduler, -scene.off.scheduler].map(|off| {
        scene.world.scheduler_with(|services| services.with_clock(Arc::new(Skewed::of(&scene.world.clock, off))))
    })
}

async fn tick(schedulers: &[Scheduler; 2]) {
    let ticks = futures::join!(schedulers[0].tick(BUDGET), schedulers[1].tick(BUDGET));
    assert_eq!((ticks.0.failed, ticks.1.failed), (0, 0), "{ticks:?}");
}

/// The schedules of [`fires`]: name, attempts of each firing, and definition.
fn schedules() -> [(&'static str, usize, Value); 3] {
    // Each of its tasks stays open for forty seconds.
    let mut single = of("flaky", json!({"cron": "*/30 * * * * *", "overlap": "skip", "misfire": "all"}));
    single["task"]["retry"] = json!({"min_backoff_seconds": 40, "max_backoff_seconds": 40});
    [
        ("every", 1, of("start", json!({"every_seconds": 20}))),
        ("cron", 1, of("start", json!({"cron": "* * * * *"}))),
        ("single", 2, single),
    ]
}

/// Checks that each time has one task, which starts early or late by at most the offset `by`. With `overlap: skip` it
/// may start up to a minute later, two tasks are never open at once, and no time passes without a firing after the
/// previous task has ended.
async fn fires(off: Off, by: Duration) {
    let story = Story::new(off).await;
    for (name, _, mut schedule) in schedules() {
        schedule["start_at"] = json!("2026-11-23T08:01:00Z");
        schedule["end_at"] = json!("2026-11-23T08:04:00Z");
        assert_eq!(story.scene.api.put_schedule(name, &schedule).await.status, 201);
    }
    story.minutes(6).await;

    // The true time at which the executor's clock shows `at`.
    let by_executor = |at: Time| Time::from_millis(at.as_millis().saturating_add_signed(-off.executor));
    let mut tasks = 0;
    for (name, attempts, _) in schedules() {
        let (overlap, told) = story.told(name, attempts).await;
        let late = if overlap == Overlap::Skip { Duration::from_secs(MINUTE) } else { Duration::ZERO };
        let mut before = Time::default();
        for Told { at, starts } in &told {
            let Some(started) = starts.first() else {
                assert_eq!(overlap, Overlap::Skip, "{off:?}, {name}: {at:?} was lost");
                assert!(
                    before.after(by) > *at,
                    "{off:?}: {at:?} did not fire, though the task before ended at {before:?}"
                );
                continue;
            };
            let latest = at.after(by + late + Duration::from_secs(2 * STEP));
            assert!((by_executor(*at)..=latest).contains(started), "{off:?}, {name}: {at:?} started at {started:?}");
            if overlap == Overlap::Skip {
                assert!(*started >= before, "{off:?}: two are open, one from {started:?} and one until {before:?}");
                assert!(before <= at.after(by), "{off:?}: {at:?} fired, though the task before ended at {before:?}");
                before = starts[starts.len() - 1];
            }
        }
        let fired = told.iter().filter(|told| !told.starts.is_empty()).count();
        match name {
            "every" => assert_eq!((told.len(), fired), (10, 10), "{off:?}"),
            "cron" => assert_eq!((told.len(), fired), (4, 4), "{off:?}"),
            _ => assert!(told.len() == 7 && (2..=4).contains(&fired), "{off:?}: {fired} of {}", told.len()),
        }
        tasks += fired;
    }
    let started: BTreeSet<String> = story.starts.lock().unwrap().iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(started.len(), tasks, "{off:?}: no other task ran");
    assert_eq!(story.scene.world.carried(), 0, "{off:?}");
}

#[tokio::test]
async fn clocks_off_by_two_seconds_only_shift_when_firings_start() {
    for off in executor_apart(2_000) {
        fires(off, Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn clocks_off_by_half_a_minute_still_give_each_time_one_task() {
    for off in executor_apart(30_000) {
        fires(off, Duration::from_secs(30)).await;
    }
}

/// After ten minutes without a tick, two schedulers tick at once. By their clocks, different times are the latest that
/// was missed.
#[tokio::test]
async fn two_ticks_that_disagree_about_the_missed_times_keep_each_misfire_policy() {
    let [off, _] = executor_apart(30_000);
    let scene = Scene::new(off).await;
    let (world, effects) = (&scene.world, Effects::default());
    let executor = scene.executor(off.executor, effects.handlers());
    for misfire in ["all", "once", "skip"] {
        let schedule = taskway_tests::noting(json!({"cron": "* * * * *", "misfire": misfire}));
        assert_eq!(scene.api.put_schedule(misfire, &schedule).await.status, 201);
    }
    // It is 08:10:10, and 08:10:40 or 08:09:40 by the schedulers' clocks.
    world.pass_secs(610);
    let schedulers = two_that_disagree(&scene);
    for _ in 0..3 {
        tick(&schedulers).await;
        for _ in 0..3 {
            world.work(&executor).await;
            world.pass_secs(20);
        }
    }
    // The PUT request created the first firing, so it is not missed. One scheduler may take 08:09 for the latest missed
    // time. The last ticks create firings that start after the test.
    let kept = vec![1, 10, 11, 12];
    for (misfire, surely, perhaps) in [
        ("all", (1..=12).collect(), vec![13, 14]),
        ("once", kept.clone(), vec![9, 13, 14]),
        ("skip", kept, vec![9, 13, 14]),
    ] {
        let mut fired = Vec::new();
        for effect in effects.all() {
            if world.api.task(effect.id).await["schedule"] == misfire {
                fired.push(after_start(time_of(effect.id)) / MINUTE);
            }
        }
        fired.sort_unstable();
        fired.retain(|minute| !perhaps.contains(minute));
        assert_eq!(fired, surely, "{misfire}");
    }
    let mut ids: Vec<String> = effects.all().iter().map(|effect| effect.id.to_string()).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "each firing ran once");
}
