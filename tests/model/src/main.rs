//! `make model`: checks the protocol exhaustively within the bounds that it prints.

use std::process::ExitCode;

use clap::Parser;
use taskway_model::{Bounds, FULL, Total, check, report};
use taskway_protocol::mutation;

/// Checks the protocol exhaustively within the bounds that it prints.
#[derive(Debug, Parser)]
struct Options {
    /// Only state spaces whose names contain one of these texts.
    names: Vec<String>,
    /// Break a rule of the protocol, and tell the shortest story in which that does harm.
    #[arg(long = "break", value_name = "RULE")]
    broken: Option<String>,
    /// List the rules that can be broken and do nothing else.
    #[arg(long)]
    rules: bool,
    /// Print how long it took, which differs from run to run.
    #[arg(long, env = "VERBOSE", value_parser = clap::builder::FalseyValueParser::new())]
    verbose: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let Options { names, broken, rules, verbose } = Options::parse();
    if rules {
        mutation::rules().iter().for_each(|rule| println!("{rule}"));
        return Ok(ExitCode::SUCCESS);
    }
    broken.as_deref().map(mutation::break_rule).transpose()?;
    let named = |bounds: &&Bounds| names.is_empty() || names.iter().any(|name| bounds.name.contains(name));
    let spaces: Vec<&Bounds> = FULL.iter().filter(named).collect();
    if spaces.is_empty() {
        eprintln!("no state space is named like {names:?}; there are:");
        FULL.iter().for_each(|bounds| eprintln!("  {}", bounds.name));
        return Ok(ExitCode::FAILURE);
    }
    let whole = spaces.len() == FULL.len();
    Ok(if search(&spaces, whole, verbose) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what is found in these state spaces. Says whether every property holds and, in the whole model, whether everything
/// was met that should be.
fn search(spaces: &[&Bounds], whole: bool, verbose: bool) -> bool {
    println!("Every order of steps within these bounds:");
    spaces.iter().for_each(|bounds| println!("  {}", report::bounds(bounds)));
    println!("\n{}", report::head());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut total = Total::default();
    for bounds in spaces {
        let checked = check(**bounds, threads);
        println!("{}", report::line(bounds, &checked));
        if verbose {
            println!("  {:.1} s, at most {} steps from the beginning", checked.took.as_secs_f64(), checked.depth);
        }
        if let Some(violation) = &checked.violation {
            println!("\n{violation}");
            return false;
        }
        total.add(&checked);
    }
    println!("{}", report::total(&total));
    println!("In each situation every process dies, the faults stop, and new processes take over:");
    println!("{}", report::fates(&total.fates));
    println!("The results of the steps:\n{}", report::coverage(&total.coverage));
    let holes = total.holes();
    holes.iter().for_each(|hole| println!("never met: {hole}"));
    // A part of the model need not meet everything.
    holes.is_empty() || !whole
}
