//! A schedule to put.

use std::{num::NonZeroU32, time::Duration};

use taskway_api::{Instant, ScheduleRequest, ScheduleSettings};
use taskway_protocol::schedule::{Misfire, Overlap};
use time::OffsetDateTime;

use crate::{
    error::Misuse,
    new_task::NewTask,
    times::{instant, whole_seconds},
};

/// A schedule to put: when it fires, and the task that each firing submits. That task must have no time, deadline or idempotency
/// key, because each firing has its own.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    settings: Result<ScheduleSettings, Misuse>,
    task: NewTask,
}

impl NewSchedule {
    /// By these settings.
    pub fn of(settings: ScheduleSettings, task: NewTask) -> Self {
        NewSchedule { settings: Ok(settings), task }
    }

    /// By this expression of cron.
    pub fn cron(expression: &str, task: NewTask) -> Self {
        NewSchedule::of(ScheduleSettings { cron: Some(expression.into()), ..ScheduleSettings::default() }, task)
    }

    /// From one firing to the next: 1 s to 366 days.
    pub fn every(period: Duration, task: NewTask) -> Self {
        let every_seconds = Some(NonZeroU32::new(whole_seconds(period)).unwrap_or(NonZeroU32::MIN));
        NewSchedule::of(ScheduleSettings { every_seconds, ..ScheduleSettings::default() }, task)
    }

    /// The zone whose wall clocks the expression means, by its IANA name: UTC unless given.
    #[must_use]
    pub fn time_zone(self, name: &str) -> Self {
        self.set(|settings| settings.time_zone = Some(name.into()))
    }

    /// What happens at a time at which the latest firing has not ended.
    #[must_use]
    pub fn overlap(self, overlap: Overlap) -> Self {
        self.set(|settings| settings.overlap = overlap)
    }

    /// What happens to times that passed while nothing ticked.
    #[must_use]
    pub fn misfire(self, misfire: Misfire) -> Self {
        self.set(|settings| settings.misfire = misfire)
    }

    /// No firing is earlier.
    #[must_use]
    pub fn start_at(self, at: OffsetDateTime) -> Self {
        self.timed(at, |settings, at| settings.start_at = Some(at))
    }

    /// No firing is later.
    #[must_use]
    pub fn end_at(self, at: OffsetDateTime) -> Self {
        self.timed(at, |settings, at| settings.end_at = Some(at))
    }

    /// Each firing starts up to this long after its time, a day at most.
    #[must_use]
    pub fn jitter(self, most: Duration) -> Self {
        self.set(|settings| settings.jitter_seconds = whole_seconds(most))
    }

    /// Nothing fires.
    #[must_use]
    pub fn paused(self) -> Self {
        self.set(|settings| settings.paused = true)
    }

    /// The request for this schedule.
    ///
    /// # Errors
    /// If a value that was given has no meaning.
    pub fn request(self) -> Result<ScheduleRequest, Misuse> {
        Ok(ScheduleRequest { settings: self.settings?, task: self.task.request()? })
    }

    fn set(self, set: impl FnOnce(&mut ScheduleSettings)) -> Self {
        let settings = self.settings.map(|mut settings| {
            set(&mut settings);
            settings
        });
        NewSchedule { settings, ..self }
    }

    fn timed(self, at: OffsetDateTime, set: impl FnOnce(&mut ScheduleSettings, Instant)) -> Self {
        match instant(at) {
            Ok(at) => self.set(|settings| set(settings, at)),
            Err(fault) => NewSchedule { settings: self.settings.and(Err(fault)), ..self },
        }
    }
}
