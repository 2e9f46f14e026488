//! More tasks are due than fit into a page of the agenda, or than one invocation can send.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::SdkConfig;
use axum::{Router, body::Bytes, routing::any};
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use taskway_cloud::dynamo::{
    Shards,
    layout::{LEASE_SORT, SWEEP_PREFIX, attr, sweep_partition},
};
use taskway_protocol::Nonce;
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::{
    MOST_HOPS, NotTakenOver, Report, Scheduler, SelfInvocation, Successor, Sweep, TIMEOUT, Trigger, budget,
};
use taskway_tests::{Fate, Proxy, World, until};
use tokio::net::TcpListener;

/// The number of entries in a page of the agenda.
const PAGE: usize = 500;

/// The time limit of an invocation.
const BUDGET: Duration = Duration::from_secs(50);

/// A successor that accepts every sweep and does nothing.
#[derive(Default)]
struct Given(Mutex<Vec<Sweep>>);

impl Given {
    fn all(&self) -> Vec<Sweep> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Successor for Given {
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>> {
        self.0.lock().unwrap().push(sweep);
        Box::pin(async { Ok(()) })
    }
}

struct Nobody;

impl Successor for Nobody {
    fn take_over(&self, _: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>> {
        Box::pin(async { Err(NotTakenOver("out of order".into())) })
    }
}

/// A world with this many tasks that are due at the same time, in this many shards of the agenda.
async fn herd(tasks: usize, agenda: u16) -> World {
    let mut world = World::new().await;
    let store = world.store.clone().sharded(Shards { agenda, ..Shards::default() });
    let api = world.serve(world.submit_with(|services| services.with_store(store.clone()))).await;
    world.scheduler.services.store = store;
    let mut left = tasks;
    while left > 0 {
        let some = left.min(PAGE);
        let tasks = vec![json!({"target": {"handler": "note"}, "run_at": "2026-11-23T10:00:00.5Z"}); some];
        let answer = api.post("/v1/tasks/batch", &[], json!({"tasks": tasks}).to_string()).await;
        let results = answer.body["results"].as_array().unwrap();
        assert!(results.iter().all(|one| one["status"] == 202), "{}", answer.body);
        left -= some;
    }
    world.pass_secs(7200);
    world
}

/// The end of the lease of a shard, in milliseconds.
async fn lease(world: &World, shard: u16) -> Value {
    let key = json!({attr::PK: {"S": sweep_partition(shard)}, attr::SK: {"S": LEASE_SORT}});
    let request = json!({"TableName": world.stack.settings.table, "Key": key});
    world.dynamodb("GetItem", request).await["Item"][attr::LEASE_END]["N"].take()
}

fn with(world: &World, successor: Arc<dyn Successor>) -> Scheduler {
    Scheduler { successor: Some(successor), ..world.scheduler.clone() }
}

#[tokio::test]
async fn a_tick_with_less_than_a_page_takes_no_lease() {
    let world = herd(PAGE - 1, 1).await;
    let report = world.tick().await;
    assert_eq!((report.promoted, report.failed, lease(&world, 0).await), (PAGE - 1, 0, Value::Null));
}

#[tokio::test]
async fn overlapping_ticks_send_each_task_of_a_backlog_once() {
    let world = herd(1_700, 1).await;
    // Each tick is its own process.
    let [one, two, three] = [(); 3].map(|()| Scheduler { pace: Default::default(), ..world.scheduler.clone() });
    let (one, two, three) = futures::join!(one.tick(BUDGET), two.tick(BUDGET), three.tick(BUDGET));
    let reports = [one, two, three];
    assert_eq!(reports.iter().map(|report| report.promoted).sum::<usize>(), 1_700, "{reports:?}");
    assert_eq!(world.carried(), 1_700);
    assert!(reports.iter().all(|report| report.lag_ms == Some(0) && report.failed == 0), "{reports:?}");
    // The lease was given back.
    assert_eq!(lease(&world, 0).await, "0");
}

#[tokio::test]
async fn a_dead_tick_delays_its_backlog_no_longer_than_its_lease() {
    let world = herd(1_200, 1).await;
    let faults = Faults::crash_at(CrashPoint::Marked);
    let victim = world.scheduler_with(|services| services.with_faults(faults.clone()));
    let victim = tokio::spawn(async move { victim.tick(BUDGET).await });
    faults.died().await;
    victim.abort();
    let left = world.tick().await;
    assert_eq!((left.promoted, left.failed, left.lag_ms), (0, 0, Some(0)));
    world.pass_secs(54);
    assert_eq!(world.tick().await.promoted, 0);
    world.pass_secs(1);
    let report = world.tick().await;
    assert!(report.promoted >= 1_200 - 40 && report.failed == 0, "{report:?}");
    assert_eq!(world.tick().await.promoted, 0);
    assert!(
        (1_200..1_240).contains(&world.carried()),
        "{} messages: only unmarked tasks are sent twice",
        world.carried()
    );
}

#[tokio::test]
async fn a_tick_that_works_longer_than_its_lease_renews_it() {
    let world = herd(1_700, 1).await;
    let (clock, begin) = (world.clock.clone(), world.now());
    // Each chunk takes a second, so a page takes 50 s, and a lease lasts 60 s.
    let slow = Faults::asking(move |point| {
        if point == CrashPoint::PromotionSent {
            clock.advance(Duration::from_secs(1));
        }
        false
    });
    let slow = world.scheduler_with(|services| services.with_faults(slow));
    let second = async {
        until("the end of the first lease", async || {
            (world.now() > begin.after(Duration::from_secs(75))).then_some(())
        })
        .await;
        world.tick().await
    };
    let (first, second) = futures::join!(slow.tick(Duration::from_secs(600)), second);
    assert_eq!((first.promoted, second.promoted, world.carried()), (1_700, 0, 1_700));
    assert!(world.now() >= begin.after(Duration::from_secs(170)));
}

#[tokio::test]
async fn each_shard_with_a_long_backlog_gets_its_own_invocation() {
    let world = herd(2_600, 4).await;
    let given = Arc::new(Given::default());
    let scheduler = with(&world, Arc::clone(&given) as Arc<dyn Successor>);
    let first = scheduler.tick(BUDGET).await;
    let sweeps = given.all();
    assert_eq!((first.handed_over, first.failed, sweeps.len()), (3, 0, 3));
    assert!(sweeps.iter().all(|sweep| sweep.hop == 1));
    // No other tick takes their shards before they begin.
    let meanwhile = scheduler.tick(BUDGET).await;
    assert_eq!((meanwhile.promoted, meanwhile.handed_over, given.all().len()), (0, 0, 0));
    let done = futures::future::join_all(sweeps.into_iter().map(|sweep| scheduler.sweep(sweep, BUDGET))).await;
    assert_eq!(first.promoted + done.iter().map(|report| report.promoted).sum::<usize>(), 2_600);
    assert_eq!((world.carried(), given.all().len()), (2_600, 0));
}

#[tokio::test]
async fn an_invocation_out_of_time_hands_its_shard_over_a_limited_number_of_times() {
    let world = herd(4 * PAGE, 1).await;
    let given = Arc::new(Given::default());
    let scheduler = with(&world, Arc::clone(&given) as Arc<dyn Successor>);
    let only = |given: Vec<Sweep>| if let [sweep] = given.as_slice() { *sweep } else { panic!("{given:?}") };
    let page =
        Report { promoted: PAGE, lag_ms: Some(0), promotion_lag_ms: Some(0), handed_over: 1, ..Report::default() };
    // Each invocation is out of time after one page.
    assert_eq!(scheduler.tick(Duration::ZERO).await, page);
    let first = only(given.all());
    assert_eq!((first.shard, first.hop), (0, 1));
    assert_eq!(scheduler.sweep(first, Duration::ZERO).await, page);
    let second = only(given.all());
    assert_eq!(second, Sweep { hop: 2, ..first });
    // The last allowed hop hands over no more.
    let last = scheduler.sweep(Sweep { hop: MOST_HOPS, ..second }, Duration::ZERO).await;
    assert_eq!((last, given.all()), (Report { handed_over: 0, ..page }, vec![]));
    // The next tick may begin again at once.
    assert_eq!(
        scheduler.tick(BUDGET).await,
        Report { promoted: PAGE, lag_ms: Some(0), promotion_lag_ms: Some(0), ..Report::default() }
    );
    assert_eq!(world.carried(), 4 * PAGE);
}

#[tokio::test]
async fn a_tick_that_cannot_hand_over_works_itself_and_reports_what_it_leaves() {
    let world = herd(1_500, 2).await;
    let scheduler = with(&world, Arc::new(Nobody));
    let report = scheduler.tick(Duration::ZERO).await;
    assert_eq!((report.promoted, report.failed, report.handed_over), (2 * PAGE, 2, 0));
    assert_eq!(
        scheduler.tick(BUDGET).await,
        Report { promoted: 500, lag_ms: Some(0), promotion_lag_ms: Some(0), ..Report::default() }
    );
    assert_eq!(world.carried(), 1_500);
}

#[tokio::test]
async fn a_tick_that_cannot_write_a_lease_still_sends_everything() {
    let mut world = herd(1_200, 1).await;
    let rule = |action: &str, text: &str| match action == "UpdateItem" && text.contains(SWEEP_PREFIX) {
        true => Fate::Refuse,
        false => Fate::Pass,
    };
    let proxy = Proxy::start(&world.stack.dynamodb, rule).await;
    world.scheduler.services.store = world.store_at(&proxy.url);
    let report = world.tick().await;
    assert_eq!((report.promoted, report.failed, world.carried()), (1_200, 0, 1_200));
}

/// The invocations that Lambda was asked for: path, type and event.
type Asked = Arc<Mutex<Vec<(String, String, Trigger)>>>;

/// A Lambda endpoint that answers with this status.
async fn lambda(status: StatusCode) -> (SdkConfig, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let router = Router::new().fallback(any(async move |uri: Uri, headers: HeaderMap, event: Bytes| {
        let kind = headers["x-amz-invocation-type"].to_str().unwrap().to_owned();
        noted.lock().unwrap().push((uri.path().to_owned(), kind, serde_json::from_slice(&event).unwrap()));
        status
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let sdk = taskway_cloud::aws::local("us-east-1", "test").into_builder().endpoint_url(url);
    (sdk.build(), asked)
}

#[tokio::test]
async fn the_scheduler_invokes_itself_and_does_not_wait() {
    let world = herd(1_200, 1).await;
    let (sdk, asked) = lambda(StatusCode::ACCEPTED).await;
    let scheduler = with(&world, Arc::new(SelfInvocation::of("stack-Scheduler-1X", sdk)));
    let report = scheduler.tick(Duration::ZERO).await;
    assert_eq!((report.promoted, report.handed_over, report.failed), (PAGE, 1, 0));
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    let [(path, kind, Trigger::Sweep(sweep))] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(path, "/2015-03-31/functions/stack-Scheduler-1X/invocations");
    assert_eq!((kind.as_str(), sweep.shard, sweep.hop), ("Event", 0, 1));
    // This is what the invoked function does.
    let now = world.now();
    let report = scheduler.sweep(*sweep, budget(now.after(TIMEOUT).as_millis(), now)).await;
    assert_eq!((report.promoted, world.carried()), (700, 1_200));
    // Lambda may make the invocation twice.
    assert_eq!(scheduler.sweep(Sweep { holder: Nonce(1), ..*sweep }, BUDGET).await.promoted, 0);
}

#[tokio::test]
async fn a_refused_self_invocation_is_reported_and_gives_the_lease_back() {
    let world = herd(600, 1).await;
    let (sdk, asked) = lambda(StatusCode::FORBIDDEN).await;
    let scheduler = with(&world, Arc::new(SelfInvocation::of("scheduler", sdk)));
    let report = scheduler.tick(Duration::ZERO).await;
    assert_eq!((report.promoted, report.handed_over, report.failed), (PAGE, 0, 1));
    assert_eq!(asked.lock().unwrap().len(), 1);
    assert_eq!(lease(&world, 0).await, "0", "the next tick can take the shard");
}
