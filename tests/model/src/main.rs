//! Checks the protocol exhaustively within the bounds that it prints. `VERBOSE=1` adds what differs from run to run.

use std::process::ExitCode;

use taskway_model::{Bounds, FULL, Total, check, report};

fn main() -> ExitCode {
    let verbose = std::env::var_os("VERBOSE").is_some_and(|value| value == "1");
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);

    let named = |bounds: &&Bounds| wanted.is_empty() || wanted.iter().any(|name| bounds.name.contains(name));
    let spaces: Vec<&Bounds> = FULL.iter().filter(named).collect();
    if spaces.is_empty() {
        eprintln!("no state space is named like {wanted:?}; there are:");
        FULL.iter().for_each(|bounds| eprintln!("  {}", bounds.name));
        return ExitCode::FAILURE;
    }

    println!("Within these bounds, every order of everybody's steps:");
    spaces.iter().for_each(|bounds| println!("  {}", report::bounds(bounds)));
    println!("\n{}", report::head());
    let mut total = Total::default();
    for bounds in spaces {
        let checked = check(*bounds, threads);
        println!("{}", report::line(bounds, &checked));
        if verbose {
            println!("  {:.1} s, at most {} steps from the beginning", checked.took.as_secs_f64(), checked.depth);
        }
        if let Some(violation) = &checked.violation {
            println!("\n{violation}");
            return ExitCode::FAILURE;
        }
        total.add(&checked);
    }
    println!("{}", report::total(&total));
    println!("Everybody dies in each situation, the faults cease, others take over:\n{}", report::fates(&total.fates));
    println!("What came of the steps:\n{}", report::coverage(&total.coverage));
    let holes = total.holes();
    holes.iter().for_each(|hole| println!("never met: {hole}"));
    // A part of the model need not meet everything.
    if holes.is_empty() || !wanted.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
