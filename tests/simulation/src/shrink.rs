//! Shrinks a script that breaks a rule to the steps that it needs to break it.

use std::time::Duration;

use crate::{
    run::{Outcome, Runner},
    script::Script,
};

/// How many worlds are tried. It is a number and not a time, so that a seed gives the same short story on every
/// machine.
const TRIES: usize = 600;

/// Finds a smaller script that breaks the same rule. Returns it with its outcome.
///
/// # Errors
/// If a world cannot be made.
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
            // The pauses of the removed steps stay, so that the others happen at the same times.
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

/// The broken rule: the text before its details.
fn rule_of(outcome: &Outcome) -> Option<String> {
    let broken = outcome.broken.as_deref()?;
    let words: String = broken.chars().take_while(|c| *c != ':').filter(|c| !c.is_ascii_digit()).collect();
    // Ids of tasks and numbers of processes differ between scripts.
    Some(words.split_whitespace().filter(|word| word.len() < 24).collect::<Vec<_>>().join(" "))
}
