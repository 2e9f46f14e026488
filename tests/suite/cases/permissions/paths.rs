//! Does everything that Taskway can do once, so that the endpoints see every call that it makes.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};
use taskway_cloud::sqs::Source;
use taskway_local::{
    sqs::{Interruption, Phase},
    stack::Caller,
};
use taskway_protocol::{
    Generation, HoldEntry, Object, Priority, QueueSettings, SKEW, Scope, State, Step, Stored, TaskId, TaskKey, Wanted,
};
use taskway_runtime::{
    clock::{Clock, ManualClock, SystemClock},
    faults::{CrashPoint, Faults},
};
use taskway_tests::{Effects, Gate, World, until};

const LANES: [&str; 3] = ["high", "normal", "low"];

/// The step of the clock while a test waits.
const STEP: Duration = Duration::from_millis(250);

/// A payload that is too large for a record.
fn large() -> Value {
    json!("x".repeat(20_000))
}

/// Everything that a tick does: it audits, rescues, empties the dead-letter queue, fires schedules and promotes tasks
/// on every lane. `caller` runs the attempt that is rescued.
pub(super) async fn scheduler(world: &World, caller: Caller) {
    let minute = Duration::from_secs(60);
    world.tick_auditing(minute).await;
    world.pass(minute);
    assert_eq!(
        world.tick_auditing(minute).await.audited,
        2,
        "the table has only the audit's own item and the month's usage"
    );

    let (effects, gate, faults) = (Effects::default(), Gate::default(), Faults::crash_at(CrashPoint::Beaten));
    let victim = world.executor_of(world.services_for(caller).with_faults(faults.clone()), effects.gated(&gate));
    world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let delivery = world.delivery().await;
    let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 1).then_some(())).await;
    world.pass_secs(30);
    faults.died().await;
    victim.abort();
    world.lose();
    world.pass_secs(575);
    assert_eq!(world.tick().await.rescued, 1);
    world.lose();

    // Dead letters of an open task, of an ended task and of a task that never existed, and an unreadable one.
    world.api.submit(json!({"target": {"handler": "note"}})).await;
    let stale = world.api.submit(json!({"target": {"handler": "note"}})).await;
    assert_eq!(world.api.act(stale, "cancel").await.status, 200);
    world.put(r#"{"v":1,"id":"tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","g":1,"due":1,"to":60}"#);
    world.put("poison");
    for _ in 0..21 {
        let lane = Source::Lane(Priority::Normal);
        world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
    assert_eq!(world.counts(Source::DeadLetters).visible, 4);
    world.pass_secs(120);
    assert_eq!(world.tick().await.dead_letters, 4);
    assert_eq!(world.carried(), 1);

    // A schedule with a large payload fires on every lane. Then its deletion dies halfway, and a tick finishes it.
    for lane in LANES {
        let task = json!({"target": {"handler": "note"}, "priority": lane, "payload": large()});
        let put = world.api.put_schedule(lane, &json!({"every_seconds": 3000, "task": task})).await;
        assert_eq!(put.status, 201, "{}", put.body);
    }
    world.pass_secs(3000);
    assert_eq!(world.tick().await.fired, 3);
    for lane in LANES {
        let faults = Faults::crash_at(CrashPoint::ScheduleWithdrawing);
        let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
        let request = tokio::spawn(async move { api.delete_schedule(lane).await });
        faults.died().await;
        request.abort();
    }
    world.tick().await;
    assert_eq!(world.api.schedule("low").await.status, 404);
    world.lose();

    // A queue was paused and goes on. Some of what it held was cancelled.
    let paused = QueueSettings::default().changed(Wanted { paused: true, ..Wanted::default() }, world.now());
    assert!(world.store.set_queue("default", QueueSettings::default(), paused).await.unwrap());
    let holder = world.executor_of(world.services_for(caller), Effects::default().handlers());
    world.api.submit(json!({"target": {"handler": "note"}})).await;
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.work(&holder).await;
    let running = paused.changed(Wanted::default(), world.now());
    assert!(world.store.set_queue("default", paused, running).await.unwrap());
    let cancel = Step::Cancel { at: world.now(), retained_until: world.now().after(minute) };
    world.services().apply(id, cancel).await.unwrap();
    assert!(world.tick().await.dispatched > 0);
    world.lose();

    // The object of a task that is gone.
    let payload_ref = world.upload(b"[1]", "").await;
    let object = Object::parse(&payload_ref).unwrap();
    let nobody = TaskId { key: TaskKey::from_bytes([1; 16]), born: world.now() };
    world.stack.objects_for(Caller::Anybody).unwrap().take_upload(&object, "", nobody).await.unwrap();
    // The bucket goes by the machine's clock, and leaves alone what is younger than a day.
    let later = ManualClock::starting_at(SystemClock.now().after(Duration::from_secs(2 * 86_400)));
    let scheduler = world.scheduler_with(|services| services.with_clock(Arc::new(later.clone())));
    let mut removed = 0;
    for _ in 0..24 {
        removed += scheduler.clean(later.now().after(minute)).await.objects_removed;
        later.advance(Duration::from_secs(3_600));
    }
    assert_eq!(removed, 1);

    for lane in LANES {
        let task = json!({"target": {"handler": "note"}, "priority": lane, "delay_seconds": 3600, "payload": large()});
        world.api.submit(task).await;
    }
    world.pass_secs(3500);
    assert_eq!(world.tick().await.promoted, 3);
}

/// Everything that the API does.
pub(super) async fn submit(world: &World) {
    let note = |more: Value| {
        let mut task = json!({"target": {"handler": "note"}, "timeout_seconds": 10});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    let api = &world.api;
    for lane in LANES {
        api.submit(note(json!({"priority": lane}))).await;
        api.submit(note(json!({"priority": lane, "delay_seconds": 60}))).await;
    }
    let batch = json!({"tasks": LANES.map(|lane| note(json!({"priority": lane})))});
    let answer = api.post("/v1/tasks/batch", &[], batch.to_string()).await;
    assert!(answer.body["results"].as_array().unwrap().iter().all(|one| one["status"] == 202), "{}", answer.body);
    let wait = [("prefer", "wait=1")];
    let waited = world.passing(STEP, api.post("/v1/tasks", &wait, note(json!({})).to_string())).await;
    assert_eq!(waited.status, 202);

    // A large payload with a key, and a replay that cannot know whether the message was sent.
    let keyed = note(json!({"payload": large(), "idempotency_key": "k"}));
    let id = api.submit(keyed.clone()).await;
    assert_eq!(world.passing(STEP, api.try_submit(&keyed)).await.status, 200);
    assert_eq!(world.record(id).await.generation.0, 2, "the replay sent a second message");
    assert_eq!(api.task(id).await["payload"], large());

    // A large payload is uploaded, taken, and read again, as by the requests that the API signs.
    let payload_ref = world.upload(b"[1]", "").await;
    let object = Object::parse(&payload_ref).unwrap();
    let id = api.submit(note(json!({"payload_ref": payload_ref}))).await;
    let bucket = world.stack.objects_for(Caller::Submit).unwrap();
    let valid = Duration::from_secs(60);
    let url = bucket.presign_download(&object, id, SystemClock.now(), valid).await.unwrap();
    assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), "[1]");

    // A schedule is put, changed, listed and deleted.
    let every = |seconds: u64| json!({"every_seconds": seconds, "task": {"target": {"handler": "note"}}});
    for seconds in [30, 60] {
        assert!([200, 201].contains(&api.put_schedule("s", &every(seconds)).await.status));
    }
    assert_eq!(api.ask(http::Method::POST, "/v1/schedules/s/run", &[], "").await.status, 202);
    let listed = api.ask(http::Method::GET, "/v1/schedules", &[], "").await;
    assert_eq!(listed.body["schedules"][0]["name"], "s", "{}", listed.body);
    assert_eq!(api.delete_schedule("s").await.status, 204);

    // The queue is down.
    world.sends(|_| Interruption::RefuseBefore);
    let parked = api.submit(note(json!({}))).await;
    world.stack.sqs.interrupt(None);
    assert_eq!(world.state(parked).await, "scheduled");

    // Changes of a task in the agenda and of a task with a message.
    for delay in [7200, 60] {
        let id = api.submit(note(json!({"delay_seconds": delay}))).await;
        assert_eq!(api.change(id, &json!({"priority": "low"})).await.status, 200);
        assert_eq!(api.act(id, "run").await.status, 200);
        assert_eq!(api.act(id, "cancel").await.status, 200);
        assert_eq!(api.act(id, "retry").await.status, 200);
    }
    // Lists, and changes of all tasks that match.
    for verb in ["pause", "resume"] {
        // The entry of a task that was moved since. The queue removes it when it goes on.
        let entry = HoldEntry { id, generation: Generation::FIRST, rank: world.now() };
        world.store.put_hold(&Scope::share("default", 0), &entry, world.now()).await.unwrap();
        assert_eq!(api.ask(Method::POST, &format!("/v1/queues/default/{verb}"), &[], "").await.status, 200);
    }
    assert_eq!(api.ask(Method::GET, "/v1/queues", &[], "").await.status, 200);
    assert_eq!(api.ask(Method::GET, "/v1/stats", &[], "").await.status, 200);
    let listed = api.ask(Method::GET, "/v1/tasks?queue=default", &[], "").await;
    assert_eq!((listed.status, listed.body["tasks"].as_array().map(Vec::len)), (200, Some(29)), "{}", listed.body);
    assert_eq!(api.ask(Method::GET, "/v1/tasks", &[], "").await.status, 200);
    assert_eq!(api.ask(Method::GET, "/v1/dead", &[], "").await.status, 200);
    let doomed = api.submit(note(json!({"queue": "doomed", "delay_seconds": 60}))).await;
    assert_eq!(api.post("/v1/tasks/cancel?queue=doomed", &[], "").await.body["done"], 1);
    let ids = json!({"ids": [doomed.to_string()]}).to_string();
    assert_eq!(api.post("/v1/dead/redrive", &[], ids).await.body["matched"], 0);
    let late = api.submit(note(json!({"deadline": at(world, 30)}))).await;
    world.pass_secs(60);
    assert_eq!(api.act(late, "retry").await.status, 200, "the retry first writes the task's expiry");
}

/// Everything that an executor does, be it a function or a worker.
pub(super) async fn executor(world: &World, effects: &Effects, gate: &Gate) {
    let api = &world.api;
    for lane in LANES {
        let again = json!({"min_backoff_seconds": 5, "max_backoff_seconds": 5});
        let flaky = json!({"target": {"handler": "flaky"}, "payload": 1, "priority": lane, "retry": again});
        assert_eq!(ended(world, api.submit(flaky).await).await, "succeeded");
    }
    let later = json!({"min_backoff_seconds": 7200, "max_backoff_seconds": 7200});
    let task = json!({"target": {"handler": "flaky"}, "payload": 1, "retry": later});
    let id = api.submit(task).await;
    assert_eq!(ended(world, id).await, "succeeded");
    let once = json!({"target": {"handler": "flaky"}, "payload": 9, "retry": {"max_attempts": 1}});
    assert_eq!(ended(world, api.submit(once).await).await, "failed");
    // A result in an item beside the record.
    let id = api.submit(json!({"target": {"handler": "large"}, "payload": 20_000})).await;
    assert_eq!(ended(world, id).await, "succeeded");
    assert_eq!(api.task(id).await["result"], large());

    // A payload and a result in the bucket.
    let payload_ref = world.upload(b"300000", "").await;
    let id = api.submit(json!({"target": {"handler": "large"}, "payload_ref": payload_ref})).await;
    assert_eq!(ended(world, id).await, "succeeded");
    assert!(matches!(world.record(id).await.result, Some(Stored::Object(_))));

    // Tasks that end at the same time, each with a callback: puts that go together.
    let followed = json!({"target": {"handler": "note"}, "on_success": {"target": {"handler": "note"}}});
    for id in api.submit_all(&vec![followed; 10]).await {
        assert_eq!(ended(world, id).await, "succeeded");
        until("its callback", async || world.record(id).await.children.first().copied()).await;
    }

    // An attempt that sends heartbeats, and whose message comes twice.
    let started = effects.count();
    let id = api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    until("the start", async || (effects.count() > started).then_some(())).await;
    world.pass_secs(30);
    let watched = world.now().after(Duration::from_secs(60));
    let lease_end = until("the heartbeat", async || match world.record(id).await.state {
        State::Running { lease_end, .. } => (lease_end > watched).then_some(lease_end),
        State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
    })
    .await;
    // A second later, so that no other cause can hide the message until the same time.
    world.pass_secs(1);
    world.show();
    until("the duplicate hidden until the lease is over", async || {
        let Phase::InFlight { until, .. } = world.waiting()[0].phase else { return None };
        (until == lease_end.after(SKEW)).then_some(())
    })
    .await;
    gate.open();
    assert_eq!(ended(world, id).await, "succeeded");

    // The deadline passes while the task runs.
    let started = effects.count();
    let id = api.submit(json!({"target": {"handler": "gate"}, "deadline": at(world, 20)})).await;
    until("the start", async || (effects.count() > started).then_some(())).await;
    assert_eq!(ended(world, id).await, "failed");
    // The deadline passes before the task runs.
    let id = api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 10, "deadline": at(world, 15)})).await;
    world.pass_secs(20);
    assert_eq!(ended(world, id).await, "expired");

    // A queue with a limit: a task is held, and sent when another ends.
    let json = [("content-type", "application/json")];
    let limited = api.ask(Method::PATCH, "/v1/queues/limited", &json, r#"{"concurrency": 1}"#).await;
    assert_eq!(limited.status, 200, "{}", limited.body);
    let started = effects.count();
    let [first, second] = ["gate", "note"].map(|handler| json!({"queue": "limited", "target": {"handler": handler}}));
    let first = api.submit(first).await;
    until("the start", async || (effects.count() > started).then_some(())).await;
    let second = api.submit(second).await;
    until("the second to be held", async || {
        let queue = api.ask(Method::GET, "/v1/queues/limited", &[], "").await;
        (queue.body["held"] == 1).then_some(())
    })
    .await;
    gate.open();
    for id in [first, second] {
        assert_eq!(ended(world, id).await, "succeeded");
    }

    // The message of a task that never existed, and an unreadable message.
    world.put(r#"{"v":1,"id":"tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","g":1,"due":1,"to":60}"#);
    world.put("poison");
    // The remaining messages, also those of the other paths.
    until("the end of all messages", async || {
        if world.counts(Source::DeadLetters).visible > 0 {
            world.tick().await;
        }
        world.pass(STEP);
        (world.carried() == 0).then_some(())
    })
    .await;
}

/// Ticks and moves the clock until the task has ended. Returns the name of its state.
async fn ended(world: &World, id: TaskId) -> &'static str {
    until("the task's end", async || {
        let state = world.record(id).await.state;
        match state {
            State::Scheduled { due, .. } => {
                world.pass(due.since(world.now()));
                world.tick().await;
            }
            State::Queued { due } => world.pass(due.since(world.now())),
            State::Running { .. } | State::Ended { .. } => {}
        }
        world.pass(STEP);
        state.name().is_ended().then_some(state.name().as_str())
    })
    .await
}

/// The time this many seconds from now, in the API's format.
fn at(world: &World, seconds: u64) -> String {
    let whole = world.now().after(Duration::from_secs(seconds)).as_secs() - 1_795_420_800;
    format!("2026-11-23T{:02}:{:02}:{:02}Z", 8 + whole / 3600, whole / 60 % 60, whole % 60)
}
