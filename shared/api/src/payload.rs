//! The payload: its text goes on as it was sent.

use serde_json::value::RawValue;
use taskway_strict::json::Value;

/// The longest payload in bytes of its text as sent: 256 KiB.
pub const LONGEST_PAYLOAD: usize = 262_144;

/// The payload's text.
pub(crate) fn payload(value: Value<'_>) -> Result<Box<RawValue>, String> {
    match value.raw().len() {
        length if length > LONGEST_PAYLOAD => {
            Err(format!("must be at most {LONGEST_PAYLOAD} bytes as sent, got {length}"))
        }
        // serde_json accepts what the strict reader accepts.
        _ => RawValue::from_string(value.raw().to_owned()).map_err(|_| "must be JSON".into()),
    }
}
