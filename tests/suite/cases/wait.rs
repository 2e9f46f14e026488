//! Waiting for a task's end with `Prefer: wait`.

use std::time::Duration;

use serde_json::json;
use taskway_executor::handlers::shipped;
use taskway_submit::Submit;
use taskway_tests::World;

const STEP: Duration = Duration::from_millis(25);

#[tokio::test]
async fn a_waiting_client_gets_the_ended_task() {
    let world = World::new().await;
    let _worker = world.worker(&world.executor(shipped()));
    let task = json!({"target": {"handler": "echo"}, "payload": "hello"}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=25")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (200, "wait=25"));
    assert_eq!((&answer.body["state"], &answer.body["result"]), (&json!("succeeded"), &json!("hello")));
}

#[tokio::test]
async fn a_client_that_waits_too_briefly_gets_the_current_task() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.passing(STEP, world.api.post("/v1/tasks", &[("prefer", "wait=2")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=2"));
    assert_eq!(answer.body["state"], "queued");
    assert!(world.now().since(taskway_tests::START) >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_wait_is_cut_to_what_the_gateway_allows() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer =
        world.passing(Duration::from_secs(1), world.api.post("/v1/tasks", &[("prefer", "wait=999")], task)).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=25"));
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_answered_at_once() {
    let world = World::new().await;
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let answer = world.api.post("/v1/tasks", &[("prefer", "respond-async")], task).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, ""));
}

/// Asks for a wait of ten seconds in which nobody runs the task. Returns whether it was granted, and how long it took.
async fn granted(world: &World, api: &taskway_tests::Api) -> (bool, Duration) {
    let task = json!({"target": {"handler": "echo"}}).to_string();
    let before = world.now();
    let answer = world.passing(STEP, api.post("/v1/tasks", &[("prefer", "wait=10")], task)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    (answer.header("preference-applied") == "wait=10", world.now().since(before))
}

#[tokio::test]
async fn only_so_many_requests_wait_at_once() {
    let world = World::new().await;
    let api = world.serve(Submit { places: "2".parse().unwrap(), ..world.submit() }).await;
    let others = world.serve(Submit { places: "2".parse().unwrap(), ..world.submit() }).await;
    let ((one, other), third) = {
        let waiting = futures::future::join(granted(&world, &api), granted(&world, &others));
        // Two have their places once half a second has passed.
        let third = async {
            taskway_tests::until("two places are taken", async || {
                (world.now().since(taskway_tests::START) > Duration::from_secs(1)).then_some(())
            })
            .await;
            granted(&world, &api).await
        };
        futures::join!(waiting, third)
    };
    assert!(one.0 && other.0 && one.1 >= Duration::from_secs(10) && other.1 >= Duration::from_secs(10));
    assert!(!third.0 && third.1 < Duration::from_secs(9), "{third:?}");
    // Both places were given back.
    assert!(granted(&world, &api).await.0);
}

#[tokio::test]
async fn without_places_a_request_waits_briefly() {
    let world = World::new().await;
    let api = world.serve(Submit { places: "0".parse().unwrap(), ..world.submit() }).await;
    let (was_granted, took) = granted(&world, &api).await;
    assert!(!was_granted && took >= Duration::from_millis(250), "{took:?}");
    let _worker = world.worker(&world.executor(shipped()));
    let task = json!({"target": {"handler": "echo"}, "payload": 1}).to_string();
    let answer = api.post("/v1/tasks", &[("prefer", "wait=0")], task).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=0"));
}

#[tokio::test]
async fn a_place_that_nobody_gave_back_is_free_after_its_wait() {
    let world = World::new().await;
    let (now, holder) = (world.now(), taskway_protocol::Nonce(7));
    let store = world.stack.store();
    assert!(store.take_wait(0, holder, now, now.after(Duration::from_secs(20))).await.unwrap());
    let api = world.serve(Submit { places: "1".parse().unwrap(), ..world.submit() }).await;
    assert!(!granted(&world, &api).await.0);
    world.pass_secs(20);
    assert!(granted(&world, &api).await.0);
}
