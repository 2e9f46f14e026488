//! Structured logs: one JSON line an event under Lambda, plain lines on a terminal.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging to standard error, as `TASKWAY_LOG` filters it, or as `default` does where it is not set. A second
/// call does nothing.
pub fn init(default: &str) {
    let filter = EnvFilter::try_from_env("TASKWAY_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let terminal = std::io::stderr().is_terminal();
    let logs = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = if terminal {
        logs.with_ansi(std::env::var_os("NO_COLOR").is_none()).try_init()
    } else {
        logs.json().flatten_event(true).try_init()
    };
    if started.is_ok() {
        // A handler's panic is an event like others, not a page of its own.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let said = panic.payload_as_str().unwrap_or("(it did not say why)");
            tracing::error!(panic.place = place, "panic: {said}");
        }));
    }
}
