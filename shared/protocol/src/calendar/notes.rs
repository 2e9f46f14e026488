//! Steps that are larger than their field, where well-known crons read an expression differently, and what happens to
//! its times when the clock changes.
//!
//! The facts come from runs of Debian's cron 3.0pl1, robfig/cron 3.0.1 (which Kubernetes uses), Quartz 2.5.2, Spring
//! 6.2.19, Celery 5.7.0, APScheduler 3.11.3, croniter 7.0.0 and node-cron 4.6.0. EventBridge's are from its documentation.

#[cfg(test)]
mod tests;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::{
    expression::{Expression, Written},
    field::Field,
    foreign::renumbered,
    part::number,
    stretch::Stretch,
    zone::Zone,
};

/// The notes of an expression, with the changes of the clock between two seconds.
pub(super) fn notes(expression: &Expression, zone: &Zone, from: i64, until: i64) -> Vec<String> {
    let written = expression.written();
    let mut notes = large_steps(written);
    let differences = [both_days(written), numbers(written), nth(written), wrapped(written), six_fields(written)];
    notes.extend(differences.into_iter().flatten());
    let (mut skipped, mut doubled) = (None, None);
    for stretch in changes(zone, from, until) {
        skipped = skipped.or_else(|| skips(expression, zone, &stretch));
        doubled = doubled.or_else(|| doubles(expression, zone, &stretch));
    }
    notes.extend(skipped);
    notes.extend(doubled);
    notes
}

/// The first step of each field that is larger than the field. Of its values it leaves only the first.
fn large_steps(written: &Written) -> Vec<String> {
    let steps = Field::ALL.iter().zip(&written.texts).filter_map(|(field, text)| {
        let step = |part: &str| part.split_once('/').and_then(|(_, step)| number(step));
        let part = text.split(',').find(|part| step(part).is_some_and(|step| step > field.size()))?;
        let (name, limits) = (field.name(), field.limits());
        Some(format!(
            "The step of `{part}` is larger than the range of {name}, {limits}, so only the first value counts."
        ))
    });
    steps.collect()
}

/// Both fields of days are given, and whether one is enough makes a difference.
fn both_days(written: &Written) -> Option<String> {
    let [_, _, _, day, _, weekday] = &written.parts;
    let both = !is_all(&written.texts[3]) && !is_all(&written.texts[5]);
    let differ = !(day.is_full(Field::DayOfMonth) && weekday.is_full(Field::DayOfWeek));
    let note = if written.needs_both_days {
        "A day must match both fields of days, because one begins with `*`. Debian's cron, Celery, Spring, APScheduler and \
         node-cron read it so. In Kubernetes and croniter one of them is enough."
    } else {
        "A day must match one of the two fields of days. Debian's cron, Kubernetes and croniter read it so. In Celery, \
         Spring, APScheduler and node-cron it must match both."
    };
    (both && differ).then(|| note.to_owned())
}

/// Numbers of weekdays, if they do not name every day.
fn numbers(written: &Written) -> Option<String> {
    let text = &written.texts[5];
    let here = renumbered(text, 0)?;
    if here == text.to_ascii_uppercase() || written.parts[5].is_full(Field::DayOfWeek) {
        return None;
    }
    // APScheduler refuses `#`, `L` and ranges that wrap, so it cannot read them differently.
    let is_plain = !text.contains(['#', 'L', 'l']) && wraps(text).is_none();
    let elsewhere: Vec<String> = [(-1, "Quartz and EventBridge", true), (1, "APScheduler", is_plain)]
        .into_iter()
        .filter(|(_, _, reads)| *reads)
        .filter_map(|(shift, name, _)| Some(format!("{} in {name}", renumbered(text, shift)?)))
        .collect();
    let differs = if elsewhere.is_empty() { String::new() } else { format!(", but {}", elsewhere.join(" and ")) };
    Some(format!("The day of the week `{text}` is {here} here{differs}. Names are the same everywhere."))
}

/// `1#2`, which Debian's cron takes for `1`.
fn nth(written: &Written) -> Option<String> {
    let text = &written.texts[5];
    let (day, _) = text.split_once('#').filter(|(day, _)| day.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("Debian's cron takes `{text}` for `{day}`, every week."))
}

/// `5-1`, which never comes in Debian's cron.
fn wrapped(written: &Written) -> Option<String> {
    let text = &written.texts[5];
    let is_number = text.starts_with(|c: char| c.is_ascii_digit());
    wraps(text).filter(|()| is_number).map(|()| format!("Debian's cron takes the range `{text}` and never fires."))
}

/// Something if the text is a range of weekdays that goes past Saturday.
fn wraps(text: &str) -> Option<()> {
    let ends = renumbered(text, 0)?;
    let (from, to) = ends.split_once('-').filter(|_| !text.contains([',', '#']))?;
    let day = |name: &str| Field::DayOfWeek.names().iter().position(|day| name.starts_with(day));
    let (from, to) = (day(from)?, day(to)?);
    (to < from && to > 0).then_some(())
}

fn six_fields(written: &Written) -> Option<String> {
    let note = "The first of the six fields is the second, as in Quartz, Spring and node-cron. croniter reads the last of \
                six as the second, and EventBridge as the year.";
    written.has_seconds.then(|| note.to_owned())
}

/// The stretches that begin between two seconds with a change of the clock.
fn changes(zone: &Zone, from: i64, until: i64) -> Vec<Stretch> {
    let Ok(after) = Timestamp::from_second(from) else { return Vec::new() };
    let changes = zone.rules().following(after).map(|change| change.timestamp().as_second());
    changes.take_while(|at| *at <= until).filter_map(|at| Stretch::at(zone, at)).collect()
}

/// A gap in which a time of day lies.
fn skips(expression: &Expression, zone: &Zone, stretch: &Stretch) -> Option<String> {
    let (before, after) = (stretch.shown + 1, stretch.from + stretch.offset);
    if expression.is_interval() || before >= after {
        return None;
    }
    expression.first(before, after - 1)?;
    let debian = if has_starred_time(expression) { "Debian's cron, " } else { "" };
    // APScheduler loses the times of a gap that begins at midnight. Of several times in a gap, both fire only the first.
    let (lost, late) =
        if before % 86_400 == 0 { ("APScheduler, ", "Celery fires") } else { ("", "Celery and APScheduler fire") };
    Some(format!(
        "The clock of {} goes from {} to {}. A time between fires once, right after. {debian}{lost}Kubernetes, Quartz, \
         Spring, EventBridge and node-cron do not fire it; {late} the first such time as much later as the gap is long.",
        zone.name(),
        clock(before)?,
        clock(after)?,
    ))
}

/// A time that the clock shows twice, and that the expression names.
fn doubles(expression: &Expression, zone: &Zone, stretch: &Stretch) -> Option<String> {
    let (again, until) = (stretch.from + stretch.offset, stretch.shown + 1);
    if again >= until {
        return None;
    }
    expression.first(again, until - 1)?;
    let back = format!("The clock of {} goes back from {} to {}.", zone.name(), clock(until)?, clock(again)?);
    let rest = if expression.is_interval() {
        "Both passes fire, so the intervals stay equal. Celery, Quartz and node-cron leave one pass out.".to_owned()
    } else {
        let debian = if has_starred_time(expression) { "Debian's cron, " } else { "" };
        // Spring fires a doubled half hour once.
        let spring = if until - again == 3600 { "Spring, " } else { "" };
        format!(
            "A time that comes twice fires once, the first time. {debian}Kubernetes, {spring}APScheduler and croniter fire it \
             twice, and Quartz only the second time."
        )
    };
    Some(format!("{back} {rest}"))
}

/// Whether the minute or the hour begins with `*`. Debian's cron takes that for an interval.
fn has_starred_time(expression: &Expression) -> bool {
    let [_, minute, hour, ..] = &expression.written().parts;
    minute.is_starred || hour.is_starred
}

fn is_all(text: &str) -> bool {
    text == "*" || text == "?"
}

/// `2027-03-14 02:00`.
fn clock(clock: i64) -> Option<String> {
    let shown: DateTime = Offset::UTC.to_datetime(Timestamp::from_second(clock).ok()?);
    Some(shown.strftime("%Y-%m-%d %H:%M").to_string())
}
