//! Writes of one process that share requests.

use std::sync::{Arc, Mutex};

use serde_json::json;
use taskway_cloud::sqs::Source;
use taskway_executor::{Executor, batch};
use taskway_protocol::{Priority, TaskId};
use taskway_tests::{Effects, Fate, Proxy, World, arrived};

/// The actions that DynamoDB was asked for, in their order, and how many statements each had.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<(String, usize)>>>);

impl Asked {
    async fn before(&self, upstream: &str) -> Proxy {
        let asked = self.clone();
        Proxy::start(upstream, move |action, text| {
            asked.0.lock().unwrap().push((action.to_owned(), text.matches("\"Statement\"").count()));
            Fate::Pass
        })
        .await
    }

    fn take(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A world, and an executor of it whose writes share requests and are seen.
struct Scene {
    world: World,
    effects: Effects,
    asked: Asked,
    executor: Executor,
    _proxy: Proxy,
}

impl Scene {
    async fn new() -> Self {
        let (mut world, effects, asked) = (World::new().await, Effects::default(), Asked::default());
        let proxy = asked.before(&world.stack.dynamodb).await;
        let store = world.store_at(&proxy.url).with_batches();
        let executor = world.executor_of(world.services().with_store(store), effects.handlers());
        Scene { world, effects, asked, executor, _proxy: proxy }
    }
}

/// The read of a queue's settings: one for all its messages, and none while they are fresh.
const SETTINGS: (&str, usize) = ("GetItem", 0);

async fn ten(world: &World) -> Vec<TaskId> {
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(world.api.submit(json!({"target": {"handler": "note"}, "payload": n})).await);
    }
    ids
}

#[tokio::test]
async fn one_request_claims_a_batch_of_lambda_and_one_ends_it() {
    let Scene { world, effects, asked, executor, _proxy } = Scene::new().await;
    let ids = ten(&world).await;
    let taken = world.take(Priority::Normal).await;
    let event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    // A process announces its handlers once in 30 s, in a request of its own.
    executor.announce().await;
    assert_eq!(asked.take(), [("UpdateItem".to_owned(), 0)]);
    let answer = batch::run(&executor, serde_json::from_value(event).unwrap(), 0).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    let asked = asked.take();
    let asked: Vec<(&str, usize)> = asked.iter().map(|(action, statements)| (&**action, *statements)).collect();
    // The last ones tell how many tasks have ended, once in a minute, and what all of it has cost, once in five.
    let telling = ("UpdateItem", 0);
    let written = [("BatchExecuteStatement", 10), ("BatchExecuteStatement", 10), telling, telling];
    assert_eq!(asked, [&[SETTINGS], &written[..]].concat());
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
    assert_eq!(effects.count(), 10);
}

#[tokio::test]
async fn a_lone_task_is_claimed_and_ended_by_single_writes() {
    let Scene { world, effects, asked, executor, _proxy } = Scene::new().await;
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    assert_eq!(world.work(&executor).await, 1);
    let asked = asked.take();
    let asked: Vec<(&str, usize)> = asked.iter().map(|(action, statements)| (&**action, *statements)).collect();
    assert_eq!(asked, [SETTINGS, ("UpdateItem", 0), ("UpdateItem", 0)]);
    assert_eq!(effects.count(), 1);
    assert_eq!(world.state(id).await, "succeeded");
}

#[tokio::test]
async fn copies_of_a_message_in_one_batch_run_their_task_once() {
    let Scene { world, effects, asked, executor, _proxy } = Scene::new().await;
    let id = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let other = world.api.submit(json!({"target": {"handler": "note"}})).await;
    let taken = world.take(Priority::Normal).await;
    let mut event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    let records = event["Records"].as_array_mut().unwrap();
    for copy in 0..3 {
        let mut record = records[0].clone();
        record["messageId"] = json!(format!("copy-{copy}"));
        records.push(record);
    }
    batch::run(&executor, serde_json::from_value(event).unwrap(), 0).await;
    assert_eq!((world.state(id).await, world.state(other).await), ("succeeded", "succeeded"));
    assert_eq!(effects.count(), 2);
    // Two changes of one record never share a request.
    let statements: Vec<usize> = asked.take().into_iter().map(|(_, statements)| statements).collect();
    assert!(statements.iter().all(|statements| *statements <= 2), "{statements:?}");
}
