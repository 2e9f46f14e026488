//! The six fields of an expression, and the texts that they take.
//!
//! `croner` reads the fields, but it also takes texts that are probably mistakes: `1MON` as the 11th, `JAN` as a
//! minute, `15W3` as `15W`, `1,,2` as `1,2`, and `L` as a weekday that never matches. So this module checks the shape
//! of every part first. `croner` then checks the limits of the numbers.

use strum::VariantArray;

/// A field of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Field {
    /// 0 to 59. An expression with five fields fires at second 0.
    Second,
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12, or a name.
    Month,
    /// 0 to 7, or a name. Sunday is 0 and 7.
    DayOfWeek,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// Every field, in the order of an expression.
    pub(super) const ALL: &[Field] = Self::VARIANTS;

    /// The name of a value of this field, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Field::Second => "a second",
            Field::Minute => "a minute",
            Field::Hour => "an hour",
            Field::DayOfMonth => "a day of the month",
            Field::Month => "a month",
            Field::DayOfWeek => "a day of the week",
        }
    }

    /// The values that this field takes.
    pub fn limits(self) -> &'static str {
        match self {
            Field::Second | Field::Minute => "0 to 59",
            Field::Hour => "0 to 23",
            Field::DayOfMonth => "1 to 31",
            Field::Month => "1 to 12 or JAN to DEC",
            Field::DayOfWeek => "0 to 7 or SUN to SAT",
        }
    }

    /// Whether `text`, in upper case, has the shape of this field. Its numbers may still be out of range.
    pub(super) fn takes(self, text: &str) -> bool {
        let parts = || text.split(',');
        match self {
            Field::DayOfMonth | Field::DayOfWeek if text == "?" => true,
            // `croner` has one flag for `L` and `LW`, and would ignore `L`.
            Field::DayOfMonth if parts().any(|part| part == "L") && parts().any(|part| part == "LW") => false,
            Field::Second | Field::Minute | Field::Hour | Field::DayOfMonth | Field::Month | Field::DayOfWeek => {
                parts().all(|part| self.takes_part(part))
            }
        }
    }

    fn takes_part(self, part: &str) -> bool {
        let (part, step) = part.split_once('/').unwrap_or((part, "1"));
        let (part, nth) = match part.split_once('#') {
            Some((part, nth)) if self == Field::DayOfWeek => (part, nth),
            Some(_) => return false,
            None => (part, "1"),
        };
        number(step) && (number(nth) || nth == "L") && part.split('-').all(|value| self.takes_value(value))
    }

    fn takes_value(self, value: &str) -> bool {
        let special = match self {
            Field::Second | Field::Minute | Field::Hour => false,
            Field::DayOfMonth => value == "L" || value == "LW" || value.strip_suffix('W').is_some_and(number),
            Field::Month => MONTHS.contains(&value),
            Field::DayOfWeek => {
                let day = value.strip_suffix('L').unwrap_or(value);
                WEEKDAYS.contains(&day) || number(day)
            }
        };
        special || value == "*" || number(value)
    }
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
