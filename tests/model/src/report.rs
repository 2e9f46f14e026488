//! The printed report. It is the same for the same state spaces.

use std::fmt::Write as _;

use crate::{
    bounds::Bounds,
    check::Checked,
    children::Followed,
    coverage::{FATES, STEPS, Table},
    heal::Fate,
    limits::LimitBounds,
    rates::RateBounds,
    total::Total,
};

/// The line of one state space.
pub fn line(name: &str, checked: &Checked) -> String {
    let found = checked;
    format!("{name:<34}{:>12}{:>12}{:>11}", found.situations, found.steps, found.rests)
}

/// The line under them.
pub fn total(total: &Total) -> String {
    format!("{:<34}{:>12}{:>12}{:>11}\n", "in all", total.situations, total.steps, total.rests)
}

/// The head of these lines.
pub fn head() -> String {
    format!("{:<34}{:>12}{:>12}{:>11}", "state space", "situations", "steps", "healed")
}

/// The bounds of one state space.
pub fn bounds(bounds: &Bounds) -> String {
    let faults = [
        (bounds.faults, "lost answers and refused sends"),
        (bounds.duplicates, "duplicates"),
        (bounds.losses, "losses"),
        (bounds.beats, "beats"),
        (bounds.deadlines, "deadlines"),
        (bounds.pauses, "pauses"),
        (bounds.person && !bounds.retries, "a person"),
        (bounds.person && bounds.retries, "retries by a person"),
        (bounds.followed == Followed::All, "callbacks"),
        (bounds.followed == Followed::Failures, "callbacks of failures"),
        (bounds.careless, "retries without the callback"),
    ];
    let with: Vec<&str> = faults.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
    format!(
        "{}: {} executors, {} ticks; with crashes{}{}; outcomes {:?}; generations to {}, fences to {}, messages to {}, \
         receives to {}, lives to {}",
        bounds.name,
        bounds.executors,
        bounds.ticks,
        if with.is_empty() { "" } else { ", " },
        with.join(", "),
        bounds.outcomes,
        bounds.generations,
        bounds.fences,
        bounds.messages,
        bounds.receives,
        bounds.lives,
    )
}

/// The bounds of one state space of a limited queue.
pub fn limit_bounds(bounds: &LimitBounds) -> String {
    let faults = [
        (bounds.crashes, "crashes"),
        (bounds.duplicates, "duplicates"),
        (bounds.late_writes, "late writes"),
        (bounds.losses, "losses"),
        (bounds.cancels, "cancels"),
        (bounds.retries, "retries by a person"),
        (bounds.changes, "changes of the limit"),
        (bounds.key_changes, "changes of the limit of keys"),
        (bounds.pauses, "pauses and resumes"),
    ];
    let with: Vec<String> =
        faults.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what} to {count}")).collect();
    format!(
        "{}: {} tasks, {}{}, {} executors, {} ticks{}{}; outcomes {:?}; generations to {}, fences to {}, messages to {}",
        bounds.name,
        bounds.tasks,
        bounds.limit.map_or("no limit".into(), |limit| format!("limit {limit}")),
        bounds
            .key_limit
            .map_or(String::new(), |limit| format!(", limit {limit} for each of the keys {:?}", bounds.keys)),
        bounds.executors,
        u8::from(bounds.tick),
        if with.is_empty() { "" } else { ", " },
        with.join(", "),
        bounds.outcomes,
        bounds.generations,
        bounds.fences,
        bounds.messages,
    )
}

/// The bounds of one state space of a queue with a rate.
pub fn rate_bounds(bounds: &RateBounds) -> String {
    let faults = [
        (bounds.crashes, "crashes"),
        (bounds.duplicates, "duplicates"),
        (bounds.late_writes, "late writes"),
        (bounds.pauses, "pauses and resumes"),
        (bounds.changes, "changes of the rate"),
        (bounds.removals, "removals and settings of the rate"),
        (bounds.late_by.unsigned_abs(), "steps from a slot to its start"),
    ];
    let with: Vec<String> =
        faults.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what} to {count}")).collect();
    format!(
        "{}: {} tasks, a slot each {} steps, burst {}, {} executors, {} ticks{}{}; outcomes {:?}; generations to {}, \
         fences to {}, messages to {}",
        bounds.name,
        bounds.tasks,
        bounds.interval,
        bounds.burst,
        bounds.executors,
        u8::from(bounds.tick),
        if with.is_empty() { "" } else { ", " },
        with.join(", "),
        bounds.outcomes,
        bounds.generations,
        bounds.fences,
        bounds.messages,
    )
}

/// What becomes of all situations when every process dies in them and the faults stop.
pub fn fates(counts: &[u64; Fate::ALL.len()]) -> String {
    let mut text = String::new();
    for (fate, count) in Fate::ALL.into_iter().zip(counts) {
        let means = match fate {
            Fate::Ends => "no task is open, or the task ends without the audit",
            Fate::NotAccepted => "the task does not end, but got no 2xx answer",
            Fate::LostWhileQueued => "only the audit helps: SQS lost the message of a queued task",
            Fate::LostWhileRunning => "only the audit helps: SQS lost the message of an attempt without a heartbeat",
            Fate::Stuck => "an accepted task does not end",
            Fate::Owes => "the callback of an ended task is not made",
        };
        let _ = writeln!(text, "{count:>12}  {means}");
    }
    text
}

/// How often each step came to each result, with a dot for never.
pub fn coverage(table: &Table) -> String {
    let mut text = format!("{:<15}", "step");
    FATES.iter().for_each(|fate| {
        let _ = write!(text, " {:>10}", fate.replace("deadline", "dl").replace("attempts", "att"));
    });
    text.push('\n');
    for (name, counts) in STEPS.iter().zip(table) {
        let _ = write!(text, "{name:<15}");
        for count in counts {
            let _ = if *count == 0 { write!(text, " {:>10}", ".") } else { write!(text, " {count:>10}") };
        }
        text.push('\n');
    }
    text
}
