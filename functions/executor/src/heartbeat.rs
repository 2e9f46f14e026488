//! Holding a claim while its handler runs: renewing the lease, writing what the handler reports, cutting it in time.

use std::{sync::Arc, time::Duration};

use taskway::attempt::{Outcome, Reports};
use taskway_cloud::dynamo::{StoreError, room};
use taskway_protocol::{
    BEAT, Digest, GUARD, LONGEST_LEASE, Object, Progress, Refusal, SKEW, Step, Stored, Task, TaskId, Time,
};
use taskway_runtime::faults::CrashPoint;

use crate::{acks::handed_back, attempt::End, delivery::Delivery, executor::Executor, targets::Running};

/// Reports are written this often at most.
const REPORT: Duration = Duration::from_secs(2);

/// How long a handler may run on to tidy up after its task was cancelled.
const GRACE: Duration = Duration::from_secs(2);

/// The largest text that is stored in the table, in bytes.
pub(crate) const LARGEST_PART: usize = 256 * 1024;

/// The least by which a beat moves the end of its lease.
const MOMENT: Duration = Duration::from_millis(1);

/// How many bytes of the record a checkpoint leaves free for the outcome.
const OUTCOME_ROOM: usize = 160;

/// How long a large checkpoint stays in the table after the record could be gone: as long as a retry may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 86_400);

/// Why the executor stopped holding the claim.
pub(crate) enum Ended {
    /// The handler ended.
    Outcome(Outcome),
    /// The attempt's time was up.
    Cut,
    /// The task was cancelled, or another attempt may hold it.
    Lost,
}

/// The progress and the checkpoint that the handler has reported and no beat has written.
pub(crate) type Unwritten = (Option<Progress>, Option<Box<str>>);

/// A claim that is held.
pub(crate) struct Lease<'a> {
    task: &'a Task,
    delivery: &'a Delivery,
    /// The end that the table has confirmed.
    end: Time,
    /// The end that the latest beat asked for, confirmed or not.
    asked: Time,
    /// When the attempt must have ended.
    hard_end: Time,
    next_beat: Time,
    /// No report is written before this.
    may_report: Time,
    unwritten: Unwritten,
    /// The checkpoint that a beat has written.
    checkpoint: Option<Stored>,
}

enum Event {
    Ended(Outcome),
    Time,
    Report,
    Stop,
}

/// Why a beat failed.
enum BeatError {
    /// The table did not answer. Another beat may succeed.
    Again,
    /// The attempt does not hold the task any more.
    Lost(Refusal),
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
            checkpoint: None,
        }
    }

    /// Until then no other attempt can hold the task, so this one may write.
    pub(crate) fn trusted_until(&self) -> Time {
        self.end.before(GUARD)
    }

    /// The checkpoint that the record holds by the beats of this attempt. `None` if they wrote none.
    pub(crate) fn checkpoint(&mut self) -> Option<Stored> {
        self.checkpoint.take()
    }

    /// Takes the reports that no beat has written.
    pub(crate) fn unwritten(&mut self) -> Unwritten {
        std::mem::take(&mut self.unwritten)
    }

    /// Holds the claim until the handler ends, its time is up, the claim is lost, or the executor stops.
    pub(crate) async fn hold(
        &mut self,
        executor: &Executor,
        mut run: Running,
        reports: &Arc<Reports>,
        end: &End,
    ) -> Ended {
        let clock = &executor.services.clock;
        let mut has_reports = false;
        loop {
            let mut wake = self.next_beat.min(self.hard_end).min(self.trusted_until());
            if has_reports {
                wake = wake.min(self.may_report);
            }
            let event = tokio::select! {
                biased;
                outcome = &mut run => Event::Ended(outcome),
                () = end.stop.cancelled() => Event::Stop,
                () = reports.added(), if !has_reports => Event::Report,
                () = clock.sleep_until(wake) => Event::Time,
            };
            let now = clock.now();
            match event {
                Event::Ended(outcome) => {
                    self.unwritten = reports.unwritten();
                    return Ended::Outcome(outcome);
                }
                Event::Report => has_reports = true,
                Event::Stop => {
                    reports.cancel();
                    let until = now.after(end.farewell).min(self.hard_end).min(self.trusted_until());
                    let ended = tokio::select! {
                        biased;
                        outcome = &mut run => Some(outcome),
                        () = clock.sleep_until(until) => None,
                    };
                    self.unwritten = reports.unwritten();
                    return Ended::Outcome(ended.map_or(Outcome::Stopped, after_stop));
                }
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
                    has_reports = false;
                    let until = self.hard_end.min(self.trusted_until());
                    let beat = tokio::select! {
                        biased;
                        beat = self.beat(executor, reports, now) => beat,
                        // The table may not answer. The attempt must end in time all the same.
                        () = end.stop.cancelled() => continue,
                        () = clock.sleep_until(until) => continue,
                    };
                    match beat {
                        Ok(()) => {}
                        Err(BeatError::Again) => {
                            self.next_beat = now.after(REPORT);
                            self.may_report = now.after(REPORT);
                        }
                        Err(BeatError::Lost(reason)) => {
                            let id = self.task.id;
                            tracing::info!(task.id = %id, task.refusal = reason.name(), "attempt of task {id} stopped: {reason}");
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

    /// Renews the lease and writes the reports.
    async fn beat(&mut self, executor: &Executor, reports: &Reports, now: Time) -> Result<(), BeatError> {
        let (services, id) = (&executor.services, self.task.id);
        let (progress, checkpoint) = reports.unwritten();
        let stored = match &checkpoint {
            Some(text) => match self.store(executor, text).await {
                Ok(stored) => Some(stored),
                Err(_) => return Err(BeatError::Again),
            },
            None => None,
        };
        // As long as the longest lease, and not longer than the attempt. But always later than the end that the beat before
        // asked for: the table then refuses a beat that arrives late, which would undo newer reports.
        let lease_end = now.after(LONGEST_LEASE).min(self.hard_end.after(GUARD)).max(self.asked.after(MOMENT));
        self.asked = lease_end;
        let step = Step::Heartbeat {
            fence: self.task.fence,
            lease_end,
            hard_end: self.hard_end,
            progress,
            checkpoint: stored.clone(),
        };
        match services.apply(id, step).await {
            Ok(_) => {}
            Err(StoreError::Conflict(conflict)) => return Err(BeatError::Lost(conflict.refusal)),
            Err(StoreError::NotFound) => return Err(BeatError::Lost(Refusal::Forgotten)),
            Err(StoreError::Unavailable { .. } | StoreError::Malformed(_)) => return Err(BeatError::Again),
        }
        self.checkpoint = stored.or_else(|| self.checkpoint.take());
        reports.written(progress, checkpoint);
        services.faults.reach(CrashPoint::Beaten).await;
        self.end = lease_end;
        self.next_beat = now.after(BEAT);
        self.may_report = now.after(REPORT);
        let visible_again = [(self.delivery.receipt.clone(), lease_end.since(now) + SKEW)];
        let (lanes, lane) = (services.lanes.clone(), self.delivery.lane);
        // In the background: if it fails, the message is delivered early, and its claim is refused.
        tokio::spawn(async move { handed_back(&lanes, lane, &visible_again).await });
        Ok(())
    }

    async fn store(&self, executor: &Executor, checkpoint: &str) -> Result<Stored, StoreError> {
        let space = room(self.task).saturating_sub(OUTCOME_ROOM);
        let keep_until = self.task.retained_until(self.hard_end).after(LONGEST_WAIT);
        executor.store_text(&self.task.id, checkpoint, space, keep_until).await
    }
}

/// What the outcome of a handler means that was told to stop. Its error may say just that, so it does not count.
fn after_stop(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Done(_) | Outcome::Snooze(_) | Outcome::Continue(_) => outcome,
        Outcome::Retry { .. } | Outcome::Fatal { .. } | Outcome::NotStarted { .. } | Outcome::Stopped => {
            Outcome::Stopped
        }
    }
}

impl Executor {
    /// Stores a result or a checkpoint: in the task's record if it fits into `room` bytes, else in an item of its own, which
    /// is put now and kept until `keep_until`, or in the bucket if it is too large for the table.
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
        if text.len() > LARGEST_PART
            && let Some(objects) = &self.services.objects
        {
            let object = Object::of(text.as_bytes());
            let put = Box::pin(objects.put(&object, *id, text.as_bytes().to_vec())).await;
            put.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
            self.services.faults.reach(CrashPoint::PartPut).await;
            return Ok(Stored::Object(object.into()));
        }
        let digest = Digest::of(text.as_bytes());
        self.services.store.put_part(&id.key, &digest, text, keep_until).await?;
        self.services.faults.reach(CrashPoint::PartPut).await;
        Ok(Stored::TextPart(digest))
    }
}
