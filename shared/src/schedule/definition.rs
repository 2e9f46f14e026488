//! What a schedule was asked to do.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    calendar::{Fault, Recurrence, Zone},
    domain::{Priority, RetryPolicy, Spec, Stored, Time},
};

/// What a schedule submits, when, and what is done about times that cannot be kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// When.
    pub timing: Timing,
    /// What.
    pub template: Template,
    /// What happens at a time at which the latest firing has not ended.
    pub overlap: Overlap,
    /// What happens to times that passed while nothing ticked.
    pub misfire: Misfire,
    /// No firing is earlier.
    pub start_at: Option<Time>,
    /// No firing is later.
    pub end_at: Option<Time>,
    /// Each firing starts up to so many seconds after its time.
    pub jitter_seconds: u32,
    /// Nothing fires.
    pub paused: bool,
}

/// When a schedule fires.
#[derive(Clone, PartialEq, Debug)]
pub enum Timing {
    /// By the calendar.
    Cron {
        /// Vixie's five fields, six with seconds, or a name such as `@daily`.
        expression: Box<str>,
        /// Whose wall clocks it means.
        zone: Zone,
    },
    /// In real time.
    Every {
        /// From one to the next.
        seconds: NonZeroU32,
        /// The first.
        anchor: Time,
    },
}

/// What each firing's task has from its schedule.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    /// The queue's name.
    pub queue: Box<str>,
    /// The lane.
    pub priority: Priority,
    /// The handler's name, where the target is one.
    pub handler: Option<Box<str>>,
    /// The body's text; see [`Body`](crate::body::Body).
    pub body: Box<str>,
    /// How long an attempt may take, in seconds.
    pub timeout_seconds: u32,
    /// When to try again.
    pub retry: RetryPolicy,
    /// The tenant.
    pub fairness_key: Option<Box<str>>,
    /// How long it is taken to last, in milliseconds.
    pub expected_duration_ms: Option<u32>,
    /// How long a firing's record is kept after its end, in seconds.
    pub retain_seconds: u32,
}

/// What happens at a time at which the latest firing has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overlap {
    /// Another one all the same.
    #[default]
    Allow,
    /// Nothing: the time is let pass.
    Skip,
}

/// What happens to times that passed while nothing ticked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Misfire {
    /// They are let pass.
    Skip,
    /// The latest of them fires, for all.
    #[default]
    Once,
    /// They fire, the latest thousand at most.
    All,
}

/// A definition's times within its bounds.
#[derive(Clone, PartialEq, Debug)]
pub struct Times {
    recurrence: Recurrence,
    start: Option<Time>,
    end: Option<Time>,
}

impl Overlap {
    /// All of them.
    pub const ALL: [Overlap; 2] = [Overlap::Allow, Overlap::Skip];

    /// The name that clients see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Overlap::Allow => "allow",
            Overlap::Skip => "skip",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|overlap| overlap.as_str() == name)
    }
}

impl Misfire {
    /// All of them.
    pub const ALL: [Misfire; 3] = [Misfire::Skip, Misfire::Once, Misfire::All];

    /// The name that clients see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Misfire::Skip => "skip",
            Misfire::Once => "once",
            Misfire::All => "all",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|misfire| misfire.as_str() == name)
    }
}

impl Definition {
    /// Its times.
    ///
    /// # Errors
    /// If its expression is not one.
    pub fn times(&self) -> Result<Times, Fault> {
        let recurrence = match &self.timing {
            Timing::Cron { expression, zone } => Recurrence::cron(expression, zone.clone())?,
            Timing::Every { seconds, anchor } => Recurrence::every(*seconds, *anchor),
        };
        Ok(Times { recurrence, start: self.start_at, end: self.end_at })
    }

    /// Whether another one, asked for later, asks for the same. An interval without a start counts from when it was
    /// first asked for.
    pub fn is_same(&self, later: &Definition) -> bool {
        let mut later = later.clone();
        if let (None, Timing::Every { anchor, .. }, Timing::Every { anchor: asked, .. }) =
            (later.start_at, &self.timing, &mut later.timing)
        {
            *asked = *anchor;
        }
        *self == later
    }
}

impl Template {
    /// What is asked of a task that is to run then.
    pub fn spec(&self, run_at: Time) -> Spec {
        Spec {
            queue: self.queue.clone(),
            priority: self.priority,
            handler: self.handler.clone(),
            body: Stored::Inline("".into()),
            run_at,
            deadline: None,
            timeout_seconds: self.timeout_seconds,
            retry: self.retry,
            idempotency: None,
            fairness_key: self.fairness_key.clone(),
            expected_duration_ms: self.expected_duration_ms,
            retain_seconds: self.retain_seconds,
        }
    }
}

impl Times {
    /// The first one after `after`.
    pub fn next_after(&self, after: Time) -> Option<Time> {
        let just_before = |start: Time| start.before(Duration::from_millis(1));
        let after = self.start.map_or(after, |start| after.max(just_before(start)));
        self.recurrence.next_after(after).filter(|at| self.end.is_none_or(|end| *at <= end))
    }

    /// The last one at or before `at`.
    pub fn last_until(&self, at: Time) -> Option<Time> {
        let at = self.end.map_or(at, |end| at.min(end));
        self.recurrence.last_until(at).filter(|at| self.start.is_none_or(|start| *at >= start))
    }
}
