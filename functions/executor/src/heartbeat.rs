//! Holding a claim while its handler runs: cutting it in time, renewing its lease, passing on what it tells.

use std::{sync::Arc, time::Duration};

use taskway::attempt::{Outcome, Reports};
use taskway_cloud::dynamo::{StoreError, room};
use taskway_protocol::{BEAT, Digest, GUARD, LONGEST_LEASE, Progress, Refusal, SKEW, Step, Stored, Task, TaskId, Time};
use taskway_runtime::faults::CrashPoint;

use crate::{Delivery, Executor, acks::handed_back, targets::Running};

/// How often at most it says how far it is.
const REPORT: Duration = Duration::from_secs(2);

/// How long a cancelled handler may tidy up.
const GRACE: Duration = Duration::from_secs(2);

/// The least by which a lease grows.
const MOMENT: Duration = Duration::from_millis(1);

/// Space that a record keeps for its outcome.
const OUTCOME_ROOM: usize = 160;

/// How the handler's time ended.
pub(crate) enum Ended {
    /// The handler is through.
    Outcome(Outcome),
    /// Its time was up.
    Cut,
    /// The claim is not ours any more.
    Lost,
}

/// What an attempt told that is not written yet.
pub(crate) type Unwritten = (Option<Progress>, Option<Box<str>>);

/// A claim that is being held.
pub(crate) struct Lease<'a> {
    task: &'a Task,
    delivery: &'a Delivery,
    end: Time,
    /// The end that the last beat asked for, whether it was answered or not.
    asked: Time,
    hard_end: Time,
    next_beat: Time,
    may_report: Time,
    unwritten: Unwritten,
}

enum Event {
    Ran(Outcome),
    Time,
    Told,
}

impl<'a> Lease<'a> {
    pub(crate) fn new(task: &'a Task, delivery: &'a Delivery, end: Time, hard_end: Time) -> Self {
        let began = task.started_at.unwrap_or(hard_end);
        Lease {
            task,
            delivery,
            end,
            asked: end,
            hard_end,
            next_beat: began.after(BEAT),
            may_report: began.after(REPORT),
            unwritten: (None, None),
        }
    }

    /// Until when what the claim writes can be trusted to be the only attempt's.
    pub(crate) fn trusted_until(&self) -> Time {
        self.end.before(GUARD)
    }

    /// What the attempt told last.
    pub(crate) fn unwritten(&mut self) -> Unwritten {
        std::mem::take(&mut self.unwritten)
    }

    /// Holds the claim until the handler ends, its time is up, or the claim is lost.
    pub(crate) async fn hold(&mut self, executor: &Executor, mut run: Running, reports: &Arc<Reports>) -> Ended {
        let clock = &executor.services.clock;
        let mut told = false;
        loop {
            let mut wake = self.next_beat.min(self.hard_end).min(self.trusted_until());
            if told {
                wake = wake.min(self.may_report);
            }
            let event = tokio::select! {
                biased;
                outcome = &mut run => Event::Ran(outcome),
                () = reports.told(), if !told => Event::Told,
                () = clock.sleep_until(wake) => Event::Time,
            };
            let now = clock.now();
            match event {
                Event::Ran(outcome) => {
                    self.unwritten = reports.unwritten();
                    return Ended::Outcome(outcome);
                }
                Event::Told => told = true,
                Event::Time if now >= self.hard_end => {
                    reports.cancel();
                    self.unwritten = reports.unwritten();
                    return Ended::Cut;
                }
                Event::Time if now >= self.trusted_until() => {
                    reports.cancel();
                    return Ended::Lost;
                }
                Event::Time => {
                    told = false;
                    let stop = self.hard_end.min(self.trusted_until());
                    let beat = tokio::select! {
                        biased;
                        beat = self.beat(executor, reports, now) => beat,
                        // A table that does not answer must not keep the attempt beyond its time.
                        () = clock.sleep_until(stop) => continue,
                    };
                    match beat {
                        Ok(()) => {}
                        Err(Beat::Again) => {
                            self.next_beat = now.after(REPORT);
                            self.may_report = now.after(REPORT);
                        }
                        Err(Beat::Lost(refusal)) => {
                            tracing::info!(task.id = %self.task.id, reason = %refusal, "attempt stopped");
                            reports.cancel();
                            tokio::select! {
                                biased;
                                _ = &mut run => {}
                                () = clock.sleep(GRACE) => {}
                            }
                            return Ended::Lost;
                        }
                    }
                }
            }
        }
    }

    async fn beat(&mut self, executor: &Executor, reports: &Reports, now: Time) -> Result<(), Beat> {
        let (services, id) = (&executor.services, self.task.id);
        let (progress, checkpoint) = reports.unwritten();
        let stored = match &checkpoint {
            Some(text) => match self.store(executor, text).await {
                Ok(stored) => Some(stored),
                Err(_) => return Err(Beat::Again),
            },
            None => None,
        };
        // As long as a full lease, though not beyond the attempt itself; but always later than the beat before asked for:
        // by that the table knows one that was long on its way, which would also undo what has been told since.
        let lease_end = now.after(LONGEST_LEASE).min(self.hard_end.after(GUARD)).max(self.asked.after(MOMENT));
        self.asked = lease_end;
        let step = Step::Heartbeat {
            fence: self.task.fence,
            lease_end,
            hard_end: self.hard_end,
            progress,
            checkpoint: stored,
        };
        match services.apply(id, step).await {
            Ok(_) => {}
            Err(StoreError::Conflict(conflict)) => return Err(Beat::Lost(conflict.refusal)),
            Err(StoreError::NotFound) => return Err(Beat::Lost(Refusal::Forgotten)),
            Err(StoreError::Unavailable { .. } | StoreError::Malformed(_)) => return Err(Beat::Again),
        }
        reports.written(progress, checkpoint);
        services.faults.reach(CrashPoint::Beaten).await;
        self.end = lease_end;
        self.next_beat = now.after(BEAT);
        self.may_report = now.after(REPORT);
        let visible_again = [(self.delivery.receipt.clone(), lease_end.since(now) + SKEW)];
        let (lanes, lane) = (services.lanes.clone(), self.delivery.lane);
        // Nobody waits for it: should it fail, a duplicate comes early, and is refused at its claim.
        tokio::spawn(async move { handed_back(&lanes, lane, &visible_again).await });
        Ok(())
    }

    async fn store(&self, executor: &Executor, checkpoint: &str) -> Result<Stored, StoreError> {
        let space = room(self.task).saturating_sub(OUTCOME_ROOM);
        let keep_until = self.task.retained_until(self.hard_end).after(Duration::from_secs(366 * 86_400));
        executor.store_text(&self.task.id, checkpoint, space, keep_until).await
    }
}

enum Beat {
    /// The table did not answer: once more, soon.
    Again,
    /// The claim is not ours any more.
    Lost(Refusal),
}

impl Executor {
    /// Where a text of the task's goes: into its record where there is room, else into an item that is put now.
    pub(crate) async fn store_text(
        &self,
        id: &TaskId,
        text: &str,
        room: usize,
        keep_until: Time,
    ) -> Result<Stored, StoreError> {
        if text.len() <= room {
            return Ok(Stored::Inline(text.into()));
        }
        let digest = Digest::of(text.as_bytes());
        self.services.store.put_part(&id.key, &digest, text, keep_until).await?;
        self.services.faults.reach(CrashPoint::PartPut).await;
        Ok(Stored::TextPart(digest))
    }
}
