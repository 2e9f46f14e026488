//! The audit looks through the whole table for open tasks that nothing carries, and sends them again. On the way it keeps
//! the names of the queues that have open tasks.
//!
//! A pass through the table begins once a day and takes as many ticks as it needs. After each page the tick saves its
//! position in the table, and any later tick goes on from there, one at a time. After a crash the next tick repeats the
//! page. That is safe: a message that is sent twice is claimed once, and writes are conditional.

use std::time::Duration;

use futures::{StreamExt, stream};
use taskway_cloud::{
    dynamo::{Position, Scanned, StoreError},
    sqs::BATCH,
};
use taskway_protocol::{Criteria, Finding, HoldEntry, RECENT, SKEW, Step, Task, TaskId, Time, message::Outgoing};
use taskway_runtime::faults::CrashPoint;

use crate::{promote::Promotion, report::Report, rescue::AT_ONCE, scheduler::Scheduler};

/// How many pages a tick reads at most. With pages of a megabyte that is 14 GB a day.
const PAGES: usize = 10;

/// How long the audit waits after a page on which something failed. The next try sends the rest of the page's messages a
/// second time, so it should not come soon.
const PAUSE: Duration = Duration::from_secs(600);

/// How often a page is tried before the audit goes on without it. One task that always fails must not stop the audit.
const TRIES: u32 = 3;

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

    /// Takes the audit for this tick alone. `None` when no pass is due, or when another tick has it.
    async fn take_audit(&self, until: Time) -> Result<Option<Position>, StoreError> {
        let now = self.services.clock.now();
        let Some(mut position) = self.services.store.audit().await? else {
            // A new stack has nothing to audit. Save when its first pass begins.
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
            let since = self.services.clock.now().before(RECENT);
            let scanned = self.services.store.scan_for_audit(position.from.clone(), since, self.auditing.page).await?;
            let now = self.services.clock.now();
            let before = position.audit.clone();
            let found = self.audit_page(&scanned, &mut position, now).await;
            *report = report.plus(found);
            if found.audit_findings > 0 {
                self.services.faults.reach(CrashPoint::Audited).await;
            }
            if found.failed > 0 && position.tries + 1 < TRIES {
                // Stay at this page: nothing else carries the tasks whose messages could not be sent.
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
                    audit.tries = TRIES,
                    "the audit leaves tasks that keep failing to the next pass"
                );
            }
            position.tries = 0;
            position.from = scanned.page.next;
            if position.from.is_none() {
                if let Some(pass) = &position.audit.pass {
                    tracing::info!(audit.looked = pass.scanned, audit.found = pass.found, "audited the whole table");
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

    /// Learns from a page how long tasks wait, keeps the names of their queues, and acts on what it finds there.
    async fn audit_page(&self, scanned: &Scanned, position: &mut Position, now: Time) -> Report {
        if let Some(pass) = &mut position.audit.pass {
            scanned.page.items.iter().for_each(|task| pass.waits.learn(task, now));
        }
        self.services.queues.note_open(&self.services.store, &scanned.page.items, now).await;
        let criteria = position.audit.criteria(now);
        let (mut lost, mut unseen, mut settle, mut expire) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut held, mut owed) = (Vec::new(), Vec::new());
        for task in &scanned.page.items {
            match criteria.finding(task) {
                Some(Finding::Send { due }) => lost.push((task.id, Outgoing::of(task, due))),
                Some(Finding::Promote { due }) => {
                    log_sent(task.id, "no tick reads its agenda entry");
                    unseen.push(Promotion::of_task(task, due));
                }
                Some(Finding::Held { due }) => held.push((task, due)),
                Some(Finding::Settle(step)) => settle.push((task.id, step)),
                Some(Finding::CallBack) => owed.push(task),
                Some(Finding::Expire(step)) => expire.push((task.id, step)),
                None => {}
            }
        }
        let (lost_holds, unknown) = self.lost_holds(held, &criteria).await;
        lost.extend(lost_holds);
        let (sent, promoted, settled, expired, called_back) = futures::join!(
            self.send_again(lost),
            self.promote(unseen),
            self.write_all(settle),
            self.write_all(expire),
            self.call_back_found(owed)
        );
        let called_back = Report { audit_findings: called_back.called_back, ..called_back };
        let promoted = Report { audit_findings: promoted.promoted, ..promoted };
        let settled = Report { audit_findings: settled.rescued + settled.ended, ..settled };
        let report = unknown.plus(sent).plus(promoted).plus(settled).plus(expired).plus(called_back);
        let report = Report { audited: scanned.item_count, ..report };
        if let Some(pass) = &mut position.audit.pass {
            pass.scanned += scanned.item_count as u64;
            pass.found += report.audit_findings as u64;
        }
        report
    }

    /// Which of these held tasks are lost: no hold list has them, they have no permit, and no message that was sent lately carries them. Each
    /// comes with the message to send.
    async fn lost_holds(&self, held: Vec<(&Task, Time)>, criteria: &Criteria) -> (Vec<(TaskId, Outgoing)>, Report) {
        let looks = held.into_iter().map(|(task, due)| async move {
            let queue = &task.spec.options.queue;
            let Some(entry) = HoldEntry::of(task) else { return Ok(None) };
            if self.services.is_listed(task, &entry).await? {
                return Ok(None);
            }
            let changed = self.services.store.queue_settings(queue).await?.changed_at;
            let lost = criteria.held_is_lost(task, due, changed);
            Ok::<_, StoreError>(lost.then(|| (task.id, Outgoing::of(task, due))))
        });
        let looks: Vec<_> = looks.collect();
        let (mut lost, mut report) = (Vec::new(), Report::default());
        let looked: Vec<_> = stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
        for look in looked {
            match look {
                Ok(found) => lost.extend(found),
                Err(error) => {
                    tracing::warn!(error = %taskway_runtime::log::causes(&error), "cannot read a hold list");
                    report.failed += 1;
                }
            }
        }
        (lost, report)
    }

    async fn write_all(&self, steps: Vec<(TaskId, Step)>) -> Report {
        let written = stream::iter(steps).map(|(id, step)| self.write(id, step));
        self.gather(written.buffer_unordered(AT_ONCE)).await
    }

    /// Sends tasks whose message seems to be lost, and writes nothing. If a message carries the task after all, one of
    /// the two is dropped at its claim.
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
                    log_sent(id, "no message seems to carry it");
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

fn log_sent(id: TaskId, why: &'static str) {
    tracing::warn!(task.id = %id, audit.why = why, "the audit sends a task again");
}
