#![allow(clippy::unwrap_used, clippy::panic)]

use taskway_protocol::{Fence, TaskId, TaskKey};
use taskway_runtime::clock::{Clock, ManualClock};

use super::{
    circuit::{IN_A_ROW, LONGEST},
    connections::{MOST, WINDOW},
    *,
};

const FAILED: Served = Served::No(Duration::ZERO);

struct Town {
    hosts: Arc<Hosts>,
    clock: ManualClock,
}

impl Town {
    fn new(limit: Option<usize>) -> Self {
        Town { hosts: Arc::new(Hosts::limited(limit)), clock: ManualClock::starting_at(Time::from_millis(1_000_000)) }
    }

    async fn enter(&self, host: &str) -> Result<Visit, Outcome> {
        self.enter_until(host, 30).await
    }

    /// Enters with so many seconds left of the attempt.
    async fn enter_until(&self, host: &str, seconds: u64) -> Result<Visit, Outcome> {
        let deadline = self.clock.now().after(Duration::from_secs(seconds));
        let id = TaskId { key: TaskKey::from_bytes([0; 16]), born: Time::default() };
        let cx = Context::new(id, 1, Fence(1), deadline, None, Arc::new(self.clock.clone()));
        self.hosts.enter(&Url::parse(&format!("https://{host}/a")).unwrap(), &cx).await
    }

    async fn visit(&self, host: &str, served: Served) {
        self.enter(host).await.unwrap().ended(Some(served), true);
    }

    /// Opens the circuit of a host.
    async fn open(&self, host: &str) {
        for _ in 0..IN_A_ROW {
            self.visit(host, FAILED).await;
        }
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// How long a request to the host is put off, in seconds. `None`: it is not.
    async fn put_off(&self, host: &str) -> Option<u64> {
        match self.enter(host).await {
            Ok(_) => None,
            Err(Outcome::NotStarted { at_least, .. }) => Some(at_least.as_secs()),
            Err(outcome) => panic!("{outcome:?}"),
        }
    }

    fn known(&self) -> (usize, usize) {
        let known = self.hosts.known();
        let sum = known.hosts.values().map(|host| host.connections.counted()).sum::<usize>();
        assert_eq!(known.connections.counted(), sum);
        (known.hosts.len(), known.connections.counted())
    }
}

#[tokio::test]
async fn a_host_that_serves_nothing_five_times_in_a_row_is_left_alone_ever_longer() {
    let town = Town::new(None);
    town.open("a.example").await;
    let mut waits = Vec::new();
    for _ in 0..8 {
        let wait = town.put_off("a.example").await.unwrap();
        waits.push(wait);
        assert_eq!(town.put_off("b.example").await, None);
        town.pass(wait);
        town.visit("a.example", FAILED).await;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    town.pass(60);
    let trial = town.enter("a.example").await.unwrap();
    assert_eq!(town.put_off("a.example").await, Some(1), "one at a time");
    trial.ended(Some(Served::Yes), true);
    assert_eq!(town.put_off("a.example").await, None);
}

#[tokio::test]
async fn an_answer_ends_the_row() {
    let town = Town::new(None);
    for _ in 0..3 {
        for _ in 1..IN_A_ROW {
            town.visit("a.example", FAILED).await;
        }
        town.visit("a.example", Served::Yes).await;
    }
    assert_eq!(town.put_off("a.example").await, None);
}

#[tokio::test]
async fn a_request_that_is_cut_at_the_end_of_its_attempt_counts_and_one_that_is_cancelled_or_short_does_not() {
    for (deadline, passes, counts) in [(30, 30, true), (30, 29, false), (9, 9, false), (10, 10, true)] {
        let town = Town::new(None);
        let mut visits = Vec::new();
        for _ in 0..IN_A_ROW {
            visits.push(town.enter_until("a.example", deadline).await.unwrap());
        }
        town.pass(passes);
        drop(visits);
        assert_eq!(town.put_off("a.example").await.is_some(), counts, "{deadline} {passes}");
    }
}

#[tokio::test]
async fn requests_that_began_before_a_circuit_opened_neither_lengthen_nor_end_a_trial() {
    let town = Town::new(None);
    let mut before = Vec::new();
    for _ in 0..64 {
        before.push(town.enter("a.example").await.unwrap());
    }
    let mut before = before.into_iter();
    for visit in before.by_ref().take(40) {
        visit.ended(Some(FAILED), true);
    }
    assert_eq!(town.put_off("a.example").await, Some(1));
    town.pass(1);
    for visit in before.by_ref().take(10) {
        visit.ended(Some(FAILED), true);
    }
    let trial = town.enter("a.example").await.unwrap();
    for (at, visit) in before.enumerate() {
        visit.ended((at % 2 == 0).then_some(FAILED), false);
        assert_eq!(town.put_off("a.example").await, Some(1), "the trial goes on");
    }
    trial.ended(Some(FAILED), true);
    assert_eq!(town.put_off("a.example").await, Some(2));
}

#[tokio::test]
async fn a_trial_that_is_cancelled_or_takes_long_leaves_the_next_one() {
    let town = Town::new(None);
    town.open("a.example").await;
    town.pass(1);
    town.enter("a.example").await.unwrap().ended(None, false);
    let long = town.enter("a.example").await.unwrap();
    town.pass(LONGEST.as_secs() - 1);
    assert_eq!(town.put_off("a.example").await, Some(1));
    town.pass(1);
    let next = town.enter("a.example").await.unwrap();
    next.ended(Some(Served::Yes), true);
    assert_eq!(town.put_off("a.example").await, None);
    long.ended(Some(FAILED), true);
    assert_eq!(town.put_off("a.example").await, None);
}

#[tokio::test]
async fn an_answer_to_any_request_closes_a_circuit() {
    let town = Town::new(None);
    let early = town.enter("a.example").await.unwrap();
    town.open("a.example").await;
    early.ended(Some(Served::Yes), true);
    assert_eq!(town.put_off("a.example").await, None);
}

#[tokio::test]
async fn a_host_may_ask_for_a_longer_wait_up_to_a_minute() {
    for (asked, wait) in [(30, 30), (3_600, 60)] {
        let town = Town::new(None);
        for _ in 0..IN_A_ROW {
            let visit = town.enter("a.example").await.unwrap();
            visit.ended(Some(Served::No(Duration::from_secs(asked))), true);
        }
        assert_eq!(town.put_off("a.example").await, Some(wait));
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_has_so_many_requests_at_once_and_others_wait_for_a_turn() {
    let town = Town::new(Some(2));
    let (one, two) = (town.enter("a.example").await.unwrap(), town.enter("a.example").await.unwrap());
    let Err(Outcome::NotStarted { message, .. }) = town.enter("a.example").await else { panic!("three at once") };
    assert!(message.contains("2 requests to https://a.example are under way"), "{message}");
    assert_eq!(town.put_off("b.example").await, None);
    let (next, ()) = tokio::join!(town.enter("a.example"), async {
        tokio::time::sleep(TURN / 2).await;
        drop(one);
    });
    next.unwrap().ended(Some(FAILED), true);
    drop(two);
    assert_eq!(town.put_off("a.example").await, None);
}

#[tokio::test]
async fn ten_thousand_hosts_take_a_bounded_place() {
    let town = Town::new(Some(4));
    let mut kept = 0;
    for number in 0..10_000 {
        let visit = town.enter(&format!("h{number}.example")).await.unwrap();
        kept += usize::from(visit.is_kept());
        // Every second one fails, and is remembered for that.
        visit.ended(Some(if number % 2 == 0 { FAILED } else { Served::Yes }), true);
        assert!(town.known().0 <= MOST_HOSTS);
    }
    assert_eq!((kept, town.known().1), (MOST, MOST));
    // Connections that nobody used are closed, and others are kept then.
    town.pass(WINDOW.as_secs());
    let visit = town.enter("new.example").await.unwrap();
    assert!(visit.is_kept());
    assert_eq!(town.known().1, 1);
}

#[tokio::test]
async fn of_ten_thousand_hosts_that_are_down_the_latest_are_remembered() {
    let town = Town::new(None);
    for number in 0..10_000 {
        town.open(&format!("h{number}.example")).await;
        town.clock.advance(Duration::from_millis(1));
    }
    assert!(town.known().0 <= MOST_HOSTS);
    assert!(town.put_off("h9999.example").await.is_some());
    assert_eq!(town.put_off("h1000.example").await, None);
    // The one that is looked for is not forgotten for its own place.
    assert!(town.put_off("h9998.example").await.is_some());
}

#[tokio::test]
async fn a_host_keeps_as_many_connections_as_it_needed_lately() {
    let town = Town::new(None);
    let mut visits = Vec::new();
    for _ in 0..MOST + 10 {
        visits.push(town.enter("a.example").await.unwrap());
    }
    assert_eq!(visits.iter().filter(|visit| visit.is_kept()).count(), MOST);
    assert!(!town.enter("b.example").await.unwrap().is_kept());
    for visit in visits {
        visit.ended(Some(Served::Yes), true);
    }
    assert_eq!(town.known(), (1, MOST));
    // One request after the other needs one connection. So there is room for others after two windows.
    for _ in 0..4 {
        town.pass(WINDOW.as_secs() / 2);
        town.visit("a.example", Served::Yes).await;
    }
    let visit = town.enter("b.example").await.unwrap();
    assert!(visit.is_kept());
    assert_eq!(town.known().1, 2);
}

#[tokio::test]
async fn hosts_that_do_not_answer_take_no_connections_from_others() {
    let town = Town::new(None);
    for number in 0..2 * MOST {
        let visit = town.enter(&format!("h{number}.example")).await.unwrap();
        assert!(visit.is_kept());
        if number % 2 == 0 { visit.ended(Some(FAILED), false) } else { drop(visit) }
    }
    assert_eq!(town.known().1, 0);
}
