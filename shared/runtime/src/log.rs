//! Structured logs: one JSON line an event under Lambda, plain lines on a terminal.

use std::{error::Error, fmt, io::IsTerminal};

use tracing_subscriber::{filter::Targets, fmt::layer, layer::SubscriberExt, registry, util::SubscriberInitExt};

/// Starts logging to standard error, as `TASKWAY_LOG` filters it (`info`, `taskway=debug,hyper=warn`), or as `default`
/// does where it is not set or cannot be read. A second call does nothing.
pub fn init(default: &str) {
    let asked = std::env::var("TASKWAY_LOG").ok().filter(|filter| !filter.is_empty());
    let read = asked.as_deref().map(str::parse::<Targets>);
    let unreadable = read.as_ref().is_some_and(Result::is_err);
    let filter = read.and_then(Result::ok).or_else(|| default.parse().ok()).unwrap_or_default();
    let terminal = std::io::stderr().is_terminal();
    let lines = layer().with_writer(std::io::stderr).with_target(false);
    let started = if terminal {
        let lines = lines.with_ansi(std::env::var_os("NO_COLOR").is_none());
        registry().with(filter).with(lines).try_init()
    } else {
        registry().with(filter).with(lines.json().flatten_event(true)).try_init()
    };
    if started.is_ok() {
        if unreadable {
            let asked = asked.unwrap_or_default();
            tracing::warn!(asked, default, "TASKWAY_LOG is no level, nor levels by target: the default is used");
        }
        // A handler's panic is an event like others, not a page of its own.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let said = panic.payload_as_str().unwrap_or("(it did not say why)");
            tracing::error!(panic.place = place, "panic: {said}");
        }));
    }
}

/// An error and what caused it, down to the first, on one line: without them "the queue is unavailable" could be a
/// network or a missing permission.
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
    fn an_error_is_told_with_its_causes() {
        assert_eq!(causes(&Outer(Inner)).to_string(), "the outer: the inner");
    }
}
