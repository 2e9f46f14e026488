//! Which of the received messages start: a running task has a slot, and a free slot goes to the waiting task with the smallest
//! rank whose lane has some of its share left.
//!
//! A worker receives a little more than it has free slots for, so that there is something to order. How much more depends on
//! how fast its tasks end: as many as ended within the last second. A worker whose tasks take hours receives only what it can
//! start, and leaves the rest to other workers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use taskway_protocol::{Priority, Time};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

/// The most messages of a lane that wait for a slot.
const MOST_AHEAD: usize = 100;

/// Tasks that ended within this time say how many messages may wait.
const LOOKS_BACK: Duration = Duration::from_secs(1);

/// The slots of a worker. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    concurrency: usize,
    state: Mutex<State>,
    /// Told whenever a task ends or starts.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    lanes: BTreeMap<Priority, Lane>,
    /// The messages that wait, by rank and then by arrival.
    waiting: BTreeMap<(Time, u64), (Priority, oneshot::Sender<Slot>)>,
    arrivals: u64,
    ended: Ended,
}

#[derive(Clone, Copy, Default, Debug)]
struct Lane {
    /// How many of its tasks may run at once.
    share: usize,
    running: usize,
    /// How many of its messages the worker has, those of running tasks included. Some may wait for a thread.
    received: usize,
}

/// How many tasks ended in the time that began at `since`, and in the one before.
#[derive(Clone, Copy, Debug)]
struct Ended {
    since: Instant,
    now: usize,
    before: usize,
}

/// The place of a message that the worker has received. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    slots: Slots,
    lane: Priority,
}

/// The slot of a running task. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    lane: Priority,
}

impl Slots {
    /// The slots of a worker that runs so many tasks at once, and at most a share of each lane.
    pub(super) fn new(concurrency: usize, shares: impl IntoIterator<Item = (Priority, usize)>) -> Self {
        let lanes =
            shares.into_iter().map(|(lane, share)| (lane, Lane { share: share.max(1), ..Lane::default() })).collect();
        let ended = Ended { since: Instant::now(), now: 0, before: 0 };
        let state = State { lanes, waiting: BTreeMap::new(), arrivals: 0, ended };
        Slots(Arc::new(Inner { concurrency: concurrency.max(1), state: Mutex::new(state), changed: Notify::new() }))
    }

    /// Waits until the worker can receive messages of a lane, and returns how many.
    pub(super) async fn room(&self, lane: Priority) -> usize {
        loop {
            let changed = self.0.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let room = self.state().room(lane, self.0.concurrency, Instant::now());
            if room > 0 {
                return room;
            }
            changed.await;
        }
    }

    /// Counts a message that was received.
    pub(super) fn place(&self, lane: Priority) -> Place {
        self.state().lanes.entry(lane).or_default().received += 1;
        Place { slots: self.clone(), lane }
    }

    /// Waits for a slot. Those with a smaller rank go first.
    pub(super) async fn take(&self, lane: Priority, rank: Time) -> Slot {
        let granted = {
            let mut state = self.state();
            let (granted, receiver) = oneshot::channel();
            state.arrivals += 1;
            let place = (rank, state.arrivals);
            state.waiting.insert(place, (lane, granted));
            self.grant(state);
            receiver
        };
        match granted.await {
            Ok(slot) => slot,
            // Never: a waiting message keeps its sender until it has a slot.
            Err(_) => std::future::pending().await,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives free slots to those that wait.
    fn grant(&self, mut state: MutexGuard<'_, State>) {
        let mut granted = Vec::new();
        while let Some((lane, sender)) = state.next(self.0.concurrency) {
            // One whose message was handed back meanwhile does not wait any more.
            if !sender.is_closed() {
                state.lanes.entry(lane).or_default().running += 1;
                granted.push((sender, Slot { slots: self.clone(), lane }));
            }
        }
        drop(state);
        // Without the lock: a slot that nobody receives is dropped here, and gives itself back.
        for (sender, slot) in granted {
            drop(sender.send(slot));
        }
        self.0.changed.notify_waiters();
    }
}

impl State {
    /// How many messages of a lane the worker can start, or let wait.
    fn room(&self, lane: Priority, concurrency: usize, now: Instant) -> usize {
        let Lane { share, running, received } = self.lanes.get(&lane).copied().unwrap_or_default();
        let all: usize = self.lanes.values().map(|lane| lane.running).sum();
        let can_run = share.min(concurrency.saturating_sub(all - running));
        (can_run + self.ended.lately(now).min(MOST_AHEAD)).saturating_sub(received)
    }

    /// Takes out the waiting message that starts next, if one can.
    fn next(&mut self, concurrency: usize) -> Option<(Priority, oneshot::Sender<Slot>)> {
        let all: usize = self.lanes.values().map(|lane| lane.running).sum();
        if all >= concurrency {
            return None;
        }
        let has_share = |lane: &Priority| self.lanes.get(lane).is_some_and(|lane| lane.running < lane.share);
        let place = self.waiting.iter().find(|(_, (lane, sender))| has_share(lane) || sender.is_closed());
        let place = place.map(|(place, _)| *place)?;
        self.waiting.remove(&place)
    }
}

impl Ended {
    fn lately(&self, now: Instant) -> usize {
        match now.duration_since(self.since) {
            passed if passed < LOOKS_BACK => self.now.max(self.before),
            passed if passed < 2 * LOOKS_BACK => self.now,
            _ => 0,
        }
    }

    fn count(&mut self, now: Instant) {
        if now.duration_since(self.since) >= LOOKS_BACK {
            let before = if now.duration_since(self.since) < 2 * LOOKS_BACK { self.now } else { 0 };
            *self = Ended { since: now, now: 0, before };
        }
        self.now += 1;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(lane) = self.slots.state().lanes.get_mut(&self.lane) {
            lane.received = lane.received.saturating_sub(1);
        }
        self.slots.0.changed.notify_waiters();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        if let Some(lane) = state.lanes.get_mut(&self.lane) {
            lane.running = lane.running.saturating_sub(1);
        }
        state.ended.count(Instant::now());
        self.slots.grant(state);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::FutureExt;

    use super::*;

    const NORMAL: Priority = Priority::Normal;
    const LOW: Priority = Priority::Low;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[tokio::test]
    async fn a_free_slot_goes_to_the_smallest_rank() {
        let slots = Slots::new(1, [(NORMAL, 1)]);
        let running = slots.take(NORMAL, at(9)).await;
        let mut late = Box::pin(slots.take(NORMAL, at(5)));
        let mut early = Box::pin(slots.take(NORMAL, at(3)));
        assert!((&mut late).now_or_never().is_none() && (&mut early).now_or_never().is_none());
        drop(running);
        let first = (&mut early).now_or_never().unwrap();
        assert!((&mut late).now_or_never().is_none());
        drop(first);
        assert!((&mut late).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_lane_that_has_used_its_share_lets_others_pass() {
        let slots = Slots::new(2, [(NORMAL, 2), (LOW, 1)]);
        let low = slots.take(LOW, at(1)).await;
        let mut more = Box::pin(slots.take(LOW, at(2)));
        assert!((&mut more).now_or_never().is_none());
        let normal = slots.take(NORMAL, at(3)).now_or_never().unwrap();
        drop(normal);
        assert!((&mut more).now_or_never().is_none(), "the share is used");
        drop(low);
        assert!((&mut more).now_or_never().is_some());
    }

    #[tokio::test]
    async fn one_that_stops_waiting_loses_no_slot() {
        let slots = Slots::new(1, [(NORMAL, 1)]);
        let running = slots.take(NORMAL, at(1)).await;
        let mut gone = Box::pin(slots.take(NORMAL, at(2)));
        assert!((&mut gone).now_or_never().is_none());
        drop(gone);
        drop(running);
        let mut granted = Box::pin(slots.take(NORMAL, at(3)));
        let running = (&mut granted).now_or_never().unwrap();
        // A slot that was granted and not received.
        let mut unread = Box::pin(slots.take(NORMAL, at(4)));
        assert!((&mut unread).now_or_never().is_none());
        drop(running);
        drop(unread);
        assert!(slots.take(NORMAL, at(5)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_worker_receives_more_than_it_can_start_while_its_tasks_end_fast() {
        let slots = Slots::new(2, [(NORMAL, 2)]);
        let now = Instant::now();
        let room = |later: Duration| slots.state().room(NORMAL, 2, now + later);
        assert_eq!(room(Duration::ZERO), 2);
        let long = [slots.place(NORMAL), slots.place(NORMAL)];
        assert_eq!(room(Duration::ZERO), 0, "nothing has ended");
        drop(long);
        for _ in 0..5 {
            drop(slots.take(NORMAL, at(1)).await);
        }
        let three = [slots.place(NORMAL), slots.place(NORMAL), slots.place(NORMAL)];
        assert_eq!(room(Duration::ZERO), 4, "two can run, and five may wait");
        assert_eq!(room(3 * LOOKS_BACK), 0, "tasks take long now");
        drop(three);
        assert_eq!(room(3 * LOOKS_BACK), 2);
    }

    #[tokio::test]
    async fn the_slots_that_other_lanes_use_leave_no_room() {
        let slots = Slots::new(3, [(NORMAL, 3), (LOW, 1)]);
        let _running = [slots.take(NORMAL, at(1)).await, slots.take(NORMAL, at(1)).await];
        let room = |lane| slots.state().room(lane, 3, Instant::now());
        assert_eq!(room(LOW), 1);
        let _third = slots.take(NORMAL, at(1)).await;
        assert_eq!(room(LOW), 0);
    }

    #[tokio::test]
    async fn a_receive_that_waits_for_room_learns_of_it() {
        let slots = Slots::new(1, [(NORMAL, 1)]);
        let place = slots.place(NORMAL);
        let other = slots.clone();
        let room = tokio::spawn(async move { other.room(NORMAL).await });
        tokio::task::yield_now().await;
        drop(place);
        assert!(room.await.unwrap() >= 1);
    }
}
