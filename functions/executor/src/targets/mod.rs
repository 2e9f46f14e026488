//! What runs a task: a handler of this process, or a URL.

pub mod http;

mod handler;

use std::sync::Arc;

use taskway::{
    Context, Handlers,
    attempt::{Handler, Input},
};
use taskway_protocol::{Route, Target};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use handler::Running;

/// Everything that a task can be run by.
#[derive(Debug)]
pub struct Targets {
    handlers: Handlers,
    http: http::Http,
    threads: Arc<Semaphore>,
}

/// The right to start a task: a blocking handler needs a thread, others nothing.
#[derive(Debug)]
pub struct Slot(Option<OwnedSemaphorePermit>);

impl Targets {
    /// These handlers, and HTTP targets by this client. Blocking handlers run on as many threads as there are cores.
    pub fn new(handlers: Handlers, http: http::Http) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Targets { handlers, http, threads: Arc::new(Semaphore::new(cores)) }
    }

    /// Waits until a task of this route can really start: only then may it be claimed.
    pub(crate) async fn slot(&self, route: &Route) -> Slot {
        match route {
            Route::Handler(name) => match self.handlers.get(name) {
                // The semaphore is never closed.
                Some(Handler::Blocking(_)) => Slot(Arc::clone(&self.threads).acquire_owned().await.ok()),
                Some(Handler::Async(_)) | None => Slot(None),
            },
            Route::Http => Slot(None),
        }
    }

    /// Starts a claimed task.
    pub(crate) fn start(&self, input: Input, cx: Context, slot: Slot) -> Running {
        match input.content.target.clone() {
            Target::Handler(name) => handler::start(&name, self.handlers.get(&name), input, cx, slot, &self.threads),
            Target::Http(target) => Running::spawn(self.http.deliver(target, input, cx)),
        }
    }
}
