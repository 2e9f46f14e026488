//! The payload: its text goes on as it was sent.

use serde_json::{json, value::RawValue};
use taskway_strict::{Check, PlainCheck, json::Value};

/// The longest payload in bytes of its text as sent: 256 KiB.
pub const LONGEST_PAYLOAD: usize = 262_144;

/// The payload's text. A schema cannot say how long a text may be that is any JSON.
pub(crate) fn payload() -> PlainCheck<Box<RawValue>> {
    let judge = |value: Value<'_>| match value.raw().len() {
        length if length > LONGEST_PAYLOAD => {
            Err(format!("must be at most {LONGEST_PAYLOAD} bytes as sent, got {length}"))
        }
        // serde_json accepts what the strict reader accepts.
        _ => RawValue::from_string(value.raw().to_owned()).map_err(|_| "must be JSON".into()),
    };
    Check::new(judge, || json!({}))
}
