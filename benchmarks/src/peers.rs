//! Taskway beside machinery, a task queue in Go over the same two services. Both run on equal endpoints, alternately.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

use crate::{
    endpoints::{Endpoints, Place},
    options::Options,
    process::{Process, Usage},
    report::{Report, median},
    throughput::Round,
};

/// Taskway's processor time, divided by machinery's.
const TIME_AIM: f64 = 0.3;

/// Machinery's rate, divided by Taskway's: end to end, and for a queue that is full.
const RATE_AIMS: (f64, f64) = (1.0 / 1.6, 1.0 / 2.5);

/// What machinery does after its last task has run: it writes the outcome and deletes the message.
const LAST_CALLS: Duration = Duration::from_millis(500);

/// Where machinery's program is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Peers {
    /// The program of benchmarks/peers/machinery, which `make peers` builds
    #[arg(long, default_value = "target/peers/machinery-peer")]
    machinery: PathBuf,
}

pub(crate) async fn run(options: &Options, peers: &Peers) -> anyhow::Result<Report> {
    let program = peers.machinery.canonicalize().with_context(|| {
        format!("{} does not exist: `make peers` builds it, with Go 1.25 or newer", peers.machinery.display())
    })?;
    let machinery = Machinery { program, options };
    let tasks = if options.quick { 200 } else { 5_000 };
    let rounds = if options.quick { 1 } else { options.rounds.max(1) };
    let mut report = Report::new("peers", options);
    let [mut live, mut peer_live, mut filled, mut peer_filled] = [const { Vec::new() }; 4];
    for round in 1..=rounds {
        let one = Round::live(options, tasks).await?;
        report.progress(format!("round {round} of {rounds}, end to end, Taskway: {one}"));
        live.push(one);
        let one = machinery.live(tasks).await?;
        report.progress(format!("round {round} of {rounds}, end to end, machinery: {one}"));
        peer_live.push(one);
        let one = Round::filled(options, tasks).await?;
        report.progress(format!("round {round} of {rounds}, a full queue, Taskway: {one}"));
        filled.push(one);
        let one = machinery.filled(tasks).await?;
        report.progress(format!("round {round} of {rounds}, a full queue, machinery: {one}"));
        peer_filled.push(one);
    }

    let of = |rounds: &[Round], value: fn(&Round) -> f64| median(rounds.iter().map(value));
    let mut compare = |what: &str, unit, of_taskway: f64, of_machinery: f64| {
        report.found(format!("{what}: Taskway"), of_taskway, unit);
        report.found(format!("{what}: machinery"), of_machinery, unit);
    };
    let rate = |round: &Round| round.rate;
    let client = |round: &Round| round.client_ms;
    let worker = |round: &Round| round.worker_ms;
    let endpoints = |round: &Round| round.endpoints_ms;
    compare("end to end", "tasks/s", of(&live, rate), of(&peer_live, rate));
    compare("client's processor time a task", "ms", of(&live, client), of(&peer_live, client));
    compare("worker's", "ms", of(&live, worker), of(&peer_live, worker));
    compare("endpoints'", "ms", of(&live, endpoints), of(&peer_live, endpoints));
    compare("a full queue", "tasks/s", of(&filled, rate), of(&peer_filled, rate));
    compare("a full queue, client's, Taskway's by batch", "ms", of(&filled, client), of(&peer_filled, client));
    compare("a full queue, worker's", "ms", of(&filled, worker), of(&peer_filled, worker));
    let mut ratio = |what: &str, one: f64, other: f64, aim| report.aimed(what, one / other, "", aim);
    ratio("worker's time, Taskway / machinery", of(&live, worker), of(&peer_live, worker), TIME_AIM);
    ratio("the same, a full queue", of(&filled, worker), of(&peer_filled, worker), TIME_AIM);
    ratio("client's time, by batch / machinery", of(&filled, client), of(&peer_filled, client), TIME_AIM);
    ratio("end to end, machinery / Taskway", of(&peer_live, rate), of(&live, rate), RATE_AIMS.0);
    ratio("a full queue, machinery / Taskway", of(&peer_filled, rate), of(&filled, rate), RATE_AIMS.1);
    Ok(report)
}

struct Machinery<'a> {
    program: PathBuf,
    options: &'a Options,
}

/// What machinery's client prints.
#[derive(Deserialize)]
struct Sent {
    cpu_ms: f64,
    started_at: f64,
}

/// What machinery's worker prints, in ms since 1970.
#[derive(Deserialize)]
struct Worked {
    started_at: f64,
    done_at: f64,
}

impl Machinery<'_> {
    /// The worker starts before the client.
    async fn live(&self, tasks: usize) -> anyhow::Result<Round> {
        let endpoints = self.endpoints().await?;
        let began = endpoints.cpu_ms()?;
        let (mut worker, before) = self.worker(&endpoints.place, tasks)?;
        let sent: Sent = self.start("submit", &endpoints.place, tasks)?.json()?;
        let worked: Worked = worker.json()?;
        tokio::time::sleep(LAST_CALLS).await;
        let seconds = (worked.done_at - sent.started_at) / 1000.0;
        Round::of(tasks, seconds, sent.cpu_ms, (before, worker.usage()?), (began, endpoints.cpu_ms()?))
    }

    /// The worker starts after all tasks are submitted.
    async fn filled(&self, tasks: usize) -> anyhow::Result<Round> {
        let endpoints = self.endpoints().await?;
        let began = endpoints.cpu_ms()?;
        let sent: Sent = self.start("submit", &endpoints.place, tasks)?.json()?;
        let (mut worker, before) = self.worker(&endpoints.place, tasks)?;
        let worked: Worked = worker.json()?;
        tokio::time::sleep(LAST_CALLS).await;
        let seconds = (worked.done_at - worked.started_at) / 1000.0;
        Round::of(tasks, seconds, sent.cpu_ms, (before, worker.usage()?), (began, endpoints.cpu_ms()?))
    }

    /// Endpoints with machinery's tables. Its queue is the one that Taskway uses for tasks of normal priority.
    async fn endpoints(&self) -> anyhow::Result<Endpoints> {
        let endpoints = Endpoints::open(self.options).await?;
        self.start("tables", &endpoints.place, 0)?.success()?;
        Ok(endpoints)
    }

    fn start(&self, command: &str, place: &Place, tasks: usize) -> anyhow::Result<Process> {
        Process::start(&self.program, &[command, &tasks.to_string()], &place.settings())
    }

    /// Starts a worker and waits until it is ready. Returns what it has used by then.
    fn worker(&self, place: &Place, tasks: usize) -> anyhow::Result<(Process, Usage)> {
        let mut worker = self.start("work", place, tasks)?;
        worker.line(|line| (line == "ready").then_some(()))?;
        let usage = worker.usage()?;
        Ok((worker, usage))
    }
}
