//! `@every 5m` of Go programs, `rate(5 minutes)` of EventBridge, and `every 5 minutes`.

use super::{Instead, call};

/// The longest interval of a schedule: 366 days.
const LONGEST: f64 = 366.0 * 86_400.0;

/// What to write instead of an interval in words.
pub(super) fn read(text: &str) -> Option<Instead> {
    let (seconds, what) = measured(text).filter(|(seconds, _)| is_taken(*seconds))?;
    let whole = seconds.round().max(1.0);
    let remark = (whole != seconds).then_some("an interval has whole seconds");
    Some(Instead { every_seconds: Some(whole as u64), what, remark, ..Instead::default() })
}

/// Why nothing can be written instead of an interval in words: it is too short or too long.
pub(super) fn refused(text: &str) -> Option<String> {
    let (seconds, _) = measured(text)?;
    (!is_taken(seconds)).then(|| "an interval is 1 second to 366 days".to_owned())
}

/// Whether a schedule may have this interval, when it is rounded up to a second.
fn is_taken(seconds: f64) -> bool {
    seconds > 0.0 && seconds <= LONGEST
}

/// The seconds of an interval in words, and what it is. The words may be in any case.
fn measured(text: &str) -> Option<(f64, &'static str)> {
    let text = text.to_ascii_lowercase();
    if let Some(rate) = call(&text, "rate") {
        return Some((spoken(rate)?, "it is EventBridge's interval"));
    }
    let seconds = match text.strip_prefix("@every") {
        Some(duration) => of_go(duration.trim()).or_else(|| spoken(duration))?,
        None => spoken(text.strip_prefix("every ")?)?,
    };
    Some((seconds, "it is an interval"))
}

/// A duration of Go, such as `1h30m` or `1.5h`, in seconds.
fn of_go(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = after;
    }
    Some(seconds)
}

/// `5 minutes`, `minute`, in seconds.
fn spoken(text: &str) -> Option<f64> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (number, unit) = match *words {
        [unit] => (1.0, unit),
        [number, unit] => (number.parse::<u32>().ok().map(f64::from)?, unit),
        _ => return None,
    };
    let scale = match unit.trim_end_matches('s') {
        "second" => 1.0,
        "minute" => 60.0,
        "hour" => 3600.0,
        "day" => 86_400.0,
        "week" => 7.0 * 86_400.0,
        _ => return None,
    };
    Some(number * scale)
}
