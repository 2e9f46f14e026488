//! Lists of tasks, page by page, while tasks are submitted, changed and run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::{QUEUE_PREFIX, attr, queue_partition};
use taskway_protocol::{TaskId, Time};
use taskway_runtime::clock::{Clock, ManualClock};
use taskway_submit::Submit;
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
        let noting = action == "UpdateItem" && text.contains(&queue_partition("late"));
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

/// Tasks in so many queues, a few of which are noted at one moment; of each queue the tasks that `more` asks for.
async fn in_queues(world: &World, queues: usize, more: &Value) -> Vec<TaskId> {
    let mut there = Vec::new();
    let of = |n: usize| {
        let mut task = note(&json!({"queue": format!("q{n}")}));
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    let numbers: Vec<usize> = (0..queues).collect();
    // The third moment has more queues than a stretch is meant to have.
    for some in numbers[..6].chunks(2).chain(numbers[6..].chunks(23)) {
        there.extend(world.api.submit_all(&some.iter().map(|n| of(*n)).collect::<Vec<_>>()).await);
        world.pass(Duration::from_millis(1));
    }
    // The oldest queue has the newest task.
    there.push(world.api.submit(of(0)).await);
    there
}

/// An API that merges the partitions of ten queues into a page, at two partitions each.
async fn narrow(world: &World) -> taskway_tests::Api {
    world.serve(Submit { breadth: 40, ..world.submit() }).await
}

#[tokio::test]
async fn a_list_of_all_queues_has_every_task_once_at_any_number_of_queues() {
    let world = World::new().await;
    let there = in_queues(&world, 60, &json!({})).await;
    let api = narrow(&world).await;
    for path in [
        "/v1/tasks?limit=7&",
        "/v1/tasks?limit=500&",
        "/v1/tasks?limit=9&state=scheduled&",
        "/v1/tasks?limit=500&state=queued&",
    ] {
        let listed = ids(&api.list(path).await);
        assert_eq!(
            sorted(listed.clone()),
            sorted(there.clone()).into_iter().filter(|_| !path.contains("scheduled")).collect::<Vec<_>>(),
            "{path}"
        );
    }
    // With as many queues as one page is merged from, the list is in one order.
    let whole = ids(&world.api.list("/v1/tasks?limit=500&").await);
    assert!(whole.is_sorted_by(|a, b| a.born >= b.born));
    assert_eq!(sorted(whole), sorted(there));
}

#[tokio::test]
async fn a_queue_that_comes_while_a_list_is_read_moves_none_of_its_tasks() {
    let world = World::new().await;
    let there = in_queues(&world, 60, &json!({})).await;
    let api = narrow(&world).await;
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    for round in 0.. {
        let page = api.read(&format!("/v1/tasks?limit=5{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        listed.extend(ids(&page.tasks()));
        world.pass(Duration::from_millis(1));
        let new: Vec<Value> = (0..20).map(|n| note(&json!({"queue": format!("new-{round}-{n}")}))).collect();
        world.api.submit_all(&new).await;
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(sorted(listed), sorted(there));
}

#[tokio::test]
async fn a_change_of_all_tasks_comes_to_an_end_at_any_number_of_queues() {
    let world = World::new().await;
    let there = in_queues(&world, 60, &json!({})).await;
    let api = narrow(&world).await;
    let (mut done, mut body, mut calls) = (0, json!({"all": true, "limit": 7}), 0);
    loop {
        let answer = api.post("/v1/tasks/cancel", &[], body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        done += answer.body["done"].as_u64().unwrap();
        calls += 1;
        if answer.body["next_cursor"].is_null() {
            break;
        }
        body["cursor"] = answer.body["next_cursor"].clone();
    }
    assert_eq!(done, there.len() as u64);
    assert!((9..40).contains(&calls), "{calls}");
    for id in there {
        assert_eq!(world.state(id).await, "cancelled");
    }
    // Nothing is left, in any number of empty queues.
    assert!(narrow(&world).await.list("/v1/tasks?state=scheduled&").await.is_empty());
}

#[tokio::test]
async fn a_list_of_very_many_queues_without_tasks_goes_on_where_it_ran_out_of_time() {
    let world = World::new().await;
    for n in 0..12 {
        world.api.submit(note(&json!({"queue": format!("q{n}")}))).await;
        world.pass(Duration::from_millis(1));
    }
    let clock = Arc::new(Hasty(world.clock.clone()));
    let submit = world.submit_with(|services| services.with_clock(clock));
    // A queue is a stretch, and a request has time for a few of them.
    let api = world.serve(Submit { breadth: 1, ..submit }).await;
    let (mut pages, mut cursor) = (1, String::new());
    loop {
        let page = api.read(&format!("/v1/dead?{cursor}")).await;
        assert_eq!((page.status, page.tasks().len()), (200, 0), "{}", page.body);
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("cursor={next}");
        pages += 1;
    }
    assert!((2..=12).contains(&pages), "{pages}");
}

/// The names of queues in the table, with the second at which each expires.
async fn names(world: &World) -> BTreeMap<String, u64> {
    let scanned = world.dynamodb("Scan", json!({"TableName": "taskway-Tasks"})).await;
    let items = scanned["Items"].as_array().unwrap().iter();
    let names = items.filter_map(|item| {
        let name = item[attr::PK]["S"].as_str()?.strip_prefix(QUEUE_PREFIX)?.to_owned();
        Some((name, item[attr::TTL]["N"].as_str()?.parse().ok()?))
    });
    names.collect()
}

async fn forget(world: &World, queue: &str) {
    let key = json!({attr::PK: {"S": queue_partition(queue)}, attr::SK: {"S": "queue"}});
    world.dynamodb("DeleteItem", json!({"TableName": "taskway-Tasks", "Key": key})).await;
}

#[tokio::test]
async fn the_name_of_a_queue_expires_after_its_tasks() {
    let world = World::new().await;
    let day = 86_400;
    let now = world.now().as_secs();
    world.api.submit(note(&json!({"queue": "brief", "retain_seconds": 0, "delay_seconds": 0}))).await;
    world.api.submit(note(&json!({"queue": "kept", "retain_seconds": 30 * day, "delay_seconds": 0}))).await;
    world.api.submit(note(&json!({"queue": "late", "retain_seconds": day, "delay_seconds": 60 * day}))).await;
    for (queue, days) in [("brief", 0), ("kept", 30), ("late", 61)] {
        let beyond = names(&world).await[queue] - (now + days * day);
        assert!((7 * day..=14 * day).contains(&beyond), "{queue}: {beyond}");
    }
    // A later task keeps the name for longer, and one that needs it for less writes nothing.
    let before = names(&world).await;
    world.api.submit(note(&json!({"queue": "kept", "retain_seconds": 0}))).await;
    world.api.submit(note(&json!({"queue": "brief", "retain_seconds": 90 * day}))).await;
    let after = names(&world).await;
    assert_eq!(after["kept"], before["kept"]);
    assert!(after["brief"] >= now + 97 * day);
}

#[tokio::test]
async fn the_audit_keeps_the_names_of_queues_with_open_tasks() {
    let world = World::new().await;
    world.tick_auditing(Duration::from_secs(86_400)).await;
    let open = world.api.submit(note(&json!({"queue": "open", "delay_seconds": 8_640_000}))).await;
    let ended = world.api.submit(note(&json!({"queue": "ended", "delay_seconds": 8_640_000}))).await;
    world.api.act(ended, "cancel").await;
    // As if both had outlived what was expected of them.
    forget(&world, "open").await;
    forget(&world, "ended").await;
    assert!(world.api.list("/v1/tasks?").await.is_empty());
    world.pass_secs(86_400);
    world.tick_auditing(Duration::from_secs(86_400)).await;
    assert_eq!(ids(&world.api.list("/v1/tasks?").await), [open]);
    assert!(names(&world).await["open"] >= world.now().as_secs() + 7 * 86_400);
}

#[tokio::test]
async fn a_firing_notes_its_queue() {
    let world = World::new().await;
    let schedule = json!({"every_seconds": 3600, "task": note(&json!({"queue": "hourly", "delay_seconds": null}))});
    let headers = [("content-type", "application/json")];
    let put = world.api.ask(Method::PUT, "/v1/schedules/hourly", &headers, schedule.to_string()).await;
    assert_eq!(put.status, 201, "{}", put.body);
    assert!(names(&world).await.is_empty(), "the queue has no task yet");
    world.pass_secs(3600);
    world.tick().await;
    assert_eq!(world.api.list("/v1/tasks?").await.len(), 1);
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
