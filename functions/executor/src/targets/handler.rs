//! Running a handler of this process: async ones as coroutines, blocking ones on threads. A panic ends its own attempt
//! and nothing else.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as Poll, Poll as Polled},
};

use taskway::{
    Context,
    attempt::{Handler, Input, Outcome},
};
use taskway_protocol::ErrorKind;
use tokio::{sync::Semaphore, task::JoinError};
use tokio_util::task::AbortOnDropHandle;

use super::Slot;

/// An attempt that has been started. Dropping it cuts a coroutine; a thread runs on, unheard.
pub struct Running(AbortOnDropHandle<Outcome>);

impl Running {
    pub(super) fn spawn(run: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Running(AbortOnDropHandle::new(tokio::spawn(run)))
    }

    pub(super) fn ready(outcome: Outcome) -> Self {
        Self::spawn(async { outcome })
    }
}

impl Future for Running {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Poll<'_>) -> Polled<Outcome> {
        Pin::new(&mut self.0).poll(cx).map(|joined| joined.unwrap_or_else(panicked))
    }
}

pub(super) fn start(
    name: &str,
    handler: Option<&Handler>,
    input: Input,
    cx: Context,
    slot: Slot,
    threads: &Arc<Semaphore>,
) -> Running {
    match handler {
        Some(Handler::Async(run)) => Running::spawn(run(input, cx)),
        Some(Handler::Blocking(run)) => {
            let (run, threads) = (Arc::clone(run), Arc::clone(threads));
            Running::spawn(async move {
                // The message did not say that the task needs a thread: it waits for one with its claim held.
                let permit = match slot.0 {
                    Some(permit) => Some(permit),
                    None => threads.acquire_owned().await.ok(),
                };
                let work = tokio::task::spawn_blocking(move || {
                    let outcome = run(input, cx);
                    drop(permit);
                    outcome
                });
                work.await.unwrap_or_else(panicked)
            })
        }
        None => Running::ready(Outcome::Fatal {
            kind: ErrorKind::UnknownHandler,
            message: format!("no handler is named {name}"),
        }),
    }
}

fn panicked(error: JoinError) -> Outcome {
    let message = match error.try_into_panic() {
        Ok(panic) => format!("the handler panicked: {}", said(&*panic)),
        // Only a process that is ending cuts a coroutine that is still listened to.
        Err(_) => "the handler was cut off".to_owned(),
    };
    Outcome::Retry { kind: ErrorKind::Panic, message, after: None }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(it did not say why)")
}
