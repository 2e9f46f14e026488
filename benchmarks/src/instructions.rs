//! Instructions that client and worker execute for each task, counted by valgrind's callgrind. Unlike times, they are nearly
//! the same on every machine, so two results can be compared that were not measured together.

use std::path::Path;

use anyhow::Context;
use taskway_engine::Services;
use taskway_submit::{Submit, validate::Limits};

use crate::{
    api::Api,
    drain,
    endpoints::{Endpoints, Place},
    options::Options,
    process::Process,
    report::Report,
    submitter::{self, By},
};

/// The numbers of tasks in the two runs whose difference is counted, so that the start of a process is not.
const TASKS: (usize, usize) = (500, 2_500);

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let (few, many) = if options.quick { (20, 120) } else { TASKS };
    let mut report = Report::new("instructions", options);
    for (name, program) in [
        ("client, one by one", Program::Client(By::Single)),
        ("client, by batch", Program::Client(By::Batch)),
        ("worker", Program::Worker),
    ] {
        let mut counted = Vec::new();
        for tasks in [few, many] {
            let count = count(options, program, tasks).await?;
            report.progress(format!("{name}: {tasks} tasks took {:.0} million instructions", count / 1e6));
            counted.push(count);
        }
        let [fewer, more] = counted[..] else { anyhow::bail!("there are two runs") };
        report.found(format!("{name}, instructions a task"), (more - fewer) / (many - few) as f64, "");
    }
    Ok(report)
}

#[derive(Clone, Copy)]
enum Program {
    Client(By),
    Worker,
}

/// Counts the instructions of one process.
async fn count(options: &Options, program: Program, tasks: usize) -> anyhow::Result<f64> {
    let endpoints = Endpoints::open(options).await?;
    let (command, by) = match program {
        Program::Client(by) => ("submit", by.as_str()),
        Program::Worker => {
            fill(&endpoints.place, tasks).await?;
            ("drain", drain::By::Executor.as_str())
        }
    };
    let profile = std::env::temp_dir().join(format!("taskway-callgrind-{}", std::process::id()));
    let own = std::env::current_exe()?;
    let arguments = [
        "--quiet".to_owned(),
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", profile.display()),
        own.display().to_string(),
        command.to_owned(),
        by.to_owned(),
        tasks.to_string(),
    ];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let process = Process::start(Path::new("valgrind"), &arguments, &endpoints.place.settings());
    process.context("valgrind must be installed")?.success()?;
    let text = std::fs::read_to_string(&profile).context("callgrind wrote no profile")?;
    // A run that fails before this leaves the file in the directory for temporary files.
    std::fs::remove_file(&profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    total.context("callgrind's profile has no summary")
}

async fn fill(place: &Place, tasks: usize) -> anyhow::Result<()> {
    let (store, lanes) = place.adapters(None).await;
    let api = Api::new(Submit::new(Services::new(store, lanes), Limits::default()));
    submitter::all(&api, submitter::Submit { by: By::Batch, tasks }).await.map(drop)
}
