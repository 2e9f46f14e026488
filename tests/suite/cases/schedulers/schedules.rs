//! Three schedulers die again and again, and then none ticks for an hour. Each time of a schedule still fires as its
//! policy says, and tasks start in the order of their due times.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use taskway::{Context, Failure, Task};
use taskway_executor::Executor;
use taskway_protocol::{
    End, State, Time,
    schedule::{AHEAD, Firing, Misfire, Overlap},
};
use taskway_runtime::faults::CrashPoint;
use taskway_tests::{START, World, of};

use super::{Ended, HOUR, Starts, are_in_order, tick_at_once};

/// Where the ticks die if they come there. Each point gets two minutes, in turn.
const POINTS: [CrashPoint; 4] =
    [CrashPoint::FiringPut, CrashPoint::FiringSent, CrashPoint::PromotionSent, CrashPoint::Marked];

/// The time between two deliveries. No task starts more exactly than this.
const STEP: Duration = Duration::from_secs(5);

/// A time that passed longer ago than this is missed. A time that passed more recently fires late.
const CATCH_UP: Duration = Duration::from_secs(60);

/// At least this long before a task is due, a tick sends its message.
const SENT_AHEAD: Duration = Duration::from_secs(240);

/// How long a task of the handler `twice` stays open, in seconds.
const OPEN: u64 = 100;

/// The schedules: name, attempts of each firing, and definition.
fn schedules() -> Vec<(&'static str, u32, Value)> {
    let mut single = of("twice", json!({"cron": "30 * * * * *", "overlap": "skip", "misfire": "all"}));
    single["task"]["retry"] = json!({"min_backoff_seconds": OPEN, "max_backoff_seconds": OPEN});
    vec![
        ("every", 1, of("start", json!({"every_seconds": 150}))),
        ("all", 1, of("start", json!({"cron": "*/2 * * * *", "misfire": "all"}))),
        ("once", 1, of("start", json!({"cron": "12 */3 * * * *", "misfire": "once"}))),
        ("skip", 1, of("start", json!({"cron": "50 1-59/2 * * * *", "misfire": "skip"}))),
        ("single", 2, single),
    ]
}

struct Scene {
    world: World,
    starts: Starts,
    executor: Arc<Executor>,
    delayed: BTreeMap<String, Time>,
    /// The times of the ticks that lived and did everything that was due, in order.
    lived: Vec<Time>,
    /// The number of minutes in which no tick lived.
    lost: usize,
    died: BTreeMap<CrashPoint, usize>,
}

/// A time of a schedule, and what happened to its task.
struct Told {
    at: Time,
    id: String,
    /// The start of each attempt. Empty if the time passed without a firing.
    starts: Vec<Time>,
    ended: Time,
}

impl Scene {
    async fn new() -> Self {
        let (world, starts) = (World::new().await, Starts::default());
        let (noted, clock) = (starts.clone(), world.clock.clone());
        // Its first attempt fails, so the task stays open until the second, and no attempt holds it in between.
        let executor = world.executor(starts.handlers(&world).on("twice", move |_: Task<Value>, cx: Context| {
            noted.note(&cx, &clock);
            async move { if cx.attempt() == 1 { Err(Failure::retry("as told")) } else { Ok(()) } }
        }));
        let (delayed, died) = (BTreeMap::new(), BTreeMap::new());
        Scene { lived: vec![world.now()], world, starts, executor, delayed, lost: 0, died }
    }

    async fn submit(&mut self, delay: u64) {
        let id = self.world.api.submit(json!({"target": {"handler": "start"}, "delay_seconds": delay})).await;
        self.delayed.insert(id.to_string(), self.world.now().after(Duration::from_secs(delay)));
    }

    /// Three ticks at once, then a minute. In every other minute all three die if they come to that minute's point; in
    /// the others the third lives.
    async fn minute(&mut self, nth: usize) {
        let (point, now, all_may_die) = (POINTS[nth / 2 % POINTS.len()], self.world.now(), nth % 2 == 1);
        let points = [Some(point), Some(point), all_may_die.then_some(point)];
        let mut ended = tick_at_once(points.map(|point| (self.world.scheduler.clone(), point))).await;
        *self.died.entry(point).or_default() += ended.iter().filter(|ended| matches!(ended, Ended::Died)).count();
        let is_done = |ended: &Ended| matches!(ended, Ended::Lived(report) if report.failed == 0);
        let mut tries = 0..5;
        // On a busy machine a call may time out. Another tick at the same virtual time does the rest.
        while !all_may_die && !ended.iter().any(is_done) {
            assert!(tries.next().is_some(), "{ended:?}");
            ended = tick_at_once([(self.world.scheduler.clone(), None)]).await;
        }
        if ended.iter().any(is_done) {
            self.lived.push(now)
        } else {
            self.lost += 1
        }
        self.world.minute(&self.executor).await;
    }

    /// All times of a schedule with their tasks. Checks that each task succeeded, or was cancelled before it started.
    async fn told(&self, name: &str, attempts: u32) -> Vec<Told> {
        let schedule = self.world.store.schedule(name).await.unwrap();
        let (mut told, starts) = (Vec::new(), self.starts.by_id());
        for at in iter::successors(schedule.times.next_after(START), |at| schedule.times.next_after(*at)) {
            let firing = Firing::of(&schedule, at);
            let record = self.world.find(firing.id).await.unwrap_or_else(|error| panic!("{name}, {at:?}: {error}"));
            let State::Ended { end, at: ended, .. } = record.state else { panic!("{name}: {record:?} is open") };
            let id = firing.id.to_string();
            let starts = starts.get(&id).cloned().unwrap_or_default();
            let expected =
                if starts.is_empty() { (End::Cancelled, 0, 0) } else { (End::Succeeded, attempts, attempts) };
            assert_eq!((end, record.attempts, starts.len() as u32), expected, "{name}, {at:?}");
            assert!(
                starts.first().is_none_or(|started| *started >= at),
                "{name}: {at:?} started too early, at {starts:?}"
            );
            told.push(Told { at, id, starts, ended });
        }
        told
    }

    /// The first living tick that could create the firing of this time: ticks look ahead by [`AHEAD`].
    fn made(&self, at: Time) -> Time {
        *self.lived.iter().find(|tick| tick.after(AHEAD) >= at).unwrap()
    }

    /// Checks a schedule with `overlap: allow`: its times fire as the misfire policy says, at the first living tick
    /// that could create them. Returns how many times passed without a firing.
    fn check_policy(&self, name: &str, misfire: Misfire, told: &[Told]) -> usize {
        let mut let_pass = 0;
        for batch in told.chunk_by(|a, b| self.made(a.at) == self.made(b.at)) {
            let tick = self.made(batch[0].at);
            let times: Vec<Time> = batch.iter().map(|told| told.at).collect();
            let fired: Vec<Time> = batch.iter().filter(|told| !told.starts.is_empty()).map(|told| told.at).collect();
            assert_eq!(fired, promised(misfire, tick, &times), "{name}, first seen by the tick at {tick:?}");
            let_pass += times.len() - fired.len();
            for Told { at, starts, .. } in batch.iter().filter(|told| !told.starts.is_empty()) {
                let latest = tick.max(*at).after(STEP);
                assert!(starts[0] <= latest, "{name}: {at:?} could be created at {tick:?} and started at {starts:?}");
            }
        }
        let_pass
    }

    /// Checks a schedule with `overlap: skip`: exactly those times fire at which the task before has ended, at the
    /// latest with the first living tick after them. Returns how many times passed without a firing.
    fn check_overlap(&self, told: &[Told]) -> usize {
        let mut before = Time::default();
        for Told { at, starts, ended, .. } in told {
            assert_eq!(!starts.is_empty(), before <= *at, "{at:?}: the task before ended at {before:?}");
            let Some(started) = starts.first() else { continue };
            assert!(
                *started >= before,
                "two are open: {at:?} started at {started:?}, and the task before ended at {before:?}"
            );
            let decided = self.lived.iter().find(|tick| *tick >= at).unwrap();
            assert!(*started <= decided.after(STEP), "{at:?} started late, at {started:?}");
            before = *ended;
        }
        told.iter().filter(|told| told.starts.is_empty()).count()
    }

    /// Checks that every delayed task ran once, and that only those that no tick could send were late.
    async fn check_delayed(&self, stopped: Time, again: Time) {
        let starts = self.starts.by_id();
        for (id, due) in &self.delayed {
            let at = &starts[id];
            let unsent = *due > stopped.after(SENT_AHEAD) && *due < again;
            let latest = if unsent { again } else { *due }.after(STEP);
            assert_eq!(at.len(), 1, "{id} started at {at:?}");
            assert!((*due..=latest).contains(&at[0]), "{id} was due at {due:?} and started at {at:?}");
        }
        are_in_order(self.delayed.iter().map(|(id, due)| (starts[id][0], *due)).collect(), CATCH_UP);
    }
}

/// Of the times that this tick was the first to see, those that fire according to the documents.
fn promised(misfire: Misfire, tick: Time, times: &[Time]) -> Vec<Time> {
    let kept_since = tick.before(CATCH_UP);
    if times[0] >= kept_since {
        return times.to_vec();
    }
    let from = match misfire {
        Misfire::All => times[0],
        Misfire::Skip => kept_since,
        Misfire::Once => *times.iter().rfind(|at| **at <= tick).unwrap(),
    };
    times.iter().copied().filter(|at| *at >= from).collect()
}

#[tokio::test]
async fn schedules_keep_their_policies_though_ticks_die_and_then_stop_for_an_hour() {
    let mut scene = Scene::new().await;
    for (name, _, mut schedule) in schedules() {
        schedule["end_at"] = json!("2026-11-23T09:22:00Z");
        assert_eq!(scene.world.api.put_schedule(name, &schedule).await.status, 201);
    }
    // Due from 16 minutes from now on, until the schedules end.
    for n in 0..33 {
        scene.submit(960 + 120 * n).await;
    }
    for nth in 0..16 {
        scene.minute(nth).await;
    }
    // In this minute the third tick lives.
    let stopped = scene.world.now();
    scene.minute(16).await;
    // The messages that were sent ahead still come.
    for _ in 0..6 {
        scene.world.minute(&scene.executor).await;
    }
    scene.world.pass(HOUR.saturating_sub(scene.world.now().since(stopped)));
    let again = scene.world.now();
    for nth in 0..8 {
        scene.minute(nth).await;
    }
    assert!(scene.world.now().since(again) > 6 * CATCH_UP, "the schedules have ended");
    scene.minute(0).await;
    scene.world.minute(&scene.executor).await;

    let (mut known, mut all): (BTreeSet<String>, Vec<(Time, Time)>) = Default::default();
    known.extend(scene.delayed.keys().cloned());
    for (name, attempts, _) in schedules() {
        let told = scene.told(name, attempts).await;
        let schedule = scene.world.store.schedule(name).await.unwrap();
        let in_turn: Vec<(Time, Time)> =
            told.iter().filter_map(|told| Some((*told.starts.first()?, told.at))).collect();
        let (let_pass, expected) = match (schedule.definition.overlap, schedule.definition.misfire) {
            (Overlap::Skip, _) => {
                are_in_order(in_turn, Duration::ZERO);
                // At least every second time passes without a firing.
                (scene.check_overlap(&told), told.len() / 2..told.len())
            }
            (Overlap::Allow, misfire) => {
                all.extend(in_turn);
                let hour = told.iter().filter(|told| told.at > stopped.after(AHEAD) && told.at < again).count();
                let expected = match misfire {
                    Misfire::All => 0..1,
                    // Only the times of the last minute fire.
                    Misfire::Skip => hour - 2..hour,
                    Misfire::Once => hour - 1..hour + 1,
                };
                (scene.check_policy(name, misfire, &told), expected)
            }
        };
        assert!(expected.contains(&let_pass), "{name}: {let_pass} times did not fire, expected {expected:?}");
        known.extend(told.into_iter().filter(|told| !told.starts.is_empty()).map(|told| told.id));
    }
    are_in_order(all, CATCH_UP);
    scene.check_delayed(stopped, again).await;
    let started: BTreeSet<String> = scene.starts.by_id().into_keys().collect();
    assert_eq!(started, known, "no other task ran");
    assert_eq!(scene.world.carried(), 0);
    let never: Vec<_> = POINTS.into_iter().filter(|point| scene.died[point] == 0).collect();
    assert!(never.is_empty(), "no tick died at {never:?}: {:?}", scene.died);
    assert!(scene.lost > 3, "too few minutes without a living tick: {}", scene.lost);
}
