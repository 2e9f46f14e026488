//! What this process knows of the hosts that it delivers to: how many requests each has under way, and whether it answers.
//! None of it is written down. Each process learns it for itself, and a new one begins with nothing.

mod circuit;
mod connections;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use taskway::{Context, attempt::Outcome};
use taskway_protocol::{ErrorKind, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::{Position, Url};

use circuit::{Circuit, TurnedAway};
use connections::Connections;

pub(super) use circuit::Served;
pub(super) use connections::IDLE;

/// How long a task waits here for its turn at a host that has as many requests under way as it may have.
const TURN: Duration = Duration::from_secs(2);

/// A request that is cut at its attempt's end counts as a failure of the host if it was under way for so long. A shorter
/// timeout says more of the task than of the host.
const LONG_CUT: Duration = Duration::from_secs(10);

/// How many hosts are remembered at most, beside those in use.
const MOST_HOSTS: usize = 4_096;

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
    connections: Connections,
}

#[derive(Debug)]
struct Host {
    under_way: usize,
    used_at: Time,
    circuit: Circuit,
    connections: connections::OfHost,
    /// One permit for each request that may be under way. A task that waits for its turn holds a clone.
    turns: Option<Arc<Semaphore>>,
}

impl Hosts {
    /// Hosts that may have so many requests of this process under way at once.
    pub(super) fn limited(limit: Option<usize>) -> Self {
        Hosts { limit, ..Hosts::default() }
    }

    /// Whether the URL's host gets requests now. This is for a task that has to read much before its request can begin.
    pub(super) fn check(&self, url: &Url, now: Time) -> Result<(), Outcome> {
        let name = name_of(url);
        match self.known().hosts.get(&name) {
            Some(host) => host.circuit.check(&name, now).map_err(not_started),
            None => Ok(()),
        }
    }

    /// Begins a request to the URL's host. A host that does not answer gets none, nor one that has its most: then the attempt
    /// does not count.
    pub(super) async fn enter(self: &Arc<Self>, url: &Url, cx: &Context) -> Result<Visit, Outcome> {
        // Nobody waits for a turn at a host that gets no requests.
        self.check(url, cx.now())?;
        let name = name_of(url);
        let turn = match self.limit {
            Some(limit) => {
                let turns = self.known().host(&name, self.limit, cx.now()).turns.clone();
                Some(turn(turns).await.ok_or_else(|| not_started(full(&name, limit)))?)
            }
            None => None,
        };
        let now = cx.now();
        let (is_trial, is_kept) = self.known().start(&name, self.limit, now).map_err(not_started)?;
        Ok(Visit {
            hosts: Arc::clone(self),
            name,
            is_trial,
            is_kept,
            is_judged: false,
            began: now,
            cx: cx.clone(),
            turn,
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The origin, such as `https://example.com:8443`, cut out of the URL: [`Url::origin`] parses and writes its address anew.
fn name_of(url: &Url) -> Box<str> {
    [url.scheme(), "://", &url[Position::BeforeHost..Position::AfterPort]].concat().into()
}

async fn turn(turns: Option<Arc<Semaphore>>) -> Option<OwnedSemaphorePermit> {
    // Never closed, so the only error is that the time is up.
    tokio::time::timeout(TURN, turns?.acquire_owned()).await.ok()?.ok()
}

fn full(name: &str, limit: usize) -> TurnedAway {
    let message = format!("{limit} requests to {name} are under way, as many as TASKWAY_HTTP_PER_HOST allows");
    TurnedAway { message, at_least: Duration::ZERO }
}

fn not_started(TurnedAway { message, at_least }: TurnedAway) -> Outcome {
    Outcome::NotStarted { kind: ErrorKind::Http, message, at_least }
}

impl Known {
    /// The host of this name, which is new if it is not known.
    fn host(&mut self, name: &str, limit: Option<usize>, now: Time) -> &mut Host {
        if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(name) {
            self.make_room();
        }
        self.hosts.entry(name.into()).or_insert_with(|| Host {
            under_way: 0,
            used_at: now,
            circuit: Circuit::default(),
            connections: connections::OfHost::default(),
            turns: limit.map(|limit| Arc::new(Semaphore::new(limit))),
        })
    }

    /// Forgets the hosts that are not in use and get requests, and if all others are open the one that was used least lately.
    fn make_room(&mut self) {
        self.hosts.retain(|_, host| host.is_in_use() || host.circuit.is_open());
        if self.hosts.len() >= MOST_HOSTS {
            let idle = self.hosts.iter().filter(|(_, host)| !host.is_in_use());
            let oldest = idle.min_by_key(|(_, host)| host.used_at).map(|(name, _)| name.clone());
            if let Some(name) = oldest {
                self.hosts.remove(&name);
            }
        }
    }

    /// Counts a request. Says whether it is the trial of an open circuit, and whether its connection may be kept.
    fn start(&mut self, name: &str, limit: Option<usize>, now: Time) -> Result<(bool, bool), TurnedAway> {
        if self.connections.is_sweep_due(now) {
            self.sweep(now);
        }
        let is_trial = self.host(name, limit, now).circuit.admit(name, now)?;
        let Some(host) = self.hosts.get_mut(name) else { return Ok((is_trial, false)) };
        host.under_way += 1;
        host.used_at = now;
        Ok((is_trial, self.connections.open(&mut host.connections, now)))
    }

    /// Counts only the connections that may still be there.
    fn sweep(&mut self, now: Time) {
        self.connections.sweep(self.hosts.values_mut().map(|host| &mut host.connections), now);
        self.hosts.retain(|_, host| host.is_in_use() || !host.circuit.is_new());
    }

    fn end(&mut self, visit: &Visit, served: Option<Served>, is_whole: bool, now: Time) {
        let Some(host) = self.hosts.get_mut(&visit.name) else { return };
        host.under_way -= 1;
        host.used_at = now;
        if visit.is_kept {
            self.connections.close(&mut host.connections, is_whole, now);
        }
        host.circuit.judge(&visit.name, served, visit.is_trial, now);
        if !host.is_in_use() && host.circuit.is_new() {
            self.hosts.remove(&visit.name);
        }
    }
}

impl Host {
    fn is_in_use(&self) -> bool {
        let has_waiting = self.turns.as_ref().is_some_and(|turns| Arc::strong_count(turns) > 1);
        self.under_way > 0 || has_waiting || !self.connections.is_none()
    }
}

/// A request to a host. One that is dropped without an answer counts as a failure only after the attempt's end.
#[derive(Debug)]
pub(super) struct Visit {
    hosts: Arc<Hosts>,
    name: Box<str>,
    is_trial: bool,
    is_kept: bool,
    is_judged: bool,
    began: Time,
    cx: Context,
    turn: Option<OwnedSemaphorePermit>,
}

impl Visit {
    /// Whether the connection may be used again.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Whether this is the request that tries a host which served none.
    pub(super) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The request is over. `None` says nothing of the host. A connection is left if the answer was whole.
    pub(super) fn ended(mut self, served: Option<Served>, is_whole: bool) {
        self.end(served, is_whole);
    }

    fn end(&mut self, served: Option<Served>, is_whole: bool) {
        self.is_judged = true;
        drop(self.turn.take());
        let now = self.cx.now();
        self.hosts.known().end(self, served, is_whole, now);
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.is_judged {
            let is_cut = self.cx.remaining().is_zero() && self.began.after(LONG_CUT) <= self.cx.now();
            self.end(is_cut.then_some(Served::No(Duration::ZERO)), false);
        }
    }
}

#[cfg(test)]
mod tests;
