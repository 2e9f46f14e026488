//! Lets the hunters look for each rule in turn.

use std::{
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::{equivalent::EQUIVALENT, hunter::Hunter, table};

/// What came of one rule.
#[derive(Debug)]
pub(crate) struct Result {
    pub(crate) rule: String,
    pub(crate) found: Option<Find>,
    pub(crate) took: Duration,
}

/// Who found a broken rule, and by what.
#[derive(Debug)]
pub(crate) struct Find {
    pub(crate) hunter: Hunter,
    pub(crate) what: String,
}

/// Hunts for these rules, and fails if one survives that is not known to be equivalent.
pub(crate) fn hunt(rules: &[String], thorough: bool) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    for hunter in Hunter::value_variants() {
        if let Some(what) = look(*hunter, None)? {
            bail!("the {} finds something though no rule is broken: {what}", hunter.name());
        }
        eprintln!("nothing is broken: the {} finds nothing, {:.1} s", hunter.name(), began.elapsed().as_secs_f64());
    }
    let mut results = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let result = one(rule, thorough)?;
        let (found, seconds) = (table::found(&result), result.took.as_secs_f64());
        eprintln!("{} of {}: {rule}: {found}, {seconds:.1} s", number + 1, rules.len());
        results.push(result);
    }
    print!("{}", table::text(&results, began.elapsed()));
    let wrong = table::wrong(&results);
    wrong.iter().for_each(|wrong| println!("{wrong}"));
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(rule: &str, thorough: bool) -> anyhow::Result<Result> {
    let began = Instant::now();
    let brief = !thorough && EQUIVALENT.iter().any(|(equivalent, _)| *equivalent == rule);
    let mut found = None;
    for hunter in Hunter::value_variants().iter().filter(|hunter| hunter.is_brief() || !brief) {
        found = look(*hunter, Some(rule))?.map(|what| Find { hunter: *hunter, what });
        if found.is_some() {
            break;
        }
    }
    Ok(Result { rule: rule.to_owned(), found, took: began.elapsed() })
}

/// What the hunter finds in a process that breaks this rule, or none.
fn look(hunter: Hunter, rule: Option<&str>) -> anyhow::Result<Option<String>> {
    let name = hunter.to_possible_value().context("every hunter has a name")?;
    let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
    command.arg("--hunter").arg(name.get_name());
    if let Some(rule) = rule {
        command.arg("--break").arg(rule);
    }
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the hunter")?;
    let until = Instant::now() + hunter.patience();
    loop {
        if process.try_wait().context("cannot wait for the hunter")?.is_some() {
            break;
        }
        if Instant::now() > until {
            process.kill().context("cannot end the hunter")?;
            process.wait().context("cannot wait for the hunter")?;
            return Ok(Some(format!("the {} does not end", hunter.name())));
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = process.wait_with_output().context("cannot read what the hunter said")?;
    let said = String::from_utf8_lossy(&output.stdout);
    match (output.status.code(), said.lines().next()) {
        (Some(0), _) => Ok(None),
        (Some(1), Some(what)) => Ok(Some(what.to_owned())),
        (code, _) => bail!("the {} cannot look for {rule:?}: it ended with {code:?}", hunter.name()),
    }
}
