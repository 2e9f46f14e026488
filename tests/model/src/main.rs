//! `make model`: checks the protocol exhaustively within the bounds that it prints.

use std::process::ExitCode;

use clap::Parser;
use taskway_model::{
    Bounds, Broken, BrokenRate, Checked, FULL, KEYS_FULL, KEYS_RULES, LIMITS_FULL, LIMITS_RULES, LimitBounds,
    RATES_FULL, RateBounds, Total, check, check_limits, check_rates, first_limit_violation, first_rate_violation,
    report,
};
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
    /// Break each rule of the limits in turn, or those whose names contain one of these texts. Fail if one is not found.
    #[arg(long)]
    limits_rules: bool,
    /// Break each rule of the limits of keys in turn, in the same way. Fail also if a rule that serves speed or order only is
    /// found.
    #[arg(long)]
    keys_rules: bool,
    /// Break each rule of rates in turn, in the same way. Fail also if a rule that serves speed or order only is found.
    #[arg(long)]
    rates_rules: bool,
    /// Print how long it took, which differs from run to run.
    #[arg(long, env = "VERBOSE", value_parser = clap::builder::FalseyValueParser::new())]
    verbose: bool,
}

/// No space has noticed that a rule is broken.
const NOT_FOUND: &str = "not found";

/// The same, for a rule that does not matter to what the spaces look for.
const SPEED: &str = "not found, serves speed or order only";

fn main() -> anyhow::Result<ExitCode> {
    let Options { names, broken, rules, limits_rules, keys_rules, rates_rules, verbose } = Options::parse();
    if rules {
        mutation::rules().iter().for_each(|rule| println!("{rule}"));
        return Ok(ExitCode::SUCCESS);
    }
    broken.as_deref().map(mutation::break_rule).transpose()?;
    let breaks = match (limits_rules, keys_rules, rates_rules) {
        (true, _, _) => Some(break_limits(Broken::ALL, &[], LIMITS_RULES, &names, verbose)),
        (_, true, _) => Some(break_limits(Broken::KEYS, Broken::KEYS_SPEED, KEYS_RULES, &names, verbose)),
        (_, _, true) => Some(break_rates(&names, verbose)),
        (false, false, false) => None,
    };
    if let Some(right) = breaks {
        return Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let named = |bounds: &&Bounds| is_named(bounds.name, &names);
    let spaces: Vec<&Bounds> = FULL.iter().filter(named).collect();
    let limits: Vec<&LimitBounds> =
        LIMITS_FULL.iter().chain(KEYS_FULL).filter(|bounds| is_named(bounds.name, &names)).collect();
    let rates: Vec<&RateBounds> = RATES_FULL.iter().filter(|bounds| is_named(bounds.name, &names)).collect();
    if spaces.is_empty() && limits.is_empty() && rates.is_empty() {
        eprintln!("no state space is named like {names:?}; there are:");
        FULL.iter().for_each(|bounds| eprintln!("  {}", bounds.name));
        LIMITS_FULL.iter().chain(KEYS_FULL).for_each(|bounds| eprintln!("  {}", bounds.name));
        RATES_FULL.iter().for_each(|bounds| eprintln!("  {}", bounds.name));
        return Ok(ExitCode::FAILURE);
    }
    let whole = spaces.len() == FULL.len()
        && limits.len() == LIMITS_FULL.len() + KEYS_FULL.len()
        && rates.len() == RATES_FULL.len();
    Ok(if search(&spaces, &limits, &rates, whole, verbose) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_named(name: &str, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|part| name.contains(part))
}

/// Breaks each of these rules of the limits in turn. Says whether those are found that should be, and no others.
fn break_limits(rules: &[Broken], speed: &[Broken], spaces: &[LimitBounds], names: &[String], verbose: bool) -> bool {
    let mut right = true;
    let rules = rules.iter().map(|rule| (rule, true)).chain(speed.iter().map(|rule| (rule, false)));
    for (rule, harmful) in rules.filter(|(rule, _)| is_named(&format!("{rule:?}"), names)) {
        let found = spaces.iter().find_map(|bounds| {
            let property = first_limit_violation(LimitBounds { broken: Some(*rule), ..*bounds }, 2, None)?;
            Some((bounds, property))
        });
        right &= harmful == found.is_some();
        let Some((bounds, property)) = found else {
            println!("{rule:?}: {}", if harmful { NOT_FOUND } else { SPEED });
            continue;
        };
        println!("{rule:?}: {}: {property}", bounds.name);
        if verbose {
            let checked = check_limits(LimitBounds { broken: Some(*rule), ..*bounds }, 1);
            println!("{}", checked.violation.unwrap_or_default());
        }
    }
    right
}

/// Breaks each rule of rates in turn. Says whether those are found that should be, and no others.
fn break_rates(names: &[String], verbose: bool) -> bool {
    let mut right = true;
    let rules =
        BrokenRate::ALL.iter().map(|rule| (rule, true)).chain(BrokenRate::SPEED.iter().map(|rule| (rule, false)));
    for (rule, harmful) in rules.filter(|(rule, _)| is_named(&format!("{rule:?}"), names)) {
        let found = RATES_FULL.iter().find_map(|bounds| {
            let property = first_rate_violation(RateBounds { broken: Some(*rule), ..*bounds }, 2, None)?;
            Some((bounds, property))
        });
        right &= harmful == found.is_some();
        let Some((bounds, property)) = found else {
            println!("{rule:?}: {}", if harmful { NOT_FOUND } else { SPEED });
            continue;
        };
        println!("{rule:?}: {}: {property}", bounds.name);
        if verbose {
            let checked = check_rates(RateBounds { broken: Some(*rule), ..*bounds }, 1);
            println!("{}", checked.violation.unwrap_or_default());
        }
    }
    right
}

/// Prints what is found in these state spaces. Says whether every property holds and, in the whole model, whether everything
/// was met that should be.
fn search(spaces: &[&Bounds], limits: &[&LimitBounds], rates: &[&RateBounds], whole: bool, verbose: bool) -> bool {
    println!("Every order of steps within these bounds:");
    spaces.iter().for_each(|bounds| println!("  {}", report::bounds(bounds)));
    limits.iter().for_each(|bounds| println!("  {}", report::limit_bounds(bounds)));
    rates.iter().for_each(|bounds| println!("  {}", report::rate_bounds(bounds)));
    println!("\n{}", report::head());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut total = Total::default();
    let mut add = |name: &str, checked: Checked| {
        println!("{}", report::line(name, &checked));
        if verbose {
            println!("  {:.1} s, at most {} steps from the beginning", checked.took.as_secs_f64(), checked.depth);
        }
        if let Some(violation) = &checked.violation {
            println!("\n{violation}");
            return false;
        }
        total.add(&checked);
        true
    };
    let holds = spaces.iter().all(|bounds| add(bounds.name, check(**bounds, threads)))
        && limits.iter().all(|bounds| add(bounds.name, check_limits(**bounds, threads)))
        && rates.iter().all(|bounds| add(bounds.name, check_rates(**bounds, threads)));
    if !holds {
        return false;
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
