//! Failed tasks: listing them and redriving them.

use serde_json::{Value, json};
use taskway_executor::handlers::shipped;
use taskway_protocol::TaskId;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Effects, World};

fn fatal(more: &Value) -> Value {
    let mut task = json!({"target": {"handler": "fail"}, "payload": {"fatal": true}});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

fn ids(tasks: &[Value]) -> Vec<TaskId> {
    tasks.iter().map(|task| TaskId::parse(task["id"].as_str().unwrap()).unwrap()).collect()
}

fn sorted(tasks: impl IntoIterator<Item = TaskId>) -> Vec<String> {
    let mut all: Vec<String> = tasks.into_iter().map(|id| id.to_string()).collect();
    all.sort_unstable();
    all
}

/// Makes failed tasks in three queues. Up to thirty of them fail in the same millisecond.
async fn failed(world: &World, count: usize) -> Vec<TaskId> {
    let executor = world.executor(shipped());
    let mut all = Vec::new();
    while all.len() < count {
        let tasks = |n: usize| fatal(&json!({"queue": format!("q{}", n % 3), "labels": {"odd": (n % 2).to_string()}}));
        let tasks: Vec<Value> = (0..(count - all.len()).min(30)).map(tasks).collect();
        all.extend(world.api.submit_all(&tasks).await);
        world.work(&executor).await;
        world.pass_secs(1);
    }
    all
}

#[tokio::test]
async fn failed_tasks_are_listed_by_their_end_newest_first() {
    let (world, effects) = (World::new().await, Effects::default());
    let there = failed(&world, 100).await;
    let succeeded = world.api.submit(json!({"target": {"handler": "note"}, "queue": "q0"})).await;
    world.end(&world.executor(effects.handlers()), succeeded).await;
    for limit in [1, 7, 100] {
        let tasks = world.api.list(&format!("/v1/dead?limit={limit}&")).await;
        let ends: Vec<&str> = tasks.iter().map(|task| task["finished_at"].as_str().unwrap()).collect();
        assert!(ends.is_sorted_by(|one, next| one >= next), "{limit}");
        assert_eq!(sorted(ids(&tasks)), sorted(there.clone()), "{limit}");
        assert!(tasks.iter().all(|task| task["state"] == "failed" && task.get("payload").is_none()));
    }
    let q1 = world.api.list("/v1/dead?queue=q1&label.odd=1&limit=5&").await;
    assert!(q1.len() > 10 && q1.iter().all(|task| task["queue"] == "q1" && task["labels"]["odd"] == "1"));
    assert!(world.api.list("/v1/dead?queue=none&").await.is_empty());

    // A retried task leaves the list. When it fails again, it comes first.
    let oldest = ids(&world.api.list("/v1/dead?").await).pop().unwrap();
    assert_eq!(world.api.act(oldest, "retry").await.status, 200);
    assert_eq!(world.api.list("/v1/dead?").await.len(), 99);
    world.end(&world.executor(shipped()), oldest).await;
    assert_eq!(ids(&world.api.read("/v1/dead?limit=1").await.tasks()), [oldest]);

    let faulty = world.api.read("/v1/dead?state=failed&limit=x").await;
    assert_eq!((faulty.status, faulty.body["errors"].as_array().map(Vec::len)), (422, Some(2)));
    world.pass_secs(8 * 86_400);
    assert!(world.api.list("/v1/dead?").await.is_empty(), "their retention is over");
}

#[tokio::test]
async fn a_redrive_continues_at_its_cursor_and_ends_though_all_tasks_fail_again() {
    let world = World::new().await;
    let executor = world.executor(shipped());
    let there = failed(&world, 100).await;
    let (mut matched, mut done, mut calls, mut cursor) = (0, 0, 0, Value::Null);
    loop {
        let body = json!({"limit": 9, "cursor": cursor}).to_string();
        let answer = world.api.post("/v1/dead/redrive", &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        matched += answer.body["matched"].as_u64().unwrap();
        done += answer.body["done"].as_u64().unwrap();
        calls += 1;
        // The tasks fail again at once. The list has them before the cursor, so the redrive does not meet them again.
        world.work(&executor).await;
        world.pass_secs(1);
        cursor = answer.body["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!((matched, done), (100, 100));
    assert!((12..=13).contains(&calls), "{calls}");
    for id in &there {
        let record = world.record(*id).await;
        assert_eq!((record.generation.0, record.state.name().as_str()), (2, "failed"), "each task ran once more");
    }
}

#[tokio::test]
async fn a_redrive_starts_only_the_selected_tasks() {
    let (world, effects) = (World::new().await, Effects::default());
    let there = failed(&world, 30).await;
    let open = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 60})).await;
    let succeeded = world.api.submit(json!({"target": {"handler": "note"}})).await;
    world.work(&world.executor(effects.handlers())).await;

    let told =
        json!({"ids": [there[3].to_string(), open.to_string(), succeeded.to_string(), "t", there[4].to_string()]});
    let answer = world.api.post("/v1/dead/redrive", &[], told.to_string()).await;
    assert_eq!(answer.body, json!({"matched": 2, "done": 2, "next_cursor": null}));
    for id in [there[3], there[4]] {
        assert_eq!(world.record(id).await.generation.0, 2);
    }
    assert_eq!(world.api.post("/v1/dead/redrive", &[], told.to_string()).await.body["matched"], 0);
    // A list of ids, in pages.
    let ids: Vec<String> = there[5..10].iter().map(TaskId::to_string).collect();
    let first = world.api.post("/v1/dead/redrive", &[], json!({"ids": ids, "limit": 2}).to_string()).await;
    assert_eq!((&first.body["matched"], first.body["next_cursor"].is_string()), (&json!(2), true));
    let rest = json!({"ids": ids, "cursor": first.body["next_cursor"]}).to_string();
    let rest = world.api.post("/v1/dead/redrive", &[], rest).await;
    assert_eq!(rest.body, json!({"matched": 3, "done": 3, "next_cursor": null}));

    let odd = world.api.post("/v1/dead/redrive?queue=q1&label.odd=1", &[], "").await;
    let left = world.api.list("/v1/dead?").await;
    let meant = |task: &Value| task["queue"] == "q1" && task["labels"]["odd"] == "1";
    assert!(odd.body["done"].as_u64().unwrap() > 0 && !left.iter().any(meant));
    assert_eq!(left.len() as u64, 23 - odd.body["done"].as_u64().unwrap());
    assert_eq!((world.state(open).await, world.state(succeeded).await), ("queued", "succeeded"));
}

#[tokio::test]
async fn a_redrive_that_dies_can_be_repeated() {
    let world = World::new().await;
    let there = failed(&world, 60).await;
    // The process dies after some of its writes, before it sends their messages.
    let left = std::sync::atomic::AtomicUsize::new(20);
    let faults = Faults::asking(move |point| {
        point == CrashPoint::ChangeWritten && left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1
    });
    let mortal = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let dies = tokio::spawn(async move { mortal.post("/v1/dead/redrive", &[], "").await });
    faults.died().await;
    dies.abort();
    let again = world.api.post("/v1/dead/redrive", &[], "").await;
    assert_eq!((again.status, &again.body["matched"]), (200, &again.body["done"]));
    let revived = again.body["done"].as_u64().unwrap();
    assert!((1..=40).contains(&revived), "{revived}");
    assert!(world.api.list("/v1/dead?").await.is_empty());
    // The agenda carries the tasks whose messages were not sent.
    let executor = world.executor(shipped());
    for id in &there {
        assert_eq!(world.end(&executor, *id).await, "failed");
        assert_eq!(world.record(*id).await.generation.0, 2, "each task once");
    }
}
