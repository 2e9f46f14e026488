//! What runs a task: a handler of this process, a URL or a Lambda function.

pub mod http;
pub mod lambda;

mod handler;
mod thread;

use std::sync::Arc;

use taskway::{
    Context, Handlers, SameName,
    attempt::{Handler, Input},
};
use taskway_protocol::{Route, Target};
use tokio::sync::Semaphore;

pub use handler::Running;
pub use thread::ThreadPermit;

/// Everything that can run a task.
#[derive(Debug)]
pub struct Targets {
    handlers: Handlers,
    http: http::Http,
    lambda: lambda::Lambda,
    threads: Arc<Semaphore>,
}

impl Targets {
    /// These handlers, a client for HTTP targets, and no Lambda functions. Blocking handlers run on as many threads as the machine has cores.
    ///
    /// # Errors
    /// [`SameName`] when two handlers were registered under one name.
    pub fn new(handlers: Handlers, http: http::Http) -> Result<Self, SameName> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let lambda = lambda::Lambda::none("this executor calls no Lambda functions");
        Ok(Targets { handlers: handlers.checked()?, http, lambda, threads: Arc::new(Semaphore::new(cores)) })
    }

    /// These targets, with a client for Lambda functions.
    #[must_use]
    pub fn with_lambda(self, lambda: lambda::Lambda) -> Self {
        Targets { lambda, ..self }
    }

    /// Whether this program can run a task of this route.
    pub(crate) fn know(&self, route: &Route) -> bool {
        match route {
            Route::Handler(name) => self.handlers.get(name).is_some(),
            Route::Remote => true,
        }
    }

    /// The names of the handlers, in order.
    pub(crate) fn handler_names(&self) -> Vec<&str> {
        self.handlers.names()
    }

    /// Waits until a task of this route can start.
    pub(crate) async fn thread_for(&self, route: &Route) -> ThreadPermit {
        match route {
            Route::Handler(name) => match self.handlers.get(name) {
                Some(Handler::Blocking(_)) => ThreadPermit::acquire(&self.threads).await,
                Some(Handler::Async(_)) | None => ThreadPermit::NONE,
            },
            Route::Remote => ThreadPermit::NONE,
        }
    }

    /// Starts a claimed task.
    pub(crate) fn start(&self, input: Input, cx: Context, thread: ThreadPermit) -> Running {
        match input.content.target.clone() {
            Target::Handler(name) => handler::start(&name, self.handlers.get(&name), input, cx, thread, &self.threads),
            Target::Http(target) => Running::spawn(self.http.deliver(target, input, cx)),
            Target::Lambda(target) => Running::spawn(self.lambda.deliver(target, input, cx)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use taskway::{Failure, Task};

    use super::{
        http::{Allowed, Http, Secrets},
        *,
    };

    async fn done(_: Task<()>, _: Context) -> Result<(), Failure> {
        Ok(())
    }

    #[test]
    fn an_executor_with_two_handlers_of_one_name_is_not_made() {
        let http = Http::new(Allowed::default(), Secrets::default()).unwrap();
        let handlers = Handlers::new().on("send", done).on("other", done);
        assert!(Targets::new(handlers.clone(), http.clone()).is_ok());
        let refused = Targets::new(handlers.on("send", done), http).unwrap_err();
        assert!(refused.to_string().contains(r#"two handlers are named "send""#), "{refused}");
    }
}
