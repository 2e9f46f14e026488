//! `Retry-After`: how long a receiver asks to be left alone.

use std::time::{Duration, UNIX_EPOCH};

use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use taskway::{Context, attempt::Wait};

/// The longest wait that counts: as long as the longest backoff of a retry policy.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How many characters of what cannot be read are logged.
const SHOWN: usize = 64;

/// What may follow a number. A unit comes before those that it ends in.
const UNITS: [&str; 5] = ["seconds", "second", "secs", "sec", "s"];

/// How the days of the week begin.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The wait that the answer's `Retry-After` asks for; of several, the longest. Values that cannot be read are logged.
pub(super) fn wait(headers: &HeaderMap, cx: &Context) -> Wait {
    let (longest, unread) = asked(headers, cx.now().as_secs());
    if !unread.is_empty() {
        let (id, shown) = (cx.id(), shown(&unread));
        tracing::warn!(
            task.id = %id,
            "cannot read the Retry-After of the receiver of task {id}: expected seconds or a date, got {shown}"
        );
    }
    longest.map_or(Wait::Policy, Wait::AtLeast)
}

/// The longest wait, and the values that cannot be read.
fn asked(headers: &HeaderMap, now_secs: u64) -> (Option<Duration>, Vec<String>) {
    let (mut longest, mut unread): (Option<Duration>, Vec<String>) = (None, Vec::new());
    for line in headers.get_all(RETRY_AFTER) {
        let line = String::from_utf8_lossy(line.as_bytes());
        for value in values(&line) {
            match read(value, now_secs) {
                Some(wait) => longest = longest.max(Some(wait)),
                None => unread.push(value.to_owned()),
            }
        }
    }
    (longest, unread)
}

/// The values of a line. A proxy may have joined several lines by commas. The comma after a day of the week is a date's.
fn values(line: &str) -> Vec<&str> {
    let (mut values, mut begin) = (Vec::new(), 0);
    for (at, _) in line.match_indices(',') {
        if !is_day(bare(&line[begin..at])) {
            values.push(line[begin..at].trim());
            begin = at + 1;
        }
    }
    values.push(line[begin..].trim());
    if values.len() > 1 {
        values.retain(|value| !value.is_empty());
    }
    values
}

/// Whether a word is a day of the week, short or long.
fn is_day(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.bytes().all(|letter| letter.is_ascii_lowercase()) && DAYS.iter().any(|day| word.starts_with(day))
}

/// A text without the space and the quotes around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
}

/// A number of seconds, or the time to a date, in whole seconds that are rounded up. What follows a `;` is a parameter.
fn read(value: &str, now_secs: u64) -> Option<Duration> {
    let text = bare(value.split(';').next().unwrap_or_default());
    let seconds = seconds(text).or_else(|| date(text).map(|at| at - now_secs as f64))?;
    // A float that is too large for the integer becomes the largest one, a negative one 0.
    Some(Duration::from_secs(seconds.ceil() as u64).min(LONGEST))
}

/// A decimal number, of any size, and its unit if it has one.
fn seconds(text: &str) -> Option<f64> {
    let text = text.to_ascii_lowercase();
    let number = UNITS.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(&text).trim_end();
    // Rust also reads names such as `inf`.
    let is_number = number.starts_with(|c: char| matches!(c, '0'..='9' | '+' | '-' | '.'))
        && !number.ends_with(char::is_alphabetic);
    number.parse().ok().filter(|_| is_number)
}

/// A date of HTTP, of a mail or of ISO 8601, in seconds since 1970.
fn date(text: &str) -> Option<f64> {
    if let Ok(at) = httpdate::parse_http_date(text) {
        return at.duration_since(UNIX_EPOCH).map(|since| since.as_secs_f64()).ok().or(Some(0.0));
    }
    let at = mail(text).or_else(|| iso(text))?;
    Some(at.as_millisecond() as f64 / 1000.0)
}

/// A date of a mail. Its day may be written with dashes, and UTC where a mail has GMT.
fn mail(text: &str) -> Option<Timestamp> {
    let text = text.split_once(',').map_or(text, |(_, date)| date.trim_start());
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |rest| format!("{rest}GMT"));
    let (day, time) = text.split_once(' ')?;
    rfc2822::DateTimeParser::new().parse_timestamp(format!("{} {time}", day.replace('-', " "))).ok()
}

/// A date and a time of ISO 8601. Without a zone it is in UTC.
fn iso(text: &str) -> Option<Timestamp> {
    let utc = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT"));
    let text = utc.map_or_else(|| text.to_owned(), |rest| format!("{}Z", rest.trim_end()));
    let text = text.replace(" +", "+").replace(" -", "-");
    let has_time = text.contains([' ', 'T', 't']);
    let in_utc = || text.parse::<DateTime>().ok().filter(|_| has_time);
    text.parse().ok().or_else(|| TimeZone::UTC.to_timestamp(in_utc()?).ok())
}

/// What cannot be read, without the characters that a log would have to escape.
fn shown(unread: &[String]) -> String {
    let text = unread.join(", ");
    let visible = |c: char| if matches!(c, ' '..='~') { c } else { char::REPLACEMENT_CHARACTER };
    text.chars().take(SHOWN).map(visible).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::HeaderValue;

    use super::*;

    /// 2026-11-23T08:00:00Z.
    const NOW: u64 = 1_795_420_800;

    fn of(lines: &[&str]) -> (Option<u64>, Vec<String>) {
        let value = |line: &&str| (RETRY_AFTER, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        let (wait, unread) = asked(&lines.iter().map(value).collect(), NOW);
        (wait.map(|wait| wait.as_secs()), unread)
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
            ("\"7\"", 7),
            ("'7'", 7),
            ("7s", 7),
            ("7 s", 7),
            ("30 seconds", 30),
            ("1 second", 1),
            ("30 sec", 30),
            ("30 Secs", 30),
            ("\"1.5s\"", 2),
            ("7;foo", 7),
            ("\"7\" ; foo=\"bar\"", 7),
        ] {
            assert_eq!(of(&[text]), (Some(seconds), vec![]), "{text}");
        }
    }

    #[test]
    fn what_reads_as_a_date_counts() {
        for text in [
            "Mon, 23 Nov 2026 08:05:00 GMT",
            "Monday, 23-Nov-26 08:05:00 GMT",
            "Mon, 23-Nov-2026 08:05:00 GMT",
            "Monday, 23-Nov-2026 08:05:00 UTC",
            "Mon, 23-Nov-26 08:05:00 GMT",
            "Mon Nov 23 08:05:00 2026",
            "Mon, 23 Nov 2026 08:05:00 UTC",
            "Mon, 23 Nov 2026 09:05:00 +0100",
            "Mon, 23-Nov-2026 07:05:00 -0100",
            "23 Nov 2026 08:05:00 +0000",
            "2026-11-23T08:05:00Z",
            "2026-11-23T09:05:00+01:00",
            "2026-11-23T08:04:59.001Z",
            "2026-11-23 08:05:00",
            "2026-11-23T08:05:00",
            "2026-11-23 08:05",
            "2026-11-23 08:05:00Z",
            "2026-11-23 08:05:00 UTC",
            "2026-11-23 08:05:00 GMT",
            "2026-11-23 09:05:00 +0100",
            "2026-11-23 07:05:00 -01:00",
            "20261123T080500Z",
            "20261123T080500",
            "\"2026-11-23T08:05:00Z\"",
            "\"Mon, 23 Nov 2026 08:05:00 GMT\"",
            "Mon, 23 Nov 2026 08:05:00 GMT; foo",
        ] {
            assert_eq!(of(&[text]), (Some(300), vec![]), "{text}");
        }
        assert_eq!(of(&["Sun, 06 Nov 1994 08:49:37 GMT"]).0, Some(0));
        assert_eq!(of(&["Thu, 31 Dec 2099 23:59:59 GMT"]).0, Some(86_400));
    }

    #[test]
    fn the_longest_counts_of_several_lines_and_of_a_line_that_joins_them() {
        for lines in [
            &["7", "9", "soon"][..],
            &["7, 9, soon"],
            &["9,7,soon"],
            &["soon", "Mon, 23 Nov 2026 08:00:09 GMT, 7"],
            &["7, Monday, 23-Nov-26 08:00:09 GMT,,soon"],
            &["7s;a=b, \"9\", soon,"],
        ] {
            assert_eq!(of(lines), (Some(9), vec!["soon".to_owned()]), "{lines:?}");
        }
        assert_eq!(of(&["1,5"]).0, Some(5));
        assert_eq!(of(&[]), (None, vec![]));
    }

    #[test]
    fn anything_else_does_not_count() {
        for text in [
            "",
            "soon",
            "s",
            "inf",
            "+inf",
            "infinity",
            "nan",
            "-nan",
            "2 m",
            "5ms",
            "5 msec",
            "0x10",
            "7 9",
            "2026-11-23",
            "\"",
            "Mon",
        ] {
            assert_eq!(of(&[text]), (None, vec![text.to_owned()]), "{text}");
        }
        assert_eq!(of(&["\u{e9}"]), (None, vec!["\u{e9}".to_owned()]));
    }

    #[test]
    fn what_is_logged_needs_no_second_escape() {
        let shown = |values: &[&str]| shown(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
        assert_eq!(shown(&["\"a\\b'", "c"]), "\"a\\b', c");
        assert_eq!(shown(&["\u{1b}[1m\u{e9}"]), "\u{fffd}[1m\u{fffd}");
        assert_eq!(shown(&[&"x".repeat(100)]).len(), SHOWN);
    }
}
