//! What a client asks a schedule to do.

use std::{fmt, num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::{
    NewTask, Spec, TaskId, Time,
    calendar::{Fault, Recurrence, Zone},
    content::{ContentError, TaskContent},
    credential::Hidden,
};

/// How far ahead notes look for changes of a clock.
const A_YEAR: Duration = Duration::from_secs(366 * 86_400);

/// What a client asks a schedule to do: what it submits, when, and what happens to times that it cannot keep.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// The times, before `start_at` and `end_at` limit them.
    pub timing: Timing,
    /// What each firing's task is made of.
    pub template: Template,
    /// What happens at a time at which the latest firing has not ended.
    pub overlap: Overlap,
    /// What happens to times that passed while nothing ticked.
    pub misfire: Misfire,
    /// No firing is earlier than this.
    pub start_at: Option<Time>,
    /// No firing is later than this.
    pub end_at: Option<Time>,
    /// Each firing starts up to this many seconds after its time: 0 to 86,400.
    pub jitter_seconds: u32,
    /// A paused schedule does not fire.
    pub paused: bool,
}

/// The times of a schedule.
#[derive(Clone, PartialEq, Debug)]
pub enum Timing {
    /// Times of a calendar.
    Cron {
        /// Vixie's five fields, six with seconds, or a name such as `@daily`.
        expression: Box<str>,
        /// The zone whose clock the expression means.
        zone: Zone,
    },
    /// Equal intervals of real time.
    Every {
        /// The interval: 1 second to 366 days.
        seconds: NonZeroU32,
        /// The first time.
        anchor: Time,
    },
}

/// What each firing's task takes from its schedule. Debug output does not show the text.
#[derive(Clone, PartialEq)]
pub struct Template {
    /// The task's spec. Each firing sets its own `body` and `run_at`.
    pub spec: Spec,
    /// The text of the task's [content](crate::content::TaskContent).
    pub text: Box<str>,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("spec", &self.spec).field("text", &Hidden(&self.text)).finish()
    }
}

/// What happens at a time at which the latest firing has not ended.
///
/// The names in the API and in the table are the variants' in lower case.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Overlap {
    /// The schedule fires all the same.
    #[default]
    Allow,
    /// The time passes without a firing.
    Skip,
}

/// What happens to times that passed while nothing ticked.
///
/// The names in the API and in the table are the variants' in lower case.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Misfire {
    /// They pass without a firing.
    Skip,
    /// The latest of them fires, for all.
    #[default]
    Once,
    /// They all fire, the latest thousand at most.
    All,
}

/// The firing times of a definition, from its start to its end.
#[derive(Clone, PartialEq, Debug)]
pub struct Times {
    recurrence: Recurrence,
    start: Option<Time>,
    end: Option<Time>,
}

impl Overlap {
    /// Every variant.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name of every variant, in the order of [`ALL`](Self::ALL).
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Misfire {
    /// Every variant.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name of every variant, in the order of [`ALL`](Self::ALL).
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Definition {
    /// The firing times.
    ///
    /// # Errors
    /// If the cron expression cannot be read.
    pub fn times(&self) -> Result<Times, Fault> {
        let recurrence = match &self.timing {
            Timing::Cron { expression, zone } => Recurrence::cron(expression, zone.clone())?,
            Timing::Every { seconds, anchor } => Recurrence::every(*seconds, *anchor),
        };
        Ok(Times { recurrence, start: self.start_at, end: self.end_at })
    }

    /// What a client should know about these times: steps that are larger than their field, where well-known crons read
    /// the expression differently, what happens to it at the changes of the clock in the next year, and what `overlap`
    /// does to it.
    pub fn notes(&self, times: &Times, now: Time) -> Vec<String> {
        let from = self.start_at.map_or(now, |start| start.max(now));
        let until = self.end_at.map_or(from.after(A_YEAR), |end| end.min(from.after(A_YEAR)));
        let mut notes = times.recurrence.notes(from, until);
        if self.overlap == Overlap::Skip && times.recurrence.is_within_a_minute() {
            let note = "With overlap skip it fires once or twice a minute at best, and a firing may start up to a \
                        minute late, because a tick makes it after the one before has ended. A tick comes once a minute \
                        and looks again after five seconds. The other times pass without a firing.";
            notes.push(note.to_owned());
        }
        notes
    }

    /// Whether a later request asks for the same definition. Without a `start_at`, an interval's anchor is the time of
    /// the request, so the anchors of the two may differ.
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
    /// The content that [`text`](Self::text) holds.
    ///
    /// # Errors
    /// If the text is not the content of a task with this route.
    pub fn content(&self) -> Result<TaskContent, ContentError> {
        TaskContent::from_text(&self.text, &self.spec.route)
    }

    /// The task with this id that starts at `run_at`, as its first record stands at `now`.
    pub fn task(&self, id: TaskId, run_at: Time, now: Time) -> NewTask {
        NewTask::of(id, Spec { run_at, ..self.spec.clone() }, self.text.clone(), now)
    }
}

impl Times {
    /// When it fires, in plain words, without the start and the end.
    pub fn description(&self) -> String {
        self.recurrence.description()
    }

    /// The first time after `after`.
    pub fn next_after(&self, after: Time) -> Option<Time> {
        let just_before = |start: Time| start.before(Duration::from_millis(1));
        let after = self.start.map_or(after, |start| after.max(just_before(start)));
        self.recurrence.next_after(after).filter(|at| self.end.is_none_or(|end| *at <= end))
    }

    /// The last time at or before `at`.
    pub fn last_until(&self, at: Time) -> Option<Time> {
        let at = self.end.map_or(at, |end| at.min(end));
        self.recurrence.last_until(at).filter(|at| self.start.is_none_or(|start| *at >= start))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Time = Time::from_millis(1_795_420_800_000);

    fn notes(seconds: u32, overlap: Overlap) -> Vec<String> {
        let definition = Definition {
            timing: Timing::Every { seconds: NonZeroU32::new(seconds).unwrap(), anchor: NOW },
            template: Template { spec: Spec::example(NOW), text: "{}".into() },
            overlap,
            misfire: Misfire::Once,
            start_at: None,
            end_at: None,
            jitter_seconds: 0,
            paused: false,
        };
        definition.notes(&definition.times().unwrap(), NOW)
    }

    #[test]
    fn a_schedule_of_less_than_a_minute_is_told_what_overlap_skip_does_to_it() {
        let found = notes(59, Overlap::Skip);
        assert!(found.len() == 1 && found[0].contains("once or twice a minute"), "{found:?}");
        assert!(found[0].contains("up to a minute late"), "{found:?}");
        assert!(notes(60, Overlap::Skip).is_empty());
        assert!(notes(1, Overlap::Allow).is_empty());
    }
}
