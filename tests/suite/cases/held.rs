//! What a tick tells of the tasks that queues hold back.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway_local::sqs::Interruption;
use taskway_protocol::{Step, TaskId};
use taskway_scheduler::Report;
use taskway_tests::{Effects, Gate, World, until};

const MINUTE: Duration = Duration::from_secs(60);

async fn set(world: &World, path: &str, method: Method, body: Value) -> Value {
    let json = [("content-type", "application/json")];
    let answer = world.api.ask(method, &format!("/v1/queues/{path}"), &json, body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn submit(world: &World, queue: &str, handler: &str) -> TaskId {
    world.api.submit(json!({"queue": queue, "target": {"handler": handler}, "timeout_seconds": 3600})).await
}

/// How many entries a tick found, and the greatest age in seconds.
fn held(report: Report) -> (usize, Option<f64>) {
    (report.held, report.held_age_ms.map(|ms| ms as f64 / 1000.0))
}

#[tokio::test]
async fn a_tick_tells_how_many_tasks_a_limit_holds_back_and_for_how_long() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    set(&world, "calls", Method::PATCH, json!({"concurrency": 1})).await;
    world.pass_secs(5);
    assert_eq!(held(world.tick().await), (0, None));
    let executor = world.executor(effects.gated(&gate));
    submit(&world, "calls", "gate").await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        world.pass_secs(10);
        let mut waiting = Vec::new();
        for _ in 0..3 {
            waiting.push(submit(&world, "calls", "note").await);
            world.pass_secs(20);
        }
        world.work(&world.executor(effects.handlers())).await;
        assert_eq!(held(world.tick().await), (3, Some(60.0)), "the first of them has waited for a minute");
        // A task that was cancelled by a process that died then, before it removed the entry.
        let cancel = Step::Cancel { at: world.now(), retained_until: world.now().after(MINUTE) };
        world.services().apply(waiting[0], cancel).await.unwrap();
        assert_eq!(held(world.tick().await), (3, Some(40.0)), "its entry counts, but it does not wait");
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    for _ in 0..3 {
        world.pass_secs(6);
        world.tick().await;
        world.work(&executor).await;
    }
    assert_eq!((effects.count(), held(world.tick().await)), (3, (0, None)));
}

#[tokio::test]
async fn a_paused_queue_is_not_told_of_and_one_that_cannot_send_is() {
    let (world, effects) = (World::new().await, Effects::default());
    set(&world, "emails/pause", Method::POST, json!({})).await;
    for _ in 0..12 {
        submit(&world, "emails", "note").await;
    }
    world.pass_secs(6);
    world.work(&world.executor(effects.handlers())).await;
    world.pass_secs(7200);
    assert_eq!(held(world.tick().await), (0, None), "it waits because a person wants it");
    world.sends(|_| Interruption::RefuseBefore);
    assert_eq!(set(&world, "emails/resume", Method::POST, json!({})).await["held"], 12);
    world.pass_secs(60);
    let report = world.tick().await;
    assert_eq!((held(report), report.failed), ((12, Some(7266.0)), 12));
    world.stack.sqs.interrupt(None);
    let report = world.tick().await;
    assert_eq!((held(report), report.dispatched), ((0, None), 12));
}
