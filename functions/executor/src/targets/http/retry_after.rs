//! `Retry-After`: how long a receiver asks to be left alone.

use std::time::{Duration, UNIX_EPOCH};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use taskway::{Context, attempt::Wait};

/// The longest wait that counts: as long as the longest backoff of a retry policy.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How many characters of a value that cannot be read are logged.
const SHOWN: usize = 64;

/// The wait that the answer's `Retry-After` asks for; of several, the longest. A value that cannot be read is logged.
pub(super) fn wait(headers: &HeaderMap, cx: &Context) -> Wait {
    let waits = headers.get_all(RETRY_AFTER).iter().filter_map(|value| {
        let wait = read(value, cx.now().as_secs());
        if wait.is_none() {
            let (id, shown) = (cx.id(), shown(value));
            tracing::warn!(
                task.id = %id,
                "cannot read the Retry-After of the receiver of task {id}: expected seconds or a date, got {shown}"
            );
        }
        wait
    });
    waits.max().map_or(Wait::Policy, Wait::AtLeast)
}

/// A number of seconds, or the time to a date, in whole seconds that are rounded up.
fn read(value: &HeaderValue, now_secs: u64) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let seconds = seconds(text).or_else(|| date(text).map(|at| at - now_secs as f64))?;
    // A float that is too large for the integer becomes the largest one, a negative one 0.
    Some(Duration::from_secs(seconds.ceil() as u64).min(LONGEST))
}

/// A decimal number, of any size.
fn seconds(text: &str) -> Option<f64> {
    // Rust also reads names such as `inf`.
    let is_number =
        text.starts_with(|c: char| matches!(c, '0'..='9' | '+' | '-' | '.')) && !text.ends_with(char::is_alphabetic);
    text.parse().ok().filter(|_| is_number)
}

/// A date of HTTP, of a mail or of RFC 3339, in seconds since 1970.
fn date(text: &str) -> Option<f64> {
    if let Ok(at) = httpdate::parse_http_date(text) {
        return at.duration_since(UNIX_EPOCH).map(|since| since.as_secs_f64()).ok().or(Some(0.0));
    }
    // Some servers write UTC where HTTP wants GMT.
    let mail = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |rest| format!("{rest}GMT"));
    let at = rfc2822::DateTimeParser::new().parse_timestamp(&mail).or_else(|_| text.parse::<Timestamp>()).ok()?;
    Some(at.as_millisecond() as f64 / 1000.0)
}

fn shown(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).chars().take(SHOWN).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2026-11-23T08:00:00Z.
    const NOW: u64 = 1_795_420_800;

    fn asked(text: &str) -> Option<u64> {
        read(&HeaderValue::from_bytes(text.as_bytes()).unwrap(), NOW).map(|wait| wait.as_secs())
    }

    #[test]
    fn what_reads_as_a_number_counts_and_is_rounded_up() {
        for (text, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 120\t", 120),
            ("+120", 120),
            ("00120", 120),
            ("299.997", 300),
            ("299.", 299),
            (".5", 1),
            ("0.001", 1),
            ("1e3", 1000),
            ("-1", 0),
            ("-0.5", 0),
            ("86400", 86_400),
            ("86401", 86_400),
            ("18446744073709551615", 86_400),
            ("18446744073709551616", 86_400),
            ("99999999999999999999999999999999999999999", 86_400),
            ("1e400", 86_400),
            ("-1e400", 0),
        ] {
            assert_eq!(asked(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_reads_as_a_date_counts() {
        for text in [
            "Mon, 23 Nov 2026 08:05:00 GMT",
            "Monday, 23-Nov-26 08:05:00 GMT",
            "Mon Nov 23 08:05:00 2026",
            "Mon, 23 Nov 2026 08:05:00 UTC",
            "Mon, 23 Nov 2026 09:05:00 +0100",
            "23 Nov 2026 08:05:00 +0000",
            "2026-11-23T08:05:00Z",
            "2026-11-23T09:05:00+01:00",
            "2026-11-23T08:04:59.001Z",
        ] {
            assert_eq!(asked(text), Some(300), "{text}");
        }
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(asked("Thu, 31 Dec 2099 23:59:59 GMT"), Some(86_400));
    }

    #[test]
    fn anything_else_does_not_count() {
        for text in [
            "",
            "soon",
            "inf",
            "+inf",
            "infinity",
            "nan",
            "-nan",
            "120s",
            "2 m",
            "1,5",
            "0x10",
            "120, 120",
            "\u{e9}",
            "2026-11-23",
        ] {
            assert_eq!(asked(text), None, "{text}");
        }
    }
}
