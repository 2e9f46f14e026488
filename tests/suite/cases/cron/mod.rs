//! Schedules: each time once, whoever ticks and however often.

mod changes;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::State;
use taskway_scheduler::{LOOK_AGAIN, Scheduler};
use taskway_tests::{Effects, Gate, World, noting, of, time_of, until};

const BUDGET: Duration = Duration::from_secs(50);

/// From so many seconds after the start on, every so many seconds, so many times.
fn times(first: u64, every: u64, count: u64) -> Vec<u64> {
    (0..count).map(|n| first + n * every).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_schedule_fires_at_its_times_and_says_which_are_next() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let schedule = noting(json!({"cron": "* * * * *"}));
    let put = world.api.put_schedule("minutely", &schedule).await;
    assert_eq!((put.status, put.header("location")), (201, "/v1/schedules/minutely"));
    assert_eq!(put.body["next_runs"].as_array().unwrap().len(), 10);
    assert_eq!(texts(&put.body["next_runs"])[..2], ["2026-11-23T08:01:00.000Z", "2026-11-23T08:02:00.000Z"]);
    assert_eq!(
        (&put.body["last_run"], &put.body["overlap"], &put.body["misfire"]),
        (&Value::Null, &json!("allow"), &json!("once"))
    );
    assert_eq!(world.api.schedule("minutely").await.body, put.body);

    // The first firing is there already: no tick was needed.
    world.minute(&executor).await;
    assert_eq!(world.fired(&effects).await, [60]);
    world.minutes(&executor, 4).await;
    assert_eq!(world.fired(&effects).await, times(60, 60, 5));
    for effect in effects.all() {
        let record = world.record(effect.id).await;
        let late = record.started_at.unwrap().since(record.spec.run_at);
        assert!(late < Duration::from_secs(5), "the test looks every five seconds: {late:?}");
    }

    let first = effects.all()[0].id;
    let task = world.api.task(first).await;
    assert_eq!((&task["schedule"], &task["run_at"]), (&json!("minutely"), &json!("2026-11-23T08:01:00.000Z")));
    assert_eq!(task["created_at"], "2026-11-23T07:59:45.000Z", "the same whoever made it");
    let now = world.api.schedule("minutely").await.body;
    assert_eq!(texts(&now["next_runs"])[0], "2026-11-23T08:06:00.000Z");
    let last = effects.all()[4].id.to_string();
    assert_eq!(now["last_run"], json!({"at": "2026-11-23T08:05:00.000Z", "task_id": last}));

    // The same again changes nothing, and cancels nothing.
    assert_eq!(world.api.put_schedule("minutely", &schedule).await.status, 200);
    world.minutes(&executor, 1).await;
    assert_eq!(world.fired(&effects).await, times(60, 60, 6));
}

#[tokio::test]
async fn a_schedule_of_seconds_misses_none() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "*/2 * * * * *"}))).await;
    world.api.put_schedule("e", &noting(json!({"every_seconds": 7}))).await;
    world.minutes(&executor, 3).await;
    let mut expected = [times(2, 2, 90), times(7, 7, 25)].concat();
    expected.sort_unstable();
    assert_eq!(world.fired(&effects).await, expected);
}

#[tokio::test]
async fn any_number_of_ticks_make_one_firing() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for (name, schedule) in [
        ("a", json!({"cron": "*/10 * * * * *"})),
        ("b", json!({"cron": "* * * * *", "overlap": "skip"})),
        ("c", json!({"every_seconds": 30, "jitter_seconds": 20})),
    ] {
        assert_eq!(world.api.put_schedule(name, &noting(schedule)).await.status, 201);
    }
    for _ in 0..5 {
        futures::join!(world.tick(), world.tick(), world.tick());
        world.minute(&executor).await;
    }
    world.minutes(&executor, 1).await;
    let fired = world.fired(&effects).await;
    let of = |seconds: u64| fired.iter().filter(|at| **at == seconds).count();
    assert_eq!(of(10), 1);
    assert_eq!(of(60), 3, "one of each schedule: {fired:?}");
    assert_eq!(of(90), 2);
    assert_eq!(fired.iter().filter(|at| **at <= 300).count(), 30 + 5 + 10, "{fired:?}");
}

/// Ten minutes without a tick and without an executor.
#[tokio::test]
async fn what_was_missed_is_treated_as_was_asked() {
    for (misfire, expected) in
        [("skip", vec![60, 600, 660, 720]), ("once", vec![60, 660, 720]), ("all", times(60, 60, 12))]
    {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        world.api.put_schedule("m", &noting(json!({"cron": "* * * * *", "misfire": misfire}))).await;
        world.minute(&executor).await;
        world.pass_secs(600);
        // 08:11: what is due now and at the last minute is not missed.
        let report = world.tick().await;
        world.minute(&executor).await;
        assert_eq!(world.fired(&effects).await, expected, "{misfire}");
        assert_eq!(report.missed, 12 - expected.len(), "{misfire}");
    }
}

#[tokio::test]
async fn after_a_month_of_seconds_one_fires_at_once() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * * *"}))).await;
    world.api.put_schedule("all", &noting(json!({"every_seconds": 1, "misfire": "all"}))).await;
    world.pass_secs(30 * 86_400);
    let report = world.tick().await;
    // One for all that were missed, and a minute and a quarter ahead; the others as many as are kept.
    assert_eq!(report.fired, 1 + 75 + 1000, "{report:?}");
    world.work(&executor).await;
    let report = world.tick().await;
    assert_eq!((report.fired, report.failed), (75, 0), "what is ahead of the other");
}

/// Nothing ticked for a month: what takes the firings back does not go through all of it.
#[tokio::test]
async fn a_schedule_of_seconds_is_deleted_after_a_month() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for name in ["a", "b"] {
        world.api.put_schedule(name, &noting(json!({"every_seconds": 1, "misfire": "all"}))).await;
    }
    world.pass_secs(30 * 86_400);
    assert_eq!(world.api.delete_schedule("a").await.status, 204);
    let mut paused = noting(json!({"every_seconds": 1}));
    paused["paused"] = json!(true);
    assert_eq!(world.api.put_schedule("b", &paused).await.status, 200);
    world.minutes(&executor, 2).await;
    assert_eq!(effects.count(), 0, "{:?}", world.fired(&effects).await);
}

#[tokio::test]
async fn a_schedule_that_may_not_overlap_waits_for_the_end_of_its_last() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let mut schedule = of("gate", json!({"cron": "* * * * *", "overlap": "skip"}));
    schedule["task"]["timeout_seconds"] = json!(800);
    world.api.put_schedule("one", &schedule).await;
    world.pass_secs(60);
    let delivery = world.delivery().await;
    let running = {
        let executor = executor.clone();
        tokio::spawn(async move { executor.deliver(&delivery, None).await })
    };
    until("the start", async || (effects.count() == 1).then_some(())).await;
    // It runs for three minutes and a half; two ticks at once each time.
    for _ in 0..3 {
        futures::join!(world.tick(), world.tick());
        assert_eq!(world.carried(), 1, "no other firing is made while it is open");
        for _ in 0..2 {
            world.pass_secs(30);
            let beaten = world.now().after(Duration::from_secs(60));
            until("the beat", async || match world.record(effects.all()[0].id).await.state {
                State::Running { lease_end, .. } => (lease_end > beaten).then_some(()),
                State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
            })
            .await;
        }
    }
    gate.open();
    running.await.unwrap();
    futures::join!(world.tick(), world.tick());
    let open = effects.count();
    gate.open();
    world.minute(&executor).await;
    assert_eq!(effects.count(), open + 1);
    let fired = world.fired(&effects).await;
    // Two and three minutes in it had not ended; at the very time at which it ended another may begin.
    assert_eq!(fired, [60, 240]);
}

/// A firing came late, by an outage. It is short, and the next one is on time: the tick that fired it looks once more.
#[tokio::test]
async fn a_schedule_that_may_not_overlap_is_on_time_again_after_one_came_late() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * *", "overlap": "skip"}))).await;
    world.minute(&executor).await;
    world.pass_secs(623);
    let scheduler = Scheduler { looks_again_after: LOOK_AGAIN, ..world.scheduler.clone() };
    let tick = tokio::spawn(async move { scheduler.tick(BUDGET).await });
    until("the late one", async || {
        world.work(&executor).await;
        (effects.count() == 2).then_some(())
    })
    .await;
    let ticked = world.passing(Duration::from_millis(500), tick).await.unwrap();
    assert_eq!(ticked.fired, 2);
    assert_eq!(world.carried(), 1, "the next is made ahead");
    world.minute(&executor).await;
    assert_eq!(world.fired(&effects).await, [60, 660, 720]);
}

#[tokio::test]
async fn bounds_and_jitter_are_kept() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let bounds = json!({"start_at": "2026-11-23T08:02:00Z", "end_at": "2026-11-23T08:04:00Z"});
    let mut cron = noting(bounds.clone());
    cron["cron"] = json!("* * * * *");
    let mut every = noting(bounds);
    every["every_seconds"] = json!(50);
    assert_eq!(texts(&world.api.put_schedule("c", &cron).await.body["next_runs"]).len(), 3);
    let every = world.api.put_schedule("e", &every).await.body;
    assert_eq!(
        texts(&every["next_runs"]),
        ["2026-11-23T08:02:00.000Z", "2026-11-23T08:02:50.000Z", "2026-11-23T08:03:40.000Z"]
    );
    world.minutes(&executor, 6).await;
    assert_eq!(world.fired(&effects).await, [120, 120, 170, 180, 220, 240]);
    assert_eq!(world.api.schedule("c").await.body["next_runs"], json!([]));

    let effects = Effects::default();
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("j", &noting(json!({"every_seconds": 10, "jitter_seconds": 300}))).await;
    world.minutes(&executor, 10).await;
    let mut late: Vec<u64> = Vec::new();
    for effect in effects.all() {
        late.push(world.record(effect.id).await.spec.run_at.since(time_of(effect.id)).as_millis() as u64);
    }
    assert!(late.len() > 20 && late.iter().all(|ms| *ms <= 300_000), "{late:?}");
    let (least, most) = (late.iter().min().unwrap(), late.iter().max().unwrap());
    assert!(*least < 60_000 && *most > 200_000, "they are spread: {late:?}");
}

#[tokio::test]
async fn a_schedules_task_can_be_run_now() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "0 0 1 1 *", "paused": true}))).await;
    let run = world.api.ask(Method::POST, "/v1/schedules/s/run", &[], "").await;
    assert_eq!((run.status, &run.body["schedule"], &run.body["state"]), (202, &json!("s"), &json!("queued")));
    world.work(&executor).await;
    assert_eq!(world.state(run.id()).await, "succeeded");
    assert_eq!(world.api.ask(Method::POST, "/v1/schedules/none/run", &[], "").await.status, 404);
}

#[tokio::test]
async fn zones_have_their_clocks() {
    let world = World::new().await;
    for (zone, cron, after, expected) in [
        // Skipped on 28 March 2027: at the moment of the change. Twice on 31 October: the first time.
        ("Europe/Dublin", "30 1 * * *", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00.000Z"),
        ("Europe/Dublin", "30 1 * * *", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00.000Z"),
        ("Europe/Dublin", "30 1 * * *", "2027-10-31T00:30:01Z", "2027-11-01T01:30:00.000Z"),
        ("Asia/Kathmandu", "0 9 * * MON", "2026-11-23T08:00:00Z", "2026-11-30T03:15:00.000Z"),
        ("America/Sao_Paulo", "@daily", "2026-11-23T08:00:00Z", "2026-11-24T03:00:00.000Z"),
        ("Australia/Lord_Howe", "15 2 * * *", "2027-10-02T00:00:00Z", "2027-10-02T15:30:00.000Z"),
    ] {
        let schedule = noting(json!({"cron": cron, "time_zone": zone, "start_at": after}));
        let put = world.api.put_schedule("z", &schedule).await;
        assert_eq!(
            (texts(&put.body["next_runs"])[0], &put.body["time_zone"]),
            (expected, &json!(zone)),
            "{cron} {after}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_schedule_is_refused_by_name() {
    let world = World::new().await;
    for (schedule, pointer, detail) in [
        (json!({}), "", "exactly one of cron, every_seconds, got neither"),
        (json!({"cron": "* * * * *", "every_seconds": 5}), "", "got both"),
        (json!({"cron": "* * *"}), "/cron", "five fields"),
        (json!({"cron": "61 * * * *"}), "/cron", "0 to 59"),
        (json!({"cron": "0 0 30 2 *"}), "/cron", "within the next 8 years"),
        (json!({"cron": "0 0 * * *", "time_zone": "Mars/Olympus"}), "/time_zone", "IANA"),
        (json!({"every_seconds": 5, "time_zone": "Europe/Dublin"}), "/time_zone", "is for cron"),
        (json!({"every_seconds": 0}), "/every_seconds", "must be 1 to"),
        (json!({"every_seconds": 5, "overlap": "queue"}), "/overlap", "must be one of allow, skip"),
        (json!({"every_seconds": 5, "misfire": "never"}), "/misfire", "must be one of skip, once, all"),
        (json!({"every_seconds": 5, "jitter_seconds": 86_401}), "/jitter_seconds", "must be 0 to 86400"),
        (json!({"every_seconds": 5, "paused": "yes"}), "/paused", "must be true or false"),
        (json!({"every_seconds": 5, "end_at": "2026-11-23T07:00:00Z"}), "/end_at", "must not be before its start"),
        (json!({"cron": "@yearly", "end_at": "2026-11-24T07:00:00Z"}), "/end_at", "before the first time"),
        (json!({"every_seconds": 5, "start_at": "soon"}), "/start_at", "must be a time such as"),
        (json!({"cron": "@daily", "start_at": "2099-01-01T00:00:00Z"}), "/start_at", "8 years"),
        (json!({"every_seconds": 3600, "end_at": "2026-11-23T08:15:00Z"}), "/end_at", "before the first time"),
        (json!({"every_seconds": 5, "more": 1}), "/more", "is not a known field"),
        (json!({"every_seconds": 5, "task": null}), "/task", "is required"),
        (json!({"every_seconds": 5, "task": {}}), "/task/target", "is required"),
        (
            json!({"every_seconds": 5, "task": {"target": {"handler": "note"}, "run_at": "2026-11-24T07:00:00Z"}}),
            "/task/run_at",
            "each firing has its own",
        ),
        (
            json!({"every_seconds": 5, "task": {"target": {"handler": "note"}, "idempotency_key": "k"}}),
            "/task/idempotency_key",
            "each firing has its own",
        ),
    ] {
        let answer = world.api.put_schedule("s", &noting(schedule.clone())).await;
        let told = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let is_told = told.iter().any(|error| {
            error["pointer"] == pointer && error["detail"].as_str().is_some_and(|text| text.contains(detail))
        });
        assert!(answer.status == 422 && is_told, "{schedule}: {} {}", answer.status, answer.body);
    }
    for name in ["-a", "a%20b", &"a".repeat(65)] {
        let answer = world.api.put_schedule(name, &noting(json!({"every_seconds": 5}))).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["parameter"]), (422, &json!("name")), "{name}");
        assert_eq!(world.api.schedule(name).await.status, 404);
    }
    assert_eq!(world.api.schedule("s").await.status, 404, "nothing half-written");
}

#[tokio::test]
async fn schedules_are_listed_the_latest_first() {
    let world = World::new().await;
    let (mut names, mut listed, mut cursor) = (Vec::new(), Vec::new(), String::new());
    for n in 0..25 {
        names.insert(0, format!("s{n}"));
        world.api.put_schedule(&names[0], &noting(json!({"every_seconds": 60}))).await;
        world.pass_secs(1);
    }
    loop {
        let page = world.api.ask(Method::GET, &format!("/v1/schedules?limit=7{cursor}"), &[], "").await.body;
        for schedule in page["schedules"].as_array().unwrap() {
            assert!(schedule["task"].get("payload").is_none());
            listed.push(schedule["name"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        // What is put meanwhile stands before all, and what is deleted is not seen any more.
        if listed.len() == 7 {
            world.api.put_schedule("new", &noting(json!({"every_seconds": 60}))).await;
            world.api.delete_schedule("s10").await;
        }
    }
    names.retain(|name| name != "s10");
    assert_eq!(listed, names);
    let refused = world.api.ask(Method::GET, "/v1/schedules?cursor=x&limit=0", &[], "").await;
    assert_eq!((refused.status, refused.body["errors"].as_array().unwrap().len()), (422, 2), "{}", refused.body);
}

#[tokio::test]
async fn a_large_payload_is_delivered_whole() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let payload = json!("x".repeat(200_000));
    let mut schedule = noting(json!({"cron": "* * * * *"}));
    schedule["task"]["payload"] = payload.clone();
    assert_eq!(world.api.put_schedule("large", &schedule).await.status, 201);
    world.minutes(&executor, 2).await;
    assert_eq!(world.fired(&effects).await, [60, 120]);
    let task = world.api.task(effects.all()[1].id).await;
    assert_eq!((&task["payload"], &task["result"]), (&payload, &payload));
}

/// The queue is down when a firing is made: the agenda carries it.
#[tokio::test]
async fn a_firing_that_cannot_be_sent_is_parked() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.sends(|_| taskway_local::sqs::Interruption::RefuseBefore);
    assert_eq!(world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await.status, 201);
    world.stack.sqs.interrupt(None);
    let listed = world.api.ask(Method::GET, "/v1/tasks", &[], "").await.body;
    assert_eq!((&listed["tasks"][0]["state"], world.carried()), (&json!("scheduled"), 0), "{listed}");
    world.minutes(&executor, 2).await;
    assert_eq!(world.fired(&effects).await, [60, 120]);
}
