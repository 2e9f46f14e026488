//! Structured logs: one JSON line for each event, or a plain line on a terminal.

use std::{error::Error, fmt, io::IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    filter::{LevelFilter, Targets, filter_fn},
    fmt::layer,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

/// Starts logging to standard error. The variable `TASKWAY_LOG` filters the log: a level (`info`), or levels by module
/// (`taskway=debug,hyper=warn`). If it is not set or cannot be read, `default` filters the log. A second call does nothing.
///
/// Crates that log whole requests stay at `info`, and those of the AWS SDK at `warn`, whatever the filter says: requests and
/// profiles hold credentials.
///
/// From then on a panic is logged as one error event.
pub fn init(default: &str) {
    let asked = std::env::var("TASKWAY_LOG").ok().filter(|filter| !filter.is_empty());
    let read = asked.as_deref().map(filter);
    let unreadable = read.as_ref().is_some_and(Option::is_none);
    let filter = read.flatten().or_else(|| default.parse().ok()).unwrap_or_default();
    let terminal = std::io::stderr().is_terminal();
    // A line that cannot be written is dropped. The subscriber would print its own error to the same place, and panic.
    let lines = layer().with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    let started = if terminal {
        let lines = lines.with_ansi(std::env::var_os("NO_COLOR").is_none());
        registry().with(filter).with(filter_fn(is_discreet)).with(lines).try_init()
    } else {
        registry().with(filter).with(filter_fn(is_discreet)).with(lines.json().flatten_event(true)).try_init()
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

/// Reads a filter. A word alone must be a level: a misspelt one would be taken for a module, and silence all others.
fn filter(text: &str) -> Option<Targets> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_clear = parts.iter().all(|part| part.contains('=') || part.parse::<LevelFilter>().is_ok());
    is_clear.then(|| parts.join(",").parse().ok()).flatten()
}

/// Crates that log whole requests and answers at `debug` or `trace`: the SDK of AWS and Lambda's runtime. Everything that
/// they send or receive holds tasks, and those hold credentials. At `info` the SDK shows parts of a profile.
const TALKATIVE: [&str; 4] = ["aws_", "lambda_runtime", "lambda_http", "dynoxide"];

/// The SDK's reader of the AWS files. Its warnings can show a file's bytes, secret keys among them.
const FILES: &str = "aws_runtime::env_config";

/// Whether an event can be logged without showing a credential. Crates of others are not known to the last line, so
/// their level `trace`, at which they show what they work on, stays off.
fn is_discreet(event: &Metadata<'_>) -> bool {
    let (of, level) = (event.target(), *event.level());
    let is_talkative = TALKATIVE.iter().any(|prefix| of.starts_with(prefix));
    let most = match (of.starts_with("taskway"), is_talkative) {
        (true, _) => Level::TRACE,
        (false, false) => Level::DEBUG,
        (false, true) if of.starts_with(FILES) => Level::ERROR,
        (false, true) if of.starts_with("aws_") => Level::WARN,
        (false, true) => Level::INFO,
    };
    level <= most
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
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, registry};

    use super::{causes, filter, is_discreet};

    #[test]
    fn a_misspelt_level_is_not_taken_for_a_module() {
        for clear in ["info", " warn ", "WARN", "off", "taskway=debug,hyper=warn", "info, taskway=trace", "3"] {
            assert!(filter(clear).is_some(), "{clear}");
        }
        for unclear in ["loud", "wran", "taskway=loud", "debug;info"] {
            assert!(filter(unclear).is_none(), "{unclear}");
        }
    }

    struct Count(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_shows_whole_requests_is_not_logged() {
        let count = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::with_default(
            registry().with(filter_fn(is_discreet)).with(Count(Arc::clone(&count))),
            || {
                tracing::trace!(target: "aws_smithy_runtime::client::orchestrator", "the request");
                tracing::debug!(target: "aws_smithy_runtime::client::orchestrator", "the error");
                tracing::info!(target: "aws_config::profile::credentials", "a profile");
                tracing::warn!(target: "aws_runtime::env_config::source", "the bytes of a file");
                tracing::trace!(target: "aws_sigv4::http_request::sign", "the request");
                tracing::trace!(target: "lambda_runtime::layers::api_response", "the event");
                tracing::trace!(target: "some_crate", "what it works on");
            },
        );
        assert_eq!(count.load(Ordering::Relaxed), 0);
        tracing::subscriber::with_default(
            registry().with(filter_fn(is_discreet)).with(Count(Arc::clone(&count))),
            || {
                tracing::trace!(target: "taskway_cloud::dynamo::store", "a step");
                tracing::debug!(target: "hyper::client", "a connection");
                tracing::warn!(target: "aws_config", "no region");
                // Its span has the invocation's id, which every line of a function carries.
                tracing::info!(target: "lambda_runtime::layers::trace", "an invocation");
            },
        );
        assert_eq!(count.load(Ordering::Relaxed), 4);
    }

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
