//! Lists of tasks, page by page, while tasks are submitted, changed and run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::queue_partition;
use taskway_protocol::{TaskId, Time};
use taskway_runtime::clock::{Clock, ManualClock};
use taskway_tests::{Effects, Fate, Proxy, World};

/// The largest answer of a Lambda function, in bytes.
const LONGEST_ANSWER: usize = 6 * 1024 * 1024;

fn note(more: &Value) -> Value {
    let mut task = json!({"target": {"handler": "note"}, "delay_seconds": 60});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

fn ids(tasks: &[Value]) -> Vec<TaskId> {
    tasks.iter().map(|task| TaskId::parse(task["id"].as_str().unwrap()).unwrap()).collect()
}

fn sorted(tasks: impl IntoIterator<Item = TaskId>) -> Vec<String> {
    let mut all: Vec<String> = tasks.into_iter().map(|id| id.to_string()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn a_list_shows_each_task_once_though_tasks_change_meanwhile() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let mut there = Vec::new();
    for round in 0..8 {
        // 140 tasks in three queues, all born in the same millisecond.
        let tasks: Vec<Value> = (0..140).map(|n| note(&json!({"queue": format!("q{}", (n + round) % 3)}))).collect();
        there.extend(world.api.submit_all(&tasks).await);
        world.pass(Duration::from_millis(round % 3));
    }
    assert!(there.len() > 1_000);
    world.pass_secs(1);

    let (mut listed, mut cursor) = (Vec::new(), String::new());
    for (turn, limit) in [1, 37, 7, 113, 2].into_iter().cycle().enumerate() {
        let page = world.api.read(&format!("/v1/tasks?limit={limit}{cursor}")).await;
        let found = page.tasks();
        assert!(found.len() <= limit, "{}", found.len());
        listed.extend(found);
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // Tasks are submitted, cancelled and run meanwhile, some of them listed already and some not.
        world.api.submit(note(&json!({"queue": format!("q{}", turn % 4)}))).await;
        let cancelled = world.api.act(there[turn * 17 % there.len()], "cancel").await.status;
        assert!(cancelled == 200 || cancelled == 409, "{cancelled}");
        let id = there[(turn * 31 + 5) % there.len()];
        if world.api.act(id, "run").await.status == 200 {
            world.work(&executor).await;
        }
        world.pass(Duration::from_millis(turn as u64 % 2));
    }
    let born: Vec<&str> = listed.iter().map(|task| task["created_at"].as_str().unwrap()).collect();
    assert!(born.is_sorted_by(|one, next| one >= next), "the newest first");
    assert_eq!(sorted(ids(&listed)), sorted(there), "each task once, and no task that was submitted later");
    assert!(listed.iter().any(|task| task["state"] == "succeeded") && effects.count() > 10);
    assert!(listed.iter().all(|task| task.get("payload").is_none() && task.get("result").is_none()));
}

#[tokio::test]
async fn tasks_born_in_the_same_millisecond_are_listed_once_each() {
    let world = World::new().await;
    let tasks: Vec<Value> = (0..150).map(|n| note(&json!({"queue": format!("q{}", n % 2)}))).collect();
    let there = world.api.submit_all(&tasks).await;
    for limit in [1, 3, 50, 149, 150, 500] {
        let path = format!("/v1/tasks?limit={limit}&");
        assert_eq!(sorted(ids(&world.api.list(&path).await)), sorted(there.clone()), "{limit}");
    }
    let one = world.api.list("/v1/tasks?queue=q1&limit=11&").await;
    assert!(one.len() == 75 && one.iter().all(|task| task["queue"] == "q1"));
    assert_eq!(world.api.read("/v1/tasks").await.tasks().len(), 50);
}

#[tokio::test]
async fn a_list_shows_the_tasks_that_match_every_filter() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let labels =
        |n: usize| json!({"team": if n.is_multiple_of(2) { "growth" } else { "a&b=c" }, "n": (n % 5).to_string()});
    let large = "x".repeat(20_000);
    let tasks: Vec<Value> = (0..60)
        .map(|n| {
            // Every third task has its body in an item beside the record.
            let payload = if n % 3 == 0 { json!(large) } else { json!(n) };
            note(&json!({"labels": labels(n), "payload": payload, "deadline": "2026-11-23T09:00:00Z"}))
        })
        .collect();
    let there = world.api.submit_all(&tasks).await;
    for id in &there[..20] {
        assert_eq!(world.api.act(*id, "cancel").await.status, 200);
    }
    for id in &there[20..30] {
        assert_eq!(world.api.act(*id, "run").await.status, 200);
    }
    world.work(&executor).await;
    for (filters, meant) in [
        ("", there.clone()),
        ("state=cancelled", there[..20].to_vec()),
        ("state=succeeded", there[20..30].to_vec()),
        ("state=failed", vec![]),
        ("queue=default&state=queued", vec![]),
        ("queue=default&state=scheduled", vec![]),
        ("label.team=a%26b%3Dc", there.iter().skip(1).step_by(2).copied().collect()),
        ("label.team=growth&label.n=0", there.iter().step_by(10).copied().collect()),
        ("label.team=growth&label.n=0&state=cancelled", vec![there[0], there[10]]),
        ("label.n=7", vec![]),
        ("queue=other", vec![]),
    ] {
        let meant = if filters.ends_with("state=queued") { there[30..].to_vec() } else { meant };
        for limit in [4, 500] {
            let tasks = world.api.list(&format!("/v1/tasks?{filters}&limit={limit}&")).await;
            assert_eq!(sorted(ids(&tasks)), sorted(meant.clone()), "{filters} by {limit}");
        }
    }
    // The deadline has passed, so clients see `expired`, although no process has written that yet.
    world.pass_secs(7200);
    let expired = world.api.list("/v1/tasks?state=expired&").await;
    assert_eq!(sorted(ids(&expired)), sorted(there[30..].to_vec()));
    assert!(world.api.list("/v1/tasks?state=queued&").await.is_empty());
}

#[tokio::test]
async fn a_list_omits_records_past_their_retention_and_earlier_lives_of_a_key() {
    let (world, effects) = (World::new().await, Effects::default());
    let executor = world.executor(effects.handlers());
    let keyed = json!({"target": {"handler": "note"}, "idempotency_key": "k", "retain_seconds": 5});
    let first = world.api.submit(keyed.clone()).await;
    world.end(&executor, first).await;
    assert_eq!(ids(&world.api.list("/v1/tasks?").await), [first]);
    world.pass_secs(60);
    assert!(world.api.list("/v1/tasks?").await.is_empty(), "its retention is over, though its record still exists");
    let mut keyed = keyed;
    keyed["queue"] = json!("other");
    let second = world.api.submit(keyed).await;
    assert_eq!(ids(&world.api.list("/v1/tasks?").await), [second]);
    assert!(world.api.list("/v1/tasks?queue=default&").await.is_empty());
}

#[tokio::test]
async fn a_page_of_large_tasks_fits_into_an_answer() {
    let world = World::new().await;
    let labels: BTreeMap<String, String> = (0..16).map(|n| (format!("l{n}"), "\"".repeat(256))).collect();
    let tasks: Vec<Value> = (0..500).map(|_| note(&json!({"labels": labels}))).collect();
    let there = world.api.submit_all(&tasks).await;
    let (mut listed, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.api.read(&format!("/v1/tasks?limit=500{cursor}")).await;
        let answer = serde_json::to_string(&page.body.to_string()).unwrap();
        assert!(answer.len() < LONGEST_ANSWER, "{}", answer.len());
        listed.extend(page.tasks());
        pages += 1;
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(pages > 1);
    assert_eq!(sorted(ids(&listed)), sorted(there));
}

#[tokio::test]
async fn a_list_finds_a_rare_task_behind_a_thousand_others() {
    let world = World::new().await;
    let rare = world.api.submit(note(&json!({"labels": {"rare": "yes"}}))).await;
    world.pass_secs(1);
    for _ in 0..3 {
        world.api.submit_all(&vec![note(&json!({})); 400]).await;
    }
    let first = world.api.read("/v1/tasks?label.rare=yes").await;
    assert_eq!(
        (first.tasks().len(), first.body["next_cursor"].is_string()),
        (0, true),
        "a page reads only so many records"
    );
    assert_eq!(ids(&world.api.list("/v1/tasks?label.rare=yes&").await), [rare]);
}

/// A clock that moves by two seconds whenever it is read.
struct Hasty(ManualClock);

impl Clock for Hasty {
    fn now(&self) -> Time {
        self.0.advance(Duration::from_secs(2));
        self.0.now()
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        self.0.sleep_until(at)
    }
}

#[tokio::test]
async fn a_page_that_runs_out_of_time_is_short_and_the_list_continues() {
    let world = World::new().await;
    let there = world.api.submit_all(&vec![note(&json!({"retain_seconds": 8_000_000})); 490]).await;
    let clock = Arc::new(Hasty(world.clock.clone()));
    let api = world.serve(world.submit_with(|services| services.with_clock(clock))).await;
    let first = api.read("/v1/tasks?limit=500").await;
    assert!((100..490).contains(&first.tasks().len()), "{}", first.tasks().len());
    assert_eq!(sorted(ids(&api.list("/v1/tasks?limit=500&").await)), sorted(there));
}

#[tokio::test]
async fn a_queue_whose_item_could_not_be_written_is_written_with_its_next_task() {
    let mut world = World::new().await;
    let refused = std::sync::atomic::AtomicBool::new(false);
    // The SDK tries three times.
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let proxy = Proxy::start(&world.stack.dynamodb, move |action, text| {
        let noting = action == "PutItem" && text.contains(&queue_partition("late"));
        if noting && !refused.load(std::sync::atomic::Ordering::SeqCst) {
            if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2 {
                refused.store(true, std::sync::atomic::Ordering::SeqCst);
            }
            return Fate::Refuse;
        }
        Fate::Pass
    })
    .await;
    let store = world.store_at(&proxy.url);
    let api = world.serve(world.submit_with(|services| services.with_store(store))).await;
    let first = api.submit(note(&json!({"queue": "late"}))).await;
    assert!(api.list("/v1/tasks?").await.is_empty());
    assert_eq!(ids(&api.list("/v1/tasks?queue=late&").await), [first]);
    let second = api.submit(note(&json!({"queue": "late"}))).await;
    assert_eq!(sorted(ids(&api.list("/v1/tasks?").await)), sorted([first, second]));
}

#[tokio::test]
async fn a_wrong_query_is_refused_with_the_names_of_its_parameters() {
    let world = World::new().await;
    for n in 0..60 {
        world.api.submit(note(&json!({"queue": format!("q{}", n % 2)}))).await;
    }
    let cursor = world.api.read("/v1/tasks?queue=q0&limit=5").await.body["next_cursor"].as_str().unwrap().to_owned();
    let own = format!("queue=q0&limit=9&cursor={cursor}");
    assert_eq!(world.api.read(&format!("/v1/tasks?{own}")).await.tasks().len(), 9);
    for (query, parameters) in [
        ("limit=0".to_owned(), vec!["limit"]),
        ("limit=501&queue=-x&state=gone&x=1".to_owned(), vec!["limit", "queue", "state", "x"]),
        ("limit=5&limit=5".to_owned(), vec!["limit"]),
        ("cursor=".to_owned(), vec!["cursor"]),
        ("cursor=AAAA".to_owned(), vec!["cursor"]),
        ("cursor=%00%ff".to_owned(), vec!["cursor"]),
        (format!("cursor={}", "A".repeat(3_000)), vec!["cursor"]),
        (format!("cursor={cursor}"), vec!["cursor"]),
        (format!("queue=q1&cursor={cursor}"), vec!["cursor"]),
        (format!("queue=q0&state=queued&cursor={cursor}"), vec!["cursor"]),
        (format!("queue=q0&cursor={cursor}A"), vec!["cursor"]),
        (format!("queue=q0&cursor={}", &cursor[1..]), vec!["cursor"]),
        ("label.=x".to_owned(), vec!["label."]),
        ("all=true".to_owned(), vec!["all"]),
    ] {
        let answer = world.api.read(&format!("/v1/tasks?{query}")).await;
        assert_eq!((answer.status, &answer.body["type"]), (422, &json!("/problems/validation")), "{query}");
        let errors = answer.body["errors"].as_array().unwrap();
        let named: Vec<&str> = errors.iter().map(|error| error["parameter"].as_str().unwrap()).collect();
        assert_eq!(named, parameters, "{query}");
        assert!(errors.iter().all(|error| !error["detail"].as_str().unwrap().is_empty()));
    }
    let dead = world.api.read(&format!("/v1/dead?{own}")).await;
    assert_eq!((dead.status, &dead.body["errors"][0]["parameter"]), (422, &json!("cursor")));
    let head = world.api.ask(Method::HEAD, "/v1/tasks", &[], "").await;
    assert_eq!((head.status, head.header("content-type")), (200, "application/json"));
}

#[tokio::test]
async fn a_list_of_all_tasks_is_refused_beyond_a_thousand_queues() {
    let world = World::new().await;
    let there: Vec<Value> = (0..1_000).map(|n| note(&json!({"queue": format!("q{n}")}))).collect();
    for tasks in there.chunks(500) {
        world.api.submit_all(tasks).await;
    }
    let page = world.api.read("/v1/tasks?limit=500").await;
    assert_eq!((page.status, page.tasks().len()), (200, 500));
    world.api.submit(note(&json!({"queue": "one-more"}))).await;
    let refused = world.api.read("/v1/tasks").await;
    assert_eq!((refused.status, &refused.body["errors"][0]["parameter"]), (422, &json!("queue")));
    assert_eq!(world.api.read("/v1/tasks?queue=one-more").await.tasks().len(), 1);
    assert_eq!(world.api.read("/v1/dead").await.status, 200, "failed tasks have one partition in each queue");
}

#[tokio::test]
async fn neither_a_list_nor_a_change_of_many_tasks_scans_the_table() {
    let world = World::recording(&[]).await;
    world.api.submit_all(&vec![note(&json!({"labels": {"a": "b"}})); 30]).await;
    for path in ["/v1/tasks?limit=7&", "/v1/tasks?state=queued&label.a=b&", "/v1/dead?"] {
        world.api.list(path).await;
    }
    assert_eq!(world.api.post("/v1/tasks/cancel?label.a=b", &[], "").await.body["done"], 30);
    assert_eq!(world.api.post("/v1/dead/redrive", &[], "").await.body["matched"], 0);
    let calls = world.stack.calls();
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    assert!(actions.contains(&"dynamodb:Query") && actions.contains(&"dynamodb:BatchGetItem"), "{actions:?}");
    assert!(!actions.contains(&"dynamodb:Scan"), "{actions:?}");
}
