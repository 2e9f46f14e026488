//! A field for years: the sixth of EventBridge, the seventh of Quartz. Bounds stand for it here.

use super::{Instead, renumbered};
use crate::calendar::{expression::Expression, part::number};

const BOUNDS: &str = "there is no field for years";

/// What to write instead of the argument of `cron(…)`: minute, hour, day, month, weekday and year.
pub(super) fn of_event_bridge(text: &str) -> Option<Instead> {
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    match fields.split_last() {
        Some((year, rest)) if rest.len() == 5 => bounded(rest, year, true),
        // Without its year, as it stands in some documents.
        Some((_, _)) if fields.len() == 5 => bounded(&fields, "*", true),
        _ => None,
    }
}

/// What to write instead of an expression whose last field is a year.
pub(super) fn last(fields: &[&str]) -> Option<Instead> {
    let (year, rest) = fields.split_last()?;
    let has_question = rest.contains(&"?");
    // With a star, five fields and a year are only told from six fields because those cannot be read.
    let is_year = *year == "*" || year.split([',', '-', '/']).next().and_then(number).is_some_and(is_year);
    if !is_year || !(5..=6).contains(&rest.len()) {
        return None;
    }
    bounded(rest, year, has_question)
}

/// An expression without its year. `is_quartz`: its numbers of weekdays are those of Quartz and EventBridge.
fn bounded(fields: &[&str], year: &str, is_quartz: bool) -> Option<Instead> {
    let (weekday, rest) = fields.split_last()?;
    let weekday = if is_quartz { renumbered(weekday, -1)? } else { (*weekday).to_owned() };
    let days = [rest.join(" "), weekday].join(" ").replace('?', "*");
    Expression::read(&days).ok()?;
    let instead = Instead::cron(&days, BOUNDS);
    if year == "*" {
        return Some(instead);
    }
    let (first, last) = year.split_once('-').unwrap_or((year, year));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if is_year(first) && is_year(last) && first <= last => {
            let remark = Some("with the offset of your zone, if it is not UTC");
            Some(Instead { years: Some((first, last)), remark, ..instead })
        }
        _ => Some(Instead { remark: Some("one schedule for each year, with start_at and end_at"), ..instead }),
    }
}

fn is_year(year: u32) -> bool {
    (1970..=2199).contains(&year)
}
