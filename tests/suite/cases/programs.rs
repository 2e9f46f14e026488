//! Programs that share a lane, each with handlers of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_cloud::sqs::Source;
use taskway_executor::{Disposition, Executor, batch};
use taskway_local::sqs::Interruption;
use taskway_protocol::{Priority, State, TaskId};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_tests::{Fate, Proxy, World, arrived, until};
use tokio::sync::Semaphore;

async fn done(_: Task<Value>, _: Context) -> Result<(), Failure> {
    Ok(())
}

/// A program with this handler.
fn program(world: &World, handler: &str) -> Arc<Executor> {
    world.executor(Handlers::new().on(handler, done))
}

async fn submit(world: &World, handler: &str) -> TaskId {
    world.api.submit(json!({"target": {"handler": handler}})).await
}

/// For these seconds, each program in turn is the first to have all visible messages.
async fn share(world: &World, programs: &[&Executor], seconds: usize) {
    for second in 0..seconds {
        for place in 0..programs.len() {
            let program = programs[(second + place) % programs.len()];
            program.announce().await;
            world.work(program).await;
        }
        world.pass_secs(1);
    }
}

async fn programs(world: &World) -> Value {
    let stats = world.api.read("/v1/stats").await;
    assert_eq!(stats.status, 200, "{}", stats.body);
    stats.body["programs"].clone()
}

#[tokio::test]
async fn two_programs_on_one_lane_run_all_tasks_at_the_first_attempt() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let mut ids = Vec::new();
    for handler in ["mail", "report"].repeat(10) {
        ids.push(submit(&world, handler).await);
    }
    share(&world, &[&mails, &reports], 3).await;
    for id in ids {
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], &task["attempt"]), (&json!("succeeded"), &json!(1)), "{task}");
        assert_eq!(world.record(id).await.fence.0, 1, "nobody else has claimed it");
    }
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_worker_and_a_function_share_a_lane() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let _worker = world.worker(&mails);
    let ids = [submit(&world, "report").await, submit(&world, "mail").await, submit(&world, "report").await];
    let queue = world.queue(Source::Lane(Priority::Normal));
    let function = async {
        loop {
            let taken = world.take(Priority::Normal).await;
            let event = serde_json::from_value(arrived(&taken, &queue)).unwrap();
            let answer = batch::run(&reports, event, 0).await;
            assert!(answer.batch_item_failures.is_empty(), "a message that was passed on is deleted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let all = async {
        for id in ids {
            assert_eq!(world.ended(id).await, "succeeded");
            assert_eq!(world.record(id).await.attempts, 1);
        }
    };
    tokio::select! {
        () = world.passing(Duration::from_millis(250), all) => {}
        () = function => {}
    }
    let seen = programs(&world).await;
    let names: Vec<&Value> = seen.as_array().unwrap().iter().map(|program| &program["handlers"]).collect();
    assert!(names.contains(&&json!(["mail"])) && names.contains(&&json!(["report"])), "{seen}");
}

#[tokio::test]
async fn a_handler_that_no_program_has_fails_after_the_wait() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let id = submit(&world, "mial").await;
    share(&world, &[&mails, &reports], 55).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("queued", 0));
    share(&world, &[&mails, &reports], 15).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("unknown_handler")));
    let message = task["error"]["message"].as_str().unwrap();
    for part in ["no handler is named mial", "waited 6", "`taskway handlers`"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_task_waits_for_a_program_that_was_seen_lately_and_is_never_a_dead_letter() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    reports.announce().await;
    let id = submit(&world, "report").await;
    // The program that knows the handler lives and gets no message.
    for _ in 0..10 {
        share(&world, &[&mails], 30).await;
        reports.announce().await;
        world.tick().await;
    }
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("queued", 0));
    let sends = world.record(id).await.generation;
    assert_eq!((sends.0, world.carried()), (1, 1), "one message carries the task");
    assert_eq!(world.counts(Source::DeadLetters).visible, 0);
    share(&world, &[&reports], 6).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("succeeded"), &json!(1)), "{task}");
}

#[tokio::test]
async fn a_task_of_a_program_that_is_gone_fails_when_its_announcement_is_too_old() {
    let world = World::new().await;
    let mails = program(&world, "mail");
    program(&world, "report").announce().await;
    let id = submit(&world, "report").await;
    share(&world, &[&mails], 115).await;
    assert_eq!(world.state(id).await, "queued");
    share(&world, &[&mails], 20).await;
    assert_eq!(world.state(id).await, "failed");
}

#[tokio::test]
async fn a_new_handler_is_rolled_out_without_losing_a_task() {
    let world = World::new().await;
    let old = program(&world, "mail");
    // The first tasks are there before any program knows their handler.
    let mut ids = vec![submit(&world, "report").await];
    share(&world, &[&old], 40).await;
    let new = world.executor(Handlers::new().on("mail", done).on("report", done));
    for _ in 0..20 {
        ids.extend([submit(&world, "report").await, submit(&world, "mail").await]);
        share(&world, &[&old, &new], 1).await;
    }
    share(&world, &[&new], 6).await;
    for id in ids {
        assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_task_past_its_deadline_expires_and_a_cancelled_one_is_passed_on_no_more() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    reports.announce().await;
    let deadline = json!({"target": {"handler": "report"}, "deadline": "2026-11-23T08:00:10Z"});
    let late = world.api.submit(deadline).await;
    let cancelled = submit(&world, "report").await;
    share(&world, &[&mails], 3).await;
    assert_eq!(world.api.act(cancelled, "cancel").await.status, 200);
    share(&world, &[&mails], 15).await;
    assert_eq!((world.state(late).await, world.state(cancelled).await), ("expired", "cancelled"));
    assert_eq!(world.carried(), 0);
}

#[tokio::test]
async fn a_message_that_names_another_handler_than_its_task_costs_no_task() {
    let world = World::new().await;
    let mails = program(&world, "mail");
    let id = submit(&world, "mail").await;
    let forged = world.waiting()[0].body.replace(r#""h":"mail""#, r#""h":"mial""#);
    world.lose();
    world.put(&forged);
    share(&world, &[&mails], 5).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
}

#[tokio::test]
async fn a_message_that_names_a_handler_of_the_wrong_program_costs_no_attempt() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let id = submit(&world, "report").await;
    let forged = world.waiting()[0].body.replace(r#""h":"report""#, r#""h":"mail""#);
    world.lose();
    world.put(&forged);
    share(&world, &[&mails, &reports], 5).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
}

#[tokio::test]
async fn a_paused_queue_holds_a_task_whose_handler_nobody_knows() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let steer = async |verb: &str| {
        let path = format!("/v1/queues/default/{verb}");
        assert_eq!(world.api.ask(http::Method::POST, &path, &[], "").await.status, 200);
    };
    steer("pause").await;
    let id = submit(&world, "report").await;
    share(&world, &[&mails], 2).await;
    assert!(matches!(world.record(id).await.state, State::Scheduled { held: true, .. }));
    assert_eq!(world.carried(), 0);
    steer("resume").await;
    world.tick().await;
    share(&world, &[&mails, &reports], 20).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
}

#[tokio::test]
async fn the_stack_tells_which_programs_have_which_handlers() {
    let world = World::new().await;
    let reports = world.executor(Handlers::new().on("report", done).on("bill", done));
    reports.announce().await;
    world.pass_secs(29);
    reports.announce().await;
    let expected = json!([{
        "handlers": ["bill", "report"], "running": true,
        "first_seen_at": "2026-11-23T08:00:00.000Z", "last_seen_at": "2026-11-23T08:00:00.000Z",
    }]);
    assert_eq!(programs(&world).await, expected, "it was announced seconds before");
    world.pass_secs(1);
    reports.announce().await;
    // Another process with the same handlers is the same program.
    world.executor(Handlers::new().on("bill", done).on("report", done)).announce().await;
    program(&world, "mail").announce().await;
    // An executor without handlers, for targets outside, is no program.
    world.executor(Handlers::new()).announce().await;
    world.pass_secs(120);
    program(&world, "mail").announce().await;
    let seen = programs(&world).await;
    assert_eq!(seen.as_array().map(Vec::len), Some(2), "{seen}");
    assert_eq!((&seen[0]["handlers"], &seen[0]["running"]), (&json!(["mail"]), &json!(true)));
    assert_eq!(seen[1]["last_seen_at"], "2026-11-23T08:00:30.000Z");
    assert_eq!((&seen[1]["first_seen_at"], &seen[1]["running"]), (&expected[0]["first_seen_at"], &json!(false)));
}

#[tokio::test]
async fn an_announcement_that_fails_stops_no_work() {
    let mut world = World::new().await;
    let refused = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refused);
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
        if action != "UpdateItem" || !text.contains(r#""programs""#) {
            return Fate::Pass;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Fate::Refuse
    });
    let proxy = proxy.await;
    let store = world.store_at(&proxy.url);
    let services = world.services().with_store(store);
    let mails = Arc::new(world.executor_of(services, Handlers::new().on("mail", done)));
    let _worker = world.worker(&mails);
    let id = submit(&world, "mail").await;
    assert_eq!(world.passing(Duration::from_millis(250), world.ended(id)).await, "succeeded");
    until("the announcement", async || (refused.load(Ordering::SeqCst) > 0).then_some(())).await;
    assert_eq!(programs(&world).await, json!([]));
}

#[tokio::test]
async fn a_task_does_not_fail_where_nobody_can_tell_who_knows_its_handler() {
    let mut world = World::new().await;
    let down = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let rule = move |action: &str, _: &str| {
        if action == "Query" && is_down.load(Ordering::SeqCst) { Fate::Refuse } else { Fate::Pass }
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let store = world.store_at(&proxy.url);
    let mails = world.executor_of(world.services().with_store(store), Handlers::new().on("mail", done));
    let id = submit(&world, "report").await;
    share(&world, &[&mails], 65).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts, world.carried()), ("queued", 0, 1));
    down.store(false, Ordering::SeqCst);
    program(&world, "report").announce().await;
    share(&world, &[&mails], 80).await;
    assert_eq!(world.state(id).await, "queued", "it was known lately");
    share(&world, &[&mails], 60).await;
    assert_eq!(world.state(id).await, "failed");
}

#[tokio::test]
async fn a_message_that_cannot_be_passed_on_comes_again() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let id = submit(&world, "report").await;
    world.sends(|_| Interruption::RefuseBefore);
    share(&world, &[&mails], 2).await;
    assert_eq!((world.state(id).await, world.carried()), ("queued", 1));
    world.stack.sqs.interrupt(None);
    share(&world, &[&mails, &reports], 10).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
}

#[tokio::test]
async fn tasks_of_a_queue_with_a_limit_and_a_rate_are_passed_on_with_what_they_have() {
    let world = World::new().await;
    let (mails, reports) = (program(&world, "mail"), program(&world, "report"));
    let json = [("content-type", "application/json")];
    let settings =
        r#"{"concurrency": 1, "rate": {"tasks": 60, "per_seconds": 60, "burst": 10}, "per_key": {"concurrency": 1}}"#;
    assert_eq!(world.api.ask(http::Method::PATCH, "/v1/queues/default", &json, settings).await.status, 200);
    let mut ids = Vec::new();
    for handler in ["report", "mail", "report", "mail", "report"] {
        ids.push(world.api.submit(json!({"target": {"handler": handler}, "fairness_key": "acme"})).await);
    }
    for _ in 0..6 {
        share(&world, &[&mails, &reports], 20).await;
        world.tick().await;
    }
    for id in ids {
        assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
    }
}

#[tokio::test]
async fn a_retry_is_passed_on_too_and_counts_its_own_attempts_only() {
    let world = World::new().await;
    let mails = program(&world, "mail");
    let flaky = |_: Task<Value>, cx: Context| async move {
        if cx.attempt() == 1 { Err(Failure::retry("once more")) } else { Ok(()) }
    };
    let reports = world.executor(Handlers::new().on("report", flaky));
    let retry = json!({"min_backoff_seconds": 1, "max_backoff_seconds": 1, "max_attempts": 2});
    let id = world.api.submit(json!({"target": {"handler": "report"}, "retry": retry})).await;
    share(&world, &[&mails, &reports], 12).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("succeeded"), &json!(2)), "{task}");
}

#[tokio::test]
async fn a_task_whose_program_died_during_the_attempt_is_not_claimed_by_another_program() {
    let world = World::new().await;
    let mails = program(&world, "mail");
    let faults = Faults::crash_at(CrashPoint::Claimed);
    let victim = world.mortal(Handlers::new().on("report", done), &faults);
    let id = submit(&world, "report").await;
    let delivery = world.delivery().await;
    let dying = tokio::spawn(async move { victim.deliver(&delivery, None).await });
    faults.died().await;
    dying.abort();
    share(&world, &[&mails], 100).await;
    assert_eq!((world.record(id).await.attempts, world.state(id).await), (1, "running"));
    share(&world, &[&mails, &program(&world, "report")], 10).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 2));
}

#[tokio::test]
async fn a_program_that_comes_while_a_task_fails_gets_it() {
    let mut world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
        let claims = action == "UpdateItem" && text.contains("#own");
        if claims { Fate::Hold(Arc::clone(&held)) } else { Fate::Pass }
    });
    let proxy = proxy.await;
    let store = world.store_at(&proxy.url);
    let mails = Arc::new(world.executor_of(world.services().with_store(store), Handlers::new().on("mail", done)));
    let id = submit(&world, "report").await;
    share(&world, &[&program(&world, "mail")], 61).await;
    world.pass_secs(5);
    let delivery = world.delivery().await;
    let failing = {
        let mails = Arc::clone(&mails);
        tokio::spawn(async move { mails.deliver(&delivery, None).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    let reports = program(&world, "report");
    reports.announce().await;
    // What the process has read before is too old by then.
    world.pass_secs(6);
    gate.add_permits(10);
    let disposition = failing.await.unwrap();
    assert!(matches!(disposition, Disposition::Ack(_)), "{disposition:?}");
    let record = world.record(id).await;
    assert_eq!((record.state.name().as_str(), record.attempts, record.given_back), ("queued", 0, 1));
    share(&world, &[&reports], 6).await;
    assert_eq!((world.state(id).await, world.record(id).await.attempts), ("succeeded", 1));
}
