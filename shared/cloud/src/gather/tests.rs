#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use futures::future::join_all;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinHandle,
};

use super::*;

/// A service that answers with what it was sent, once it is let go on.
#[derive(Debug, Default)]
struct Service {
    requests: Mutex<Vec<Vec<u32>>>,
    sent: Notify,
    /// A request needs a permit to end.
    ends: Option<Arc<Semaphore>>,
    breaks: AtomicBool,
}

#[derive(Debug)]
struct Post(Arc<Service>);

impl Carrier for Post {
    type Write = u32;
    type Answer = u32;
    const MOST: usize = 4;

    /// Numbers with the same last two digits are of the same item.
    fn clash(one: &u32, other: &u32) -> bool {
        one % 100 == other % 100
    }

    async fn carry(&self, writes: Vec<Asked<u32, u32>>) {
        self.0.requests.lock().unwrap().push(writes.iter().map(|asked| asked.write).collect());
        self.0.sent.notify_one();
        assert!(!self.0.breaks.load(Ordering::Relaxed), "the service breaks");
        if let Some(ends) = &self.0.ends {
            ends.acquire().await.unwrap().forget();
        }
        for asked in writes {
            let number = asked.write;
            asked.answer(number);
        }
    }
}

impl Service {
    fn held() -> (Arc<Service>, Arc<Semaphore>) {
        let ends = Arc::new(Semaphore::new(0));
        (Arc::new(Service { ends: Some(Arc::clone(&ends)), ..Service::default() }), ends)
    }

    fn requests(&self) -> Vec<Vec<u32>> {
        self.requests.lock().unwrap().clone()
    }
}

fn gather(service: &Arc<Service>) -> Gather<Post> {
    Gather::new(Post(Arc::clone(service)))
}

fn spawn(gather: &Gather<Post>, number: u32) -> JoinHandle<Option<u32>> {
    let gather = gather.clone();
    tokio::spawn(async move { gather.write(number).await })
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lone_write_goes_at_once_and_alone() {
    let service = Arc::new(Service::default());
    let gather = gather(&service);
    assert_eq!(gather.write(1).await, Some(1));
    assert_eq!(gather.write(2).await, Some(2));
    assert_eq!(service.requests(), [[1], [2]]);
}

#[tokio::test(start_paused = true)]
async fn writes_of_the_same_moment_share_a_request() {
    let service = Arc::new(Service::default());
    let gather = gather(&service);
    assert_eq!(join_all((1..4).map(|number| gather.write(number))).await, [Some(1), Some(2), Some(3)]);
    assert_eq!(service.requests(), [[1, 2, 3]]);
}

#[tokio::test(start_paused = true)]
async fn writes_that_come_meanwhile_go_together_and_in_order() {
    let (service, ends) = Service::held();
    let gather = gather(&service);
    let spawn = |number| spawn(&gather, number);
    let first = spawn(1);
    service.sent.notified().await;
    let others: Vec<_> = (2..5).map(spawn).collect();
    settle().await;
    assert_eq!(service.requests(), [vec![1]], "fewer than a full request wait for the first");
    ends.add_permits(2);
    assert_eq!(first.await.unwrap(), Some(1));
    for (other, number) in others.into_iter().zip(2..) {
        assert_eq!(other.await.unwrap(), Some(number));
    }
    assert_eq!(service.requests(), [vec![1], vec![2, 3, 4]]);
}

#[tokio::test(start_paused = true)]
async fn full_requests_go_beside_one_that_does_not_end() {
    let (service, ends) = Service::held();
    let gather = gather(&service);
    let all: Vec<_> = (0..100)
        .map(|number| {
            tokio::spawn({
                let gather = gather.clone();
                async move { gather.write(number).await }
            })
        })
        .collect();
    settle().await;
    let under_way = service.requests();
    assert_eq!(under_way.len(), SIDE_BY_SIDE, "{under_way:?}");
    assert!(under_way.iter().all(|request| request.len() == Post::MOST), "{under_way:?}");
    ends.add_permits(100);
    for (one, number) in all.into_iter().zip(0..) {
        assert_eq!(one.await.unwrap(), Some(number));
    }
    assert_eq!(service.requests().concat().len(), 100, "each write went once");
}

#[tokio::test(start_paused = true)]
async fn a_write_does_not_wait_long_for_a_request_that_does_not_end() {
    let (service, ends) = Service::held();
    let gather = gather(&service);
    let spawn = |number| spawn(&gather, number);
    let first = spawn(1);
    service.sent.notified().await;
    let others = [spawn(2), spawn(3)];
    settle().await;
    assert_eq!(service.requests(), [vec![1]]);
    tokio::time::sleep(PATIENCE).await;
    settle().await;
    assert_eq!(service.requests(), [vec![1], vec![2, 3]]);
    ends.add_permits(2);
    assert_eq!(first.await.unwrap(), Some(1));
    for (other, number) in others.into_iter().zip(2..) {
        assert_eq!(other.await.unwrap(), Some(number));
    }
}

#[tokio::test(start_paused = true)]
async fn two_writes_of_one_item_never_share_a_request_and_keep_their_order() {
    let service = Arc::new(Service::default());
    let gather = gather(&service);
    let numbers = [101, 201, 2, 301, 3];
    assert_eq!(join_all(numbers.map(|number| gather.write(number))).await, numbers.map(Some));
    assert_eq!(service.requests(), [vec![101, 2, 3], vec![201], vec![301]]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_nobody_waits_for_any_more_does_not_go() {
    let (service, ends) = Service::held();
    let gather = gather(&service);
    let spawn = |number| spawn(&gather, number);
    let first = spawn(1);
    service.sent.notified().await;
    let (given_up, other) = (spawn(2), spawn(3));
    settle().await;
    given_up.abort();
    settle().await;
    ends.add_permits(2);
    assert_eq!((first.await.unwrap(), other.await.unwrap()), (Some(1), Some(3)));
    assert_eq!(service.requests(), [[1], [3]]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_stops_waiting_stops_no_other() {
    let (service, ends) = Service::held();
    let gather = gather(&service);
    let spawn = |number| spawn(&gather, number);
    let (first, second) = (spawn(1), spawn(2));
    service.sent.notified().await;
    first.abort();
    settle().await;
    ends.add_permits(1);
    assert_eq!(second.await.unwrap(), Some(2));
    assert_eq!(service.requests(), [[1, 2]]);
}

#[tokio::test(start_paused = true)]
async fn after_a_request_that_broke_its_callers_know_and_the_next_write_goes() {
    let service = Arc::new(Service::default());
    let gather = gather(&service);
    service.breaks.store(true, Ordering::Relaxed);
    assert_eq!(join_all([gather.write(1), gather.write(2)]).await, [None, None]);
    service.breaks.store(false, Ordering::Relaxed);
    assert_eq!(gather.write(3).await, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_every_write_goes_once() {
    let service = Arc::new(Service::default());
    let gather = gather(&service);
    let all = (0..5_000u32).map(|number| {
        tokio::spawn({
            let gather = gather.clone();
            async move { gather.write(number).await }
        })
    });
    for (one, number) in join_all(all).await.into_iter().zip(0..) {
        assert_eq!(one.unwrap(), Some(number));
    }
    let mut went = service.requests().concat();
    went.sort_unstable();
    assert_eq!(went, (0..5_000).collect::<Vec<_>>());
}
