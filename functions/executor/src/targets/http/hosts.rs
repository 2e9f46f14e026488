//! What this process knows of the hosts that it delivers to: how many requests each has under way, and whether it answers.
//! None of it is written down. Each process learns it for itself, and a new one begins with nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{StatusCode, Url};
use taskway::{Context, attempt::Outcome};
use taskway_protocol::{ErrorKind, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many requests in a row that a host did not serve open its circuit.
const IN_A_ROW: u32 = 5;

/// How long a circuit is open the first time. Each opening without an answer between is twice as long.
const SHORTEST_OPENING: Duration = Duration::from_secs(1);

/// The longest time for which a circuit is open.
const LONGEST_OPENING: Duration = Duration::from_secs(60);

/// How long a task waits here for its turn at a host that has as many requests under way as it may have.
const TURN: Duration = Duration::from_secs(2);

/// About how many connections are kept for a next request, to all hosts together. A function may have 1,024 open files.
const MOST_CONNECTIONS: usize = 256;

/// How long a connection is kept for a next request.
pub(super) const KEPT: Duration = Duration::from_secs(60);

/// How many hosts are remembered at most, beside those that have a request under way or a connection.
const MOST_HOSTS: usize = 4_096;

/// What is forgotten is looked for once in this time at most.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// The hosts, by scheme, name and port.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// How many requests a host may have under way. `None`: as many as there are tasks.
    limit: Option<usize>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    hosts: HashMap<Box<str>, Host>,
    /// The sum of [`Host::connections`].
    connections: usize,
    swept_at: Time,
}

#[derive(Debug)]
struct Host {
    under_way: usize,
    /// As many connections as there may be to this host that are kept: the most keeping requests that were under way at once.
    connections: usize,
    keeping: usize,
    used_at: Time,
    circuit: Circuit,
    /// One permit for each request that may be under way.
    turns: Option<Arc<Semaphore>>,
}

/// Whether requests are made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Circuit {
    /// They are. So many in a row were not served.
    Closed(u32),
    /// They are not until this time. Then one request tries the host.
    Open { until: Time, openings: u32, is_tried: bool },
}

/// Why a request is not made now.
#[derive(Debug, PartialEq)]
struct TurnedAway {
    message: String,
    at_least: Duration,
}

impl Hosts {
    /// Hosts that may have so many requests of this process under way at once.
    pub(super) fn limited(limit: Option<usize>) -> Self {
        Hosts { limit, ..Hosts::default() }
    }

    /// Begins a request to the URL's host. A host that does not answer gets none, nor one that has its most: then the attempt
    /// does not count.
    pub(super) async fn enter(self: &Arc<Self>, url: &Url, cx: &Context) -> Result<Visit, Outcome> {
        let name: Box<str> = url.origin().ascii_serialization().into();
        let turned_away =
            |TurnedAway { message, at_least }| Outcome::NotStarted { kind: ErrorKind::Http, message, at_least };
        // Nobody waits for a turn at a host that gets no requests.
        let turns = self.known().host(&name, self.limit, cx.now()).map_err(turned_away)?;
        let turn = match (turns, self.limit) {
            (Some(turns), Some(limit)) => {
                Some(turn(turns).await.ok_or_else(|| turned_away(TurnedAway::full(&name, limit)))?)
            }
            (None, _) | (_, None) => None,
        };
        let is_kept = self.known().start(&name, self.limit, cx.now()).map_err(turned_away)?;
        Ok(Visit { hosts: Arc::clone(self), name, is_kept, is_judged: false, cx: cx.clone(), _turn: turn })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn turn(turns: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // Never closed, so the only error is that the time is up.
    tokio::time::timeout(TURN, turns.acquire_owned()).await.ok()?.ok()
}

impl TurnedAway {
    fn full(name: &str, limit: usize) -> Self {
        let message = format!("{limit} requests to {name} are under way, as many as TASKWAY_HTTP_PER_HOST allows");
        TurnedAway { message, at_least: Duration::ZERO }
    }
}

impl Known {
    /// What gives turns at this host, if it is limited.
    fn host(&mut self, name: &str, limit: Option<usize>, now: Time) -> Result<Option<Arc<Semaphore>>, TurnedAway> {
        let Some(host) = self.hosts.get(name) else {
            let Some(limit) = limit else { return Ok(None) };
            let host = self.add(name, Some(limit), now);
            return Ok(host.turns.clone());
        };
        host.circuit.judge(name, now)?;
        Ok(host.turns.clone())
    }

    fn add(&mut self, name: &str, limit: Option<usize>, now: Time) -> &mut Host {
        if self.hosts.len() >= MOST_HOSTS {
            self.hosts.retain(|_, host| host.is_in_use());
        }
        self.hosts.entry(name.into()).or_insert_with(|| Host {
            under_way: 0,
            connections: 0,
            keeping: 0,
            used_at: now,
            circuit: Circuit::Closed(0),
            turns: limit.map(|limit| Arc::new(Semaphore::new(limit))),
        })
    }

    /// Counts a request. Says whether its connection may be kept.
    fn start(&mut self, name: &str, limit: Option<usize>, now: Time) -> Result<bool, TurnedAway> {
        if self.connections >= MOST_CONNECTIONS && self.swept_at.after(BETWEEN_SWEEPS) <= now {
            self.sweep(now);
        }
        let has_room = self.connections < MOST_CONNECTIONS;
        let host = self.add(name, limit, now);
        host.circuit.judge(name, now)?;
        if let Circuit::Open { is_tried, .. } = &mut host.circuit {
            *is_tried = true;
        }
        host.under_way += 1;
        host.used_at = now;
        let is_kept = host.keeping < host.connections || has_room;
        if is_kept {
            host.keeping += 1;
            if host.keeping > host.connections {
                host.connections += 1;
                self.connections += 1;
            }
        }
        Ok(is_kept)
    }

    /// Forgets the connections that the client has closed because nobody used them.
    fn sweep(&mut self, now: Time) {
        self.swept_at = now;
        for host in self.hosts.values_mut().filter(|host| host.under_way == 0 && host.used_at.after(KEPT) <= now) {
            self.connections -= std::mem::take(&mut host.connections);
        }
        self.hosts.retain(|_, host| host.is_in_use() || host.circuit != Circuit::Closed(0));
    }

    fn end(&mut self, name: &str, is_kept: bool, served: Option<Served>, now: Time) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        host.under_way -= 1;
        host.keeping -= usize::from(is_kept);
        host.used_at = now;
        host.circuit = host.circuit.after(name, served, now);
        if !host.is_in_use() && host.circuit == Circuit::Closed(0) {
            self.hosts.remove(name);
        }
    }
}

impl Host {
    fn is_in_use(&self) -> bool {
        // Whoever waits for a turn has a share of what gives it.
        self.under_way > 0
            || self.connections > 0
            || self.turns.as_ref().is_some_and(|turns| Arc::strong_count(turns) > 1)
    }
}

impl Circuit {
    fn judge(self, name: &str, now: Time) -> Result<(), TurnedAway> {
        let Circuit::Open { until, is_tried, .. } = self else { return Ok(()) };
        let at_least = until.since(now);
        if at_least.is_zero() && !is_tried {
            return Ok(());
        }
        let message =
            format!("{name} did not serve {IN_A_ROW} or more requests in a row, and gets one at a time for now");
        Err(TurnedAway { message, at_least: at_least.max(SHORTEST_OPENING) })
    }

    /// The circuit after a request. `None` says nothing about the host.
    fn after(self, name: &str, served: Option<Served>, now: Time) -> Self {
        match (self, served) {
            (Circuit::Closed(0), Some(Served::Yes)) => self,
            (_, Some(Served::Yes)) => {
                if let Circuit::Open { .. } = self {
                    tracing::info!(http.host = name, "{name} answers again");
                }
                Circuit::Closed(0)
            }
            (Circuit::Closed(failures), Some(Served::No(asked))) if failures + 1 >= IN_A_ROW => {
                Circuit::opened(name, 1, asked, now)
            }
            (Circuit::Closed(failures), Some(Served::No(_))) => Circuit::Closed(failures + 1),
            // Others that were under way when it opened.
            (Circuit::Open { until, is_tried: false, .. }, Some(Served::No(_))) if now < until => self,
            (Circuit::Open { openings, .. }, Some(Served::No(asked))) => {
                Circuit::opened(name, openings.saturating_add(1), asked, now)
            }
            (Circuit::Open { until, openings, .. }, None) => Circuit::Open { until, openings, is_tried: false },
            (Circuit::Closed(_), None) => self,
        }
    }

    fn opened(name: &str, openings: u32, asked: Duration, now: Time) -> Self {
        let doubled = SHORTEST_OPENING.saturating_mul(2_u32.saturating_pow(openings - 1));
        let wait = doubled.max(asked).min(LONGEST_OPENING);
        let seconds = wait.as_secs();
        tracing::warn!(http.host = name, "{name} does not serve requests: no task is delivered to it for {seconds} s");
        Circuit::Open { until: now.after(wait), openings, is_tried: false }
    }
}

/// Whether a host served a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Served {
    Yes,
    /// It did not, and asked for this wait.
    No(Duration),
}

/// A request to a host. If it is dropped before the host has answered, it tells of the host only if the attempt's time is up.
#[derive(Debug)]
pub(super) struct Visit {
    hosts: Arc<Hosts>,
    name: Box<str>,
    is_kept: bool,
    is_judged: bool,
    cx: Context,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Visit {
    /// Whether the connection may be used again. There are only so many.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// The host answered with this status, and asked to be left alone for so long.
    pub(super) fn answered(mut self, status: StatusCode, asked: Duration) {
        // What a proxy says for a host that is gone, and a host that has too much to do. A 500 may be the task's own fault.
        let is_down = matches!(status.as_u16(), 429 | 502..=504);
        self.end(Some(if is_down { Served::No(asked) } else { Served::Yes }));
    }

    /// There was no whole answer.
    pub(super) fn failed(mut self) {
        self.end(Some(Served::No(Duration::ZERO)));
    }

    fn end(&mut self, served: Option<Served>) {
        self.is_judged = true;
        self.hosts.known().end(&self.name, self.is_kept, served, self.cx.now());
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.is_judged {
            let is_cut = self.cx.remaining().is_zero();
            self.end(is_cut.then_some(Served::No(Duration::ZERO)));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use taskway_protocol::{Fence, TaskId, TaskKey};
    use taskway_runtime::clock::{Clock, ManualClock};

    use super::*;

    struct Town {
        hosts: Arc<Hosts>,
        clock: ManualClock,
    }

    impl Town {
        fn new(limit: Option<usize>) -> Self {
            Town {
                hosts: Arc::new(Hosts::limited(limit)),
                clock: ManualClock::starting_at(Time::from_millis(1_000_000)),
            }
        }

        async fn enter(&self, host: &str) -> Result<Visit, Outcome> {
            let deadline = self.clock.now().after(Duration::from_secs(30));
            let id = TaskId { key: TaskKey::from_bytes([0; 16]), born: Time::default() };
            let cx = Context::new(id, 1, Fence(1), deadline, None, Arc::new(self.clock.clone()));
            self.hosts.enter(&Url::parse(&format!("https://{host}/a")).unwrap(), &cx).await
        }

        async fn visit(&self, host: &str, status: u16) {
            self.enter(host).await.unwrap().answered(StatusCode::from_u16(status).unwrap(), Duration::ZERO);
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
            assert_eq!(known.connections, known.hosts.values().map(|host| host.connections).sum::<usize>());
            (known.hosts.len(), known.connections)
        }
    }

    #[tokio::test]
    async fn a_host_that_serves_nothing_five_times_in_a_row_is_left_alone_ever_longer() {
        let town = Town::new(None);
        for status in [503, 429, 502, 504] {
            town.visit("a.example", status).await;
        }
        town.enter("a.example").await.unwrap().failed();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = town.put_off("a.example").await.unwrap();
            waits.push(wait);
            assert_eq!(town.put_off("b.example").await, None);
            town.pass(wait);
            town.visit("a.example", 503).await;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        town.pass(60);
        let trial = town.enter("a.example").await.unwrap();
        assert_eq!(town.put_off("a.example").await, Some(1), "one at a time");
        trial.answered(StatusCode::OK, Duration::ZERO);
        assert_eq!(town.put_off("a.example").await, None);
    }

    #[tokio::test]
    async fn an_answer_of_any_other_kind_ends_the_row() {
        for status in [200, 302, 400, 404, 500, 501] {
            let town = Town::new(None);
            for _ in 0..3 {
                for _ in 1..IN_A_ROW {
                    town.visit("a.example", 503).await;
                }
                town.visit("a.example", status).await;
            }
            assert_eq!(town.put_off("a.example").await, None, "{status}");
        }
    }

    #[tokio::test]
    async fn an_attempt_that_is_cut_at_its_end_counts_and_one_that_is_cancelled_does_not() {
        let town = Town::new(None);
        for _ in 0..IN_A_ROW {
            drop(town.enter("a.example").await.unwrap());
        }
        assert_eq!(town.put_off("a.example").await, None);
        let mut visits = Vec::new();
        for _ in 0..IN_A_ROW {
            visits.push(town.enter("a.example").await.unwrap());
        }
        town.pass(30);
        drop(visits);
        assert_eq!(town.put_off("a.example").await, Some(1));
        // A trial that is cancelled leaves the next one.
        town.pass(1);
        drop(town.enter("a.example").await.unwrap());
        assert_eq!(town.put_off("a.example").await, None);
    }

    #[tokio::test]
    async fn those_under_way_when_a_circuit_opens_do_not_lengthen_it() {
        let town = Town::new(None);
        let mut visits = Vec::new();
        for _ in 0..64 {
            visits.push(town.enter("a.example").await.unwrap());
        }
        for visit in visits {
            visit.failed();
        }
        assert_eq!(town.put_off("a.example").await, Some(1));
    }

    #[tokio::test]
    async fn a_host_may_ask_for_a_longer_wait_up_to_a_minute() {
        for (asked, wait) in [(30, 30), (3_600, 60)] {
            let town = Town::new(None);
            for _ in 0..IN_A_ROW {
                let visit = town.enter("a.example").await.unwrap();
                visit.answered(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(asked));
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
        next.unwrap().failed();
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
            if number % 2 == 0 {
                visit.failed()
            } else {
                visit.answered(StatusCode::OK, Duration::ZERO)
            }
            assert!(town.known().0 <= MOST_HOSTS + 1);
        }
        assert_eq!((kept, town.known().1), (MOST_CONNECTIONS, MOST_CONNECTIONS));
        // Connections that nobody used are closed, and others are kept then.
        town.pass(KEPT.as_secs());
        assert!(town.enter("new.example").await.unwrap().is_kept());
        assert_eq!(town.known().1, 1);
    }

    #[tokio::test]
    async fn a_host_that_was_visited_keeps_its_connections_within_what_all_may_have() {
        let town = Town::new(None);
        let mut visits = Vec::new();
        for _ in 0..MOST_CONNECTIONS + 10 {
            visits.push(town.enter("a.example").await.unwrap());
        }
        assert_eq!(visits.iter().filter(|visit| visit.is_kept()).count(), MOST_CONNECTIONS);
        assert!(!town.enter("b.example").await.unwrap().is_kept());
        drop(visits);
        assert_eq!(town.known(), (1, MOST_CONNECTIONS));
        let visit = town.enter("a.example").await.unwrap();
        assert!(visit.is_kept() && town.known().1 == MOST_CONNECTIONS);
    }
}
