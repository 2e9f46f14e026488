//! The audit: the net under the other sweeps. It pages slowly through the whole table and sends again what is open and
//! carried by nothing.
//!
//! A pass begins once a day and takes as many ticks as it needs. Between two pages its position is in the table: whichever
//! tick comes next goes on, and one at a time does. What a crash leaves undone is done again by the next tick: messages
//! that are sent twice die at their claims, and writes are conditional.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::{Position, Scanned, StoreError},
    sqs::BATCH,
};
use taskway_protocol::{Finding, LATELY, SKEW, TaskId, Time, message::Outgoing};
use taskway_runtime::faults::CrashPoint;

use crate::{Report, Scheduler, promote::Promotion, rescue::AT_ONCE};

/// From the beginning of a pass to that of the next.
const EVERY: Duration = Duration::from_secs(86_400);

/// A tick goes through so many pages of a megabyte: 14 GB a day.
const PAGES: usize = 10;

/// After a page that could not be dealt with whole nobody tries again for so long: those of its messages that were sent
/// are sent once more then.
const PAUSE: Duration = Duration::from_secs(600);

/// A page is tried so often, and then passed: one task that fails for good must not keep the audit from the rest.
const TRIES: u32 = 3;

/// How often the audit goes through the table. Clones share what they know of when it is next to be looked at, so that an
/// idle tick reads nothing for it.
#[derive(Clone, Debug)]
pub struct Auditing {
    every: Duration,
    /// A megabyte when nothing is said.
    page: Option<i32>,
    idle_until: Arc<AtomicU64>,
}

impl Default for Auditing {
    fn default() -> Self {
        Auditing::every(EVERY)
    }
}

impl Auditing {
    /// From the beginning of a pass to that of the next. A pass that takes longer is followed at once.
    pub fn every(every: Duration) -> Self {
        Auditing { every, page: None, idle_until: Arc::default() }
    }

    /// In pages of so many items at most.
    #[must_use]
    pub fn in_pages_of(self, items: i32) -> Self {
        Auditing { page: Some(items), ..self }
    }

    fn is_idle(&self, now: Time) -> bool {
        now.as_millis() < self.idle_until.load(Ordering::Relaxed)
    }

    fn idle_until(&self, at: Time) {
        self.idle_until.store(at.as_millis(), Ordering::Relaxed);
    }
}

impl Scheduler {
    pub(crate) async fn audit(&self, until: Time) -> Report {
        if self.auditing.is_idle(self.services.clock.now()) {
            return Report::default();
        }
        let mut report = Report::default();
        let done = match self.take_audit(until).await {
            Ok(Some(position)) => self.audit_pages(position, until, &mut report).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot audit");
            report.failed += 1;
        }
        report
    }

    /// The audit, for this tick alone; nothing when it is not time or another tick is at it.
    async fn take_audit(&self, until: Time) -> Result<Option<Position>, StoreError> {
        let now = self.services.clock.now();
        let Some(mut position) = self.services.store.audit().await? else {
            // A new stack has nothing to audit yet; it notes when it will.
            let mut position = Position::beginning(now.after(self.auditing.every));
            if self.services.store.put_audit(&mut position).await? {
                self.auditing.idle_until(position.audit.next);
            }
            return Ok(None);
        };
        if position.until > now {
            self.auditing.idle_until(position.until);
            return Ok(None);
        }
        if position.audit.resume(now).is_none() {
            self.auditing.idle_until(position.audit.next);
            return Ok(None);
        }
        position.until = until.after(SKEW);
        let is_mine = self.services.store.put_audit(&mut position).await?;
        Ok(is_mine.then_some(position))
    }

    async fn audit_pages(&self, mut position: Position, until: Time, report: &mut Report) -> Result<(), StoreError> {
        for page in 1..=PAGES {
            let since = self.services.clock.now().before(LATELY);
            let scanned = self.services.store.look_through(position.from.clone(), since, self.auditing.page).await?;
            let now = self.services.clock.now();
            let before = position.audit.clone();
            let found = self.audit_page(&scanned, &mut position, now).await;
            *report = report.plus(found);
            if found.audit_findings > 0 {
                self.services.faults.reach(CrashPoint::Audited).await;
            }
            if found.failed > 0 && position.tries + 1 < TRIES {
                // The page is not passed: what could not be sent is carried by nothing else.
                position.audit = before;
                position.tries += 1;
                position.until = now.after(PAUSE);
                if self.services.store.put_audit(&mut position).await? {
                    self.auditing.idle_until(position.until);
                }
                return Ok(());
            }
            if found.failed > 0 {
                tracing::error!(
                    audit.failed = found.failed,
                    "some of a page fails again and again, and waits for another pass"
                );
            }
            position.tries = 0;
            position.from = scanned.page.next;
            if position.from.is_none() {
                if let Some(pass) = &position.audit.pass {
                    tracing::info!(audit.looked = pass.looked, audit.found = pass.found, "the audit has seen all");
                }
                position.audit.finish(self.auditing.every);
            }
            let over = position.from.is_none() || page == PAGES || self.is_over(until);
            if over {
                position.until = Time::default();
            }
            let written = self.services.store.put_audit(&mut position).await?;
            if written && position.audit.pass.is_none() {
                self.auditing.idle_until(position.audit.next);
            }
            if over || !written {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Learns from a page how long tasks wait, and does what is to be done about each.
    async fn audit_page(&self, scanned: &Scanned, position: &mut Position, now: Time) -> Report {
        if let Some(pass) = &mut position.audit.pass {
            scanned.page.items.iter().for_each(|task| pass.waits.learn(task, now));
        }
        let look = position.audit.look(now);
        let (mut lost, mut unseen, mut over) = (Vec::new(), Vec::new(), Vec::new());
        for task in &scanned.page.items {
            match look.finding(task) {
                Some(Finding::Send { due }) => lost.push((task.id, Outgoing::of(task, due))),
                Some(Finding::Promote { due }) => {
                    tell(task.id, "in no agenda that is read");
                    unseen.push(Promotion::of_task(task, due));
                }
                Some(Finding::Settle(step)) => over.push((task.id, step, true)),
                Some(Finding::Expire(step)) => over.push((task.id, step, false)),
                None => {}
            }
        }
        let settled = stream::iter(over).map(|(id, step, is_finding)| async move {
            let (report, promotion) = self.write(id, step).await;
            let audit_findings = if is_finding { report.rescued + report.ended } else { 0 };
            (Report { audit_findings, ..report }, promotion)
        });
        let (sent, promoted, settled) =
            futures::join!(self.send_again(lost), self.promote(unseen), self.gather(settled.buffer_unordered(AT_ONCE)));
        let promoted = Report { audit_findings: promoted.promoted, ..promoted };
        let report = Report { audited: scanned.looked, ..sent.plus(promoted).plus(settled) };
        if let Some(pass) = &mut position.audit.pass {
            pass.looked += scanned.looked as u64;
            pass.found += report.audit_findings as u64;
        }
        report
    }

    /// Sends what no message carries any more. Nothing is written: should one carry it all the same, one of the two dies at
    /// its claim.
    async fn send_again(&self, lost: Vec<(TaskId, Outgoing)>) -> Report {
        let (ids, outgoing): (Vec<TaskId>, Vec<Outgoing>) = lost.into_iter().unzip();
        let mut answers = Vec::with_capacity(ids.len());
        for some in outgoing.chunks(BATCH * AT_ONCE) {
            answers.extend(self.services.lanes.send_all(some, self.services.clock.now()).await);
        }
        let mut report = Report::default();
        for (id, answer) in ids.into_iter().zip(answers) {
            match answer {
                Ok(_) => {
                    tell(id, "in no queue, it seems");
                    report.audit_findings += 1;
                }
                Err(error) => {
                    tracing::warn!(task.id = %id, error = %taskway_runtime::log::causes(&error), "cannot send");
                    report.failed += 1;
                }
            }
        }
        report
    }
}

fn tell(id: TaskId, why: &'static str) {
    tracing::warn!(task.id = %id, audit.why = why, "the audit sends a task again");
}
