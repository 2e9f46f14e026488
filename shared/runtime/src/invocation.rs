//! When an invocation of a Lambda function ends.

use std::time::Duration;

use taskway_protocol::Time;

/// When Lambda ends an invocation that begins at `now`. `deadline_ms` is the deadline that Lambda gives it, in
/// milliseconds since 1970.
///
/// `cargo lambda watch` gives every invocation the deadline 600000, ten minutes into 1970. So a deadline that has passed
/// is ignored, and the invocation lasts for `timeout`, the function's own. No variable of Lambda holds the timeout.
pub fn ends(deadline_ms: u64, now: Time, timeout: Duration) -> Time {
    let deadline = Time::from_millis(deadline_ms);
    if deadline > now { deadline } else { now.after(timeout) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);
    const TIMEOUT: Duration = Duration::from_secs(900);

    #[test]
    fn a_deadline_that_is_ahead_counts() {
        let soon = NOW.after(Duration::from_millis(1));
        assert_eq!(ends(soon.as_millis(), NOW, TIMEOUT), soon);
        let late = NOW.after(Duration::from_secs(60));
        assert_eq!(ends(late.as_millis(), NOW, TIMEOUT), late);
    }

    #[test]
    fn a_deadline_that_has_passed_means_the_whole_timeout() {
        let full = NOW.after(TIMEOUT);
        for past in [0, 600_000, NOW.as_millis() - 1, NOW.as_millis()] {
            assert_eq!(ends(past, NOW, TIMEOUT), full, "{past}");
        }
    }
}
