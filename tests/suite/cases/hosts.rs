//! Hosts that do not serve: they cost no attempts, no memory, and no time of other hosts' tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use taskway_executor::{
    handlers::shipped,
    targets::http::{Allowed, Http, Secrets},
};
use taskway_protocol::{Object, TaskId};
use taskway_tests::{Receiver, Reply, World, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::AbortOnDropHandle;

/// A server that does this with each connection, once the request is there. It gets the beginning of that.
async fn server<F>(serve: impl Fn(TcpStream, String) -> F + Send + 'static) -> (String, AbortOnDropHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            let length = stream.read(&mut request).await.unwrap_or(0);
            tokio::spawn(serve(stream, String::from_utf8_lossy(&request[..length]).into_owned()));
        }
    });
    (url, AbortOnDropHandle::new(serving))
}

/// Takes requests, counts them and never answers.
async fn stalling() -> (String, Arc<AtomicUsize>, AbortOnDropHandle<()>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let (url, serving) = server(move |stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            std::future::pending::<()>().await;
            drop(stream);
        }
    })
    .await;
    (url, requests, serving)
}

fn to(url: &str) -> Value {
    json!({"target": {"http": {"url": url}}, "timeout_seconds": 20, "retry": {"max_attempts": 2, "min_backoff_seconds": 30}})
}

#[tokio::test]
async fn tasks_of_a_host_that_is_down_wait_for_it_without_using_up_their_attempts() {
    let world = World::new().await;
    // Five requests open the circuit, and the first trial fails too.
    let replies: Vec<_> = std::iter::repeat_n(Reply::of(503), 6).chain([Reply::of(200)]).collect();
    let (down, up) = (Receiver::start(replies).await, Receiver::start(vec![Reply::of(200)]).await);
    let executor = world.executor(shipped());
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.api.submit(to(&down.url)).await);
    }
    world.work(&executor).await;
    assert_eq!(down.requests().len(), 5);
    let (next, other) = (world.api.submit(to(&down.url)).await, world.api.submit(to(&up.url)).await);
    world.work(&executor).await;
    let told = world.api.task(next).await;
    assert_eq!((&told["attempt"], &told["error"]["kind"]), (&json!(0), &json!("http")), "{told}");
    assert!(told["next_attempt_at"].is_string(), "{told}");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains(&down.url) && message.contains("in a row"), "{message}");
    assert_eq!(world.state(other).await, "succeeded", "another host's task does not wait");
    // The host comes back. The trial that failed has used up nobody's two attempts.
    for id in ids.into_iter().chain([next]) {
        assert_eq!(world.end(&executor, id).await, "succeeded");
    }
    assert_eq!(down.requests().len(), 12);
}

#[tokio::test]
async fn a_host_that_never_answers_is_cut_by_the_timeout_and_then_left_alone() {
    let world = World::new().await;
    let (url, requests, _serving) = stalling().await;
    let executor = world.executor(shipped());
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(world.api.submit(to(&url)).await);
    }
    // The clock goes on only when all requests are there.
    let work = async |seen: usize, ends: usize| {
        let cut = async {
            until("the requests", async || (requests.load(Ordering::SeqCst) == seen).then_some(())).await;
            until("the tasks that are put off", async || {
                let mut ended = 0;
                for &id in &ids {
                    ended += usize::from(world.state(id).await != "running");
                }
                (ended == ends).then_some(())
            })
            .await;
            world.pass_secs(20);
        };
        tokio::join!(world.work(&executor), cut);
    };
    work(8, 0).await;
    for &id in &ids {
        let told = world.api.task(id).await;
        assert_eq!((&told["attempt"], &told["error"]["kind"]), (&json!(1), &json!("timeout")), "{told}");
    }
    // When all are due again, one tries the host. The others are put off, and the attempt does not count.
    world.pass_secs(60);
    work(9, 7).await;
    let mut put_off = 0;
    for id in ids {
        let told = world.api.task(id).await;
        let message = told["error"]["message"].as_str().unwrap();
        put_off += usize::from(told["attempt"] == 1 && message.contains("in a row"));
    }
    assert_eq!(put_off, 7);
}

#[tokio::test]
async fn a_body_that_never_ends_is_read_to_the_limit_and_one_that_stalls_is_cut() {
    let world = World::new().await;
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
    let (endless, _serving) = server(move |mut stream, _| async move {
        stream.write_all(head).await.unwrap();
        while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
    })
    .await;
    let (stalled, _stalling) = server(move |mut stream, _| async move {
        stream.write_all(head).await.unwrap();
        stream.write_all(b"some").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let executor = world.executor(shipped());
    let endless = world.api.submit(to(&endless)).await;
    world.work(&executor).await;
    let task = world.api.task(endless).await;
    assert_eq!((&task["state"], &task["result"]["body_truncated"]), (&json!("succeeded"), &json!(true)), "{task}");
    assert_eq!(task["result"]["body"].as_str().unwrap().len(), 65_536);
    let stalled = world.api.submit(to(&stalled)).await;
    let cut = async {
        until("the attempt", async || (world.state(stalled).await == "running").then_some(())).await;
        world.pass_secs(20);
    };
    tokio::join!(world.work(&executor), cut);
    let task = world.api.task(stalled).await;
    assert_eq!(
        (&task["error"]["kind"], &task["error"]["message"]),
        (&json!("timeout"), &json!("the attempt ran for 20 s"))
    );
}

#[tokio::test]
async fn few_connections_are_kept_however_many_hosts_there_are() {
    const KEPT: usize = 256;
    let world = World::new().await;
    let (all, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut hosts = Vec::new();
    for _ in 0..KEPT + 14 {
        let (all, closed) = (Arc::clone(&all), Arc::clone(&closed));
        let host = server(move |mut stream, request| {
            let is_last = request.to_ascii_lowercase().contains("\r\nconnection: close\r\n");
            all.fetch_add(1, Ordering::SeqCst);
            closed.fetch_add(usize::from(is_last), Ordering::SeqCst);
            async move {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                // Until the client closes it.
                let _ = stream.read(&mut [0; 1]).await;
            }
        })
        .await;
        world.api.submit(to(&host.0)).await;
        hosts.push(host);
    }
    world.work(&world.executor(shipped())).await;
    assert_eq!((all.load(Ordering::SeqCst), closed.load(Ordering::SeqCst)), (KEPT + 14, 14));
}

#[tokio::test]
async fn a_host_gets_no_more_requests_at_once_than_it_may_have() {
    let world = World::new().await;
    let (url, _, _serving) = stalling().await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let http = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::default()).unwrap();
    let executor = world.executor_by(http.limited(std::num::NonZeroUsize::new(1)));
    let (first, second) = (world.api.submit(to(&url)).await, world.api.submit(to(&url)).await);
    let other = world.api.submit(to(&receiver.url)).await;
    let mut deliveries = Vec::new();
    for _ in 0..3 {
        deliveries.push(world.delivery().await);
    }
    let run = deliveries.iter().map(|delivery| executor.deliver(delivery, None));
    let running = futures::future::join_all(run);
    // The one that does not get its turn waits for two seconds of this machine's time. Until then the clock stands still.
    let observed = async {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let told = [world.api.task(first).await, world.api.task(second).await];
            let is_turned_away = |task: &Value| {
                task["error"]["message"]
                    .as_str()
                    .is_some_and(|text| text.contains("as many as TASKWAY_HTTP_PER_HOST allows"))
            };
            if let Some(task) = told.iter().find(|task| is_turned_away(task)) {
                assert_eq!(task["attempt"], 0, "{task}");
                assert_eq!(world.api.task(other).await["state"], "succeeded");
                break;
            }
        }
    };
    tokio::select! {
        _ = running => panic!("a request that nobody answers has ended"),
        seen = tokio::time::timeout(Duration::from_secs(60), observed) => seen.unwrap(),
    }
}

#[tokio::test]
async fn the_target_says_what_of_the_answer_is_kept() {
    let world = World::new().await;
    let body = "x".repeat(300_000);
    let reply = Reply::of(200).header("etag", "7").header("x-other", "1").body(body.clone());
    let receiver = Receiver::start(vec![reply]).await;
    let executor = world.executor(shipped());
    let mut kept = Vec::new();
    for keep in [
        json!({"headers": ["x-none", "ETag", "etag"], "body_bytes": 0}),
        json!({"headers": [], "body_bytes": 100_000}),
        json!({"headers": [], "body_bytes": 6_291_456}),
    ] {
        let task = json!({"target": {"http": {"url": &receiver.url, "keep": keep}}});
        let id = world.api.submit(task).await;
        world.work(&executor).await;
        kept.push(world.api.task(id).await);
    }
    assert_eq!(kept[0]["result"], json!({"status": 200, "headers": {"etag": "7"}, "body": "", "body_truncated": true}));
    assert_eq!(kept[0]["target"]["http"]["keep"], json!({"headers": ["etag", "x-none"], "body_bytes": 0}));
    assert_eq!(
        (kept[1]["result"]["body"].as_str().unwrap().len(), &kept[1]["result"]["headers"]),
        (100_000, &json!({}))
    );
    // Over 256 KiB it is an object in the bucket, like any other result.
    assert_eq!((&kept[2]["state"], &kept[2]["result"]), (&json!("succeeded"), &Value::Null));
    let expected = json!({"status": 200, "headers": {}, "body": body});
    let text = format!(r#"{{"status":200,"headers":{{}},"body":"{body}"}}"#);
    let id = TaskId::parse(kept[2]["id"].as_str().unwrap()).unwrap();
    let stored = world.object(&Object::of(text.as_bytes()), id).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&stored).unwrap(), expected);
}
