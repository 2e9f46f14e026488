//! The hooks are called at every attempt and at every end of a task.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use taskway_cloud::{dynamo::Store, sqs::Source};
use taskway_engine::{Hooks, Services};
use taskway_executor::Executor;
use taskway_protocol::{Priority, Task, TaskId, message::Message};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::{Auditing, Scheduler};
use taskway_tests::{Api, Effects, Fate, Gate, Proxy, World, noting, nth, until};

/// More than enough for a tick under a clock that stands still.
const BUDGET: Duration = Duration::from_secs(50);

/// From one pass of the audit to the next.
const AUDITED: Duration = Duration::from_secs(1800);

/// Hooks that record their calls.
struct Recorder {
    store: Store,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    /// Each claim that was announced, and the fence of its record at that time.
    admitted: Vec<(TaskId, u32)>,
    /// Each end, and its state.
    ended: Vec<(TaskId, &'static str)>,
}

impl Hooks for Recorder {
    fn admit<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()> {
        Box::pin(async {
            let record = self.store.get(&message.id.key).await.unwrap();
            self.calls.lock().unwrap().admitted.push((message.id, record.fence.0));
        })
    }

    fn ended<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, ()> {
        Box::pin(async { self.calls.lock().unwrap().ended.push((task.id, task.state.name().as_str())) })
    }
}

/// A world whose API, executor and scheduler have hooks.
struct Scene {
    world: World,
    effects: Effects,
    gate: Gate,
    recorder: Arc<Recorder>,
    api: Api,
    executor: Executor,
    scheduler: Scheduler,
    _proxy: Option<Proxy>,
}

impl Scene {
    /// With `loses`, the table's first answer to a write that sets this state is lost.
    async fn new(loses: Option<&'static str>) -> Self {
        let mut world = World::new().await;
        let proxy = match loses {
            Some(state) => {
                let rule = nth(1, "UpdateItem", state, Fate::Lose);
                Some(Proxy::start(&world.stack.dynamodb, rule).await)
            }
            None => None,
        };
        let store = proxy.as_ref().map(|proxy| world.store_at(&proxy.url)).unwrap_or_else(|| world.store.clone());
        let recorder = Arc::new(Recorder { store: world.store.clone(), calls: Mutex::default() });
        let hooks: Arc<dyn Hooks> = Arc::clone(&recorder) as _;
        let hooked = |services: Services| services.with_store(store.clone()).with_hooks(Arc::clone(&hooks));
        let (effects, gate) = (Effects::default(), Gate::default());
        let api = world.serve(world.submit_with(hooked)).await;
        let executor = world.executor_of(hooked(world.services()), effects.gated(&gate));
        let scheduler = Scheduler { auditing: Auditing::every(AUDITED), ..world.scheduler_with(hooked) };
        Scene { world, effects, gate, recorder, api, executor, scheduler, _proxy: proxy }
    }

    fn ends(&self) -> Vec<(TaskId, &'static str)> {
        self.recorder.calls.lock().unwrap().ended.clone()
    }

    fn admitted(&self) -> Vec<(TaskId, u32)> {
        self.recorder.calls.lock().unwrap().admitted.clone()
    }

    async fn submit(&self, handler: &str, more: Value) -> TaskId {
        let mut task = json!({"target": {"handler": handler}});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.api.submit(task).await
    }

    async fn work(&self) {
        self.world.work(&self.executor).await;
    }

    async fn tick(&self) {
        self.scheduler.tick(BUDGET).await;
    }

    /// A process takes the visible message and dies at `point`. Until then it may let `meanwhile` pass.
    async fn attempt_dies(&self, point: CrashPoint, meanwhile: Duration) {
        let faults = Faults::crash_at(point);
        let executor = self.world.mortal(self.effects.gated(&self.gate), &faults);
        let delivery = self.world.delivery().await;
        let (clock, effects) = (self.world.clock.clone(), self.effects.clone());
        let victim = tokio::spawn(async move {
            let passes = async {
                if !meanwhile.is_zero() {
                    until("the start", async || (effects.count() == 1).then_some(())).await;
                    clock.advance(meanwhile);
                }
            };
            futures::join!(executor.deliver(&delivery, None), passes);
        });
        tokio::time::timeout(Duration::from_secs(60), faults.died()).await.unwrap();
        victim.abort();
    }

    /// An attempt that beats once and falls silent, of a task whose message is lost. Only the agenda still has the task.
    async fn silent_attempt(&self, more: Value) -> TaskId {
        let id = self.submit("gate", more).await;
        self.attempt_dies(CrashPoint::Beaten, Duration::from_secs(30)).await;
        self.world.lose();
        id
    }

    async fn cancel(&self, id: TaskId) {
        assert_eq!(self.api.act(id, "cancel").await.status, 200);
    }
}

type Path = (&'static str, &'static str, fn(&Scene) -> BoxFuture<'_, TaskId>);

/// Every path on which a task ends, the state in which it ends, and what takes one task there.
const PATHS: [Path; 15] = [
    ("the handler succeeds", "succeeded", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({})).await;
            scene.work().await;
            id
        })
    }),
    ("the second attempt succeeds", "succeeded", |scene| {
        Box::pin(async move {
            let id = scene.submit("flaky", json!({"payload": 1, "retry": {"min_backoff_seconds": 1}})).await;
            scene.world.settle(&scene.executor, id).await;
            id
        })
    }),
    ("the handler fails at the last attempt", "failed", |scene| {
        Box::pin(async move {
            let id = scene.submit("flaky", json!({"payload": 9, "retry": {"max_attempts": 1}})).await;
            scene.work().await;
            id
        })
    }),
    ("no handler has the name", "failed", |scene| {
        Box::pin(async move {
            let id = scene.submit("nobody", json!({})).await;
            scene.world.settle(&scene.executor, id).await;
            id
        })
    }),
    ("a claim finds the deadline passed", "expired", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({"deadline": "2026-11-23T08:00:10Z"})).await;
            scene.world.pass_secs(10);
            scene.work().await;
            id
        })
    }),
    ("a claim finds the attempts spent", "failed", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({"retry": {"max_attempts": 1}})).await;
            scene.attempt_dies(CrashPoint::Claimed, Duration::ZERO).await;
            scene.world.pass_secs(90);
            scene.work().await;
            id
        })
    }),
    ("a tick finds the last attempt lost", "failed", |scene| {
        Box::pin(async move {
            let id = scene.silent_attempt(json!({"timeout_seconds": 600, "retry": {"max_attempts": 1}})).await;
            scene.world.pass_secs(610);
            scene.tick().await;
            id
        })
    }),
    ("a tick finds the deadline passed", "expired", |scene| {
        Box::pin(async move {
            let id = scene.silent_attempt(json!({"timeout_seconds": 600, "deadline": "2026-11-23T08:05:00Z"})).await;
            scene.world.pass_secs(610);
            scene.tick().await;
            id
        })
    }),
    ("a person cancels a waiting task", "cancelled", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({"delay_seconds": 60})).await;
            scene.cancel(id).await;
            scene.cancel(id).await;
            id
        })
    }),
    ("a person cancels a running task, which then succeeds in vain", "cancelled", |scene| {
        Box::pin(async move {
            let id = scene.submit("gate", json!({})).await;
            let meanwhile = async {
                until("the start", async || (scene.effects.count() == 1).then_some(())).await;
                scene.cancel(id).await;
                scene.gate.open();
            };
            futures::join!(scene.work(), meanwhile);
            id
        })
    }),
    ("a person cancels all tasks", "cancelled", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({"delay_seconds": 60})).await;
            let answer = scene.api.post("/v1/tasks/cancel", &[], r#"{"all": true}"#).await;
            assert_eq!((answer.status, &answer.body["done"]), (200, &json!(1)));
            id
        })
    }),
    ("a person retries a task whose deadline has passed", "expired", |scene| {
        Box::pin(async move {
            let id = scene.submit("note", json!({"deadline": "2026-11-23T08:00:10Z"})).await;
            scene.world.pass_secs(10);
            assert_eq!(scene.api.act(id, "retry").await.status, 200);
            id
        })
    }),
    ("the audit finds the deadline passed", "expired", |scene| {
        Box::pin(async move {
            scene.tick().await;
            let id = scene.submit("note", json!({"deadline": "2026-11-23T08:00:10Z"})).await;
            scene.world.lose();
            scene.world.pass(AUDITED);
            scene.tick().await;
            id
        })
    }),
    ("the audit finds the last attempt lost", "failed", |scene| {
        Box::pin(async move {
            scene.tick().await;
            let id = scene.submit("note", json!({"retry": {"max_attempts": 1}})).await;
            scene.attempt_dies(CrashPoint::Claimed, Duration::ZERO).await;
            scene.world.lose();
            scene.world.pass(AUDITED);
            scene.tick().await;
            id
        })
    }),
    ("a person deletes a schedule whose firing waits", "cancelled", |scene| {
        Box::pin(async move {
            assert_eq!(scene.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await.status, 201);
            let fired = scene.api.list("/v1/tasks?").await;
            assert_eq!((fired.len(), scene.api.delete_schedule("s").await.status), (1, 204));
            TaskId::parse(fired[0]["id"].as_str().unwrap()).unwrap()
        })
    }),
];

#[tokio::test]
async fn every_path_reports_its_end_once_even_if_the_answer_to_the_write_is_lost() {
    for (path, state, take) in PATHS {
        for loses in [None, Some(state)] {
            let scene = Scene::new(loses).await;
            let id = take(&scene).await;
            let context = format!("{path}, and the lost answer is {loses:?}");
            assert_eq!(scene.ends(), [(id, state)], "{context}");
            // Whatever still carries the task or its schedule changes nothing, and reports nothing.
            if !path.starts_with("a person retries") {
                scene.world.quiet(&scene.executor).await;
                scene.tick().await;
                assert_eq!(scene.ends(), [(id, state)], "{context}");
            }
        }
    }
}

#[tokio::test]
async fn a_task_that_ends_again_is_reported_again() {
    let scene = Scene::new(None).await;
    let id = scene.submit("note", json!({"delay_seconds": 60})).await;
    scene.cancel(id).await;
    assert_eq!(scene.api.act(id, "retry").await.status, 200);
    assert_eq!(scene.world.end(&scene.executor, id).await, "succeeded");
    assert_eq!(scene.ends(), [(id, "cancelled"), (id, "succeeded")]);
}

#[tokio::test]
async fn an_end_whose_write_was_never_answered_is_not_reported() {
    let mut world = World::new().await;
    let rule = |action: &str, text: &str| match action {
        "UpdateItem" if text.contains("cancelled") => Fate::Lose,
        _ => Fate::Pass,
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let recorder = Arc::new(Recorder { store: world.store.clone(), calls: Mutex::default() });
    let hooks: Arc<dyn Hooks> = Arc::clone(&recorder) as _;
    let api = world.serve(world.submit_with(|services| services.with_store(store).with_hooks(hooks))).await;
    let id = api.submit(json!({"target": {"handler": "note"}})).await;
    assert_eq!(api.act(id, "cancel").await.status, 503);
    assert_eq!(world.state(id).await, "cancelled");
    assert!(recorder.calls.lock().unwrap().ended.is_empty());
}

#[tokio::test]
async fn every_claim_is_announced_before_it_is_made() {
    let scene = Scene::new(None).await;
    let id = scene.submit("flaky", json!({"payload": 1, "retry": {"min_backoff_seconds": 1}})).await;
    scene.world.settle(&scene.executor, id).await;
    assert_eq!(scene.api.act(id, "retry").await.status, 200);
    scene.world.settle(&scene.executor, id).await;
    let claims: Vec<(TaskId, u32)> = (0..4).map(|fence| (id, fence)).collect();
    assert_eq!(scene.admitted(), claims, "two claims for the submit and two for the retry");
}

#[tokio::test]
async fn the_claim_of_a_dead_letter_that_was_sent_again_is_announced() {
    let scene = Scene::new(None).await;
    let id = scene.submit("note", json!({})).await;
    for _ in 0..21 {
        let lane = Source::Lane(Priority::Normal);
        scene.world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
    assert_eq!(scene.world.counts(Source::DeadLetters).visible, 1);
    scene.tick().await;
    assert_eq!(scene.admitted(), []);
    assert_eq!(scene.world.end(&scene.executor, id).await, "succeeded");
    assert_eq!((scene.admitted(), scene.ends()), (vec![(id, 0)], vec![(id, "succeeded")]));
}
