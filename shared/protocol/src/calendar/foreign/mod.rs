//! Expressions of other schedulers, and what to write instead of them.
//!
//! Only texts that are no expression here come to this module. If it knows where a text comes from, the refusal says
//! what to write. [`tests`] reads every expression that it proposes.

mod interval;
mod token;
mod weekday;
mod year;

#[cfg(test)]
mod tests;

pub(super) use weekday::{ambiguous as ambiguous_weekday, renumbered};

use super::{expression::Expression, fault::Fault, zone::Zone};

/// What to write instead: fields of the API, and why.
#[derive(Clone, Debug, Default, PartialEq)]
struct Instead {
    cron: Option<String>,
    every_seconds: Option<u64>,
    time_zone: Option<String>,
    /// The first and the last year.
    years: Option<(u32, u32)>,
    /// What it was.
    what: &'static str,
    /// What fields cannot say.
    remark: Option<&'static str>,
}

/// The refusal of a text, if it is an expression of another scheduler.
pub(super) fn explained(text: &str) -> Option<Fault> {
    let text = text.trim();
    if let Some(advice) = advised(text) {
        return Some(Fault::Foreign { text: text.to_owned(), advice });
    }
    let instead = translated(text, 0)?;
    Some(Fault::Foreign { text: text.to_owned(), advice: instead.advice() })
}

/// What cannot be a schedule of its own.
fn advised(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if upper == "@REBOOT" {
        return Some("nothing boots here: submit a task when your program starts, with POST /v1/tasks".to_owned());
    }
    if let Some(at) = call(text, "at") {
        return Some(format!("one time is a task and no schedule: POST /v1/tasks with \"run_at\": \"{at}Z\""));
    }
    if upper.split(char::is_whitespace).any(|field| field.starts_with("L-")) {
        return Some(
            "a day before the last cannot be named: write L, the last day, or the days, such as 27-28".to_owned(),
        );
    }
    interval::refused(text)
}

/// What to write instead of a text that other schedulers take. `depth` counts the wrappings around it.
fn translated(text: &str, depth: u32) -> Option<Instead> {
    let text = text.trim();
    if depth > 3 {
        return None;
    }
    let within = |text: &str| understood(text, depth + 1);
    if let Some(inner) = quoted(text) {
        return Some(Instead { what: "the quotes are not part of it", ..within(inner)? });
    }
    if let Some((name, rest)) = zoned(text) {
        let time_zone = Some(Zone::parse(name).ok()?.name().to_owned());
        return Some(Instead { time_zone, what: "the time zone is a field of its own", ..within(rest)? });
    }
    if let Some(inner) = call(text, "cron") {
        return Some(Instead { what: "it is EventBridge's", ..year::of_event_bridge(inner)? });
    }
    if let Some(instead) = interval::read(text) {
        return Some(instead);
    }
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    None.or_else(|| token::nickname(text))
        .or_else(|| year::last(&fields))
        .or_else(|| zone_last(&fields))
        .or_else(|| token::hashed(&fields))
        .or_else(|| token::spelled(&fields))
        .or_else(|| command(&fields))
}

/// A text that is an expression here, or one of another scheduler.
fn understood(text: &str, depth: u32) -> Option<Instead> {
    let is_read = Expression::read(text).is_ok();
    if is_read { Some(Instead::cron(text.trim(), "")) } else { translated(text, depth) }
}

impl Instead {
    /// This expression.
    fn cron(text: &str, what: &'static str) -> Self {
        Instead { cron: Some(text.to_owned()), what, ..Instead::default() }
    }

    fn advice(&self) -> String {
        let year = |year: u32, rest: &str| format!("\"{year:04}-{rest}Z\"");
        let fields = [
            self.cron.as_ref().map(|cron| format!("\"cron\": \"{cron}\"")),
            self.every_seconds.map(|seconds| format!("\"every_seconds\": {seconds} and no \"cron\"")),
            self.time_zone.as_ref().map(|zone| format!("\"time_zone\": \"{zone}\"")),
            self.years.map(|(first, _)| format!("\"start_at\": {}", year(first, "01-01T00:00:00"))),
            self.years.map(|(_, last)| format!("\"end_at\": {}", year(last, "12-31T23:59:59"))),
        ];
        let fields: Vec<String> = fields.into_iter().flatten().collect();
        let what = if self.what.is_empty() { "it is another scheduler's" } else { self.what };
        let remark = self.remark.map(|remark| format!("; {remark}")).unwrap_or_default();
        format!("{what}: write {} instead{remark}", fields.join(", "))
    }
}

/// `cron(0 10 * * ? *)`, the argument of a call of this name.
fn call<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (called, rest) = text.split_once('(')?;
    let argument = rest.strip_suffix(')')?;
    called.trim().eq_ignore_ascii_case(name).then(|| argument.trim())
}

fn quoted(text: &str) -> Option<&str> {
    ['"', '\'', '`'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
}

/// `CRON_TZ=Europe/Berlin 0 3 * * *`: the zone, and the rest.
fn zoned(text: &str) -> Option<(&str, &str)> {
    let (assigned, rest) = text.split_once(char::is_whitespace)?;
    let (name, zone) = assigned.split_once('=')?;
    ["CRON_TZ", "TZ"].contains(&name).then_some((zone.trim_matches(['"', '\'']), rest))
}

/// `0 3 * * * Europe/Berlin`.
fn zone_last(fields: &[&str]) -> Option<Instead> {
    let (last, rest) = fields.split_last()?;
    let time_zone = Some(Zone::parse(last).ok()?.name().to_owned());
    let cron = rest.join(" ");
    Expression::read(&cron).ok()?;
    Some(Instead { time_zone, ..Instead::cron(&cron, "the time zone is a field of its own") })
}

/// `0 3 * * * /usr/bin/backup --all`, a line of a crontab.
fn command(fields: &[&str]) -> Option<Instead> {
    let (expression, rest) = fields.split_at_checked(5)?;
    let is_command = rest.first()?.contains(|c: char| c.is_ascii_lowercase() || c == '/');
    let cron = expression.join(" ");
    Expression::read(&cron).ok().filter(|_| is_command)?;
    Some(Instead::cron(&cron, "the command of a crontab's line is the task's target here"))
}
