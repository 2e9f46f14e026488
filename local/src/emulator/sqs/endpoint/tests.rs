#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    future::Future,
    io::{Read, Write},
    net::TcpStream,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures::future::BoxFuture;
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock};

use super::{Ask, Sqs};
use crate::emulator::{
    doors::Doors,
    sqs::{Draft, Received, SqsError},
};

/// A clock that counts its sleepers.
#[derive(Clone)]
struct Counted(ManualClock, Arc<AtomicUsize>);

impl Clock for Counted {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.sleep_until(at)
    }
}

fn endpoint() -> (Sqs, Counted) {
    let clock = Counted(ManualClock::starting_at(Time::from_millis(1_000_000)), Arc::default());
    let sqs = Sqs::new(Arc::new(clock.clone()), "http://localhost".to_owned());
    sqs.create_queue("q", &BTreeMap::new()).unwrap();
    (sqs, clock)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn send(sqs: &Sqs, body: &str, delay: u64) {
    let draft = Draft::new(body).unwrap().delayed_by(secs(delay)).unwrap();
    sqs.change("q", |broker, now| broker.send("q", draft, now)).unwrap();
}

fn ask(wait: u64) -> Ask {
    Ask { max: 1, visibility: None, wait: Some(secs(wait)) }
}

/// Starts a receive that waits, on a task of its own.
fn waiter(sqs: &Sqs, wait: u64) -> tokio::task::JoinHandle<Result<Vec<Received>, SqsError>> {
    let sqs = sqs.clone();
    tokio::spawn(async move { sqs.receive("q", ask(wait)).await })
}

/// Lets every task run until it waits. This works because the runtime has one thread and nothing waits for I/O.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn bodies(received: Result<Vec<Received>, SqsError>) -> Vec<String> {
    received.unwrap().iter().map(|received| received.body.to_string()).collect()
}

#[tokio::test]
async fn the_next_message_ends_a_waiting_receive() {
    let (sqs, _) = endpoint();
    let waiting = waiter(&sqs, 20);
    settle().await;
    assert!(!waiting.is_finished());
    send(&sqs, "a", 0);
    assert_eq!(bodies(waiting.await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_waiting_receive_returns_empty_after_its_wait() {
    let (sqs, clock) = endpoint();
    let waiting = waiter(&sqs, 20);
    settle().await;
    clock.0.advance(Duration::from_millis(19_999));
    settle().await;
    assert!(!waiting.is_finished());
    clock.0.advance(Duration::from_millis(1));
    assert!(bodies(waiting.await.unwrap()).is_empty());
    assert_eq!(clock.1.load(Ordering::SeqCst), 1, "the receive slept once");
}

#[tokio::test]
async fn a_message_whose_delay_or_flight_ends_ends_a_waiting_receive() {
    let (sqs, clock) = endpoint();
    send(&sqs, "flown", 0);
    assert_eq!(bodies(sqs.receive("q", ask(0)).await), ["flown"]);
    send(&sqs, "delayed", 5);
    let first = waiter(&sqs, 20);
    settle().await;
    clock.0.advance(secs(5));
    assert_eq!(bodies(first.await.unwrap()), ["delayed"]);
    clock.0.advance(secs(20));
    let second = waiter(&sqs, 20);
    settle().await;
    clock.0.advance(secs(5));
    assert_eq!(bodies(second.await.unwrap()), ["flown"]);
}

#[tokio::test]
async fn a_message_that_falls_due_sooner_wakes_the_keeper() {
    let (sqs, clock) = endpoint();
    send(&sqs, "late", 15);
    let waiting = waiter(&sqs, 20);
    settle().await;
    send(&sqs, "soon", 3);
    settle().await;
    clock.0.advance(secs(3));
    assert_eq!(bodies(waiting.await.unwrap()), ["soon"]);
}

#[tokio::test]
async fn one_message_wakes_only_one_waiter() {
    let (sqs, clock) = endpoint();
    let waiting: Vec<_> = (0..50).map(|_| waiter(&sqs, 20)).collect();
    settle().await;
    assert_eq!(clock.1.load(Ordering::SeqCst), 50);
    send(&sqs, "a", 0);
    settle().await;
    assert_eq!(waiting.iter().filter(|waiting| waiting.is_finished()).count(), 1);
    // The keeper has left with the message, and the next waiter has looked once to become the keeper.
    assert!(clock.1.load(Ordering::SeqCst) <= 52, "{}", clock.1.load(Ordering::SeqCst));
}

#[tokio::test]
async fn messages_that_fall_due_together_reach_all_waiters() {
    let (sqs, clock) = endpoint();
    (0..30).for_each(|_| send(&sqs, "a", 10));
    let waiting: Vec<_> = (0..40).map(|_| waiter(&sqs, 20)).collect();
    settle().await;
    clock.0.advance(secs(10));
    settle().await;
    assert_eq!(waiting.iter().filter(|waiting| waiting.is_finished()).count(), 30);
}

#[tokio::test]
async fn a_waiter_that_gives_up_loses_no_message() {
    let (sqs, clock) = endpoint();
    let keeper = waiter(&sqs, 20);
    settle().await;
    let second = waiter(&sqs, 20);
    settle().await;
    send(&sqs, "delayed", 5);
    settle().await;
    keeper.abort();
    settle().await;
    clock.0.advance(secs(5));
    assert_eq!(bodies(second.await.unwrap()), ["delayed"], "the second waiter has become the keeper");

    // A waiter that is dropped after its wake-up, before it looks, passes the wake-up on.
    let mut dropped = Box::pin(sqs.receive("q", ask(20)));
    assert!(futures::poll!(dropped.as_mut()).is_pending());
    let mut other = pin!(sqs.receive("q", ask(20)));
    assert!(futures::poll!(other.as_mut()).is_pending());
    send(&sqs, "a", 0);
    drop(dropped);
    let Poll::Ready(received) = futures::poll!(other.as_mut()) else { panic!("the wake-up was lost") };
    assert_eq!(bodies(received), ["a"]);
}

#[tokio::test]
async fn a_message_that_is_shown_again_or_becomes_a_dead_letter_wakes_a_waiter() {
    let (sqs, clock) = endpoint();
    send(&sqs, "a", 0);
    let held = sqs.receive("q", ask(0)).await.unwrap().pop().unwrap();
    let waiting = waiter(&sqs, 20);
    settle().await;
    sqs.change("q", |broker, now| broker.change_visibility("q", &held.receipt, secs(0), now)).unwrap();
    assert_eq!(bodies(waiting.await.unwrap()), ["a"]);

    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:q","maxReceiveCount":1}"#;
    let policy = BTreeMap::from([("RedrivePolicy".to_owned(), policy.to_owned())]);
    sqs.create_queue("source", &policy).unwrap();
    sqs.with_broker(|broker, now| broker.send("source", Draft::new("poison").unwrap(), now)).unwrap();
    assert_eq!(bodies(sqs.receive("source", ask(0)).await), ["poison"]);
    clock.0.advance(secs(30));
    sqs.with_broker(|broker, now| broker.purge_queue("q", now)).unwrap();
    let waiting = waiter(&sqs, 20);
    settle().await;
    assert!(sqs.receive("source", ask(0)).await.unwrap().is_empty());
    assert_eq!(bodies(waiting.await.unwrap()), ["poison"]);
}

#[tokio::test]
async fn a_short_poll_of_a_full_queue_is_refused_and_a_long_poll_waits() {
    let (sqs, _) = endpoint();
    let held = sqs.with_broker(|broker, now| {
        for _ in 0..120_001 {
            broker.send("q", Draft::new("a").unwrap(), now).unwrap();
        }
        broker.receive("q", 120_000, None, now).unwrap().pop().unwrap()
    });
    assert_eq!(sqs.receive("q", ask(0)).await.unwrap_err(), SqsError::OverLimit);
    let waiting = waiter(&sqs, 20);
    settle().await;
    assert!(!waiting.is_finished());
    sqs.change("q", |broker, now| broker.delete("q", &held.receipt, now)).unwrap();
    assert_eq!(bodies(waiting.await.unwrap()), ["a"]);
}

#[tokio::test]
async fn deleting_the_queue_ends_a_waiting_receive() {
    let (sqs, _) = endpoint();
    let waiting = waiter(&sqs, 20);
    settle().await;
    sqs.change("q", |broker, _| broker.delete_queue("q")).unwrap();
    assert_eq!(waiting.await.unwrap().unwrap_err(), SqsError::QueueDoesNotExist);
}

/// Sends a receive over HTTP that waits for 20 s. The clock stands still, so it does not end by itself.
fn post_receive(address: std::net::SocketAddr) -> TcpStream {
    let body = r#"{"QueueUrl":"http://x/000000000000/q","WaitTimeSeconds":20}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = "POST /000000000000/q HTTP/1.1\r\nhost: localhost\r\nx-amz-target: AmazonSQS.ReceiveMessage\r\n";
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
    stream
}

/// Waits in real time until `condition` holds, because the network takes a little real time.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_a_client_that_leaves_loses_no_message_and_a_shutdown_answers_the_other_clients() {
    let (sqs, clock) = endpoint();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(sqs.clone().serve(Doors::default(), listener, async { drop(stopped.await) }));

    let leaver = post_receive(address);
    until(|| clock.1.load(Ordering::SeqCst) == 1).await;
    drop(leaver);
    until(|| sqs.waiting() == 0).await;
    send(&sqs, "kept", 0);
    assert_eq!(sqs.with_broker(|broker, now| broker.counts("q", now)).unwrap().visible, 1);
    assert_eq!(bodies(sqs.receive("q", ask(0)).await), ["kept"]);

    let mut stayer = post_receive(address);
    until(|| sqs.waiting() == 1).await;
    stop.send(()).unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        stayer.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = answer.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{}"), "{answer}");
    server.await.unwrap().unwrap();
}

#[test]
fn a_receive_can_move_between_threads() {
    fn check<T: Send>(_: T) {}
    fn assert_send(sqs: &Sqs) -> impl Future + Send + '_ {
        sqs.receive("q", ask(0))
    }
    let (sqs, _) = endpoint();
    check(assert_send(&sqs));
}
