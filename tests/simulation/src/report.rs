//! The printed report of many worlds. The same seeds give the same text, byte for byte.

use std::fmt::Write;

use crate::{coverage::UNHEARD, run::Total};

/// The summary of a run, in two lines.
pub fn summary(total: &Total) -> String {
    format!(
        "{} worlds, {} steps, {} lives of tasks, {} attempts, {} faults, {} hours of virtual time\ndigest of all stories {:016x}\n",
        total.worlds,
        total.steps,
        total.lives,
        total.attempts,
        total.all_faults(),
        total.lasted / 3_600_000,
        total.digest
    )
}

/// The tables of a run.
pub fn tables(total: &Total) -> String {
    let mut text = summary(total);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{:<40} {:>10}", "fault", "times");
    for (name, count) in &total.faults {
        let _ = writeln!(text, "{name:<40} {count:>10}");
    }
    let _ = writeln!(text, "\n{:<40} {:>10}  refused", "step", "written");
    for (step, written) in total.coverage.steps() {
        let reasons = total.coverage.reasons(step).map(|(why, count)| format!("{why} {count}")).collect::<Vec<_>>();
        let _ = writeln!(text, "{step:<40} {written:>10}  {}", reasons.join(", "));
    }
    let _ = writeln!(text, "\n{:<40} {:>10}", "refused because", "times");
    for (refusal, count) in total.coverage.refusals() {
        let note = if UNHEARD.contains(&refusal) { "  (no process receives it)" } else { "" };
        let _ = writeln!(text, "{refusal:<40} {count:>10}{note}");
    }
    let _ = writeln!(text, "\n{:<40} {:>10} {:>10}", "crash point", "passed", "died there");
    for (point, (reached, died)) in &total.coverage.points {
        let _ = writeln!(text, "{:<40} {reached:>10} {died:>10}", format!("{point:?}"));
    }
    let _ = writeln!(text, "\n{:<40} {:>10}", "schedules", "times");
    for (what, count) in total.coverage.schedules.counts() {
        let _ = writeln!(text, "{what:<40} {count:>10}");
    }
    let (looked, found) = (total.coverage.looked, total.coverage.found);
    let _ = writeln!(text, "\n{:<40} {:>10}", "audit", "times");
    let _ = writeln!(text, "{:<40} {looked:>10}\n{:<40} {found:>10}", "an item was looked at", "a task was found");
    let _ = writeln!(text, "\n{:<40} {:>10}", "left to the audit alone", "lives");
    for (why, count) in &total.left {
        let _ = writeln!(text, "{why:<40} {count:>10}");
    }
    for example in &total.examples {
        let _ = writeln!(text, "  {example}");
    }
    text
}
