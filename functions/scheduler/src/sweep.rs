//! Going through the agenda: what is due is promoted, what is past its lease is rescued, a shard beside the other.
//!
//! In an ordinary tick each shard is one page, and nothing is written but of tasks. Where there is more than a page,
//! one invocation at a time goes through the shard, page after page, and has another go on when its time is over.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use taskway_cloud::dynamo::{AgendaItem, Cursor, Page};
use taskway_protocol::{Agenda, SKEW, Time};

use crate::{Report, Scheduler, Sweep, promote::Promotion, succession::Handed};

/// How far ahead a tick sends: so many minutes of ticks may be missed without anybody being late.
const LOOK_AHEAD: Duration = Duration::from_secs(300);

/// What is under way at the end of an invocation's budget is still its own for so long.
const GRACE: Duration = Duration::from_secs(5);

/// A shard is not held for longer without saying so again, be the budget ever so long: by so much a holder that died
/// delays it. A minute of the five that are looked ahead.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// A hold that has less left is lengthened.
const SHORT: Duration = Duration::from_secs(30);

/// A page, or that there was none to be had.
type Read = Option<Page<AgendaItem>>;

/// What follows a page.
enum Next {
    End,
    Page(Page<AgendaItem>),
    /// It is there, and time is over.
    Left,
    Unreadable,
}

impl Scheduler {
    /// Every shard, until the time is over.
    pub(crate) async fn sweep_agenda(&self, until: Time) -> Report {
        let (shards, report) = self.agenda_shards().await;
        let has_deep = AtomicBool::new(false);
        let sweeps = (0..shards).map(|shard| self.sweep_in_tick(shard, until, &has_deep));
        futures::future::join_all(sweeps).await.into_iter().fold(report, Report::plus)
    }

    /// Goes on with a shard that an invocation before this one had too much of.
    pub async fn sweep(&self, sweep: Sweep, budget: Duration) -> Report {
        let until = self.services.clock.now().after(budget);
        let report = match self.page(sweep.shard, None).await {
            None => unreadable(),
            Some(page) => match self.hold(sweep, until).await {
                Some(held) => self.sweep_deep(sweep, page, held, until).await,
                None => self.late(&page),
            },
        };
        report.told()
    }

    async fn sweep_in_tick(&self, shard: u16, until: Time, has_deep: &AtomicBool) -> Report {
        let Some(page) = self.page(shard, None).await else { return unreadable() };
        if page.next.is_none() {
            return self.work(page.items).await;
        }
        let sweep = Sweep { shard, hop: 0, holder: self.services.nonce() };
        let Some(held) = self.hold(sweep, until).await else { return self.late(&page) };
        // The first is this invocation's own. So are the others if nobody takes them.
        if has_deep.swap(true, Ordering::Relaxed) && self.hand_over(sweep.next()).await == Handed::Over {
            return Report { handed_over: 1, ..self.late(&page) };
        }
        self.sweep_deep(sweep, page, held, until).await
    }

    /// Page after page, of which the next is read while one is worked on.
    async fn sweep_deep(&self, sweep: Sweep, first: Page<AgendaItem>, mut held: Time, until: Time) -> Report {
        let (mut report, mut page) = (Report::default(), first);
        loop {
            let (done, next) = futures::join!(self.work(page.items), self.after(sweep.shard, page.next, until));
            report = report.plus(done);
            page = match next {
                Next::Page(next) if !self.is_over(until) => next,
                Next::Page(_) | Next::Left => {
                    let handed = self.hand_over(sweep.next()).await;
                    if handed == Handed::Over {
                        // Who goes on holds it by the same nonce.
                        return Report { handed_over: report.handed_over + 1, ..report };
                    }
                    report.failed += usize::from(handed == Handed::Failed);
                    break;
                }
                Next::Unreadable => {
                    report.failed += 1;
                    break;
                }
                Next::End => break,
            };
            if held.since(self.services.clock.now()) < SHORT && held < until.after(GRACE) {
                match self.hold(sweep, until).await {
                    Some(longer) => held = longer,
                    // It was over, and is somebody else's.
                    None => return report,
                }
            }
        }
        if let Err(error) = self.services.store.leave_sweep(sweep.shard, sweep.holder).await {
            tracing::warn!(agenda.shard = sweep.shard, error = %taskway_runtime::log::causes(&error), "cannot leave the shard");
        }
        report
    }

    async fn after(&self, shard: u16, cursor: Option<Cursor>, until: Time) -> Next {
        match cursor {
            None => Next::End,
            Some(_) if self.is_over(until) => Next::Left,
            Some(cursor) => self.page(shard, Some(cursor)).await.map_or(Next::Unreadable, Next::Page),
        }
    }

    async fn page(&self, shard: u16, from: Option<Cursor>) -> Read {
        match self.services.store.agenda(shard, self.services.clock.now().after(LOOK_AHEAD), from).await {
            Ok(page) => Some(page),
            Err(error) => {
                tracing::error!(agenda.shard = shard, error = %taskway_runtime::log::causes(&error), "cannot read");
                None
            }
        }
    }

    /// Until when the shard is this sweep's; nothing when it is another's. Where that cannot be known it is done as
    /// well: what two do twice dies at its claim.
    async fn hold(&self, sweep: Sweep, until: Time) -> Option<Time> {
        let now = self.services.clock.now();
        let ends = now.after(LONGEST_HOLD).min(until.after(GRACE));
        match self.services.store.take_sweep(sweep.shard, sweep.holder, now, ends).await {
            Ok(true) => Some(ends),
            Ok(false) => {
                tracing::info!(agenda.shard = sweep.shard, "another invocation is at it");
                None
            }
            Err(error) => {
                tracing::warn!(agenda.shard = sweep.shard, error = %taskway_runtime::log::causes(&error), "cannot hold");
                Some(ends)
            }
        }
    }

    async fn work(&self, items: Vec<AgendaItem>) -> Report {
        let now = self.services.clock.now();
        let (mut due, mut leases, mut lag) = (Vec::new(), Vec::new(), Duration::ZERO);
        let due_backlog = backlog(&items, now);
        for item in items {
            lag = lag.max(overdue(&item, now));
            match item.entry {
                Agenda::Due(at) => due.push(Promotion::of(&item, at)),
                // Its time is up, for everybody. Until then it is nobody else's business.
                Agenda::Lease(at) if at.after(SKEW) <= now => leases.push(item),
                Agenda::Lease(_) => {}
                // These wait for a person, in partitions of their own.
                Agenda::Dead(_) => {}
            }
        }
        let (promoted, rescued) = futures::join!(self.promote(due), self.rescue(leases));
        Report { lag_ms: Some(lag.as_millis() as u64), due_backlog, ..promoted.plus(rescued) }
    }

    /// What is told of a page that somebody else works on.
    fn late(&self, page: &Page<AgendaItem>) -> Report {
        let now = self.services.clock.now();
        let lag = page.items.iter().map(|item| overdue(item, now)).max().unwrap_or_default();
        Report { lag_ms: Some(lag.as_millis() as u64), due_backlog: backlog(&page.items, now), ..Report::default() }
    }
}

impl Sweep {
    fn next(self) -> Self {
        Sweep { hop: self.hop.saturating_add(1), ..self }
    }
}

fn unreadable() -> Report {
    Report { failed: 1, ..Report::default() }
}

/// How far past its time an entry is, beyond what clocks may differ by where it is a lease.
fn overdue(item: &AgendaItem, now: Time) -> Duration {
    match item.entry {
        Agenda::Due(at) => now.since(at),
        Agenda::Lease(at) => now.since(at.after(SKEW)),
        Agenda::Dead(_) => Duration::ZERO,
    }
}

/// How many tasks of these are past their time.
fn backlog(items: &[AgendaItem], now: Time) -> usize {
    items.iter().filter(|item| matches!(item.entry, Agenda::Due(at) if at < now)).count()
}
