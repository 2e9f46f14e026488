//! Why a command did not do what was asked, and what that means for the exit code.

use std::{io, process::ExitCode};

use crate::{output::Output, refusal::Refusal};

/// Every way for a command to end other than well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that has no meaning; nothing was sent.
    Usage(String),
    /// The API answered, with a refusal.
    Refused(Box<Refusal>),
    /// No answer of the API was had; the text says why and what to do.
    Unanswered(String),
    /// The task ended without success, which the output has told already.
    TaskFailed,
    /// Not all that was named could be done, which the output has told already.
    Undone,
    /// Whoever read standard output has gone, as `| head` does. There is no one left to tell, and nothing is wrong.
    ReaderGone,
    /// Anything else that stopped the command.
    Other(anyhow::Error),
}

impl Failure {
    /// Says what happened, on standard error (a refusal under `--json` on standard output), and gives the exit code.
    pub(crate) fn report(self, output: &Output) -> ExitCode {
        match self {
            Self::Usage(message) => {
                output.error(&message);
                ExitCode::from(2)
            }
            Self::Refused(refusal) => {
                if output.json() && refusal.is_json() {
                    // With standard output closed there is nowhere to put it; the exit code still tells.
                    let _ = output.raw(refusal.body());
                    if let Some(advice) = refusal.advice() {
                        output.error(advice);
                    }
                } else {
                    output.error(&refusal.to_string());
                }
                ExitCode::FAILURE
            }
            Self::Unanswered(message) => {
                output.error(&message);
                ExitCode::FAILURE
            }
            Self::Other(error) => {
                output.error(&format!("{error:#}"));
                ExitCode::FAILURE
            }
            Self::TaskFailed | Self::Undone => ExitCode::FAILURE,
            Self::ReaderGone => ExitCode::SUCCESS,
        }
    }

    /// What happened, in words.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Usage(message) | Self::Unanswered(message) => message.clone(),
            Self::Refused(refusal) => refusal.to_string(),
            Self::Other(error) => format!("{error:#}"),
            Self::TaskFailed | Self::Undone | Self::ReaderGone => String::new(),
        }
    }

    /// Whether the same question may well be answered a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Usage(_) | Self::TaskFailed | Self::Undone | Self::ReaderGone | Self::Other(_) => false,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ReaderGone
        } else {
            Self::Other(anyhow::Error::new(error).context("cannot write to standard output"))
        }
    }
}
