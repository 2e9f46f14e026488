//! What runs a task: exactly one kind of target.

use std::collections::BTreeMap;

use taskway_protocol::{HttpTarget, Limits, Target};
use taskway_strict::{
    Fields,
    json::Value,
    words::{choice, name, string},
};

use crate::url::url;

/// What a target can be; each has a field of its name.
const KINDS: [&str; 3] = ["handler", "http", "lambda"];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The most headers of a target.
const MOST_HEADERS: usize = 32;

/// The most bytes in their names and values.
const MOST_HEADER_BYTES: usize = 8_192;

/// Headers that belong to the delivery or to the connection, not to the submitter. One that ends in a dash stands for
/// all that begin with it.
const REFUSED_HEADERS: [&str; 11] = [
    "host",
    "content-length",
    "connection",
    "keep-alive",
    "proxy-",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-",
    "taskway-",
];

/// Reads the target.
pub(crate) fn target(fields: &mut Fields<'_, '_>, limits: &Limits) -> Option<Target> {
    let given: Vec<_> = KINDS.into_iter().filter(|kind| fields.has(kind)).collect();
    let target = match given.as_slice() {
        ["handler"] => fields.required("handler", name).map(Target::Handler),
        ["http"] => fields.object("http", |fields| http(fields, limits)).flatten().map(Target::Http),
        ["lambda"] => {
            fields.not_yet("lambda");
            None
        }
        given => {
            let given = if given.is_empty() { "none".into() } else { given.join(" and ") };
            fields.refuse_all(format!("must have exactly one of {}, got {given}", KINDS.join(", ")));
            None
        }
    };
    // What is left of these is null, or was refused as a whole.
    for kind in KINDS {
        let _judged = fields.take(kind);
    }
    target
}

fn http(fields: &mut Fields<'_, '_>, limits: &Limits) -> Option<HttpTarget> {
    let url = fields.required("url", |value| url(&string(value)?, limits.plain_http));
    let known = |text: &str| METHODS.contains(&text).then(|| text.to_owned());
    let method = fields.or("method", choice(METHODS, known), "POST".to_owned());
    let headers = fields.object("headers", headers);
    Some(HttpTarget { url: url?, method: method?, headers: headers?.unwrap_or_default() })
}

fn headers(fields: &mut Fields<'_, '_>) -> Option<BTreeMap<String, String>> {
    let given = fields.take_all();
    if given.len() > MOST_HEADERS {
        fields.refuse_all(format!("must have at most {MOST_HEADERS} headers, got {}", given.len()));
        return None;
    }
    let mut headers = BTreeMap::new();
    for (name, value) in given {
        let lower = name.to_ascii_lowercase();
        let value = match header_name(&lower) {
            Ok(()) if headers.contains_key(&lower) => {
                fields.refuse(&name, "is given twice, in different case");
                continue;
            }
            Ok(()) => fields.check(&name, value, header_value),
            Err(detail) => {
                fields.refuse(&name, detail);
                continue;
            }
        };
        headers.insert(lower, value.unwrap_or_default());
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MOST_HEADER_BYTES {
        fields.refuse_all(format!("must have at most {MOST_HEADER_BYTES} bytes of names and values, got {bytes}"));
    }
    Some(headers)
}

/// A token of RFC 9110 that is not refused.
fn header_name(lower: &str) -> Result<(), String> {
    if lower.is_empty() || !lower.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
        return Err("is not a header name".into());
    }
    let refused = |name: &&str| if name.ends_with('-') { lower.starts_with(*name) } else { lower == *name };
    match REFUSED_HEADERS.iter().find(|name| refused(name)) {
        Some(_) => Err("is set by the delivery and cannot be given".into()),
        None => Ok(()),
    }
}

fn header_value(value: Value<'_>) -> Result<String, String> {
    let text = string(value)?;
    match text.chars().find(|c| !matches!(c, '\t' | ' '..='~')) {
        None => Ok(text.into_owned()),
        Some(c) => Err(format!("must be visible ASCII, spaces and tabs, got '{}'", c.escape_default())),
    }
}
