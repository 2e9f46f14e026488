//! What a hunt prints at its end.

use std::{fmt::Write, time::Duration};

use clap::ValueEnum;

use crate::{equivalent::EQUIVALENT, hunt::Result, hunter::Hunter};

/// Who found it, in words.
pub(crate) fn found(result: &Result) -> String {
    match &result.found {
        Some(find) => format!("{}: {}", find.hunter.name(), find.what),
        None if reason(&result.rule).is_some() => "survives, as it should".into(),
        None => "SURVIVES".into(),
    }
}

/// The table of all rules, and how many each hunter found.
pub(crate) fn text(results: &[Result], took: Duration) -> String {
    let mut text = String::from("\n| rule | found by | after | seconds |\n|---|---|---|---|\n");
    // Writing to a string cannot fail.
    for result in results {
        let (hunter, what) = result.found.as_ref().map_or(("nobody", ""), |find| (find.hunter.name(), &find.what));
        let _ = writeln!(text, "| `{}` | {hunter} | {what} | {:.1} |", result.rule, result.took.as_secs_f64());
    }
    let _ = writeln!(text, "\n| found by | rules |\n|---|---|");
    for hunter in Hunter::value_variants() {
        let by = |result: &&Result| result.found.as_ref().is_some_and(|find| find.hunter == *hunter);
        let _ = writeln!(text, "| {} | {} |", hunter.name(), results.iter().filter(by).count());
    }
    let survivors: Vec<&Result> = results.iter().filter(|result| result.found.is_none()).collect();
    let _ = writeln!(text, "| nobody | {} |", survivors.len());
    let _ = writeln!(text, "| in all | {} |", results.len());
    if !survivors.is_empty() {
        let _ = writeln!(text, "\n| survives | because |\n|---|---|");
    }
    for survivor in survivors {
        let _ = writeln!(text, "| `{}` | {} |", survivor.rule, reason(&survivor.rule).unwrap_or("?"));
    }
    let _ = writeln!(text, "\n{} s in all", took.as_secs());
    text
}

/// What must not be: a rule that survives without a reason, or one that is found in spite of it.
pub(crate) fn wrong(results: &[Result]) -> Vec<String> {
    let wrong = |result: &Result| match (&result.found, reason(&result.rule)) {
        (None, None) => Some(format!("{} survives", result.rule)),
        (Some(_), Some(_)) => Some(format!("{} is found, though it is listed as equivalent", result.rule)),
        (Some(_), None) | (None, Some(_)) => None,
    };
    results.iter().filter_map(wrong).collect()
}

fn reason(rule: &str) -> Option<&'static str> {
    EQUIVALENT.iter().find(|(equivalent, _)| *equivalent == rule).map(|(_, reason)| *reason)
}
