//! Long attempts.

use std::time::Duration;

use serde_json::{Value, json};
use taskway::{Context, Failure, Task};
use taskway_cloud::sqs::Source;
use taskway_protocol::{Priority, State};
use taskway_tests::{Effects, Gate, World, until};

#[tokio::test]
async fn an_attempt_of_minutes_keeps_its_lease_and_its_message() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let id = world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
    let meanwhile = async {
        until("the start", async || (effects.count() == 1).then_some(())).await;
        for _ in 0..18 {
            world.pass_secs(30);
            let lease =
                world.now().after(Duration::from_secs(65)).min(taskway_tests::START.after(Duration::from_secs(605)));
            until("the heartbeat", async || match world.record(id).await.state {
                State::Running { lease_end, .. } => (lease_end == lease).then_some(()),
                State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => {
                    panic!("the attempt lost its lease")
                }
            })
            .await;
            assert_eq!(world.tick().await.rescued, 0);
            until("the message's longer visibility", async || {
                let counts = world.counts(Source::Lane(Priority::Normal));
                assert_eq!((counts.visible, counts.in_flight), (0, 1));
                let phase = world.waiting()[0].phase;
                let taskway_local::sqs::Phase::InFlight { until, .. } = phase else { panic!("{phase:?}") };
                (until > world.now().after(Duration::from_secs(31))).then_some(())
            })
            .await;
        }
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    assert_eq!(world.end(&executor, id).await, "succeeded");
    let task = world.record(id).await;
    assert_eq!((task.attempts, task.fence.0, effects.count()), (1, 1, 1));
}

#[tokio::test]
async fn progress_and_checkpoint_are_visible_while_the_attempt_runs() {
    let (world, gate) = (World::new().await, Gate::default());
    let waiting = gate.clone();
    let handlers = Effects::default().handlers().on("tells", move |_: Task<Value>, cx: Context| {
        let gate = waiting.clone();
        async move {
            cx.progress(1, 3);
            cx.checkpoint(&"one")?;
            gate.pass().await;
            cx.progress(3, 3);
            Ok::<_, Failure>(())
        }
    });
    let executor = world.executor(handlers);
    let id = world.api.submit(json!({"target": {"handler": "tells"}, "timeout_seconds": 600})).await;
    let meanwhile = async {
        until("the start", async || (world.state(id).await == "running").then_some(())).await;
        let told = until("the report", async || {
            // An attempt writes its progress at most every other second.
            world.pass(Duration::from_millis(500));
            let task = world.api.task(id).await;
            (!task["progress"].is_null()).then_some(task)
        })
        .await;
        assert_eq!((&told["progress"]["done"], &told["progress"]["total"]), (&json!(1), &json!(3)));
        assert!(world.record(id).await.checkpoint.is_some());
        gate.open();
    };
    futures::join!(world.work(&executor), meanwhile);
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["progress"]["done"]), (&json!("succeeded"), &json!(3)));
}

#[tokio::test]
async fn an_attempt_that_exceeds_its_timeout_is_cut_and_retried() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let executor = world.executor(effects.gated(&gate));
    let task = json!({"target": {"handler": "gate"}, "timeout_seconds": 10, "retry": {"max_attempts": 2}});
    let id = world.api.submit(task).await;
    let cut = async |attempt: usize| {
        let meanwhile = async {
            until("the start", async || (effects.count() == attempt).then_some(())).await;
            world.pass_secs(10);
        };
        futures::join!(world.work(&executor), meanwhile);
    };
    cut(1).await;
    let waiting = world.api.task(id).await;
    assert_eq!((&waiting["state"], &waiting["error"]["kind"]), (&json!("queued"), &json!("timeout")));
    assert_eq!(waiting["error"]["message"], "the attempt ran for 10 s");
    world.pass_secs(5);
    cut(2).await;
    assert_eq!(world.end(&executor, id).await, "failed");
    assert_eq!(effects.count(), 2);
}

#[tokio::test]
async fn a_task_whose_every_attempt_dies_fails_as_lost() {
    let (world, effects, gate) = (World::new().await, Effects::default(), Gate::default());
    let task = json!({"target": {"handler": "gate"}, "retry": {"max_attempts": 3}});
    let id = world.api.submit(task).await;
    for attempt in 1..=3 {
        let executor = world.executor(effects.gated(&gate));
        let delivery = world.delivery().await;
        let victim = tokio::spawn(async move { executor.deliver(&delivery, None).await });
        until("the start", async || (effects.count() == attempt).then_some(())).await;
        victim.abort();
        assert!(victim.await.unwrap_err().is_cancelled());
        world.pass_secs(75);
    }
    let executor = world.executor(effects.gated(&gate));
    assert_eq!(world.end(&executor, id).await, "failed");
    let task = world.api.task(id).await;
    assert_eq!((&task["error"]["kind"], &task["attempt"], effects.count()), (&json!("lost"), &json!(3), 3));
}
