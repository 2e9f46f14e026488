//! Unreadable messages, alone and among readable ones.

use std::time::Duration;

use serde_json::{Value, json};
use taskway_cloud::{
    dynamo::{
        UnreadableMessage,
        layout::{TASK_SORT, attr, unreadable_partition},
    },
    sqs::Source,
};
use taskway_executor::batch;
use taskway_protocol::Priority;
use taskway_scheduler::Report;
use taskway_tests::{Effects, World, arrived, until};

const NEWER: &str = r#"{"v":3,"something":"else"}"#;

async fn three(world: &World) -> Vec<taskway_protocol::TaskId> {
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(world.api.submit(json!({"target": {"handler": "note"}, "payload": n})).await);
    }
    ids
}

#[tokio::test]
async fn a_poison_message_does_not_harm_its_neighbours_at_a_worker() {
    let (world, effects) = (World::new().await, Effects::default());
    world.put("poison");
    world.put(NEWER);
    let ids = three(&world).await;
    let _worker = world.worker(&world.executor(effects.handlers()));
    for id in ids {
        assert_eq!(world.ended(id).await, "succeeded");
    }
    until("the acknowledgements", async || (world.waiting().len() == 2).then_some(())).await;
    assert_eq!(effects.count(), 3);
}

#[tokio::test]
async fn a_poison_record_fails_alone_in_a_batch() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.put("poison");
    world.put(NEWER);
    let ids = three(&world).await;
    let taken = world.take(Priority::Normal).await;
    assert_eq!(taken.len(), 5);
    let mut event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    let records = event["Records"].as_array_mut().unwrap();
    let mut stranger = records[0].clone();
    stranger["messageId"] = json!("from-elsewhere");
    stranger["eventSourceARN"] = json!("arn:aws:sqs:us-east-1:000000000000:another");
    records.push(stranger);
    records.push(json!({"messageId": "misshapen", "attributes": 7}));

    let deadline = world.now().as_millis() + 900_000;
    let answer = batch::run(&executor, serde_json::from_value(event).unwrap(), deadline).await;
    let answer = serde_json::to_value(answer).unwrap();
    let mut told: Vec<&str> = answer["batchItemFailures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["itemIdentifier"].as_str().unwrap())
        .collect();
    told.sort_unstable();
    let mut expected = vec![&*taken[0].message_id, &*taken[1].message_id, "from-elsewhere", "misshapen"];
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    assert!(answer["batchItemFailures"].as_array().unwrap().iter().all(|one| one.as_object().unwrap().len() == 1));
    for id in ids {
        assert_eq!(world.state(id).await, "succeeded");
    }
}

#[tokio::test]
async fn a_batch_record_without_an_id_makes_the_whole_batch_come_again() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let event = json!({"Records": ["nothing", {"body": "no name"}]});
    let answer = batch::run(&executor, serde_json::from_value(event).unwrap(), 900_000).await;
    // To the mapping, an empty identifier means that the whole batch failed, so it deletes no message.
    assert!(answer.batch_item_failures.iter().any(|one| one.item_identifier.is_empty()));
}

#[tokio::test]
async fn a_good_batch_is_answered_with_no_failures() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let empty = batch::run(&executor, serde_json::from_value(json!({"Records": []})).unwrap(), 900_000).await;
    assert_eq!(serde_json::to_string(&empty).unwrap(), r#"{"batchItemFailures":[]}"#);
    three(&world).await;
    let event = arrived(&world.take(Priority::Normal).await, &world.queue(Source::Lane(Priority::Normal)));
    let answer = batch::run(&executor, serde_json::from_value(event).unwrap(), 900_000).await;
    assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"batchItemFailures":[]}"#);
    assert_eq!(effects.count(), 3);
}

#[tokio::test]
async fn tasks_that_a_batch_has_no_time_for_are_handed_back_unclaimed() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let ids = three(&world).await;
    let taken = world.take(Priority::Normal).await;
    let event = arrived(&taken, &world.queue(Source::Lane(Priority::Normal)));
    let deadline = world.now().as_millis() + 10_000;
    let answer = batch::run(&executor, serde_json::from_value(event).unwrap(), deadline).await;
    assert_eq!(answer.batch_item_failures.len(), 3);
    assert_eq!(effects.count(), 0);
    world.pass_secs(10);
    world.work(&executor).await;
    for id in ids {
        assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn an_unreadable_message_is_kept_aside_within_seconds() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.put("poison");
    let mut seconds = 0;
    while world.counts(Source::DeadLetters).visible == 0 {
        world.work(&executor).await;
        world.pass_secs(1);
        seconds += 1;
        assert!(seconds < 30, "it is not dead-lettered");
    }
    let report = world.tick().await;
    assert_eq!((report.dead_letters, report.kept_aside, report.failed), (1, 1, 0));
    assert_eq!(world.carried(), 0);
    let report = world.tick().await;
    // The copy of the message is not taken for a due task.
    assert_eq!(report, Report { lag_ms: Some(0), ..Report::default() });
}

#[tokio::test]
async fn an_operator_can_list_read_and_resend_unreadable_messages() {
    let world = World::new().await;
    let mut kept = Vec::new();
    for body in ["first\n\t\"quoted\" é", "second"] {
        world.pass_secs(60);
        world.put(body);
        kept.push((world.waiting()[0].id.to_string(), world.now(), body));
        dead_letter(&world).await;
        assert_eq!(world.tick().await.kept_aside, 1);
    }
    let page = world.store.unreadable(None).await.unwrap();
    let expected = kept.iter().map(|(id, sent, _)| UnreadableMessage { message_id: id.clone(), sent: *sent });
    assert_eq!(page.items, expected.collect::<Vec<_>>());
    assert!(page.next.is_none());

    // The query of the documentation, as an operator gives it to the AWS CLI.
    let (condition, values) = ("ap = :p", r#"{":p": {"S": "agenda#unreadable"}}"#);
    let manual = include_str!("../../../docs/architecture.md");
    assert!(manual.contains(&format!("'{condition}'")) && manual.contains(&format!("'{values}'")));
    let table = world.stack.settings.table.clone();
    let values: Value = serde_json::from_str(values).unwrap();
    let query = json!({"TableName": table, "IndexName": "agenda", "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values, "ScanIndexForward": false});
    let found = world.dynamodb("Query", query).await;
    let listed: Vec<&str> =
        found["Items"].as_array().unwrap().iter().map(|item| item[attr::PK]["S"].as_str().unwrap()).collect();
    let newest_first: Vec<String> = kept.iter().rev().map(|(id, ..)| unreadable_partition(id)).collect();
    assert_eq!(listed, newest_first);
    assert!(found["Items"][0].get(attr::TEXT).is_none(), "the index holds no bodies");

    let key = json!({attr::PK: {"S": listed[1]}, attr::SK: {"S": TASK_SORT}});
    let item = world.dynamodb("GetItem", json!({"TableName": table, "Key": key})).await;
    let body = item["Item"][attr::TEXT]["S"].as_str().unwrap();
    assert_eq!(body, kept[0].2);
    world.put(body);
    assert_eq!(&*world.waiting()[0].body, kept[0].2);
    world.dynamodb("DeleteItem", json!({"TableName": table, "Key": key})).await;
    assert_eq!(world.store.unreadable(None).await.unwrap().items.len(), 1);
}

/// Receives the messages of the normal lane until they are dead letters.
async fn dead_letter(world: &World) {
    for _ in 0..21 {
        let lane = Source::Lane(Priority::Normal);
        world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_of_a_newer_release_is_never_deleted() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    world.put(NEWER);
    for _ in 0..60 {
        world.work(&executor).await;
        world.tick().await;
        assert_eq!(world.carried(), 1);
        world.pass_secs(60);
    }
    assert_eq!(world.counts(Source::DeadLetters).visible, 1);
}
