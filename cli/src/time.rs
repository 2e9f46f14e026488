//! Times on the command line.

use taskway_api::{Instant, instant};

/// Parses an RFC 3339 time.
pub(crate) fn time(text: &str) -> Result<Instant, instant::Malformed> {
    instant::parse(text).map(Instant)
}
