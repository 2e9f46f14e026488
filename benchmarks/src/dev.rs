//! `taskway dev` as a process of its own.

use std::path::Path;

use anyhow::Context;

use crate::process::Process;

/// A running `taskway dev`, and the environment for other processes that it printed.
pub(crate) struct Dev {
    pub(crate) process: Process,
    settings: Vec<(String, String)>,
}

impl Dev {
    /// Starts it with these options, on free ports, and waits until it is up.
    pub(crate) fn start(taskway: &Path, options: &[&str]) -> anyhow::Result<Self> {
        let ports = ["--port", "0", "--dynamodb-port", "0", "--sqs-port", "0", "--s3-port", "0"];
        let mut process = Process::start(taskway, &[&["dev"], options, &ports[..]].concat(), &[])?;
        let settings = exports(&mut process)?;
        Ok(Dev { process, settings })
    }

    /// The environment for another process.
    pub(crate) fn settings(&self) -> Vec<(&str, String)> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
    }

    /// The API's URL.
    pub(crate) fn api(&self) -> anyhow::Result<&str> {
        let api = self.settings.iter().find(|(name, _)| name == "TASKWAY_URL");
        Ok(&api.context("taskway dev did not print its URL")?.1)
    }
}

fn exports(dev: &mut Process) -> anyhow::Result<Vec<(String, String)>> {
    let mut settings = Vec::new();
    loop {
        let line = dev.line(|line| Some(line.to_owned()))?;
        if line == "try" {
            return Ok(settings);
        }
        let words = line.strip_prefix("export ").unwrap_or_default().split(' ');
        settings.extend(
            words.filter_map(|word| word.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
    }
}
