//! Times and durations, in Rust and on the wire.

use std::time::Duration;

use taskway_api::Instant;
use time::OffsetDateTime;

use crate::error::Misuse;

/// The API takes whole seconds. Rounded up, so that nothing is earlier or shorter than asked. What is too long for the API
/// stays too long.
pub(crate) fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos().div_ceil(1_000_000_000)).unwrap_or(u32::MAX)
}

/// The same in milliseconds.
pub(crate) fn whole_millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

/// The moment, as the API writes it.
pub(crate) fn instant(at: OffsetDateTime) -> Result<Instant, Misuse> {
    Instant::try_from(at).map_err(Misuse::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_never_cut_short() {
        for (duration, seconds, millis) in [
            (Duration::ZERO, 0, 0),
            (Duration::from_nanos(1), 1, 1),
            (Duration::from_millis(1500), 2, 1500),
            (Duration::from_secs(90), 90, 90_000),
            (Duration::MAX, u32::MAX, u32::MAX),
        ] {
            assert_eq!((whole_seconds(duration), whole_millis(duration)), (seconds, millis));
        }
    }
}
