//! Schedules: by two seconds either way their tasks start as much too early or late, and by half a minute no time is lost
//! and none has two tasks.

use std::{collections::BTreeSet, iter, sync::Arc, time::Duration};

use serde_json::{Value, json};
use taskway_executor::Executor;
use taskway_protocol::{
    End, State, Time,
    schedule::{Firing, Overlap},
};
use taskway_scheduler::Scheduler;
use taskway_tests::{Effects, START, Skewed, after_start, of, time_of};

use super::{Off, STEP, Scene, Starts, corners, noting};

/// What a tick may take; the clock stands still while it works.
const BUDGET: Duration = Duration::from_secs(50);

const MINUTE: u64 = 60;

/// A schedule's times, and how its tasks went.
struct Told {
    at: Time,
    /// One an attempt; none where it was let pass.
    starts: Vec<Time>,
}

/// Schedules, one scheduler that ticks by its corner's clock and one at the same time that is as far off the other way.
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
        let executor = scene.sound(noting(&scene.world, &starts));
        Story { scene, schedulers, starts, executor }
    }

    /// Lets so many minutes pass, each of which two ticks begin.
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

    /// What came of each of a schedule's times: one task, which was done once, or none.
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
            assert_eq!(record.fence.0 as usize, starts.len(), "no claim was taken from anybody");
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

/// What is put in [`fires`], and how many attempts one of its firings takes.
fn schedules() -> [(&'static str, usize, Value); 3] {
    // Open for forty seconds.
    let mut single = of("flaky", json!({"cron": "*/30 * * * * *", "overlap": "skip", "misfire": "all"}));
    single["task"]["retry"] = json!({"min_backoff_seconds": 40, "max_backoff_seconds": 40});
    [
        ("every", 1, of("start", json!({"every_seconds": 20}))),
        ("cron", 1, of("start", json!({"cron": "* * * * *"}))),
        ("single", 2, single),
    ]
}

/// Each time has one task, which starts off by no more than the clocks, or where it may not overlap up to a minute later; of
/// those two are never open at once, and none is let pass at which the one before had ended.
async fn fires(off: Off, by: Duration) {
    let story = Story::new(off).await;
    for (name, _, mut schedule) in schedules() {
        schedule["start_at"] = json!("2026-11-23T08:01:00Z");
        schedule["end_at"] = json!("2026-11-23T08:04:00Z");
        assert_eq!(story.scene.api.put_schedule(name, &schedule).await.status, 201);
    }
    story.minutes(6).await;

    // By the true time, what an executor's clock says is over.
    let by_executor = |at: Time| Time::from_millis(at.as_millis().saturating_add_signed(-off.executor));
    let mut tasks = 0;
    for (name, attempts, _) in schedules() {
        let (overlap, told) = story.told(name, attempts).await;
        let late = if overlap == Overlap::Skip { Duration::from_secs(MINUTE) } else { Duration::ZERO };
        let mut before = Time::default();
        for Told { at, starts } in &told {
            let Some(started) = starts.first() else {
                assert_eq!(overlap, Overlap::Skip, "{off:?}, {name}: {at:?} was lost");
                assert!(before.after(by) > *at, "{off:?}: {at:?} was let pass, the one before ended at {before:?}");
                continue;
            };
            let latest = at.after(by + late + Duration::from_secs(2 * STEP));
            assert!(
                (by_executor(*at)..=latest).contains(started),
                "{off:?}, {name}: {at:?} was started at {started:?}"
            );
            if overlap == Overlap::Skip {
                assert!(*started >= before, "{off:?}: two are open, {started:?} and until {before:?}");
                assert!(before <= at.after(by), "{off:?}: {at:?} was not let pass, the one before ended at {before:?}");
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
    assert_eq!(started.len(), tasks, "{off:?}: nothing else has run");
    assert_eq!(story.scene.world.carried(), 0, "{off:?}");
}

#[tokio::test]
async fn with_two_seconds_between_clocks_firings_start_early_or_late_by_as_much() {
    for off in corners(2_000) {
        fires(off, Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn with_half_a_minute_off_every_time_has_one_task() {
    for off in corners(30_000) {
        fires(off, Duration::from_secs(30)).await;
    }
}

/// After ten minutes without a tick two come at once, by whose clocks another time is the latest that was missed.
#[tokio::test]
async fn schedulers_that_disagree_what_was_missed_lose_nothing_of_what_is_promised() {
    for off in corners(30_000).filter(|off| off.submit > 0 && off.scheduler > 0) {
        let scene = Scene::new(off).await;
        let (world, effects) = (&scene.world, Effects::default());
        let executor = scene.sound(effects.handlers());
        for misfire in ["all", "once", "skip"] {
            let schedule = taskway_tests::noting(json!({"cron": "* * * * *", "misfire": misfire}));
            assert_eq!(scene.api.put_schedule(misfire, &schedule).await.status, 201);
        }
        // 08:10:10, which is 08:10:40 and 08:09:40.
        world.pass_secs(610);
        let schedulers = two_that_disagree(&scene);
        for _ in 0..3 {
            tick(&schedulers).await;
            for _ in 0..3 {
                world.work(&executor).await;
                world.pass_secs(20);
            }
        }
        // What the request made ahead fires whatever is missed after it. One of the two may take 08:09 for the latest, and the
        // last ticks make some ahead that do not start any more.
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
            assert_eq!(fired, surely, "{off:?}, {misfire}");
        }
        let mut ids: Vec<String> = effects.all().iter().map(|effect| effect.id.to_string()).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{off:?}: each once");
    }
}
