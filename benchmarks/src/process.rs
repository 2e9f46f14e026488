//! Processes of their own, and what they use. Linux tells it under `/proc`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

/// `/proc` counts processor time in these, on every Linux.
const TICK_MS: f64 = 10.0;

/// A process that ends with this.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a program with these settings and nothing else of ours in its environment.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        settings: &[(&'static str, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .env("TASKWAY_LOG", "warn")
            // What the template tells submit and scheduler beside the names of the endpoints.
            .env("TASKWAY_AUTH", "IAM")
            .env("TASKWAY_STACK", "benchmark")
            // Its certificates would be read besides those of `SSL_CERT_FILE`.
            .env_remove("SSL_CERT_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = BufReader::new(child.stdout.take().context("it has no standard output")?);
        Ok(Process { child, output })
    }

    /// Starts this very program.
    pub(crate) fn start_self(arguments: &[&str], settings: &[(&'static str, String)]) -> anyhow::Result<Self> {
        Self::start(&std::env::current_exe()?, arguments, settings)
    }

    /// Waits for a line that `wanted` makes something of.
    pub(crate) fn line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let mut line = String::new();
        while self.output.read_line(&mut line)? > 0 {
            if let Some(found) = wanted(line.trim()) {
                return Ok(found);
            }
            line.clear();
        }
        bail!("the process ended: {}", self.child.wait()?)
    }

    /// Waits for one line of JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        self.line(|line| serde_json::from_str(line).ok())
    }

    /// Processor time of its threads so far, to the microsecond, in ms. Threads that ended are not in it.
    pub(crate) fn processor_ms(&self) -> anyhow::Result<f64> {
        let mut nanoseconds = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end while the others are read.
            let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds +=
                text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default();
        }
        Ok(nanoseconds / 1e6)
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(&self.child.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time of all its threads, user and system.
    pub(crate) cpu_ms: f64,
    /// Resident memory.
    pub(crate) memory_mb: f64,
    /// The most of it there ever was.
    pub(crate) peak_mb: f64,
}

impl Usage {
    /// This process's.
    pub(crate) fn own() -> anyhow::Result<Self> {
        Self::of("self")
    }

    fn of(pid: &str) -> anyhow::Result<Self> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}"));
        let stat = read("stat").context("only Linux tells what a process uses")?;
        let status = read("status")?;
        // The program's name, in parentheses, may have spaces in it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kb.with_context(|| format!("no {name}")).map(|kb| kb / 1024.0)
        };
        Ok(Usage { cpu_ms: ticks * TICK_MS, memory_mb: mb("VmRSS")?, peak_mb: mb("VmHWM")? })
    }
}
