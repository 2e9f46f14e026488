//! Strings with and without their escapes, and the one text for all spellings of a value.

use std::{borrow::Cow, fmt::Write as _};

use super::{Json, Reason, Value};

/// Whether Unicode keeps `c` from being a character: RFC 7493 refuses those.
pub(super) fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// The character that the escape at the start of `text` stands for, and the escape's length.
pub(super) fn escape(text: &str) -> Result<(char, usize), Reason> {
    let simple = |c| Ok((c, 2));
    match text.as_bytes().get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => {
            let (c, length) = match unit(text).ok_or(Reason::Escape)? {
                high @ 0xd800..=0xdbff => {
                    let low = unit(&text[6..]).filter(|unit| (0xdc00..=0xdfff).contains(unit));
                    let low = low.ok_or(Reason::LoneSurrogate)?;
                    (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
                }
                unit => (char::from_u32(unit), 6),
            };
            match c.ok_or(Reason::LoneSurrogate)? {
                c if is_noncharacter(c) => Err(Reason::Noncharacter(c)),
                c => Ok((c, length)),
            }
        }
        _ => Err(Reason::Escape),
    }
}

/// The code unit of the `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..6)?.strip_prefix("\\u")?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// What the checked string `raw`, quotes and all, says.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        // A checked string has no bad escapes.
        let (c, length) = escape(&rest[at..]).unwrap_or((char::REPLACEMENT_CHARACTER, 1));
        out.push_str(&rest[..at]);
        out.push(c);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Appends the one text for all spellings of `value`; it goes as deep as a checked text can.
pub(super) fn canonical(value: Value<'_>, out: &mut String) {
    match value.read() {
        Json::Null | Json::Bool(_) | Json::Number(_) => out.push_str(value.raw()),
        Json::String(text) => quote(&text, out),
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.into_iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                canonical(item, out);
            }
            out.push(']');
        }
        Json::Object(mut fields) => {
            fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            out.push('{');
            for (i, (name, value)) in fields.into_iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                quote(&name, out);
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
    }
}

/// Appends `text` as a JSON string in which only what must be escaped is.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a string cannot fail.
            '\0'..='\u{1f}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}
