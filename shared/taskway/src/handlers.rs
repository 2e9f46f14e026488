//! Handlers by name. Registering a handler erases its types: what is kept takes JSON and returns JSON.

use std::{collections::HashMap, fmt, future::Future, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use taskway_protocol::ErrorKind;

use crate::{
    context::Context,
    failure::{Failure, Outcome},
    payload::PayloadReader,
    task::{Input, Task},
};

type Async = dyn Fn(Input, Context) -> BoxFuture<'static, Outcome> + Send + Sync;
type Blocking = dyn Fn(Input, Context) -> Outcome + Send + Sync;

/// A registered handler.
#[derive(Clone)]
pub enum Handler {
    /// Runs as a coroutine.
    Async(Arc<Async>),
    /// Runs on a thread of a bounded pool.
    Blocking(Arc<Blocking>),
}

/// The handlers of a program, by name.
#[derive(Clone, Debug, Default)]
pub struct Handlers {
    by_name: HashMap<Box<str>, Handler>,
    /// Names that were registered again.
    repeated: Vec<Box<str>>,
}

/// Two handlers were registered under one name. A program with such handlers does not start.
#[derive(Debug, thiserror::Error)]
#[error("two handlers are named {}: give each handler a name of its own", .0.join(", and two are named "))]
pub struct SameName(Vec<String>);

impl Handlers {
    /// No handlers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers an async handler. It runs as a coroutine beside others and must not block its thread.
    ///
    /// The executor drops the coroutine when the attempt's time is up, two seconds after it has learned that the task was
    /// cancelled, or half a second after it has told the handler that it stops.
    #[must_use]
    pub fn on<P, R, F, Fut>(self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
        F: Fn(Task<P>, Context) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        let erased = move |input: Input, cx: Context| {
            let handler = handler.clone();
            async move {
                match input.loaded().await.and_then(Input::parse) {
                    Ok(task) => outcome(handler(task, cx).await),
                    Err(outcome) => outcome,
                }
            }
            .boxed()
        };
        self.with(name, Handler::Async(Arc::new(erased)))
    }

    /// Registers an async handler that reads its payload piece by piece. In all else it is like one of [`on`](Handlers::on).
    #[must_use]
    pub fn on_reader<R, F, Fut>(self, name: &str, handler: F) -> Self
    where
        R: Serialize + Send + 'static,
        F: Fn(Task<PayloadReader>, Context) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        let erased = move |input: Input, cx: Context| {
            let handler = handler.clone();
            async move { outcome(handler(input.read(), cx).await) }.boxed()
        };
        self.with(name, Handler::Async(Arc::new(erased)))
    }

    /// Registers a handler that computes or blocks. It runs on a thread of a pool that has as many threads as the machine
    /// has cores.
    ///
    /// The executor cannot stop a thread: a long handler looks at [`Context::cancelled`] or [`Context::remaining`] now and
    /// then.
    #[must_use]
    pub fn on_blocking<P, R, F>(self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
        F: Fn(Task<P>, Context) -> Result<R, Failure> + Send + Sync + 'static,
    {
        let erased = move |input: Input, cx: Context| match input.parse() {
            Ok(task) => outcome(handler(task, cx)),
            Err(outcome) => outcome,
        };
        self.with(name, Handler::Blocking(Arc::new(erased)))
    }

    fn with(mut self, name: &str, handler: Handler) -> Self {
        if self.by_name.insert(name.into(), handler).is_some() && !self.repeated.iter().any(|one| **one == *name) {
            self.repeated.push(name.into());
        }
        self
    }

    /// The handler of that name.
    pub fn get(&self, name: &str) -> Option<&Handler> {
        self.by_name.get(name)
    }

    /// The names of all handlers, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// The same handlers. An executor calls this before it starts.
    ///
    /// # Errors
    /// [`SameName`] lists every name that was registered more than once.
    pub fn checked(self) -> Result<Self, SameName> {
        if self.repeated.is_empty() {
            return Ok(self);
        }
        Err(SameName(self.repeated.iter().map(|name| format!("{name:?}")).collect()))
    }
}

fn outcome<R: Serialize>(returned: Result<R, Failure>) -> Outcome {
    match returned.map(|result| serde_json::to_string(&result)) {
        Ok(Ok(text)) => Outcome::Done(text.into()),
        Ok(Err(error)) => Outcome::Fatal {
            kind: ErrorKind::Handler,
            message: format!("the result cannot be written as JSON: {error}"),
        },
        Err(failure) => failure.into(),
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Handler::Async(_) => "Async",
            Handler::Blocking(_) => "Blocking",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn first(_: Task<()>, _: Context) -> Result<(), Failure> {
        Ok(())
    }

    fn second(_: Task<u8>, _: Context) -> Result<u8, Failure> {
        Ok(2)
    }

    #[test]
    fn handlers_with_names_of_their_own_are_accepted() {
        let handlers = Handlers::new().on("a", first).on_blocking("b", second);
        assert!(handlers.checked().is_ok());
    }

    #[test]
    fn a_name_that_two_handlers_have_is_an_error_that_names_it() {
        let twice = Handlers::new().on("a", first).on_blocking("b", second).on_blocking("a", second);
        let error = twice.clone().checked().unwrap_err();
        assert_eq!(error.to_string(), r#"two handlers are named "a": give each handler a name of its own"#);
        let error = twice.on("a", first).on("b", first).checked().unwrap_err();
        assert!(error.to_string().starts_with(r#"two handlers are named "a", and two are named "b":"#), "{error}");
    }
}
