//! Running a handler of this process: an async one as a coroutine, a blocking one on a thread. A panic ends only its own
//! attempt.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as PollContext, Poll},
};

use taskway::{
    Context,
    attempt::{Handler, Input, Outcome, Wait},
};
use taskway_protocol::ErrorKind;
use tokio::{sync::Semaphore, task::JoinError};
use tokio_util::task::AbortOnDropHandle;

use super::thread::ThreadPermit;

/// A started attempt. Dropping it stops a coroutine. A thread runs on, and nobody reads its outcome.
pub struct Running(AbortOnDropHandle<Outcome>);

impl Running {
    pub(super) fn spawn(run: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Running(AbortOnDropHandle::new(tokio::spawn(run)))
    }
}

impl Future for Running {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll(cx).map(|joined| joined.unwrap_or_else(panicked))
    }
}

pub(super) fn start(
    name: &str,
    handler: Option<&Handler>,
    input: Input,
    cx: Context,
    thread: ThreadPermit,
    threads: &Arc<Semaphore>,
) -> Running {
    match handler {
        Some(Handler::Async(run)) => Running::spawn(run(input, cx)),
        Some(Handler::Blocking(run)) => {
            let (run, threads) = (Arc::clone(run), Arc::clone(threads));
            Running::spawn(async move {
                // If the message did not say that the task needs a thread, it waits for one here, with its claim held.
                let thread = thread.or_acquire(&threads).await;
                let input = match input.loaded().await {
                    Ok(input) => input,
                    Err(outcome) => return outcome,
                };
                let work = tokio::task::spawn_blocking(move || {
                    let outcome = run(input, cx);
                    drop(thread);
                    outcome
                });
                work.await.unwrap_or_else(panicked)
            })
        }
        None => {
            let message = format!("no handler is named {name}");
            Running::spawn(async { Outcome::Fatal { kind: ErrorKind::UnknownHandler, message } })
        }
    }
}

fn panicked(error: JoinError) -> Outcome {
    let message = match error.try_into_panic() {
        Ok(panic) => format!("the handler panicked: {}", message_of(&*panic)),
        // Only the end of the process stops a coroutine whose outcome is still awaited.
        Err(_) => "the handler was stopped by the end of its process".to_owned(),
    };
    Outcome::Retry { kind: ErrorKind::Panic, message, wait: Wait::Policy }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}
