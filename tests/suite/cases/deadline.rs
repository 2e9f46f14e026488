//! Deadlines.

use serde_json::json;
use taskway_tests::{Effects, Gate, World, until};

async fn expires(delay: u64, deadline: &str) {
    let (world, effects) = (World::new().await, Effects::default());
    let task = json!({"target": {"handler": "note"}, "delay_seconds": delay, "deadline": deadline});
    let id = world.api.submit(task).await;
    world.pass_secs(7200);
    assert_eq!(world.api.task(id).await["state"], "expired");
    assert_ne!(world.state(id).await, "expired", "the record is written later");
    for verb in ["cancel", "run"] {
        let refused = world.api.act(id, verb).await;
        assert_eq!((refused.status, &refused.body["state"]), (409, &json!("expired")), "{verb}");
    }
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "expired");
    assert_eq!(effects.count(), 0);
}

#[tokio::test]
async fn a_task_with_a_message_reads_as_expired_from_its_deadline_on() {
    expires(60, "2026-11-23T08:02:00Z").await;
}

#[tokio::test]
async fn a_task_in_the_agenda_reads_as_expired_from_its_deadline_on() {
    expires(3600, "2026-11-23T09:30:00Z").await;
}

#[tokio::test]
async fn a_running_attempt_is_cut_at_the_deadline() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}, "deadline": "2026-11-23T08:00:20Z"})).await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        world.pass_secs(20);
    };
    futures::join!(world.work(&executor), meanwhile);
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("deadline")));
    assert_eq!(task["finished_at"], "2026-11-23T08:00:20.000Z");
}

#[tokio::test]
async fn retrying_an_expired_task_removes_its_deadline() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "deadline": "2026-11-23T08:00:20Z"})).await;
    world.pass_secs(20);
    let revived = world.api.act(id, "retry").await;
    assert_eq!((revived.status, &revived.body["deadline"]), (200, &json!(null)));
    assert_eq!(world.end(&executor, id).await, "succeeded");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_retry_that_would_come_after_the_deadline_does_not_run() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 60, "max_backoff_seconds": 60});
    let task =
        json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry, "deadline": "2026-11-23T08:00:30Z"});
    let id = world.api.submit(task).await;
    assert_eq!(world.end(&executor, id).await, "expired");
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn a_task_that_waits_for_a_retry_beyond_its_deadline_ends_at_the_deadline() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let retry = json!({"min_backoff_seconds": 80000, "max_backoff_seconds": 86400});
    let after = json!({"target": {"handler": "note"}});
    let task = json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry, "deadline": "2026-11-23T08:00:30Z",
                      "on_failure": after});
    let id = world.api.submit(task).await;
    world.work(&executor).await;
    assert_eq!(world.api.task(id).await["next_attempt_at"], "2026-11-23T08:00:30.000Z");
    world.pass_secs(31);
    world.work(&executor).await;
    assert_eq!((world.state(id).await, effects.count()), ("expired", 2), "the callback has run");
}
