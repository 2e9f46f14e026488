//! Queues with a rate: how many of their tasks start in a period.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::sqs::{Acked, Source};
use taskway_executor::{Disposition, Executor, Readable};
use taskway_protocol::{Priority, TaskId, Time};
use taskway_runtime::{
    clock::{Clock, ManualClock},
    faults::{CrashPoint, Faults},
};
use taskway_tests::{Answer, World};
use tokio::task::JoinSet;

/// By so much the clock usually moves at a time. A slot of these rates can be used for a second.
const STEP: Duration = Duration::from_millis(100);

/// The real time that executors have for each step.
const WORKS: Duration = Duration::from_millis(8);

async fn ask(world: &World, method: Method, path: &str, body: &Value) -> Answer {
    world.api.ask(method, path, &[("content-type", "application/json")], body.to_string()).await
}

/// Changes the queue `calls`, and waits until executors know.
async fn set(world: &World, change: Value) -> Value {
    let answer = ask(world, Method::PATCH, "/v1/queues/calls", &change).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    world.pass_secs(5);
    answer.body
}

fn rate(tasks: u32, per_seconds: u32, burst: u32) -> Value {
    json!({"rate": {"tasks": tasks, "per_seconds": per_seconds, "burst": burst}})
}

async fn held(world: &World) -> Value {
    ask(world, Method::GET, "/v1/queues/calls", &json!({})).await.body["held"].clone()
}

fn call(payload: Value) -> Value {
    let retry = json!({"min_backoff_seconds": 1, "max_backoff_seconds": 1});
    json!({"queue": "calls", "target": {"handler": "call"}, "payload": payload, "retry": retry})
}

/// Executors at work, and the starts of their handlers.
struct Work<'a> {
    world: &'a World,
    executors: Vec<Arc<Executor>>,
    starts: Arc<Mutex<Vec<(TaskId, Time)>>>,
    next_tick: Time,
    /// By so much the clock moves at a time.
    step: Duration,
    runs: JoinSet<()>,
}

impl<'a> Work<'a> {
    fn new(world: &'a World, executors: usize) -> Self {
        let starts = Arc::default();
        let executors = (0..executors).map(|_| world.executor(handlers(&world.clock, &starts))).collect();
        Work { world, executors, starts, next_tick: world.now(), step: STEP, runs: JoinSet::new() }
    }

    /// Lets the executors work and the ticks come for so long.
    async fn pass(&mut self, seconds: u64) {
        let end = self.world.now().after(Duration::from_secs(seconds));
        while self.world.now() < end {
            if self.world.now() >= self.next_tick {
                self.next_tick = self.world.now().after(Duration::from_secs(60));
                self.world.tick().await;
            }
            self.take_all().await;
            tokio::time::sleep(WORKS).await;
            self.world.pass(self.step);
        }
    }

    async fn take_all(&mut self) {
        for i in 0.. {
            let taken = self.world.take(Priority::Normal).await;
            if taken.is_empty() {
                return;
            }
            for (j, arrived) in taken.into_iter().enumerate() {
                let executor = Arc::clone(&self.executors[(i + j) % self.executors.len()]);
                let lanes = self.world.lanes.clone();
                let Readable::Task(delivery) = Readable::of(arrived, Priority::Normal) else { panic!("unreadable") };
                self.runs.spawn(async move {
                    match executor.deliver(&delivery, None).await {
                        Disposition::Ack(ack) => {
                            let acked = [Acked { receipt: delivery.receipt, ack }];
                            lanes.delete(Source::Lane(Priority::Normal), &acked).await.unwrap();
                        }
                        Disposition::HandBack(after) => {
                            lanes
                                .set_visibility(Source::Lane(Priority::Normal), &[(delivery.receipt, after)])
                                .await
                                .unwrap();
                        }
                        Disposition::Leave => {}
                    }
                });
            }
        }
    }

    /// When the attempts have started, in order.
    fn times(&self) -> Vec<Time> {
        let mut times: Vec<Time> = self.starts.lock().unwrap().iter().map(|(_, at)| *at).collect();
        times.sort();
        times
    }

    fn count(&self) -> usize {
        self.starts.lock().unwrap().len()
    }

    /// The most starts in any window of this length.
    fn most_within(&self, window: Duration) -> usize {
        let times = self.times();
        (0..times.len())
            .map(|i| times[i..].iter().take_while(|time| time.since(times[i]) < window).count())
            .max()
            .unwrap_or_default()
    }
}

/// `call` notes when it starts, and fails as many times as its payload says.
fn handlers(clock: &ManualClock, starts: &Arc<Mutex<Vec<(TaskId, Time)>>>) -> Handlers {
    let (clock, starts) = (clock.clone(), Arc::clone(starts));
    Handlers::new().on("call", move |task: Task<Option<u32>>, cx: Context| {
        starts.lock().unwrap().push((cx.id(), clock.now()));
        async move {
            if cx.attempt() <= task.payload.unwrap_or_default() {
                return Err(Failure::retry(std::io::Error::other("not yet")));
            }
            Ok(())
        }
    })
}

#[tokio::test]
async fn no_period_sees_more_starts_than_the_rate_and_its_burst_and_nearly_all_of_it_is_used() {
    let world = World::new().await;
    let mut work = Work::new(&world, 3);
    set(&world, rate(10, 60, 2)).await;
    let ids = world.api.submit_all(&vec![call(json!(null)); 40]).await;
    work.pass(232).await;
    let most = work.most_within(Duration::from_secs(60));
    assert!((10..=12).contains(&most), "{most}");
    // 2 at once, and then one in 6.1 s.
    assert!((38..=40).contains(&work.count()), "{}", work.count());
    work.pass(20).await;
    for id in ids {
        let starts = work.starts.lock().unwrap().iter().filter(|(started, _)| *started == id).count();
        assert_eq!((world.state(id).await, starts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn each_retry_is_a_start() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(6, 60, 1)).await;
    let id = world.api.submit(call(json!(3))).await;
    work.pass(25).await;
    assert_eq!(work.count(), 3, "one in 10.2 s");
    work.pass(25).await;
    assert_eq!((world.state(id).await, work.count()), ("succeeded", 4));
    assert!(work.most_within(Duration::from_secs(10)) <= 1);
}

#[tokio::test]
async fn what_is_more_than_a_minute_early_is_held_and_starts_in_order() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(2, 60, 1)).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(world.api.submit(call(json!(null))).await);
        work.pass(1).await;
    }
    assert_eq!((work.count(), held(&world).await), (1, json!(3)), "two are on their way");
    // A later task goes behind those that are held.
    work.pass(25).await;
    let late = world.api.submit(call(json!(null))).await;
    ids.push(late);
    work.pass(240).await;
    let started: Vec<TaskId> = work.starts.lock().unwrap().iter().map(|(id, _)| *id).collect();
    assert_eq!(started, ids);
    assert_eq!((world.state(late).await, held(&world).await), ("succeeded", json!(0)));
}

#[tokio::test]
async fn a_rate_that_is_raised_or_removed_lets_held_tasks_start() {
    for next in [rate(100, 60, 10), json!({"rate": null})] {
        let world = World::new().await;
        let mut work = Work::new(&world, 2);
        set(&world, rate(1, 3_600, 1)).await;
        world.api.submit_all(&vec![call(json!(null)); 5]).await;
        work.pass(3).await;
        assert_eq!((work.count(), held(&world).await), (1, json!(4)));
        set(&world, next.clone()).await;
        work.pass(10).await;
        assert_eq!((work.count(), held(&world).await), (5, json!(0)), "{next}");
    }
}

#[tokio::test]
async fn a_rate_that_is_lowered_holds_for_messages_that_were_sent_ahead() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(60, 60, 1)).await;
    world.api.submit_all(&vec![call(json!(null)); 30]).await;
    work.pass(4).await;
    let before = work.count();
    assert!((3..=6).contains(&before), "{before}");
    set(&world, rate(2, 60, 1)).await;
    work.pass(55).await;
    let after = work.count() - before;
    assert!((1..=3).contains(&after), "{after} have started");
    set(&world, json!({"rate": null})).await;
    work.pass(100).await;
    assert_eq!((work.count(), held(&world).await), (30, json!(0)));
}

#[tokio::test]
async fn a_limit_and_a_rate_hold_together() {
    let world = World::new().await;
    let mut work = Work::new(&world, 3);
    set(&world, json!({"concurrency": 2, "rate": {"tasks": 30, "per_seconds": 60}})).await;
    let ids = world.api.submit_all(&vec![call(json!(null)); 20]).await;
    work.pass(55).await;
    assert!(work.most_within(Duration::from_secs(2)) <= 2, "one in two seconds");
    assert!((18..=20).contains(&work.count()), "{}", work.count());
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
    let queue = ask(&world, Method::GET, "/v1/queues/calls", &json!({})).await.body;
    assert_eq!((&queue["running"], &queue["held"]), (&json!(0), &json!(0)), "{queue}");
}

#[tokio::test]
async fn a_pause_holds_what_was_sent_ahead() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(10, 60, 1)).await;
    world.api.submit_all(&vec![call(json!(null)); 5]).await;
    work.pass(1).await;
    assert_eq!(work.count(), 1);
    set(&world, json!({"paused": true})).await;
    work.pass(60).await;
    assert_eq!((work.count(), held(&world).await), (1, json!(4)));
    set(&world, json!({"paused": false})).await;
    work.pass(40).await;
    assert_eq!((work.count(), held(&world).await), (5, json!(0)));
    // One in six seconds, and each may start a second after its slot.
    assert!(work.most_within(Duration::from_secs(5)) <= 1);
}

#[tokio::test]
async fn the_message_of_a_cancelled_task_uses_no_slot() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(1, 3_600, 1)).await;
    let cancelled = world.api.submit(call(json!(null))).await;
    assert_eq!(world.api.post(&format!("/v1/tasks/{cancelled}/cancel"), &[], "").await.status, 200);
    work.pass(1).await;
    let id = world.api.submit(call(json!(null))).await;
    work.pass(1).await;
    assert_eq!((world.state(id).await, work.count()), ("succeeded", 1));
}

#[tokio::test]
async fn messages_that_come_late_start_when_they_come() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, rate(6, 60, 1)).await;
    let ids = world.api.submit_all(&vec![call(json!(null)); 6]).await;
    work.pass(1).await;
    // For a while nobody takes messages: three are late.
    world.pass_secs(33);
    work.pass(40).await;
    assert!(work.most_within(Duration::from_secs(10)) <= 1, "one in 10.2 s");
    work.pass(30).await;
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_rate_is_set_shown_kept_and_removed() {
    let world = World::new().await;
    let set = async |method: Method, body: Value| ask(&world, method, "/v1/queues/calls", &body).await.body;
    let whole = json!({"tasks": 100, "per_seconds": 60, "burst": 1});
    let answer = set(Method::PUT, json!({"rate": {"tasks": 100, "per_seconds": 60}})).await;
    assert_eq!(answer["rate"], whole, "{answer}");
    assert_eq!(set(Method::PATCH, json!({"concurrency": 3})).await["rate"], whole);
    assert_eq!(set(Method::GET, json!(null)).await["rate"], whole);
    let listed = ask(&world, Method::GET, "/v1/queues", &json!(null)).await.body;
    assert_eq!(listed["queues"][0]["rate"], whole);
    assert_eq!(set(Method::PATCH, json!({"rate": null})).await["rate"], json!(null));
    assert_eq!(set(Method::GET, json!(null)).await["concurrency"], json!(3));
}

#[tokio::test]
async fn a_rate_that_cannot_be_is_refused_by_its_fields() {
    let world = World::new().await;
    for (rate, faults) in [
        (json!({"tasks": 1}), vec![("/rate/per_seconds", "is required")]),
        (
            json!({"tasks": 0, "per_seconds": 86_401}),
            vec![("/rate/tasks", "must be 1 to 100000, got 0"), ("/rate/per_seconds", "must be 1 to 86400, got 86401")],
        ),
        (json!({"tasks": 2_001, "per_seconds": 2}), vec![("/rate/tasks", "must be 1 to 2000, got 2001")]),
        (json!({"tasks": 5, "per_seconds": 1, "burst": 6}), vec![("/rate/burst", "must be 1 to 5, got 6")]),
        (json!({"tasks": 5, "per_seconds": 1, "every": 6}), vec![("/rate/every", "is not a known field")]),
        (json!("10/s"), vec![("/rate", "must be an object, got a string")]),
    ] {
        let answer = ask(&world, Method::PATCH, "/v1/queues/calls", &json!({"rate": rate})).await;
        assert_eq!(answer.status, 422, "{rate}: {}", answer.body);
        let errors: Vec<(&str, &str)> = answer.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap()))
            .collect();
        assert_eq!(errors, faults, "{rate}");
    }
    assert_eq!(ask(&world, Method::GET, "/v1/queues", &json!(null)).await.body["queues"], json!([]), "none is made");
}

#[tokio::test]
async fn ticks_that_stop_for_ten_minutes_delay_what_is_held_and_lose_nothing() {
    for limited in [false, true] {
        let world = World::new().await;
        let mut work = Work::new(&world, 2);
        work.step = Duration::from_secs(1);
        let mut settings = rate(30, 60, 1);
        settings["concurrency"] = if limited { json!(2) } else { json!(null) };
        set(&world, settings).await;
        work.pass(1).await;
        work.next_tick = world.now().after(Duration::from_secs(600));
        let ids = world.api.submit_all(&vec![call(json!(null)); 90]).await;
        work.pass(599).await;
        let started = work.count();
        assert!((25..=90).contains(&started), "{started}: what was less than a minute early has started");
        // New tasks come, and the ticks begin again.
        let late = world.api.submit_all(&vec![call(json!(null)); 5]).await;
        work.pass(240).await;
        assert!(work.most_within(Duration::from_secs(60)) <= 31, "{}", work.most_within(Duration::from_secs(60)));
        for id in ids.into_iter().chain(late) {
            let starts = work.starts.lock().unwrap().iter().filter(|(started, _)| *started == id).count();
            assert_eq!((world.state(id).await, starts), ("succeeded", 1), "limited: {limited}");
        }
        assert_eq!(held(&world).await, json!(0));
    }
}

fn key_rate(tasks: u32, per_seconds: u32, burst: u32) -> Value {
    json!({"per_key": {"rate": {"tasks": tasks, "per_seconds": per_seconds, "burst": burst}}})
}

/// Submits `count` tasks of each key.
async fn submit_of_keys(world: &World, keys: &[&str], count: usize) -> Vec<Vec<TaskId>> {
    let mut ids = Vec::new();
    for key in keys {
        let mut task = call(json!(null));
        task["fairness_key"] = json!(key);
        ids.push(world.api.submit_all(&vec![task; count]).await);
    }
    ids
}

impl Work<'_> {
    /// How many attempts of these tasks have started, and the most of them in any window of this length.
    fn of(&self, ids: &[TaskId], window: Duration) -> (usize, usize) {
        let starts = self.starts.lock().unwrap();
        let mut times: Vec<Time> = starts.iter().filter(|(id, _)| ids.contains(id)).map(|(_, at)| *at).collect();
        times.sort();
        let within = |i: usize| times[i..].iter().take_while(|time| time.since(times[i]) < window).count();
        (times.len(), (0..times.len()).map(within).max().unwrap_or_default())
    }
}

#[tokio::test]
async fn each_key_starts_by_a_rate_of_its_own() {
    let world = World::new().await;
    let mut work = Work::new(&world, 3);
    set(&world, key_rate(6, 60, 2)).await;
    let ids = submit_of_keys(&world, &["a", "b", "c"], 9).await;
    let without = world.api.submit_all(&vec![call(json!(null)); 5]).await;
    work.pass(10).await;
    assert_eq!(work.of(&without, Duration::from_secs(10)).0, 5, "a task without a key waits for nothing");
    work.pass(75).await;
    for ids in &ids {
        let (count, most) = work.of(ids, Duration::from_secs(60));
        assert!(most <= 8, "{most} in a minute");
        assert!(count >= 8, "{count} have started");
    }
    work.pass(30).await;
    for id in ids.into_iter().flatten().chain(without) {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn the_rates_of_a_key_and_of_its_queue_hold_together() {
    let world = World::new().await;
    let mut work = Work::new(&world, 3);
    let both = json!({"rate": {"tasks": 30, "per_seconds": 60, "burst": 1},
                      "per_key": {"rate": {"tasks": 12, "per_seconds": 60, "burst": 1}, "concurrency": 2}});
    set(&world, both).await;
    let ids = submit_of_keys(&world, &["a", "b", "c", "d"], 8).await;
    work.pass(130).await;
    assert!(work.most_within(Duration::from_secs(60)) <= 31, "{}", work.most_within(Duration::from_secs(60)));
    for ids in &ids {
        let (count, most) = work.of(ids, Duration::from_secs(60));
        assert!(most <= 13, "{most} in a minute");
        assert_eq!(count, 8);
    }
}

#[tokio::test]
async fn the_rates_of_a_key_and_of_its_queue_let_tasks_start_where_the_table_is_slow() {
    let world = World::new().await;
    let mut work = Work::new(&world, 1);
    // Each answer with a slot takes longer than a slot of the key can be used.
    let clock = world.clock.clone();
    let slow = Faults::asking(move |point| {
        if point == CrashPoint::SlotTaken {
            clock.advance(Duration::from_millis(200));
        }
        false
    });
    work.executors = vec![world.mortal(handlers(&world.clock, &work.starts), &slow)];
    let both = json!({"rate": {"tasks": 3, "per_seconds": 60, "burst": 1},
                      "per_key": {"rate": {"tasks": 1, "per_seconds": 10, "burst": 1}}});
    set(&world, both).await;
    let ids = submit_of_keys(&world, &["a"], 3).await;
    work.pass(80).await;
    assert_eq!(work.of(&ids[0], Duration::from_secs(19)), (3, 1));
}

#[tokio::test]
async fn a_queue_with_limits_and_rates_of_its_own_and_of_its_keys_goes_on() {
    let world = World::new().await;
    let mut work = Work::new(&world, 3);
    let all = json!({"rate": {"tasks": 60, "per_seconds": 60, "burst": 3}, "concurrency": 2,
                     "per_key": {"rate": {"tasks": 24, "per_seconds": 60, "burst": 3}, "concurrency": 2}});
    set(&world, all).await;
    let ids = submit_of_keys(&world, &["a", "b", "c", "d", "e"], 40).await;
    work.pass(300).await;
    for ids in ids {
        assert_eq!(work.of(&ids, Duration::from_secs(1)).0, 40);
    }
}

#[tokio::test]
async fn what_waits_for_the_rate_of_its_key_is_held_and_starts_when_it_is_raised() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, key_rate(1, 3600, 1)).await;
    submit_of_keys(&world, &["a", "b"], 4).await;
    work.pass(2).await;
    let queue = ask(&world, Method::GET, "/v1/queues/calls", &json!({})).await.body;
    assert_eq!((work.count(), &queue["held"]), (2, &json!(6)), "{queue}");
    let keys = queue["keys"].as_array().unwrap();
    assert!(keys.len() == 2 && keys.iter().all(|key| key["held"] == 3), "{queue}");
    assert_eq!(queue["per_key"]["rate"], json!({"tasks": 1, "per_seconds": 3600, "burst": 1}));
    for next in [key_rate(20, 60, 1), json!({"per_key": {"rate": null}})] {
        set(&world, next).await;
        work.pass(8).await;
    }
    work.pass(8).await;
    assert_eq!((work.count(), held(&world).await), (8, json!(0)));
}

#[tokio::test]
async fn a_task_that_is_cancelled_while_it_is_expected_gives_its_permit_back() {
    let world = World::new().await;
    let mut work = Work::new(&world, 2);
    set(&world, json!({"concurrency": 1, "rate": {"tasks": 1, "per_seconds": 8}})).await;
    world.api.submit(call(json!(null))).await;
    work.pass(1).await;
    let expected = world.api.submit(call(json!(null))).await;
    work.pass(1).await;
    assert_eq!(world.api.act(expected, "cancel").await.status, 200);
    let next = world.api.submit(call(json!(null))).await;
    work.pass(30).await;
    assert_eq!((work.count(), world.state(next).await), (2, "succeeded"));
}

#[tokio::test]
async fn an_attempt_that_died_is_followed_soon_in_a_queue_with_a_limit_and_a_rate() {
    for limits in [
        json!({"concurrency": 1, "rate": {"tasks": 20, "per_seconds": 10, "burst": 5}}),
        json!({"per_key": {"concurrency": 1, "rate": {"tasks": 20, "per_seconds": 10, "burst": 5}}}),
    ] {
        let world = World::new().await;
        let mut work = Work::new(&world, 2);
        set(&world, limits.clone()).await;
        let mut task = call(json!(null));
        task["fairness_key"] = json!("a");
        let lost = world.api.submit(task.clone()).await;
        let faults = Faults::crash_at(CrashPoint::Claimed);
        let victim = world.mortal(handlers(&world.clock, &Arc::default()), &faults);
        let delivery = world.delivery().await;
        let dying = tokio::spawn(async move {
            victim.deliver(&delivery, None).await;
        });
        faults.died().await;
        dying.abort();
        // They wait, so that held tasks go before new ones.
        let others = world.api.submit_all(&vec![task; 12]).await;
        work.pass(65).await;
        world.show();
        work.pass(40).await;
        for id in others.into_iter().chain([lost]) {
            assert_eq!(world.state(id).await, "succeeded", "{limits}");
        }
    }
}
