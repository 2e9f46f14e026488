//! The audit: once a day it finds the tasks that nothing carries. It changes no other task.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::{AUDIT_KEY, TASK_SORT, agenda_partition, attr, task_partition};
use taskway_local::sqs::Interruption;
use taskway_protocol::{State, TaskId, Time};
use taskway_runtime::{
    clock::Clock,
    faults::{CrashPoint, Faults},
};
use taskway_scheduler::{Auditing, Report, Scheduler};
use taskway_tests::{Effects, Fate, Gate, Proxy, World, until};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const BUDGET: Duration = Duration::from_secs(50);

/// A world whose first pass of the audit begins a day from now.
async fn world() -> World {
    let world = World::new().await;
    assert_eq!(world.tick().await, Report { lag_ms: Some(0), ..Report::default() });
    world
}

fn note() -> Value {
    json!({"target": {"handler": "note"}})
}

/// The audit's item.
async fn position(world: &World) -> Value {
    let key = json!({attr::PK: {"S": AUDIT_KEY}, attr::SK: {"S": AUDIT_KEY}});
    world.dynamodb("GetItem", json!({"TableName": "taskway-Tasks", "Key": key})).await["Item"].clone()
}

/// Overwrites attributes of a task's record without the checks of Taskway's code.
async fn spoil(world: &World, id: TaskId, attributes: &[(&str, Value)]) {
    let key = json!({attr::PK: {"S": task_partition(&id.key)}, attr::SK: {"S": TASK_SORT}});
    let mut item = world.dynamodb("GetItem", json!({"TableName": "taskway-Tasks", "Key": key})).await["Item"].clone();
    for (name, value) in attributes {
        item[*name] = value.clone();
    }
    world.dynamodb("PutItem", json!({"TableName": "taskway-Tasks", "Item": item})).await;
}

/// How many kinds of `Scan` calls were made: none, or the scheduler's.
fn scans(world: &World) -> usize {
    world.stack.calls().iter().filter(|call| call.action == "dynamodb:Scan").count()
}

#[tokio::test]
async fn a_task_whose_message_was_lost_runs_within_a_day() {
    let (world, effects) = (world().await, Effects::default());
    let lost = world.api.submit(note()).await;
    world.lose();
    world.pass_secs(DAY - 1);
    assert_eq!((world.tick().await.audited, world.carried()), (0, 0), "it is not time");
    world.pass_secs(1);
    let report = world.tick().await;
    assert_eq!(
        (report.audit_findings, report.audited, report.failed),
        (1, 4, 0),
        "the task, its queue, the month's usage, and the audit's own item"
    );
    assert_eq!(world.record(lost).await.generation.0, 1, "nothing was written");
    assert_eq!(world.end(&world.executor(effects.handlers()), lost).await, "succeeded");
    assert_eq!((effects.count(), world.record(lost).await.attempts), (1, 1));
    assert_eq!(world.tick().await.audited, 0, "the pass is over");
}

#[tokio::test]
async fn the_audit_sends_a_task_whose_submit_died_before_the_message() {
    let (world, effects) = (world().await, Effects::default());
    let faults = Faults::crash_at(CrashPoint::SubmitPut);
    let api = world.serve(world.submit_with(|services| services.with_faults(faults.clone()))).await;
    let task = json!({"target": {"handler": "note"}, "idempotency_key": "k"});
    let submitting = tokio::spawn({
        let task = task.clone();
        async move { drop(api.try_submit(&task).await) }
    });
    faults.died().await;
    submitting.abort();
    assert_eq!(world.carried(), 0);
    world.pass_secs(DAY);
    assert_eq!(world.tick().await.audit_findings, 1);
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!(effects.count(), 1);
}

#[tokio::test]
async fn the_audit_promotes_a_task_in_an_agenda_partition_that_no_tick_reads() {
    let (world, effects) = (world().await, Effects::default());
    let id = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 3 * HOUR})).await;
    spoil(&world, id, &[(attr::AGENDA, json!({"S": agenda_partition(999)}))]).await;
    world.pass_secs(DAY);
    let report = world.tick().await;
    assert_eq!((report.promoted, report.audit_findings), (1, 1));
    assert_eq!(world.state(id).await, "queued", "it is marked as sent");
    assert_eq!(world.end(&world.executor(effects.handlers()), id).await, "succeeded");
}

#[tokio::test]
async fn the_audit_rescues_a_lost_attempt_whose_message_was_lost_too() {
    let (world, effects) = (world().await, Effects::default());
    let faults = Faults::crash_at(CrashPoint::Claimed);
    let retry = json!({"max_attempts": 1});
    for retry in [json!(null), retry] {
        world.api.submit(json!({"target": {"handler": "note"}, "retry": retry})).await;
    }
    let mut ids = Vec::new();
    for _ in 0..2 {
        let delivery = world.delivery().await;
        ids.push(delivery.message.id);
        let faults = if ids.len() == 1 { faults.clone() } else { Faults::crash_at(CrashPoint::Claimed) };
        let victim = world.mortal(effects.handlers(), &faults);
        let victim = tokio::spawn(async move { victim.deliver(&delivery, None).await });
        faults.died().await;
        victim.abort();
    }
    world.lose();
    world.pass_secs(DAY);
    let report = world.tick().await;
    assert_eq!((report.rescued, report.ended, report.audit_findings), (1, 1, 2));
    let executor = world.executor(effects.handlers());
    let mut ends = Vec::new();
    for id in ids {
        ends.push(world.end(&executor, id).await);
    }
    ends.sort_unstable();
    assert_eq!(ends, ["failed", "succeeded"]);
}

#[tokio::test]
async fn the_audit_ends_an_expired_task_and_counts_no_finding() {
    let world = world().await;
    let deadline = json!("2026-11-23T09:00:00Z");
    let id = world.api.submit(json!({"target": {"handler": "note"}, "deadline": deadline})).await;
    world.pass_secs(DAY);
    let report = world.tick().await;
    assert_eq!((report.ended, report.audit_findings), (1, 0));
    assert_eq!(world.state(id).await, "expired");
}

/// The table has tasks that wait for their time or for a person, a running and an ended task, and every other kind of
/// item.
#[tokio::test]
async fn the_audit_changes_no_item_that_is_in_order() {
    let (world, effects, gate) = (world().await, Effects::default(), Gate::default());
    let text = json!("x".repeat(20_000));
    let later = world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 10 * DAY})).await;
    let large =
        world.api.submit(json!({"target": {"handler": "note"}, "payload": text, "delay_seconds": 10 * DAY})).await;
    let done = world.api.submit(note()).await;
    let executor = world.executor(effects.gated(&gate));
    assert_eq!(world.end(&executor, done).await, "succeeded");
    world.put("poison");
    world.quiet(&executor).await;
    assert_eq!(world.store.unreadable(None).await.unwrap().items.len(), 1);
    let begins = Time::from_millis(position(&world).await[attr::NEXT]["N"].as_str().unwrap().parse().unwrap());
    world.pass(begins.since(world.now()));
    let runs = world.api.submit(json!({"target": {"handler": "gate"}})).await;
    let delivery = world.delivery().await;
    let running = tokio::spawn(async move { executor.deliver(&delivery, None).await });
    until("the start", async || (effects.count() == 2).then_some(())).await;
    let before = [world.record(later).await, world.record(large).await, world.record(done).await];
    let carried = world.carried();
    // Four records, a part, the copy of the unreadable message, the queue, the month's usage and the position.
    assert_eq!((world.tick().await.audited, carried), (9, 1));
    let after = [world.record(later).await, world.record(large).await, world.record(done).await];
    assert_eq!((before, world.carried(), world.state(runs).await), (after, carried, "running"));
    gate.open();
    running.await.unwrap();
}

#[tokio::test]
async fn an_unreadable_record_does_not_keep_the_audit_from_the_others() {
    let (world, effects) = (world().await, Effects::default());
    let (newer, odd, stateless) =
        (world.api.submit(note()).await, world.api.submit(note()).await, world.api.submit(note()).await);
    let lost = world.api.submit(note()).await;
    world.lose();
    spoil(&world, newer, &[(attr::VERSION, json!({"N": "2"}))]).await;
    spoil(&world, odd, &[(attr::STATE, json!({"S": "dreaming"}))]).await;
    spoil(&world, stateless, &[(attr::DUE, json!({"S": "soon"}))]).await;
    world.pass_secs(DAY);
    let report = world.tick().await;
    assert_eq!((report.audit_findings, report.failed, world.carried()), (1, 0, 1));
    assert_eq!(world.end(&world.executor(effects.handlers()), lost).await, "succeeded");
}

#[tokio::test]
async fn the_audit_repeats_a_page_whose_messages_it_could_not_send() {
    let (world, effects) = (world().await, Effects::default());
    let lost = world.api.submit(note()).await;
    world.lose();
    world.pass_secs(DAY);
    world.sends(|_| Interruption::RefuseBefore);
    let report = world.tick().await;
    assert_eq!((report.audit_findings, report.failed), (0, 1));
    assert!(position(&world).await[attr::PASS_BEGAN].is_object(), "the pass is under way");
    world.stack.sqs.interrupt(None);
    world.pass_secs(599);
    assert_eq!(world.tick().await.audited, 0, "no process repeats the page at once");
    let other = Scheduler { auditing: Auditing::default(), ..world.scheduler.clone() };
    assert_eq!(other.tick(BUDGET).await.audited, 0);
    world.pass_secs(1);
    assert_eq!(world.tick().await.audit_findings, 1);
    assert_eq!(world.end(&world.executor(effects.handlers()), lost).await, "succeeded");
}

/// A page that always fails must not keep the audit from the rest of the table forever.
#[tokio::test]
async fn the_audit_skips_a_page_that_fails_three_times() {
    let world = world().await;
    world.api.submit(note()).await;
    world.lose();
    world.pass_secs(DAY);
    world.sends(|_| Interruption::RefuseBefore);
    for tries in 1..=3 {
        assert_eq!(world.tick().await.failed, 1);
        assert_eq!(
            position(&world).await[attr::PASS_BEGAN].is_object(),
            tries < 3,
            "the pass is under way until the third try"
        );
        world.pass_secs(600);
    }
    assert_eq!(world.tick().await.failed, 0, "the page waits for the next pass");
    world.stack.sqs.interrupt(None);
    world.pass_secs(DAY);
    assert_eq!(world.tick().await.audit_findings, 1, "the next pass finds the task");
}

/// Each tick continues where the previous one stopped, even in another process, until the pass is over. The next pass
/// begins a day later.
#[tokio::test]
async fn a_pass_continues_from_tick_to_tick() {
    let world = world().await;
    let mut ids = Vec::new();
    for _ in 0..25 {
        ids.push(world.api.submit(note()).await);
    }
    world.lose();
    world.pass_secs(DAY);
    let mut found = Vec::new();
    for _ in 0..4 {
        let auditing = Auditing::default().in_pages_of(1);
        let report = Scheduler { auditing, ..world.scheduler.clone() }.tick(BUDGET).await;
        assert_eq!((report.failed, report.audit_findings <= report.audited), (0, true));
        found.push((report.audited, report.audit_findings));
    }
    let sum = found.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(
        (found[0].0, found[1].0, sum, found[3]),
        (10, 10, (28, 25), (0, 0)),
        "25 tasks, their queue, the month's usage and the position itself"
    );
    assert_eq!(world.carried(), 25, "one message for each task");
    let began = world.now();
    for minute in 0..(DAY / 60) {
        assert_eq!(world.tick().await.audited, 0, "minute {minute}");
        world.pass_secs(60);
        if minute > 2 {
            world.pass_secs(60 * 60);
        }
        if world.now().since(began).as_secs() >= DAY {
            break;
        }
    }
    assert_eq!(world.tick().await.audited, 28);
}

#[tokio::test]
async fn only_one_of_several_ticks_at_once_audits() {
    let world = world().await;
    for _ in 0..20 {
        world.api.submit(note()).await;
    }
    world.lose();
    world.pass_secs(DAY);
    let ticks = (0..5).map(|_| {
        let auditing = Auditing::default().in_pages_of(3);
        let scheduler = Scheduler { auditing, ..world.scheduler.clone() };
        async move { scheduler.tick(BUDGET).await }
    });
    let reports = futures::future::join_all(ticks).await;
    let auditors = reports.iter().filter(|report| report.audited > 0).count();
    let found: usize = reports.iter().map(|report| report.audit_findings).sum();
    assert_eq!((auditors, found, world.carried()), (1, 20, 20));
}

/// No executor serves the lane. The audit sends the waiting task again, less and less often.
#[tokio::test]
async fn a_backlog_gets_few_duplicate_messages() {
    let world = world().await;
    let id = world.api.submit(note()).await;
    let mut sent = Vec::new();
    for day in 1..=40 {
        world.pass_secs(DAY);
        if world.tick().await.audit_findings > 0 {
            sent.push(day);
        }
    }
    assert_eq!((sent, world.state(id).await), (vec![1, 2, 3, 6, 11, 22], "queued"));
}

/// A task started late not long ago, so the audit lets other tasks of the lane wait longer.
#[tokio::test]
async fn the_audit_waits_longer_in_a_lane_where_tasks_start_late() {
    let (world, effects) = (world().await, Effects::default());
    world.pass_secs(DAY - 12 * HOUR);
    world.api.submit(note()).await;
    world.pass_secs(11 * HOUR + 1800);
    world.work(&world.executor(effects.handlers())).await;
    assert_eq!(effects.count(), 1, "it waited for almost twelve hours");
    let waits = world.api.submit(note()).await;
    world.pass_secs(1800);
    assert_eq!(
        (world.tick().await.audit_findings, world.carried()),
        (0, 1),
        "half an hour is a short wait in this lane"
    );
    // The next pass still waits, and the one after sends it.
    let mut sent = Vec::new();
    for day in 1..=3 {
        world.pass_secs(DAY);
        sent.extend((world.tick().await.audit_findings > 0).then_some(day));
    }
    assert_eq!((sent, world.state(waits).await), (vec![2, 3], "queued"));
}

/// For the audit, an idle tick makes no request, and the first tick of a process reads one item.
#[tokio::test]
async fn an_idle_tick_does_not_scan_the_table() {
    let world = World::recording(&[]).await;
    world.tick().await;
    let item = position(&world).await;
    for _ in 0..3 {
        world.pass_secs(HOUR);
        world.tick().await;
        Scheduler { auditing: Auditing::default(), ..world.scheduler.clone() }.tick(BUDGET).await;
    }
    assert_eq!((position(&world).await, scans(&world)), (item, 0));
    let next = world.now().after(Duration::from_secs(DAY - 3 * HOUR));
    world.pass(next.since(world.clock.now()));
    world.tick().await;
    assert_eq!(scans(&world), 1);
    let State::Queued { .. } = world.record(world.api.submit(note()).await).await.state else { panic!("it is queued") };
}

/// A tick that cannot write its position has not passed the page. The next tick of the same process reads the page
/// again.
#[tokio::test]
async fn a_pass_whose_end_could_not_be_written_is_not_over() {
    let mut world = world().await;
    world.api.submit(note()).await;
    world.lose();
    world.pass_secs(DAY);
    let puts = AtomicUsize::new(0);
    let rule = move |action: &str, _: &str| {
        let is_late = action == "PutItem" && puts.fetch_add(1, Ordering::SeqCst) > 0;
        if is_late { Fate::Refuse } else { Fate::Pass }
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    let behind = world.store_at(&proxy.url);
    let direct = std::mem::replace(&mut world.scheduler.services.store, behind);
    let report = world.tick().await;
    assert_eq!((report.audit_findings, report.failed), (1, 1));
    world.scheduler.services.store = direct;
    world.pass_secs(60);
    let report = world.tick().await;
    assert_eq!((report.audit_findings, report.failed, world.carried()), (1, 0, 2));
    world.pass_secs(60);
    assert_eq!(world.tick().await.audited, 0);
}
