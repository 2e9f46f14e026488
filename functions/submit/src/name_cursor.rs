//! Where a list of names goes on: a text that a client gives back as it came.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use taskway_protocol::Time;
use taskway_strict::words::is_name;

/// The form that this code writes and reads.
const VERSION: u32 = 1;

/// What the names are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Queues.
    Queues,
    /// Schedules.
    Schedules,
}

/// What a cursor says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u32,
    of: Of,
    name: String,
    t: u64,
}

/// The cursor behind a name that came into its list at this time.
pub(crate) fn text(of: Of, name: &str, at: Time) -> String {
    let written = Written { v: VERSION, of, name: name.to_owned(), t: at.as_millis() };
    // Text and numbers: there is nothing that serde_json could refuse.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// The name and the time of a cursor of this list, if the text is one.
pub(crate) fn parse(of: Of, text: &str) -> Option<(Box<str>, Time)> {
    let written: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let fits = written.v == VERSION && written.of == of && is_name(&written.name);
    fits.then(|| (written.name.into(), Time::from_millis(written.t)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        let at = Time::from_millis(u64::MAX);
        assert_eq!(parse(Of::Queues, &text(Of::Queues, "emails", at)), Some(("emails".into(), at)));
        assert_eq!(parse(Of::Schedules, &text(Of::Queues, "emails", at)), None);
        assert_eq!(parse(Of::Queues, "AAAA"), None);
    }
}
