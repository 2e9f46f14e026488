//! Going through the agenda: tasks that are due are promoted, attempts whose lease is over are rescued, callbacks that are
//! owed are made.
//!
//! In an ordinary tick each shard is one page, and only records of tasks are written. A shard with more than a page is
//! deep. One invocation at a time goes through a deep shard, page after page. When its time is over, it hands the shard
//! over to another.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use taskway_cloud::dynamo::{AgendaItem, Cursor, Page};
use taskway_protocol::{Agenda, SKEW, Time};

use crate::{
    callbacks::LEFT,
    promote::Promotion,
    report::Report,
    scheduler::Scheduler,
    succession::{HandOver, Sweep, hand_over},
};

/// How far ahead a tick sends. If no tick runs for less than this, no task is late.
const LOOK_AHEAD: Duration = Duration::from_secs(300);

/// How long an invocation keeps a shard after its budget, for the work that is under way then.
const GRACE: Duration = Duration::from_secs(5);

/// The longest lease on a shard, however long the budget. A holder that dies delays the shard by this: a minute of the
/// five that ticks look ahead.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// A lease is renewed when less than this is left of it.
const SHORT: Duration = Duration::from_secs(30);

/// What comes after a page.
enum Next {
    End,
    Page(Page<AgendaItem>),
    /// There is another page, but no time for it.
    NoTime,
    Unreadable,
}

impl Scheduler {
    /// Sweeps all shards at the same time.
    pub(crate) async fn sweep_agenda(&self, until: Time) -> Report {
        let (shards, report) = self.known_shards.of_agenda(&self.services.store).await;
        let has_deep = AtomicBool::new(false);
        let sweeps = (0..shards).map(|shard| self.sweep_in_tick(shard, until, &has_deep));
        futures::future::join_all(sweeps).await.into_iter().fold(report, Report::plus)
    }

    /// Goes on with a shard that an earlier invocation could not finish.
    pub async fn sweep(&self, sweep: Sweep, budget: Duration) -> Report {
        let until = self.services.clock.now().after(budget);
        let report = match self.page(sweep.shard, None).await {
            None => unreadable(),
            Some(page) => match self.hold(sweep, until).await {
                Some(held) => self.sweep_deep(sweep, page, held, until).await,
                None => self.late(&page),
            },
        };
        report.logged()
    }

    async fn sweep_in_tick(&self, shard: u16, until: Time, has_deep: &AtomicBool) -> Report {
        let Some(page) = self.page(shard, None).await else { return unreadable() };
        if page.next.is_none() {
            return self.work(page.items).await;
        }
        let sweep = Sweep { shard, hop: 0, holder: self.services.nonce() };
        let Some(held) = self.hold(sweep, until).await else { return self.late(&page) };
        // This invocation keeps the first deep shard, and any other that nobody takes over.
        if has_deep.swap(true, Ordering::Relaxed) && self.hand_over(sweep).await == HandOver::Done {
            return Report { handed_over: 1, ..self.late(&page) };
        }
        self.sweep_deep(sweep, page, held, until).await
    }

    /// Works on page after page, and reads the next page at the same time.
    async fn sweep_deep(&self, sweep: Sweep, first: Page<AgendaItem>, mut held: Time, until: Time) -> Report {
        let (mut report, mut page) = (Report::default(), first);
        loop {
            let (done, next) = futures::join!(self.work(page.items), self.after(sweep.shard, page.next, until));
            report = report.plus(done);
            page = match next {
                Next::Page(next) if !self.is_over(until) => next,
                Next::Page(_) | Next::NoTime => match self.hand_over(sweep).await {
                    // Keep the lease: the successor holds the shard by the same nonce.
                    HandOver::Done => return Report { handed_over: report.handed_over + 1, ..report },
                    HandOver::NotPossible => break,
                    HandOver::Failed => {
                        report.failed += 1;
                        break;
                    }
                },
                Next::Unreadable => {
                    report.failed += 1;
                    break;
                }
                Next::End => break,
            };
            if held.since(self.services.clock.now()) < SHORT && held < until.after(GRACE) {
                match self.hold(sweep, until).await {
                    Some(longer) => held = longer,
                    // The lease ran out, and another invocation took the shard.
                    None => return report,
                }
            }
        }
        if let Err(error) = self.services.store.leave_sweep(sweep.shard, sweep.holder).await {
            tracing::warn!(
                agenda.shard = sweep.shard,
                error = %taskway_runtime::log::causes(&error),
                "cannot give the shard back; it is free when its lease ends"
            );
        }
        report
    }

    async fn hand_over(&self, sweep: Sweep) -> HandOver {
        hand_over(self.successor.as_deref(), sweep.next()).await
    }

    async fn after(&self, shard: u16, cursor: Option<Cursor>, until: Time) -> Next {
        match cursor {
            None => Next::End,
            Some(_) if self.is_over(until) => Next::NoTime,
            Some(cursor) => self.page(shard, Some(cursor)).await.map_or(Next::Unreadable, Next::Page),
        }
    }

    /// A page of a shard's agenda, or `None` if it cannot be read.
    async fn page(&self, shard: u16, from: Option<Cursor>) -> Option<Page<AgendaItem>> {
        match self.services.store.agenda(shard, self.services.clock.now().after(LOOK_AHEAD), from).await {
            Ok(page) => Some(page),
            Err(error) => {
                tracing::error!(agenda.shard = shard, error = %taskway_runtime::log::causes(&error), "cannot read the agenda");
                None
            }
        }
    }

    /// Takes or renews the lease on a shard, and returns its end. `None` when another invocation has it. If the table does
    /// not answer, the sweep goes on as if it had the lease: a message that two invocations send is claimed once.
    async fn hold(&self, sweep: Sweep, until: Time) -> Option<Time> {
        let now = self.services.clock.now();
        let ends = now.after(LONGEST_HOLD).min(until.after(GRACE));
        match self.services.store.take_sweep(sweep.shard, sweep.holder, now, ends).await {
            Ok(true) => Some(ends),
            Ok(false) => {
                tracing::info!(agenda.shard = sweep.shard, "another invocation sweeps the shard");
                None
            }
            Err(error) => {
                tracing::warn!(
                    agenda.shard = sweep.shard,
                    error = %taskway_runtime::log::causes(&error),
                    "cannot take a lease on the shard; sweeping it without"
                );
                Some(ends)
            }
        }
    }

    async fn work(&self, items: Vec<AgendaItem>) -> Report {
        let now = self.services.clock.now();
        let (mut due, mut leases, mut owed, mut lag) = (Vec::new(), Vec::new(), Vec::new(), Duration::ZERO);
        let due_backlog = backlog(&items, now);
        for item in items {
            lag = lag.max(overdue(&item, now));
            match item.entry {
                Agenda::Due(at) => due.push(Promotion::of(&item, at)),
                // Over by every clock. Until then only the lease's holder may touch the task.
                Agenda::Lease(at) if at.after(SKEW) <= now => leases.push(item),
                Agenda::Lease(_) => {}
                Agenda::Owed(at) if at.after(LEFT) <= now => owed.push(item),
                Agenda::Owed(_) => {}
                // These are in partitions of their own, and wait for a person.
                Agenda::Dead(_) => {}
            }
        }
        let (promoted, rescued, called_back) =
            futures::join!(self.promote(due), self.rescue(leases), self.call_back(owed));
        Report { lag_ms: Some(lag.as_millis() as u64), due_backlog, ..promoted.plus(rescued).plus(called_back) }
    }

    /// The report on a page that another invocation works on: how late its entries are.
    fn late(&self, page: &Page<AgendaItem>) -> Report {
        let now = self.services.clock.now();
        let lag = page.items.iter().map(|item| overdue(item, now)).max().unwrap_or_default();
        Report { lag_ms: Some(lag.as_millis() as u64), due_backlog: backlog(&page.items, now), ..Report::default() }
    }
}

fn unreadable() -> Report {
    Report { failed: 1, ..Report::default() }
}

/// How long an entry is past its time. A lease is past its time once the clock skew has passed too, a callback once it is no
/// longer left to the process that ended its task.
fn overdue(item: &AgendaItem, now: Time) -> Duration {
    match item.entry {
        Agenda::Due(at) => now.since(at),
        Agenda::Lease(at) => now.since(at.after(SKEW)),
        Agenda::Owed(at) => now.since(at.after(LEFT)),
        Agenda::Dead(_) => Duration::ZERO,
    }
}

/// How many due tasks are past their time.
fn backlog(items: &[AgendaItem], now: Time) -> usize {
    items.iter().filter(|item| matches!(item.entry, Agenda::Due(at) if at < now)).count()
}
