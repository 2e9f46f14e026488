//! The embedded stack, as `taskway dev` runs it.

use std::{sync::Arc, time::Duration};

use taskway_executor::{
    handlers,
    targets::http::Secrets,
    worker::{self, WorkerOptions},
};
use taskway_local::stack::{Setup, Stack};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A running stack with a worker and a scheduler. It ends when this is dropped.
pub(crate) struct Running {
    stack: Stack,
    _work: JoinSet<()>,
}

impl Running {
    /// A stack on free ports.
    pub(crate) async fn start() -> Self {
        let stack = Stack::start(Setup::default()).await.unwrap();
        let executor = Arc::new(stack.executor(handlers::shipped(), Secrets::default(), None).unwrap());
        let scheduler = stack.scheduler();
        let mut work = JoinSet::new();
        work.spawn(worker::poll(executor, WorkerOptions::default(), CancellationToken::new()));
        work.spawn(async move {
            loop {
                scheduler.tick(Duration::from_secs(50)).await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Running { stack, _work: work }
    }

    /// The API's URL.
    pub(crate) fn api(&self) -> String {
        self.stack.api.clone()
    }
}
