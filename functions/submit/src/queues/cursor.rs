//! Where the list of queues goes on: a text that a client gives back as it came.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use taskway_cloud::dynamo::QueueName;
use taskway_protocol::Time;
use taskway_strict::words::is_name;

/// The form that this code writes and reads.
const VERSION: u32 = 1;

/// What a cursor says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u32,
    queue: String,
    t: u64,
}

/// As a client is given it.
pub(crate) fn text(last: &QueueName) -> String {
    let written = Written { v: VERSION, queue: last.name.to_string(), t: last.noted.as_millis() };
    // Text and numbers: there is nothing that serde_json could refuse.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// As it was given, if it was.
pub(crate) fn parse(text: &str) -> Option<QueueName> {
    let written: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let fits = written.v == VERSION && is_name(&written.queue);
    fits.then(|| QueueName { name: written.queue.into(), noted: Time::from_millis(written.t) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        let at = QueueName { name: "emails".into(), noted: Time::from_millis(u64::MAX) };
        assert_eq!(parse(&text(&at)), Some(at));
        assert_eq!(parse("AAAA"), None);
    }
}
