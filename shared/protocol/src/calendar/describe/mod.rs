//! What an expression means, in plain words.
//!
//! The words name exactly the clock times that the expression names. A test reads them back.

mod days;
mod time;
mod words;

#[cfg(test)]
mod tests;

use super::expression::Expression;

/// When an expression fires on the clock of a zone: `at 02:30 on Monday to Friday`.
pub(super) fn expression(expression: &Expression) -> String {
    let (time, is_of_every_hour) = time::words(expression);
    match days::words(expression.written()) {
        Some(days) => format!("{time} {days}"),
        None if is_of_every_hour => time,
        None => format!("{time} every day"),
    }
}

/// An interval of real time: `every 5 minutes`.
pub(super) fn interval(seconds: u32) -> String {
    match (seconds % 3600, seconds % 60) {
        (0, _) => words::every(seconds / 3600, "hour"),
        (_, 0) => words::every(seconds / 60, "minute"),
        _ => words::every(seconds, "second"),
    }
}
