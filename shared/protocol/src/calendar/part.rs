//! What one field of an expression names.
//!
//! This reads every part of a field itself, because `croner` also takes texts that are probably mistakes: `1MON` as the
//! 11th, `JAN` as a minute, `15W3` as `15W`, `1,,2` as `1,2`, and `L` as a weekday that never matches.

use super::{field::Field, values::Values};

/// What a field names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parts {
    /// The numbers that it names whatever the month. Sunday is 0.
    pub(super) plain: Values,
    /// `L`: the last day of the month.
    pub(super) last_day: bool,
    /// `LW`: the last weekday of the month.
    pub(super) last_weekday: bool,
    /// `15W`: the weekdays nearest to these days.
    pub(super) nearest: Values,
    /// `MON#2`: the weekdays whose first, second, … fifth occurrence in the month it names.
    pub(super) nth: [Values; 5],
    /// `5L`, `FRI#L`: the weekdays whose last occurrence it names.
    pub(super) last: Values,
    /// Whether the text begins with `*` or `?`. In a field of days this means that the field does not restrict the day.
    pub(super) is_starred: bool,
}

impl Parts {
    /// Reads the text of a field. `None` if it cannot be read.
    pub(super) fn read(field: Field, text: &str) -> Option<Parts> {
        let mut parts = Parts { is_starred: text.starts_with(['*', '?']), ..Parts::default() };
        let is_day = field == Field::DayOfMonth || field == Field::DayOfWeek;
        if text == "*" || is_day && text == "?" {
            parts.plain = every(field, 1);
            return Some(parts);
        }
        let upper = text.to_ascii_uppercase();
        for part in upper.split(',') {
            parts.read_part(field, part)?;
        }
        // `croner` has one flag for `L` and `LW`, and would ignore `L`.
        (!(parts.last_day && parts.last_weekday)).then_some(parts)
    }

    fn read_part(&mut self, field: Field, part: &str) -> Option<()> {
        match (field, part) {
            (Field::DayOfMonth, "L") => self.last_day = true,
            (Field::DayOfMonth, "LW") => self.last_weekday = true,
            (Field::DayOfMonth, _) if part.ends_with('W') => {
                self.nearest.add(number(part.strip_suffix('W')?).filter(|day| (1..=31).contains(day))?);
            }
            (Field::DayOfWeek, _) if part.contains('#') => {
                let (days, nth) = part.split_once('#')?;
                let days = range(field, days, None)?;
                match nth {
                    "L" => self.last.add_all(days),
                    _ => self.nth.get_mut(occurrence(nth)?)?.add_all(days),
                }
            }
            (Field::DayOfWeek, _) if part.ends_with('L') => {
                self.last.add(value(field, part.strip_suffix('L')?)? % 7);
            }
            (_, _) => {
                let (numbers, step) = match part.split_once('/') {
                    Some((numbers, step)) => (numbers, Some(number(step).filter(|step| *step > 0)?)),
                    None => (part, None),
                };
                let named = match (numbers, step) {
                    ("*", Some(step)) => every(field, step),
                    (numbers, step) => range(field, numbers, step)?,
                };
                self.plain.add_all(named);
            }
        }
        Some(())
    }

    /// Whether the field names every value.
    pub(super) fn is_full(&self, field: Field) -> bool {
        self.plain.count() == field.size()
    }

    /// Whether the field names some weekdays only once in a month.
    pub(super) fn has_nth(&self) -> bool {
        !self.last.is_empty() || self.nth.iter().any(|days| !days.is_empty())
    }

    /// A text that names the same for `croner`. It has no names, no steps and no ranges.
    pub(super) fn canonical(&self) -> String {
        let numbered = |days: Values, suffix: String| days.iter().map(move |day| format!("{day}{suffix}"));
        let nth = (1..).zip(&self.nth).flat_map(|(n, days)| numbered(*days, format!("#{n}")));
        let parts = numbered(self.plain, String::new())
            .chain(self.last_day.then(|| "L".to_owned()))
            .chain(self.last_weekday.then(|| "LW".to_owned()))
            .chain(numbered(self.nearest, "W".to_owned()))
            .chain(nth)
            .chain(numbered(self.last, "#L".to_owned()));
        parts.collect::<Vec<_>>().join(",")
    }
}

/// Whether a part of the field is a weekday with another occurrence than `#1` to `#5` or `#L`.
pub(super) fn has_wrong_nth(field: Field, text: &str) -> bool {
    let is_wrong =
        |(days, nth): (&str, &str)| range(field, days, None).is_some() && nth != "L" && occurrence(nth).is_none();
    let upper = text.to_ascii_uppercase();
    field == Field::DayOfWeek && upper.split(',').any(|part| part.split_once('#').is_some_and(is_wrong))
}

/// The place in [`Parts::nth`] of the number after a `#`.
fn occurrence(text: &str) -> Option<usize> {
    number(text).filter(|nth| (1..=5).contains(nth)).map(|nth| nth as usize - 1)
}

/// `*`, or every so many of the values.
fn every(field: Field, step: u32) -> Values {
    stepped(field, field.low(), field.high() - field.low(), step)
}

/// A value, a value with a step, a range, or a range with a step. A range whose end is before its beginning goes past
/// the highest value to the lowest one.
fn range(field: Field, text: &str, step: Option<u32>) -> Option<Values> {
    let Some((from, to)) = text.split_once('-') else {
        let from = value(field, text)?;
        return Some(match step {
            Some(step) => {
                let (from, last) = (from % field_modulus(field), field.low() + field.size() - 1);
                stepped(field, from, last - from, step)
            }
            None => stepped(field, from, 0, 1),
        });
    };
    let from = value(field, from)?;
    let to = match to {
        // `SUN-SUN` is one day. Otherwise Sunday, as an end, comes after Saturday.
        "SUN" if field == Field::DayOfWeek && from % 7 == 0 => from,
        "SUN" if field == Field::DayOfWeek => 7,
        _ => value(field, to)?,
    };
    let length = if from <= to { to - from } else { (field.size() + to - from % field_modulus(field)) % field.size() };
    Some(stepped(field, from, length, step.unwrap_or(1)))
}

/// The numbers from `from` on, `step` apart, until `length` after it.
fn stepped(field: Field, from: u32, length: u32, step: u32) -> Values {
    let (low, size) = (field.low(), field.size());
    (0..=length).step_by(step as usize).map(|after| (from - low + after) % size + low).collect()
}

/// What a number of a field is divided by to find its one form: Sunday is 0 and 7.
fn field_modulus(field: Field) -> u32 {
    if field == Field::DayOfWeek { 7 } else { u32::MAX }
}

/// A number or a name.
fn value(field: Field, text: &str) -> Option<u32> {
    let named = field.names().iter().position(|name| *name == text).map(|at| at as u32 + field.low());
    named.or_else(|| number(text)).filter(|value| (field.low()..=field.high()).contains(value))
}

/// A number of digits alone.
pub(super) fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u16>().ok().filter(|_| is_number).map(u32::from)
}
