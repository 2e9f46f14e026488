//! Cutting a script that breaks a rule down to what it needs to break it.

use std::time::Duration;

use crate::{
    run::{Outcome, Runner},
    script::Script,
};

/// So many worlds are tried. A number, not a time, for the same seed is to give the same short story anywhere.
const TRIES: usize = 600;

/// A smaller script that still breaks a rule in the same way, and what comes of it.
///
/// # Errors
/// When a world cannot be made.
pub fn shrink(runner: &Runner, script: &Script) -> anyhow::Result<(Script, Outcome)> {
    let (mut best, mut tries) = (script.clone(), 0);
    let rule = rule_of(&runner.run(&best, false)?);
    let mut chunk = best.steps.len().div_ceil(2);
    let calmer = Script { fates: 0, ..best.clone() };
    if rule_of(&runner.run(&calmer, false)?) == rule {
        best = calmer;
    }
    while chunk > 0 && tries < TRIES {
        let mut from = 0;
        let before = best.steps.len();
        while from < best.steps.len() && tries < TRIES {
            tries += 1;
            let mut shorter = best.clone();
            let to = (from + chunk).min(shorter.steps.len());
            // The time that they took passes all the same.
            let pause: Duration = shorter.steps.drain(from..to).map(|step| step.after).sum();
            if let Some(next) = shorter.steps.get_mut(from) {
                next.after += pause;
            }
            if rule_of(&runner.run(&shorter, false)?) == rule {
                best = shorter;
            } else {
                from = to;
            }
        }
        if chunk == 1 && best.steps.len() == before {
            break;
        }
        chunk = if chunk > 1 { chunk.div_ceil(2).min(chunk - 1) } else { 1 };
    }
    let outcome = runner.run(&best, true)?;
    Ok((best, outcome))
}

/// Which rule: what is said before its particulars.
fn rule_of(outcome: &Outcome) -> Option<String> {
    let broken = outcome.broken.as_deref()?;
    let words: String = broken.chars().take_while(|c| *c != ':').filter(|c| !c.is_ascii_digit()).collect();
    // Names of tasks and numbers of processes differ from script to script.
    Some(words.split_whitespace().filter(|word| word.len() < 24).collect::<Vec<_>>().join(" "))
}
