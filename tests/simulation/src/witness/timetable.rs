//! When a schedule is to fire, reckoned anew for what the simulation asks: intervals, and seconds and minutes by UTC.

use serde_json::Value;
use taskway_protocol::Time;

/// Nothing that the simulation asks for is longer apart.
const HOURS_MS: u64 = 3 * 3_600_000;

/// A schedule's times, within its bounds.
#[derive(Clone, Debug)]
pub(super) struct Timetable {
    beat: Beat,
    start: u64,
    end: u64,
}

#[derive(Clone, Debug)]
enum Beat {
    /// Every so many milliseconds, from then on.
    Every { period: u64, anchor: u64 },
    /// At each second that both fit.
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
    /// Of a definition as it is written in the table; nothing for what this cannot reckon.
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

    /// Whether it fires then.
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

    /// Its first time after `since`, if that is within hours.
    pub(super) fn first_after(&self, since: Time) -> Option<Time> {
        let from = since.as_millis().saturating_add(1).max(self.start);
        let first = match &self.beat {
            Beat::Every { period, anchor } => anchor + from.saturating_sub(*anchor).div_ceil(*period) * period,
            Beat::Clock { .. } => from.next_multiple_of(1000),
        };
        self.between(Time::from_millis(first), Time::from_millis(first + HOURS_MS)).next()
    }

    /// Its times from `from` on, before `to`.
    pub(super) fn between(&self, from: Time, to: Time) -> impl Iterator<Item = Time> + '_ {
        let step = match &self.beat {
            Beat::Every { period, .. } => *period,
            Beat::Clock { .. } => 1000,
        };
        // Steps from `from` meet all of its times: by the clock that is a whole second, of an interval one of its times.
        let to = to.as_millis().min(self.end.saturating_add(1));
        let all = std::iter::successors(Some(from.as_millis()), move |at| at.checked_add(step));
        all.take_while(move |at| *at < to).map(Time::from_millis).filter(|at| self.has(*at))
    }
}
