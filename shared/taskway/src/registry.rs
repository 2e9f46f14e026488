//! Handlers by name, their types erased.

use std::{collections::HashMap, fmt, future::Future, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Context, Failure, failure::Outcome};
use taskway_protocol::{ErrorKind, TaskId, content::TaskContent};

/// A task as its handler gets it.
#[derive(Clone, Debug)]
pub struct Task<P> {
    /// The public id.
    pub id: TaskId,
    /// The queue.
    pub queue: Box<str>,
    /// What was submitted.
    pub payload: P,
    /// What its submitter wrote on it.
    pub labels: std::collections::BTreeMap<String, String>,
}

/// A task before its payload is read.
#[derive(Debug)]
pub struct Input {
    /// The public id.
    pub id: TaskId,
    /// The queue.
    pub queue: Box<str>,
    /// Target, payload and labels.
    pub content: TaskContent,
}

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

/// Handlers by name.
#[derive(Clone, Debug, Default)]
pub struct Handlers(HashMap<Box<str>, Handler>);

impl Handlers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers an async handler: it runs as a coroutine beside others and must not block its thread.
    #[must_use]
    pub fn on<P, R, F, Fut>(mut self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
        F: Fn(Task<P>, Context) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        let erased = move |input: Input, cx: Context| {
            let handler = handler.clone();
            async move {
                match read(input) {
                    Ok(task) => finish(handler(task, cx).await),
                    Err(outcome) => outcome,
                }
            }
            .boxed()
        };
        self.0.insert(name.into(), Handler::Async(Arc::new(erased)));
        self
    }

    /// Registers a handler that computes or blocks: it runs on a thread of its own from a bounded pool. It cannot be
    /// cut from outside, so a long one looks at [`Context::cancelled`] and [`Context::remaining`] now and then.
    #[must_use]
    pub fn on_blocking<P, R, F>(mut self, name: &str, handler: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
        F: Fn(Task<P>, Context) -> Result<R, Failure> + Send + Sync + 'static,
    {
        let erased = move |input: Input, cx: Context| match read(input) {
            Ok(task) => finish(handler(task, cx)),
            Err(outcome) => outcome,
        };
        self.0.insert(name.into(), Handler::Blocking(Arc::new(erased)));
        self
    }

    /// The handler of that name.
    pub fn get(&self, name: &str) -> Option<&Handler> {
        self.0.get(name)
    }
}

fn read<P: DeserializeOwned>(input: Input) -> Result<Task<P>, Outcome> {
    match serde_json::from_str(input.content.payload_text()) {
        Ok(payload) => Ok(Task { id: input.id, queue: input.queue, payload, labels: input.content.labels }),
        Err(error) => {
            Err(Outcome::Fatal { kind: ErrorKind::Payload, message: format!("the payload does not fit: {error}") })
        }
    }
}

fn finish<R: Serialize>(returned: Result<R, Failure>) -> Outcome {
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
