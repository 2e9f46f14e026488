//! How much is in a stack.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::Method;
use serde_json::{Value, json};
use taskway_cloud::{dynamo::Count, sqs::Source};
use taskway_executor::{batch, handlers::shipped};
use taskway_local::sqs::Interruption;
use taskway_protocol::{Priority, Usage};
use taskway_tests::{Answer, Fate, Proxy, World, arrived};

const LOW: Source = Source::Lane(Priority::Low);

async fn stats(world: &World) -> Value {
    let answer = world.api.ask(Method::GET, "/v1/stats", &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn messages(waiting: u64, in_flight: u64, delayed: u64) -> Value {
    json!({"waiting": waiting, "in_flight": in_flight, "delayed": delayed})
}

fn note(lane: &str, delay: u64) -> Value {
    json!({"target": {"handler": "note"}, "priority": lane, "delay_seconds": delay})
}

#[tokio::test]
async fn messages_are_counted_where_they_are() {
    let world = World::new().await;
    let empty = json!({
        "lanes": {"high": messages(0, 0, 0), "normal": messages(0, 0, 0), "low": messages(0, 0, 0)},
        "dead_letters": messages(0, 0, 0),
        "due_backlog": 0,
        "promotion_lag_seconds": 0.0,
        "unreadable": 0,
        "programs": [],
        "ended": [],
        "usage": [],
    });
    assert_eq!(stats(&world).await, empty);
    world.api.submit_all(&[note("high", 0), note("high", 60), note("low", 0), note("low", 0), note("low", 0)]).await;
    world.lanes.receive(LOW, 2, Duration::from_secs(60), Duration::ZERO).await.unwrap();
    world.put("poison");
    for _ in 0..21 {
        world.lanes.receive(Source::Lane(Priority::Normal), 1, Duration::ZERO, Duration::ZERO).await.unwrap();
    }
    let told = stats(&world).await;
    let lanes = json!({"high": messages(1, 0, 1), "normal": messages(0, 0, 0), "low": messages(1, 2, 0)});
    assert_eq!((&told["lanes"], &told["dead_letters"]), (&lanes, &messages(1, 0, 0)), "{told}");
    // A tick keeps the dead letter aside, because it cannot be read.
    world.pass_secs(60);
    assert_eq!(world.tick().await.kept_aside, 1);
    let told = stats(&world).await;
    assert_eq!((&told["dead_letters"], &told["unreadable"]), (&messages(0, 0, 0), &json!(1)), "{told}");
}

#[tokio::test]
async fn tasks_are_counted_by_the_minute_and_by_how_they_ended() {
    let world = World::new().await;
    let executor = world.executor(shipped());
    let run = async || {
        let event = arrived(&world.take(Priority::Normal).await, &world.queue(Source::Lane(Priority::Normal)));
        batch::run(&executor, serde_json::from_value(event).unwrap(), 900_000).await;
    };
    let echo = |delay: u64| json!({"target": {"handler": "echo"}, "delay_seconds": delay});
    let fail = json!({"target": {"handler": "fail"}, "retry": {"max_attempts": 1}});
    world.api.submit_all(&[echo(0), echo(0), fail]).await;
    let cancelled = world.api.submit(echo(3_600)).await;
    run().await;
    world.api.act(cancelled, "cancel").await;
    let at = |at: &str, ends: [u64; 4]| json!({"at": at, "succeeded": ends[0], "failed": ends[1], "cancelled": ends[2], "expired": ends[3]});
    let first = at("2026-11-23T08:00:00.000Z", [2, 1, 1, 0]);
    assert_eq!(stats(&world).await["ended"], json!([first]));

    // A function tells no more than once a minute what it has ended. A tick tells it at once.
    let late = json!({"target": {"handler": "echo"}, "delay_seconds": 1_000, "deadline": "2026-11-23T08:20:00Z"});
    world.api.submit(late).await;
    world.pass_secs(59);
    world.api.submit(echo(0)).await;
    run().await;
    assert_eq!(stats(&world).await["ended"], json!([first]));
    world.pass_secs(1_201);
    world.tick().await;
    run().await;
    let told = stats(&world).await["ended"].clone();
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    let sum = |name: &str| told.as_array().unwrap().iter().map(|minute| minute[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(["succeeded", "failed", "cancelled", "expired"].map(sum), [3, 1, 1, 1], "{told}");
    // After an hour they are not shown any more.
    world.pass_secs(3_000);
    assert_eq!(stats(&world).await["ended"].as_array().unwrap().len(), 1);
    world.pass_secs(700);
    assert_eq!(stats(&world).await["ended"], json!([]));
}

#[tokio::test]
async fn late_tasks_are_counted_and_the_latest_says_how_late() {
    let world = World::new().await;
    for delay in [1200, 1500, 1800, 7200] {
        world.api.submit(note("normal", delay)).await;
    }
    world.pass(Duration::from_millis(1_500_250));
    let told = stats(&world).await;
    assert_eq!((&told["due_backlog"], &told["promotion_lag_seconds"]), (&json!(2), &json!(300.25)));
    assert_eq!(world.tick().await.due_backlog, 2, "a tick finds the same");
    let told = stats(&world).await;
    assert_eq!((&told["due_backlog"], &told["promotion_lag_seconds"]), (&json!(0), &json!(0.0)));
    assert_eq!(told["lanes"]["normal"], messages(2, 0, 1), "and sends one ahead of its time");
}

#[tokio::test]
async fn a_large_backlog_is_counted_up_to_a_thousand() {
    let world = World::new().await;
    for count in [500, 499, 2] {
        world.api.submit_all(&vec![note("normal", 1200); count]).await;
    }
    world.pass_secs(1200);
    assert_eq!(stats(&world).await["due_backlog"], 0, "their time is now");
    world.pass_secs(1);
    let told = stats(&world).await;
    assert_eq!((&told["due_backlog"], &told["promotion_lag_seconds"]), (&json!({"at_least": 1000}), &json!(1.0)));
    let both = world.store.overdue(2, world.now()).await.unwrap();
    assert_eq!(both.count, Count::AtLeast(1000), "the second shard is empty");
}

/// Asserts that an answer says to come again.
fn is_unavailable(answer: &Answer) {
    let said = (answer.status, answer.header("retry-after"), &answer.body["type"]);
    assert_eq!(said, (503, "2", &json!("/problems/unavailable")), "{}", answer.body);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_503() {
    let mut world = World::new().await;
    world.stack.sqs.interrupt(Some(Box::new(|action, _| match action {
        "GetQueueAttributes" => Interruption::RefuseBefore,
        _ => Interruption::None,
    })));
    is_unavailable(&world.api.ask(Method::GET, "/v1/stats", &[], "").await);
    world.stack.sqs.interrupt(None);
    for action in ["Query", "GetItem"] {
        let rule = move |asked: &str, _: &str| if asked == action { Fate::Refuse } else { Fate::Pass };
        let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
        let store = world.store_at(&proxy.url);
        let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
        is_unavailable(&api.ask(Method::GET, "/v1/stats", &[], "").await);
    }
    assert_eq!(world.api.ask(Method::POST, "/v1/stats", &[("content-type", "application/json")], "").await.status, 405);
}

#[tokio::test]
async fn what_aws_bills_for_the_calls_is_counted_by_the_month() {
    let world = World::new().await;
    let executor = world.executor(shipped());
    let usage = async || stats(&world).await["usage"].clone();
    let month = |month: &str, write_units: u64, read_units: f64, sqs_requests: u64| json!({"month": month, "write_units": write_units, "read_units": read_units, "sqs_requests": sqs_requests});
    // Two units for the record, and two for its queue, which is new.
    world.api.submit(json!({"target": {"handler": "echo"}})).await;
    // Submit tells it beside its next request.
    stats(&world).await;
    assert_eq!(usage().await, json!([month("2026-11", 4, 0.0, 1)]));

    // The executor adds a unit each for the announcement, the claim and the outcome, and a read unit for the
    // settings of the queue. This test asks SQS twice, by the same client.
    executor.announce().await;
    let event = arrived(&world.take(Priority::Normal).await, &world.queue(Source::Lane(Priority::Normal)));
    batch::run(&executor, serde_json::from_value(event).unwrap(), 900_000).await;
    assert_eq!(usage().await, json!([month("2026-11", 7, 1.0, 3)]));

    // Submit tells again after five minutes: what the last telling and five calls of stats have cost.
    world.pass_secs(299);
    stats(&world).await;
    assert_eq!(usage().await, json!([month("2026-11", 7, 1.0, 3)]));
    world.pass_secs(1);
    stats(&world).await;
    let told = usage().await;
    assert_eq!(told, json!([month("2026-11", 8, 13.5, 23)]));
    world.pass_secs(9 * 86_400);
    stats(&world).await;
    let told = usage().await;
    assert_eq!(told, json!([month("2026-12", 1, 5.0, 8), told[1]]));
}

#[tokio::test]
async fn what_an_audit_reads_is_counted_too() {
    let mut read = Vec::new();
    for is_auditing in [false, true] {
        let world = World::new().await;
        for _ in 0..2 {
            if is_auditing {
                assert_eq!(world.tick_auditing(Duration::from_secs(60)).await.failed, 0);
            } else {
                world.tick().await;
            }
            world.pass_secs(300);
        }
        world.tick().await;
        read.push(stats(&world).await["usage"][0]["read_units"].as_f64().unwrap());
    }
    assert!(read[0] > 0.0 && read[1] >= read[0] + 0.5, "without and with an audit: {read:?}");
}

#[tokio::test]
async fn counts_that_could_not_be_told_are_told_later_and_once() {
    let mut world = World::new().await;
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let proxy = Proxy::start(&world.stack.dynamodb, move |_, text| {
        if text.contains(":requests") && down.load(Ordering::Relaxed) { Fate::Refuse } else { Fate::Pass }
    })
    .await;
    let store = world.store_at(&proxy.url);
    let services = world.services().with_store(store);
    // Half a read unit is to be told.
    services.store.counts(world.now()).await.unwrap();
    let told = async || world.store.counts(world.now()).await.unwrap().usage;
    services.tell_usage().await;
    assert_eq!(told().await, [], "the table refused them");
    is_down.store(false, Ordering::Relaxed);
    services.tell_usage().await;
    assert_eq!(told().await, [], "it is not time");
    world.pass_secs(300);
    for _ in 0..2 {
        services.tell_usage().await;
        let once = Usage { half_read_units: 1, ..Usage::default() };
        assert_eq!(told().await, [("2026-11".to_owned(), once)]);
    }
    // What the telling itself has cost is told the next time.
    services.tell_all().await;
    assert_eq!(told().await[0].1, Usage { write_units: 1, half_read_units: 1, sqs_requests: 0 });
}
