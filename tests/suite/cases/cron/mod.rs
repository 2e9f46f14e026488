//! Schedules as clients see them: times, policies, bounds, zones, lists and refusals.

mod changes;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::State;
use taskway_scheduler::{LOOK_AGAIN, Scheduler};
use taskway_tests::{Effects, Gate, World, noting, of, time_of, until};

const BUDGET: Duration = Duration::from_secs(50);

/// `count` times in seconds after the start: the first one, and then one every `every` seconds.
fn times(first: u64, every: u64, count: u64) -> Vec<u64> {
    (0..count).map(|n| first + n * every).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_schedule_fires_at_its_times_and_shows_the_next_ones() {
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

    // The PUT request created the first firing, so no tick is needed.
    world.minute(&executor).await;
    assert_eq!(world.fired(&effects).await, [60]);
    world.minutes(&executor, 4).await;
    assert_eq!(world.fired(&effects).await, times(60, 60, 5));
    for effect in effects.all() {
        let record = world.record(effect.id).await;
        let late = record.started_at.unwrap().since(record.spec.run_at);
        assert!(late < Duration::from_secs(5), "a delivery comes every five seconds: {late:?}");
    }

    let first = effects.all()[0].id;
    let task = world.api.task(first).await;
    assert_eq!((&task["schedule"], &task["run_at"]), (&json!("minutely"), &json!("2026-11-23T08:01:00.000Z")));
    assert_eq!(
        task["created_at"], "2026-11-23T07:59:45.000Z",
        "every process that creates the firing gives it this birth"
    );
    let now = world.api.schedule("minutely").await.body;
    assert_eq!(texts(&now["next_runs"])[0], "2026-11-23T08:06:00.000Z");
    let last = effects.all()[4].id.to_string();
    assert_eq!(now["last_run"], json!({"at": "2026-11-23T08:05:00.000Z", "task_id": last}));

    // The same definition again changes and cancels nothing.
    assert_eq!(world.api.put_schedule("minutely", &schedule).await.status, 200);
    world.minutes(&executor, 1).await;
    assert_eq!(world.fired(&effects).await, times(60, 60, 6));
}

#[tokio::test]
async fn schedules_of_a_few_seconds_miss_no_time() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "*/2 * * * * *"}))).await;
    world.api.put_schedule("e", &noting(json!({"every_seconds": 7}))).await;
    world.minutes(&executor, 1).await;
    let mut expected = [times(2, 2, 30), times(7, 7, 8)].concat();
    expected.sort_unstable();
    assert_eq!(world.fired(&effects).await, expected);
}

/// No tick and no executor runs for ten minutes.
#[tokio::test]
async fn missed_times_fire_as_the_misfire_policy_says() {
    for (misfire, expected) in
        [("skip", vec![60, 600, 660, 720]), ("once", vec![60, 660, 720]), ("all", times(60, 60, 12))]
    {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        world.api.put_schedule("m", &noting(json!({"cron": "* * * * *", "misfire": misfire}))).await;
        world.minute(&executor).await;
        world.pass_secs(600);
        // It is 08:11. The times 08:10 and 08:11 are not missed.
        let report = world.tick().await;
        world.minute(&executor).await;
        assert_eq!(world.fired(&effects).await, expected, "{misfire}");
        assert_eq!(report.missed, 12 - expected.len(), "{misfire}");
    }
}

#[tokio::test]
async fn after_a_month_without_ticks_a_schedule_of_seconds_fires_as_its_policy_says() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * * *"}))).await;
    world.api.put_schedule("all", &noting(json!({"every_seconds": 1, "misfire": "all"}))).await;
    world.pass_secs(30 * 86_400);
    let report = world.tick().await;
    // The first schedule fires once for all missed times and 75 s ahead. The second fires the last 1,000 missed times.
    assert_eq!(report.fired, 1 + 75 + 1000, "{report:?}");
    world.work(&executor).await;
    let report = world.tick().await;
    assert_eq!((report.fired, report.failed), (75, 0), "the second schedule's times 75 s ahead");
}

/// After a month without ticks, a deletion and a pause do not look at every missed time.
#[tokio::test]
async fn a_schedule_of_seconds_can_be_deleted_after_a_month_without_ticks() {
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
async fn a_schedule_without_overlap_waits_for_the_end_of_its_last_firing() {
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
    // The firing runs for three minutes. Two ticks come at once in each.
    for _ in 0..3 {
        futures::join!(world.tick(), world.tick());
        assert_eq!(world.carried(), 1, "no other firing is created while it is open");
        for _ in 0..2 {
            world.pass_secs(30);
            let beaten = world.now().after(Duration::from_secs(60));
            until("the heartbeat", async || match world.record(effects.all()[0].id).await.state {
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
    // At minutes two and three the firing had not ended. At minute four it ended, and that time may fire.
    assert_eq!(fired, [60, 240]);
}

/// After an outage a firing comes late and ends soon. The tick that fired it looks again, so the next firing is on
/// time.
#[tokio::test]
async fn a_schedule_without_overlap_is_on_time_again_after_a_late_firing() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.api.put_schedule("s", &noting(json!({"cron": "* * * * *", "overlap": "skip"}))).await;
    world.minute(&executor).await;
    world.pass_secs(623);
    let scheduler = Scheduler { looks_again_after: LOOK_AGAIN, ..world.scheduler.clone() };
    let tick = tokio::spawn(async move { scheduler.tick(BUDGET).await });
    until("the late firing", async || {
        world.work(&executor).await;
        (effects.count() == 2).then_some(())
    })
    .await;
    let ticked = world.passing(Duration::from_millis(500), tick).await.unwrap();
    assert_eq!(ticked.fired, 2);
    assert_eq!(world.carried(), 1, "the next firing is created ahead");
    world.minute(&executor).await;
    assert_eq!(world.fired(&effects).await, [60, 660, 720]);
}

#[tokio::test]
async fn a_schedule_keeps_its_start_end_and_jitter() {
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
    assert!(*least < 60_000 && *most > 200_000, "the delays are spread: {late:?}");
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
async fn a_cron_schedule_follows_the_clock_of_its_time_zone() {
    let world = World::new().await;
    for (zone, cron, after, expected) in [
        // 01:30 is skipped on 28 March 2027 and fires at the change. It comes twice on 31 October and fires the first
        // time.
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

/// An answer says in words when the schedule fires, with its times on both clocks, and can be put back as it is.
#[tokio::test]
async fn an_answer_says_when_it_fires_and_can_be_put_back() {
    let world = World::new().await;
    let mut schedule = noting(json!({"cron": "30 2 * * 1-5", "time_zone": "America/New_York"}));
    let put = world.api.put_schedule("s", &schedule).await;
    assert_eq!(put.body["description"], "at 02:30 on Monday to Friday, America/New_York time");
    assert_eq!(texts(&put.body["next_runs"])[0], "2026-11-24T07:30:00.000Z");
    assert_eq!(texts(&put.body["next_runs_local"])[0], "2026-11-24T02:30:00.000-05:00");
    assert_eq!(texts(&put.body["next_runs_local"]).len(), 10);
    let notes = texts(&put.body["notes"]);
    assert!(notes.len() == 1 && notes[0].contains("SUN-THU in Quartz"), "{notes:?}");
    let listed = world.api.ask(Method::GET, "/v1/schedules", &[], "").await.body;
    assert_eq!(listed["schedules"][0]["description"], put.body["description"]);

    let again = world.api.put_schedule("s", &put.body).await;
    assert_eq!((again.status, &again.body), (200, &put.body));
    assert_eq!([put.header("location"), again.header("location")], ["/v1/schedules/s"; 2], "of a change and of none");
    let renamed = world.api.put_schedule("t", &put.body).await;
    assert_eq!((renamed.status, &renamed.body["errors"][0]["pointer"]), (422, &json!("/name")));

    schedule["overlap"] = json!("skip");
    schedule["cron"] = json!("*/20 * * * * *");
    let put = world.api.put_schedule("s", &schedule).await;
    assert_eq!(put.body["description"], "every 20 seconds, America/New_York time");
    let notes = texts(&put.body["notes"]);
    assert!(notes.last().is_some_and(|note| note.contains("once or twice a minute")), "{notes:?}");

    let put = world.api.put_schedule("e", &noting(json!({"every_seconds": 300, "paused": true}))).await;
    let none = json!([]);
    assert_eq!(
        [&put.body["description"], &put.body["next_runs"], &put.body["next_runs_local"], &put.body["notes"]],
        [&json!("every 5 minutes"), &none, &none, &none]
    );
}

#[tokio::test]
async fn a_wrong_schedule_is_refused_with_the_names_of_its_faults() {
    let world = World::new().await;
    for (schedule, pointer, detail) in [
        (json!({}), "", "exactly one of cron, every_seconds, got neither"),
        (json!({"cron": "* * * * *", "every_seconds": 5}), "", "got both"),
        (json!({"cron": "* * *"}), "/cron", "five fields"),
        (json!({"cron": "61 * * * *"}), "/cron", "0 to 59"),
        (json!({"cron": "@every 5m"}), "/cron", "write \"every_seconds\": 300"),
        (json!({"cron": "0 0 10 ? * 2"}), "/cron", "write MON or TUE"),
        (json!({"cron": "0 0 30 2 *"}), "/cron", "within the next 8 years"),
        (json!({"cron": "0 0 * * 5#6"}), "/cron", "#1 to #5"),
        (json!({"cron": "rate(0 minutes)"}), "/cron", "1 second to 366 days"),
        (json!({"cron": "0 0 * * *", "time_zone": "Mars/Olympus"}), "/time_zone", "IANA"),
        (json!({"cron": "0 0 * * *", "time_zone": "GMT+5"}), "/time_zone", "got `GMT+5`: write Etc/GMT-5"),
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
        (json!({"every_seconds": 5, "name": "t"}), "/name", "must be the name in the path, s"),
        (json!({"every_seconds": 5, "name": ["s"]}), "/name", "must be the name in the path, s"),
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
    assert_eq!(world.api.schedule("s").await.status, 404, "no refused schedule is written");
}

#[tokio::test]
async fn schedules_are_listed_newest_first() {
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
        // A schedule that is put meanwhile comes before the cursor, and a deleted one is not listed.
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
async fn a_firing_gets_the_whole_large_payload_of_its_schedule() {
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

/// The queue is down when a firing is created. The agenda carries the firing.
#[tokio::test]
async fn a_firing_that_the_queue_refuses_waits_in_the_agenda() {
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
