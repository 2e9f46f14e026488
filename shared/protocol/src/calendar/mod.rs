//! When a schedule fires: at the times of a cron expression in a time zone, or at equal intervals.
//!
//! This module reads no clock. The same arguments give the same answer in every process. An answer takes microseconds,
//! whatever the expression.
//!
//! # Expressions
//! Expressions are those of Vixie's cron: minute, hour, day of the month, month, day of the week. With six fields, the
//! first is the second. A field is `*`, a value, a range `1-5`, a step `*/15` or `8-18/2`, or a list of these. A step
//! after a value, `5/15`, counts from there to the end of the field. A range whose end is before its beginning, `22-6`,
//! goes past the highest value to the lowest. Months and weekdays have English names of three letters, in any case.
//! Sunday is 0 and 7. If both fields restrict the day, one of them must match. A field that begins with `*` does not
//! restrict the day, so both fields must match. In the fields of days, `?` means `*`; a client that writes it must name
//! its weekdays, because the numbers mean other days where `?` comes from.
//!
//! These extend Vixie's cron. Day of the month: `L` (the last), `15W` (the weekday nearest to the 15th, in the same
//! month) and `LW` (the last weekday). Day of the week: `MON#2` (the second Monday), `5L` and `FRI#L` (the last
//! Friday). `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and `@hourly` mean what they mean in
//! Vixie's cron. A field for years and `@reboot` are refused. If an expression comes from another scheduler, its refusal
//! says what to write instead.
//!
//! # When a clock is changed
//! An expression that names every hour is an *interval* and means real time. Every other expression names *times of
//! day*.
//!
//! - A time of day fires when the zone's clock first shows it or first passes it. So a skipped time fires right after
//!   the gap, and several skipped times fire once. A doubled time fires the first time.
//! - An interval fires whenever the clock shows a time that it names. A skipped time does not fire, and a doubled time
//!   fires twice. So `*/15 * * * *` fires every 15 minutes of real time.
//!
//! This holds for every change of a zone's offset, however large, and not only for daylight saving.
//!
//! `croner` knows which days an expression names. Reading the fields and converting clock time to real time are our
//! own, because `croner` treats a list or a range of hours as an interval and loses the times that a gap skips. See
//! `docs/schedules.md`.

mod describe;
mod expression;
mod fault;
mod field;
mod foreign;
mod notes;
mod part;
mod recurrence;
mod stretch;
mod values;
mod zone;

#[cfg(test)]
mod tests;

pub use fault::Fault;
pub use field::Field;
pub use recurrence::Recurrence;
pub use zone::Zone;
