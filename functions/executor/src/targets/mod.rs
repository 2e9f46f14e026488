//! What runs a task: a handler of this process, or a URL.

pub mod http;

mod handler;

use std::sync::Arc;

use taskway::{
    domain::Task,
    handler::{Context, Handler, Handlers, Input, Outcome},
};
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

    /// Waits until a task of this handler can really start: only then may it be claimed.
    pub(crate) async fn slot(&self, handler: Option<&str>) -> Slot {
        match handler.and_then(|name| self.handlers.get(name)) {
            // The semaphore is never closed.
            Some(Handler::Blocking(_)) => Slot(Arc::clone(&self.threads).acquire_owned().await.ok()),
            Some(Handler::Async(_)) | None => Slot(None),
        }
    }

    /// Starts a claimed task.
    pub(crate) fn start(&self, task: &Task, input: Input, cx: Context, slot: Slot) -> Running {
        match (&task.spec.handler, &input.body.http) {
            (Some(name), _) => handler::start(name, self.handlers.get(name), input, cx, slot, &self.threads),
            (None, Some(target)) => {
                let delivery = self.http.deliver(target.clone(), input, cx);
                Running::spawn(delivery)
            }
            (None, None) => Running::ready(Outcome::Fatal {
                kind: taskway::domain::ErrorKind::UnknownHandler,
                message: "the task names no target".to_owned(),
            }),
        }
    }
}
