//! The six fields of an expression: their names and limits.

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

pub(super) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

pub(super) const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

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

    /// The lowest number.
    pub(super) fn low(self) -> u32 {
        match self {
            Field::Second | Field::Minute | Field::Hour | Field::DayOfWeek => 0,
            Field::DayOfMonth | Field::Month => 1,
        }
    }

    /// The highest number that may be written. For days of the week it is 7, a second number of Sunday.
    pub(super) fn high(self) -> u32 {
        match self {
            Field::Second | Field::Minute => 59,
            Field::Hour => 23,
            Field::DayOfMonth => 31,
            Field::Month => 12,
            Field::DayOfWeek => 7,
        }
    }

    /// How many different values there are.
    pub(super) fn size(self) -> u32 {
        match self {
            Field::Second | Field::Minute | Field::Hour | Field::DayOfMonth | Field::Month => {
                self.high() - self.low() + 1
            }
            Field::DayOfWeek => 7,
        }
    }

    /// The names of the values, from the lowest number on. Empty for a field without names.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Field::Second | Field::Minute | Field::Hour | Field::DayOfMonth => &[],
            Field::Month => &MONTHS,
            Field::DayOfWeek => &WEEKDAYS,
        }
    }
}
