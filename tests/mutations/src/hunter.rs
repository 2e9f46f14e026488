//! Who looks for a broken rule: the model and the simulation, each once in brief and once at length.

use std::{num::NonZeroUsize, panic, process::ExitCode, sync::Arc, thread, time::Duration};

use anyhow::Context;
use clap::ValueEnum;
use taskway_simulation::{
    cloud::Plan,
    run::{hear_panics, many},
};

/// The seed of the first world. Each hunt sees the same worlds, so that it ends the same way.
const SEED: u64 = 1;

/// Steps of one world, as many as `make simulate` takes.
const STEPS: usize = 160;

/// The hunters, in the order in which they look: the quickest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Hunter {
    /// The first situations of each of the model's state spaces.
    BriefModel,
    /// Some worlds of the simulation.
    BriefSimulation,
    /// The model's state spaces to their ends.
    Model,
    /// More worlds of the simulation.
    Simulation,
}

impl Hunter {
    /// What the tables call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Hunter::BriefModel => "model, in brief",
            Hunter::BriefSimulation => "simulation, in brief",
            Hunter::Model => "model",
            Hunter::Simulation => "simulation",
        }
    }

    /// Whether it takes seconds and not a minute.
    pub(crate) const fn is_brief(self) -> bool {
        match self {
            Hunter::BriefModel | Hunter::BriefSimulation => true,
            Hunter::Model | Hunter::Simulation => false,
        }
    }

    /// A hunter that takes longer hangs, which is a find too. Without a broken rule none takes a third of it, on a machine that
    /// does something else as well.
    pub(crate) const fn patience(self) -> Duration {
        Duration::from_secs(if self.is_brief() { 300 } else { 3_600 })
    }

    /// Looks for the rule that this process breaks. Prints what it has found and fails, or finds nothing and succeeds.
    pub(crate) fn look(self) -> anyhow::Result<ExitCode> {
        let found = match self {
            Hunter::BriefModel => model(NonZeroUsize::new(60_000)),
            Hunter::BriefSimulation => simulation(40)?,
            Hunter::Model => model(None),
            Hunter::Simulation => simulation(240)?,
        };
        Ok(match found {
            Some(found) => {
                println!("{found}");
                ExitCode::FAILURE
            }
            None => ExitCode::SUCCESS,
        })
    }
}

/// What the model finds in the first so many situations of a state space, or in all of them.
fn model(most: Option<NonZeroUsize>) -> Option<String> {
    // The checker's other threads might wait for the one that panics.
    panic::set_hook(Box::new(|panic| {
        println!("the model panics: {}", panic.payload_as_str().unwrap_or_default());
        std::process::exit(1);
    }));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let of_one = taskway_model::FULL.iter().find_map(|bounds| {
        let property = taskway_model::first_violation(*bounds, threads, most)?;
        Some(format!("{property} ({})", bounds.name))
    });
    of_one.or_else(|| {
        taskway_model::LIMITS_FULL.iter().find_map(|bounds| {
            let property = taskway_model::first_limit_violation(*bounds, threads, most)?;
            Some(format!("{property} ({})", bounds.name))
        })
    })
}

/// What the simulation finds in so many worlds.
fn simulation(worlds: u64) -> anyhow::Result<Option<String>> {
    hear_panics();
    let plan = Arc::new(Plan::read().context("the template cannot be read")?);
    let total = many(&plan, SEED, worlds, STEPS, |_| {})?;
    Ok(total.broken.map(|(seed, rule)| {
        // What follows are the particulars of that world.
        let rule = rule.lines().next().and_then(|line| line.split(": ").next()).unwrap_or_default();
        format!("{rule} (seed {seed})")
    }))
}
