//! Structured logs: one JSON line for each event, or a plain line on a terminal.

use std::{error::Error, fmt, io::IsTerminal};

use tracing_subscriber::{filter::Targets, fmt::layer, layer::SubscriberExt, registry, util::SubscriberInitExt};

/// Starts logging to standard error. The variable `TASKWAY_LOG` filters the log: a level (`info`), or levels by module
/// (`taskway=debug,hyper=warn`). If it is not set or cannot be parsed, `default` filters the log. A second call does
/// nothing.
///
/// From then on a panic is logged as one error event.
pub fn init(default: &str) {
    let asked = std::env::var("TASKWAY_LOG").ok().filter(|filter| !filter.is_empty());
    let read = asked.as_deref().map(str::parse::<Targets>);
    let unreadable = read.as_ref().is_some_and(Result::is_err);
    let filter = read.and_then(Result::ok).or_else(|| default.parse().ok()).unwrap_or_default();
    let terminal = std::io::stderr().is_terminal();
    // A line that cannot be written is dropped. The subscriber would print its own error to the same place, and panic.
    let lines = layer().with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    let started = if terminal {
        let lines = lines.with_ansi(std::env::var_os("NO_COLOR").is_none());
        registry().with(filter).with(lines).try_init()
    } else {
        registry().with(filter).with(lines.json().flatten_event(true)).try_init()
    };
    if started.is_ok() {
        if unreadable {
            let asked = asked.unwrap_or_default();
            tracing::warn!(
                asked,
                default,
                "TASKWAY_LOG must be a level like info, or levels like taskway=debug,hyper=warn: using the default"
            );
        }
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let said = panic.payload_as_str().unwrap_or("(no message)");
            tracing::error!(panic.place = place, "panic: {said}");
        }));
    }
}

/// An error and its causes, on one line. Without its causes, "the queue is unavailable" could mean a network failure or a
/// missing permission.
pub fn causes(error: &dyn Error) -> impl fmt::Display {
    Causes(error)
}

struct Causes<'a>(&'a dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::causes;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("the inner")]
    struct Inner;

    #[test]
    fn an_error_is_printed_with_its_causes() {
        assert_eq!(causes(&Outer(Inner)).to_string(), "the outer: the inner");
    }
}
