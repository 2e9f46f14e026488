//! `taskway submit --file`: thousands of tasks, a line each.

use std::{collections::BTreeMap, path::Path};

use serde_json::value::RawValue;
use taskway_runtime::random::{Random, SystemRandom};

use crate::{
    client::Client,
    failure::Failure,
    output::{Output, plain},
    payload::{self, Origin},
};

/// A line of the file: its number, and its task with the idempotency key that this has.
type Line = (usize, (Box<str>, String));

/// Submits each line of the file. Prints the accepted ones in order, and on standard error the others by their lines.
pub(super) async fn run(path: &Path, key: Option<&str>, client: &Client, output: &Output) -> Result<(), Failure> {
    let text = payload::read(path, Origin::Tasks)?;
    let base = key.map_or_else(|| format!("cli-{:016x}", SystemRandom.bits()), str::to_owned);
    let (numbers, tasks): (Vec<usize>, Vec<_>) = lines(&text, &base)?.into_iter().unzip();
    let total = numbers.len() as u64;
    let told = |done: usize| output.progress(&output.bar(done as u64, total));
    told(0);
    let answers = client.submit_all(tasks, told).await;
    output.progress_ends();
    let (mut accepted, mut unanswered) = (0_u64, None);
    for (number, answer) in numbers.into_iter().zip(answers) {
        match answer {
            Ok(task) if output.json() => {
                accepted += 1;
                output.line(&serde_json::to_string(&task).map_err(|error| Failure::Other(error.into()))?)?;
            }
            Ok(task) => {
                accepted += 1;
                let id = plain(&task.id);
                output.about(&id, &format!("{id} {}", output.state(&task.state)))?;
            }
            // One answer that did not come is the reason of all that follow.
            Err(failure @ Failure::Unanswered(_)) => unanswered = unanswered.or(Some(failure)),
            Err(failure) => output.error(&format!("line {number}: {}", failure.text())),
        }
    }
    output.note(&format!("{accepted} of {total} tasks were accepted"));
    if let Some(failure) = unanswered {
        output.error(&failure.text());
        output.note(&format!("  the same file with --key {base} submits the rest, and none of them twice"));
    }
    if accepted == total { Ok(()) } else { Err(Failure::Undone) }
}

/// The tasks of the file, or the first line that is none. Empty lines do not count.
fn lines(text: &str, base: &str) -> Result<Vec<Line>, Failure> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read: Vec<Line> = lines.map(|(at, line)| keyed(at + 1, line.trim(), base)).collect::<Result<_, _>>()?;
    if read.is_empty() { Err(Failure::Usage("there are no tasks: a line each, as JSON".to_owned())) } else { Ok(read) }
}

/// A line with an idempotency key: its own, or one of its number. So what gets no answer can be sent again.
fn keyed(number: usize, line: &str, base: &str) -> Result<Line, Failure> {
    let wrong = |why: String| Failure::Usage(format!("line {number} is no task: {why}"));
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(line).map_err(|error| wrong(format!("it must be a JSON object: {error}")))?;
    if let Some(key) = members.get("idempotency_key") {
        let key: Box<str> = serde_json::from_str(key.get()).unwrap_or_default();
        return Ok((number, (key, line.to_owned())));
    }
    if members.get("replace").is_some_and(|given| given.get() == "true") {
        return Err(wrong("replace needs the idempotency_key of the task whose place it takes".to_owned()));
    }
    let key = format!("{base}-{number}");
    let member = serde_json::to_string(&key).map_err(|error| Failure::Other(error.into()))?;
    let comma = if members.is_empty() { "" } else { "," };
    let text = format!("{{\"idempotency_key\":{member}{comma}{}", line.get(1..).unwrap_or_default());
    Ok((number, (key.into(), text)))
}
