//! `make simulate`: runs simulated worlds with injected faults and checks the promises.

use std::{num::NonZeroUsize, process::ExitCode, sync::Arc, time::Instant};

use anyhow::Context;
use clap::Parser;
use taskway_simulation::{
    cloud::Plan,
    report,
    run::{Runner, fresh_seed, hear_panics, many},
    script::Script,
    shrink::shrink,
};

/// Runs the shipped functions in simulated worlds and reports the first broken rule.
#[derive(Debug, Parser)]
struct Options {
    /// The seed of the first world. The next worlds have the next seeds. By default, a random seed.
    #[arg(long)]
    seed: Option<u64>,
    /// The steps of all worlds together.
    #[arg(long, default_value = "900000")]
    steps: NonZeroUsize,
    /// The steps of one world.
    #[arg(long, default_value = "160")]
    world: NonZeroUsize,
    /// Do not fail if some step, refusal or crash point was never met. Runs of less than 300 worlds never fail for that.
    #[arg(long)]
    allow_holes: bool,
    /// Stop at the first world that breaks a rule, and print only that rule.
    #[arg(long)]
    brief: bool,
    /// Print no tables.
    #[arg(long)]
    terse: bool,
    /// Print the story of the first world.
    #[arg(long, env = "STORY", value_parser = clap::builder::FalseyValueParser::new())]
    story: bool,
    /// Print the elapsed time and the rates, which differ from run to run.
    #[arg(long, env = "VERBOSE", value_parser = clap::builder::FalseyValueParser::new())]
    verbose: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    hear_panics();
    let plan = Arc::new(Plan::read().context("the template cannot be read")?);
    let seed = options.seed.unwrap_or_else(fresh_seed);
    // Fewer steps than a world has make one smaller world.
    let steps = options.world.min(options.steps).get();
    let worlds = options.steps.get().div_ceil(steps) as u64;
    if !options.brief {
        println!("seed {seed}: {worlds} worlds of {steps} steps");
    }
    if options.story {
        let outcome = Runner::new(&plan).run(&Script::draw(seed, steps), true)?;
        outcome.lines.iter().for_each(|line| println!("{line}"));
    }
    let began = Instant::now();
    let tenth = if options.brief { u64::MAX } else { (worlds / 10).max(1) };
    let total = many(&plan, seed, worlds, steps, |done| {
        if done % tenth == 0 {
            eprintln!("{done} of {worlds} worlds");
        }
    })?;
    if let Some((seed, broken)) = total.broken.as_ref().filter(|_| options.brief) {
        println!("seed {seed} breaks a rule: {broken}");
        return Ok(ExitCode::FAILURE);
    }
    print!("{}", if options.terse { report::summary(&total) } else { report::tables(&total) });
    if options.verbose {
        let seconds = began.elapsed().as_secs_f64();
        let rate = |count: u64| (count as f64 / seconds).round();
        println!("\n{seconds:.1} s: {} faults/s, {} lives/s", rate(total.all_faults()), rate(total.lives));
    }
    if let Some((seed, broken)) = &total.broken {
        println!("\nseed {seed} BREAKS A RULE: {broken}\n\nmaking its story shorter");
        let script = Script::draw(*seed, steps);
        let (shorter, outcome) = shrink(&Runner::new(&plan), &script)?;
        println!("{} of {} steps are left:\n", shorter.steps.len(), script.steps.len());
        outcome.lines.iter().for_each(|line| println!("{line}"));
        println!("\n{}", outcome.broken.as_deref().unwrap_or("(the shorter story breaks nothing)"));
        println!("\nagain: make simulate SEED={seed} STEPS={steps}");
        return Ok(ExitCode::FAILURE);
    }
    let holes = total.coverage.holes(total.worlds);
    if !holes.is_empty() && !options.allow_holes {
        println!("\nNOT MET:\n  {}", holes.join("\n  "));
        return Ok(ExitCode::FAILURE);
    }
    println!("\nno rule was broken");
    Ok(ExitCode::SUCCESS)
}
