//! `make mutations`: breaks one rule of the protocol after another. The model or the simulation must notice each break.
//!
//! [`mutation::rules`] derives the rules from the transitions themselves. Each rule gets a process of its own, because a
//! broken rule stays broken and a hunter may panic or never end.

mod equivalent;
mod hunt;
mod hunter;
mod table;

use std::process::ExitCode;

use clap::Parser;
use hunter::Hunter;
use taskway_protocol::mutation;

/// Breaks one rule of the protocol after another, and fails if the model and the simulation miss a break.
#[derive(Debug, Parser)]
struct Options {
    /// Only rules whose names contain one of these texts, such as `claim/` or `/ignores/fence`.
    names: Vec<String>,
    /// List the rules and do nothing else.
    #[arg(long)]
    rules: bool,
    /// Let every hunter look for the rules that are listed as equivalent too. That takes some ten minutes for each.
    #[arg(long)]
    thorough: bool,
    /// Be this hunter, and look for the rule of `--break`.
    #[arg(long, hide = true)]
    hunter: Option<Hunter>,
    /// The rule to break.
    #[arg(long = "break", hide = true, requires = "hunter")]
    broken: Option<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(hunter) = options.hunter {
        options.broken.as_deref().map(mutation::break_rule).transpose()?;
        return hunter.look();
    }
    let named = |rule: &String| options.names.is_empty() || options.names.iter().any(|name| rule.contains(name));
    let rules: Vec<String> = mutation::rules().iter().map(ToString::to_string).filter(named).collect();
    if options.rules {
        rules.iter().for_each(|rule| println!("{rule}"));
        return Ok(ExitCode::SUCCESS);
    }
    hunt::hunt(&rules, options.thorough)
}
