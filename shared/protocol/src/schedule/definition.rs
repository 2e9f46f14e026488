//! What a schedule was asked to do.

use std::{num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    NewTask, Spec, TaskId, Time,
    calendar::{Fault, Recurrence, Zone},
    content::{ContentError, TaskContent},
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

/// What each firing's task takes from its schedule.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    /// What is asked of each task. Each firing sets its own `body` and `run_at`.
    pub spec: Spec,
    /// The text of the [content](crate::content::TaskContent).
    pub text: Box<str>,
}

/// What happens at a time at which the latest firing has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Another one all the same.
    #[default]
    Allow,
    /// Nothing: the time is let pass.
    Skip,
}

/// What happens to times that passed while nothing ticked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub const NAMES: &'static [&'static str] = &["allow", "skip"];

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
    pub const NAMES: &'static [&'static str] = &["skip", "once", "all"];

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
    /// What is delivered to each firing's target.
    ///
    /// # Errors
    /// If the text is not the content of a task with this route.
    pub fn content(&self) -> Result<TaskContent, ContentError> {
        TaskContent::from_text(&self.text, &self.spec.route)
    }

    /// The task with this id, to start at `run_at`, as its record stands at `now`.
    pub fn task(&self, id: TaskId, run_at: Time, now: Time) -> NewTask {
        NewTask::of(id, Spec { run_at, ..self.spec.clone() }, self.text.clone(), now)
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
