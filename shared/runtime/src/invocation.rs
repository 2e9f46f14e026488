//! How long an invocation of a Lambda function lasts.

use std::time::Duration;

use taskway_protocol::Time;

/// When an invocation that began at `now` will have been ended by Lambda. `deadline_ms` is what Lambda says of it, in
/// milliseconds since 1970.
///
/// A deadline that has passed is nobody's who can still ask, so it is not believed: `cargo lambda watch` says 600000
/// every time, which is ten minutes into 1970. Then `timeout`, the function's own, counts from `now`; Lambda has no
/// variable that names it.
pub fn ends(deadline_ms: u64, now: Time, timeout: Duration) -> Time {
    let said = Time::from_millis(deadline_ms);
    if said > now { said } else { now.after(timeout) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);
    const TIMEOUT: Duration = Duration::from_secs(900);

    #[test]
    fn a_deadline_ahead_is_believed() {
        let soon = NOW.after(Duration::from_millis(1));
        assert_eq!(ends(soon.as_millis(), NOW, TIMEOUT), soon);
        let late = NOW.after(Duration::from_secs(60));
        assert_eq!(ends(late.as_millis(), NOW, TIMEOUT), late);
    }

    #[test]
    fn one_that_has_passed_means_the_functions_own_timeout() {
        let full = NOW.after(TIMEOUT);
        for past in [0, 600_000, NOW.as_millis() - 1, NOW.as_millis()] {
            assert_eq!(ends(past, NOW, TIMEOUT), full, "{past}");
        }
    }
}
