//! Texts: names, keys, choices, times; and how a fault shows what it got.

use std::{borrow::Cow, ops::RangeInclusive};

use serde_json::json;

use crate::{
    Check, PlainCheck, Schema,
    json::{Json, Value},
};

/// Of what was sent, this many characters are shown back.
const SHOWN: usize = 48;

/// A value, or its beginning, as it was sent; of an array or object only what it is.
pub fn got(value: Value<'_>) -> Cow<'_, str> {
    match value.read() {
        Json::Array(_) | Json::Object(_) => value.kind().into(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => shown(value.raw()),
    }
}

/// A text, or its beginning.
pub fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// A string without its escapes.
///
/// # Errors
/// If it is something else.
pub fn string(value: Value<'_>) -> Result<Cow<'_, str>, String> {
    match value.read() {
        Json::String(text) => Ok(text),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be a string, got {}", value.kind()))
        }
    }
}

/// The name of a queue or a handler.
pub fn name() -> PlainCheck<Box<str>> {
    let judge = |value: Value<'_>| {
        let text = string(value)?;
        if is_name(&text) { Ok(text.into()) } else { Err(format!("{NAME}, got {}", got(value))) }
    };
    Check::new(judge, || json!({ "type": "string", "pattern": NAME_PATTERN }))
}

/// What a name must be.
pub const NAME: &str = "must be 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit";

/// The same as a regular expression.
pub const NAME_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

/// Whether a queue, a handler or a schedule can be called so.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// An idempotency or fairness key.
pub fn key(text: &str) -> Result<Box<str>, String> {
    let got = match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) => format!("'{}'", c.escape_default()),
        None if (1..=128).contains(&text.len()) => return Ok(text.into()),
        None => text.len().to_string(),
    };
    Err(format!("must be 1 to 128 visible ASCII characters, got {got}"))
}

/// An idempotency or fairness key in a body.
pub fn a_key() -> PlainCheck<Box<str>> {
    Check::new(|value| key(&string(value)?), || json!({ "type": "string", "pattern": KEY_PATTERN }))
}

/// What an idempotency or fairness key must be, as a regular expression.
pub const KEY_PATTERN: &str = "^[!-~]{1,128}$";

/// A text of so many characters.
pub fn characters(range: RangeInclusive<usize>, text: &str) -> Result<(), String> {
    match text.chars().count() {
        count if range.contains(&count) => Ok(()),
        count => Err(format!("must be {} to {} characters, got {count}", range.start(), range.end())),
    }
}

/// One of a few words.
pub fn choice<T>(
    words: &'static [&'static str],
    parse: impl Fn(&str) -> Option<T>,
) -> Check<impl Fn(Value<'_>) -> Result<T, String>, impl Fn() -> Schema> {
    let judge = move |value: Value<'_>| {
        let text = string(value)?;
        parse(&text).ok_or_else(|| format!("must be one of {}, got {}", words.join(", "), got(value)))
    };
    Check::new(judge, move || json!({ "type": "string", "enum": words }))
}

/// `true` or `false`.
pub fn boolean() -> PlainCheck<bool> {
    let judge = |value: Value<'_>| match value.read() {
        Json::Bool(is) => Ok(is),
        Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("must be true or false, got {}", got(value)))
        }
    };
    Check::new(judge, || json!({ "type": "boolean" }))
}
