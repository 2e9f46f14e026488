//! Forged and damaged messages. A message is a hint: the lease, the timeout and all else come from the record.

use std::time::Duration;

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_protocol::{State, TaskId, Time};
use taskway_tests::{Effects, Gate, World, until};

/// Every field with values that are wrong for the task of these tests, at this time: null removes the field.
fn forgeries(now: Time) -> Vec<(&'static str, Value)> {
    let from_now = |ms| json!(now.after(Duration::from_millis(ms)).as_millis());
    let mut forgeries = Vec::new();
    let mut add = |field, values: &[Value]| forgeries.extend(values.iter().map(|value| (field, value.clone())));
    add("to", &[json!(0), json!(1), json!(66), json!(u32::MAX)]);
    add("due", &[json!(0), from_now(500), from_now(3_600_000), json!(u64::MAX)]);
    add("h", &[json!("other"), json!("block"), json!(""), Value::Null]);
    add("x", &[json!(0), json!(u32::MAX)]);
    add("q", &[json!("other"), json!("")]);
    add("k", &[json!("other"), json!("")]);
    add("b", &[json!("forged"), json!({}), json!("b".repeat(20_000))]);
    add("v", &[json!(1)]);
    forgeries
}

/// The only message of the normal lane, with one field changed.
fn forged(world: &World, field: &str, value: &Value) -> String {
    let mut message: Value = serde_json::from_str(&world.waiting()[0].body).unwrap();
    let fields = message.as_object_mut().unwrap();
    match value {
        Value::Null => fields.remove(field),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            fields.insert(field.to_owned(), value.clone())
        }
    };
    message.to_string()
}

async fn submitted(world: &World) -> TaskId {
    let task = json!({"target": {"handler": "gate"}, "timeout_seconds": 120, "retry": {"max_attempts": 1}});
    world.api.submit(task).await
}

#[tokio::test]
async fn a_task_of_a_damaged_message_runs_as_its_record_says() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let handlers = effects.gated(&gate).on_blocking("block", |_: Task<Value>, _: Context| Ok::<_, Failure>(()));
    let executor = world.executor(handlers);
    for number in 0..forgeries(world.now()).len() {
        let (field, value) = forgeries(world.now()).swap_remove(number);
        let id = submitted(&world).await;
        let damaged = forged(&world, field, &value);
        world.lose();
        world.put(&damaged);
        let meanwhile = async {
            until("the start", async || (effects.of(id) == 1).then_some(())).await;
            let State::Running { lease_end, .. } = world.record(id).await.state else { panic!("it does not run") };
            assert_eq!(lease_end.since(world.now()), Duration::from_secs(65), "{field}: {value}");
            // Beyond any lease that the message might have asked for.
            for _ in 0..3 {
                world.pass_secs(30);
                until("the heartbeat", async || match world.record(id).await.state {
                    State::Running { lease_end, .. } => (lease_end.since(world.now()).as_secs() >= 35).then_some(()),
                    State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => panic!("{field}: {value}"),
                })
                .await;
                world.tick().await;
            }
            gate.open();
        };
        futures::join!(world.work(&executor), meanwhile);
        assert_eq!(world.end(&executor, id).await, "succeeded", "{field}: {value}");
        assert_eq!((effects.of(id), world.record(id).await.attempts), (1, 1), "{field}: {value}");
    }
}

#[tokio::test]
async fn a_forged_message_beside_the_real_one_changes_nothing() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    for number in 0..forgeries(world.now()).len() {
        let (field, value) = forgeries(world.now()).swap_remove(number);
        let id = world.api.submit(json!({"target": {"handler": "note"}, "retry": {"max_attempts": 1}})).await;
        for _ in 0..3 {
            world.put(&forged(&world, field, &value));
        }
        assert_eq!(world.end(&executor, id).await, "succeeded", "{field}: {value}");
        assert_eq!((effects.of(id), world.record(id).await.attempts), (1, 1), "{field}: {value}");
    }
}

#[tokio::test]
async fn no_forged_generation_starts_a_task_before_its_time_or_loses_it() {
    for generation in [0, 2, u32::MAX] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 600})).await;
        let forged = forged(&world, "g", &json!(generation));
        world.put(&forged);
        world.work(&executor).await;
        world.tick().await;
        assert_eq!((effects.count(), world.state(id).await), (0, "queued"), "{generation}");
        assert_eq!(world.end(&executor, id).await, "succeeded", "{generation}");
        assert_eq!(effects.count(), 1, "{generation}");
    }
}

#[tokio::test]
async fn a_forged_due_time_starts_nothing_early() {
    for due in [0, 1, 1_795_420_800_000_u64] {
        let (world, effects) = (World::new().await, Effects::default());
        let executor = world.executor(effects.handlers());
        let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 600})).await;
        world.put(&forged(&world, "due", &json!(due)));
        world.work(&executor).await;
        assert_eq!((effects.count(), world.record(id).await.attempts), (0, 0), "{due}");
        assert_eq!(world.end(&executor, id).await, "succeeded", "{due}");
        assert_eq!(effects.count(), 1, "{due}");
    }
}

#[tokio::test]
async fn a_forged_timeout_does_not_let_an_invocation_begin_what_it_cannot_end() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.gated(&Gate::default()));
    let id = submitted(&world).await;
    let damaged = forged(&world, "to", &json!(0));
    world.lose();
    world.put(&damaged);
    let delivery = world.delivery().await;
    let cutoff = world.now().after(Duration::from_secs(2));
    let disposition = executor.deliver(&delivery, Some(cutoff)).await;
    assert!(matches!(disposition, taskway_executor::Disposition::HandBack(Duration::ZERO)), "{disposition:?}");
    assert_eq!((effects.count(), world.record(id).await.attempts), (0, 0));
}

#[tokio::test]
async fn fields_of_a_wrong_type_or_beyond_their_range_are_kept_aside() {
    let world = World::new().await;
    let id = submitted(&world).await;
    let wrong = [("to", json!(-1)), ("to", json!(1.5)), ("to", json!(4_294_967_296_u64)), ("due", json!("now"))];
    for (field, value) in wrong.into_iter().chain([("g", json!(-1)), ("id", json!(7)), ("h", json!(7))]) {
        let message = forged(&world, field, &value);
        let read = taskway_protocol::message::Message::decode(&message);
        assert!(matches!(read, Err(taskway_protocol::message::Unreadable::Foreign(_))), "{field}: {value}");
    }
    let executor =
        world.executor(Handlers::new().on("gate", |_: Task<Value>, _: Context| async { Ok::<_, Failure>(()) }));
    world.put(&forged(&world, "to", &json!(-1)));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(world.store.unreadable(None).await.unwrap().items.len(), 1);
}
