//! Texts: names, keys, choices, times; and how a fault shows what it got.

use std::{borrow::Cow, ops::RangeInclusive, time::Duration};

use taskway_protocol::Time;

use crate::{
    instant,
    json::{Json, Value},
};

/// How far ahead a start or a deadline may be: 366 days, so that a year ahead always fits.
pub(super) const FARTHEST_SECONDS: u32 = 366 * 86_400;

/// Of what was sent, this many characters are shown back.
const SHOWN: usize = 48;

/// What is said of a cursor that is none.
pub(super) const NO_CURSOR: &str = "must be a next_cursor as it was answered";

/// A value, or its beginning, as it was sent; of an array or object only what it is.
pub(super) fn got(value: Value<'_>) -> Cow<'_, str> {
    match value.read() {
        Json::Array(_) | Json::Object(_) => value.kind().into(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => shown(value.raw()),
    }
}

/// A text, or its beginning.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

pub(super) fn string(value: Value<'_>) -> Result<Cow<'_, str>, String> {
    match value.read() {
        Json::String(text) => Ok(text),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be a string, got {}", value.kind()))
        }
    }
}

/// The name of a queue or a handler.
pub(super) fn name(value: Value<'_>) -> Result<Box<str>, String> {
    let text = string(value)?;
    if is_name(&text) { Ok(text.into()) } else { Err(format!("{NAME}, got {}", got(value))) }
}

/// What a name must be.
pub const NAME: &str = "must be 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit";

/// Whether a queue, a handler or a schedule can be called so.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// An idempotency or fairness key.
pub(super) fn key(text: &str) -> Result<Box<str>, String> {
    let got = match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) => format!("'{}'", c.escape_default()),
        None if (1..=128).contains(&text.len()) => return Ok(text.into()),
        None => text.len().to_string(),
    };
    Err(format!("must be 1 to 128 visible ASCII characters, got {got}"))
}

/// A text of so many characters.
pub(super) fn characters(range: RangeInclusive<usize>, text: &str) -> Result<(), String> {
    match text.chars().count() {
        count if range.contains(&count) => Ok(()),
        count => Err(format!("must be {} to {} characters, got {count}", range.start(), range.end())),
    }
}

/// One of a few words.
pub(super) fn choice<T>(
    words: &'static [&'static str],
    parse: fn(&str) -> Option<T>,
) -> impl Fn(Value<'_>) -> Result<T, String> {
    move |value| {
        let text = string(value)?;
        parse(&text).ok_or_else(|| format!("must be one of {}, got {}", words.join(", "), got(value)))
    }
}

/// A time, not farther ahead of `now` than a task may be planned.
pub(super) fn time(now: Time) -> impl Fn(Value<'_>) -> Result<Time, String> {
    move |value| {
        let Json::String(text) = value.read() else {
            return Err(format!("must be a time in a string, got {}", value.kind()));
        };
        let at = instant::parse(&text).map_err(|error| format!("{error}, got {}", got(value)))?;
        if at > now.after(Duration::from_secs(FARTHEST_SECONDS.into())) {
            return Err(format!("must be within 366 days of now, got {}", got(value)));
        }
        Ok(at)
    }
}
