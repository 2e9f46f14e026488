//! Computes the times of a schedule without Taskway's code. It knows the schedules that the simulation uses: intervals,
//! and cron expressions of seconds and minutes in UTC.

use serde_json::Value;
use taskway_protocol::Time;

/// Longer than the time between two firings of any schedule in the simulation.
const HOURS_MS: u64 = 3 * 3_600_000;

/// The times of a schedule, within its start and end.
#[derive(Clone, Debug)]
pub(super) struct Timetable {
    beat: Beat,
    start: u64,
    end: u64,
}

#[derive(Clone, Debug)]
enum Beat {
    /// Every `period` milliseconds from `anchor` on.
    Every { period: u64, anchor: u64 },
    /// At each second that fits both fields.
    Clock { second: Field, minute: Field },
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Each(u64),
    At(u64),
}

impl Field {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('*') {
            Some("") => Some(Field::Each(1)),
            Some(step) => step.strip_prefix('/')?.parse().ok().map(Field::Each),
            None => text.parse().ok().map(Field::At),
        }
    }

    fn fits(self, value: u64) -> bool {
        match self {
            Field::Each(step) => value.is_multiple_of(step),
            Field::At(at) => value == at,
        }
    }
}

impl Timetable {
    /// Reads a definition as the table has it. Returns `None` for a schedule that this module does not know.
    pub(super) fn of(definition: &Value) -> Option<Self> {
        let beat = match definition["cron"].as_str() {
            Some(expression) => {
                let words: Vec<&str> = expression.split_whitespace().collect();
                let (second, minute, rest) = match words.as_slice() {
                    [minute, rest @ ..] if rest.len() == 4 => (Field::At(0), minute, rest),
                    [second, minute, rest @ ..] if rest.len() == 4 => (Field::parse(second)?, minute, rest),
                    _ => return None,
                };
                if rest.iter().any(|word| *word != "*") {
                    return None;
                }
                Beat::Clock { second, minute: Field::parse(minute)? }
            }
            None => {
                let (period, anchor) =
                    (definition["every"].as_u64()?.checked_mul(1000)?, definition["anchor"].as_u64()?);
                Beat::Every { period: (period > 0).then_some(period)?, anchor }
            }
        };
        let start = definition["start"].as_u64().unwrap_or_default();
        Some(Timetable { beat, start, end: definition["end"].as_u64().unwrap_or(u64::MAX) })
    }

    /// Whether `at` is one of its times.
    pub(super) fn has(&self, at: Time) -> bool {
        let at = at.as_millis();
        let beats = match &self.beat {
            Beat::Every { period, anchor } => at.checked_sub(*anchor).is_some_and(|past| past.is_multiple_of(*period)),
            Beat::Clock { second, minute } => {
                let seconds = at / 1000;
                at.is_multiple_of(1000) && second.fits(seconds % 60) && minute.fits(seconds / 60 % 60)
            }
        };
        beats && (self.start..=self.end).contains(&at)
    }

    /// Its first time after `since`, if there is one within three hours.
    pub(super) fn first_after(&self, since: Time) -> Option<Time> {
        let from = since.as_millis().saturating_add(1).max(self.start);
        let first = match &self.beat {
            Beat::Every { period, anchor } => anchor + from.saturating_sub(*anchor).div_ceil(*period) * period,
            Beat::Clock { .. } => from.next_multiple_of(1000),
        };
        self.between(Time::from_millis(first), Time::from_millis(first + HOURS_MS)).next()
    }

    /// Its times from `from` on and before `to`.
    pub(super) fn between(&self, from: Time, to: Time) -> impl Iterator<Item = Time> + '_ {
        let step = match &self.beat {
            Beat::Every { period, .. } => *period,
            Beat::Clock { .. } => 1000,
        };
        // The steps from `from` meet all times, because `from` is a whole second or a time of the interval.
        let to = to.as_millis().min(self.end.saturating_add(1));
        let all = std::iter::successors(Some(from.as_millis()), move |at| at.checked_add(step));
        all.take_while(move |at| *at < to).map(Time::from_millis).filter(|at| self.has(*at))
    }
}
