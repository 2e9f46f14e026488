//! Child processes, and the processor time and memory that they use. Reads `/proc`, so it works on Linux only.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

/// The unit of processor time in `/proc`. It is the same on every Linux.
const TICK_MS: f64 = 10.0;

/// A child process. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a program with these environment variables.
    pub(crate) fn start(program: &Path, arguments: &[&str], settings: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .env("TASKWAY_LOG", "warn")
            // The functions need these from the template too.
            .env("TASKWAY_AUTH", "IAM")
            .env("TASKWAY_STACK", "benchmark")
            // Otherwise a function would read the certificates in this directory as well as those of `SSL_CERT_FILE`.
            .env_remove("SSL_CERT_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = BufReader::new(child.stdout.take().context("the process has no standard output")?);
        Ok(Process { child, output })
    }

    /// Starts this program with other arguments.
    pub(crate) fn start_self(arguments: &[&str], settings: &[(&'static str, String)]) -> anyhow::Result<Self> {
        Self::start(&std::env::current_exe()?, arguments, settings)
    }

    /// Reads lines until `wanted` returns a value.
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

    /// Waits for a line of JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        self.line(|line| serde_json::from_str(line).ok())
    }

    /// Waits until the process ends by itself.
    ///
    /// # Errors
    /// If its exit status is not 0.
    pub(crate) fn success(mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "the process ended: {status}");
        Ok(())
    }

    /// Processor time of the running threads so far in ms, exact to a microsecond. Ended threads are not counted.
    pub(crate) fn processor_ms(&self) -> anyhow::Result<f64> {
        let mut nanoseconds = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end between the two reads.
            let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds +=
                text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default();
        }
        Ok(nanoseconds / 1e6)
    }

    /// What the process has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(&self.child.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both calls fail if the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time of all threads, user and system.
    pub(crate) cpu_ms: f64,
    /// Resident memory.
    pub(crate) memory_mb: f64,
    /// The peak of resident memory.
    pub(crate) peak_mb: f64,
}

impl Usage {
    /// What this process has used.
    pub(crate) fn own() -> anyhow::Result<Self> {
        Self::of("self")
    }

    fn of(pid: &str) -> anyhow::Result<Self> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}"));
        let stat = read("stat").context("cannot read /proc, which only Linux has")?;
        let status = read("status")?;
        // The program's name is in parentheses and may contain spaces.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kb.with_context(|| format!("/proc/{pid}/status has no {name}")).map(|kb| kb / 1024.0)
        };
        Ok(Usage { cpu_ms: ticks * TICK_MS, memory_mb: mb("VmRSS")?, peak_mb: mb("VmHWM")? })
    }
}
