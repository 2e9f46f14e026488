//! The parts of Taskway that work on a stack. Each uses the access key of its caller.

use std::{sync::Arc, time::Duration};

use aws_config::SdkConfig;
use taskway_cloud::{aws, dynamo::Store, objects::Objects, sqs::Lanes};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Http, Secrets},
        lambda::Lambda,
    },
};
use taskway_scheduler::Scheduler;
use taskway_submit::{Submit, validate::Limits};

use super::{
    caller::{self, Caller},
    resend,
    running::Stack,
};

/// Why a task that calls a Lambda function fails here.
const NO_FUNCTIONS: &str = "this stack calls no Lambda functions: serve them, for example by `cargo lambda watch`, and start \
                            `taskway dev` with `--lambda URL`";

/// How long a task may wait for a program that knows its handler. Short, because a developer waits for the error of a
/// misspelt name.
const UNKNOWN_HANDLER_WAIT: Duration = Duration::from_secs(3);

impl Stack {
    /// The table, for anybody.
    pub fn store(&self) -> Store {
        self.store_for(Caller::Anybody)
    }

    /// The lanes, for anybody.
    pub fn lanes(&self) -> Lanes {
        self.lanes_for(Caller::Anybody)
    }

    /// The table, with the caller's access key.
    pub fn store_for(&self, caller: Caller) -> Store {
        self.settings.writing.store(aws::store(&self.at(&self.dynamodb, caller), &self.settings.table))
    }

    /// The lanes, with the caller's access key.
    pub fn lanes_for(&self, caller: Caller) -> Lanes {
        self.settings.writing.lanes(aws::lanes(&self.at(&self.sqs_url, caller), self.settings.queues.clone()))
    }

    /// The bucket with the caller's access key. `None` if the template has none.
    pub fn objects_for(&self, caller: Caller) -> Option<Objects> {
        let bucket = self.settings.bucket.as_deref()?;
        Some(Objects::new(self.at(&self.s3_url, caller), bucket))
    }

    /// An SQS client with the caller's access key.
    pub(super) fn queues_for(&self, caller: Caller) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.at(&self.sqs_url, caller))
    }

    /// The caller's access key. For a function it is the function's logical id.
    pub fn access_key(&self, caller: Caller) -> &str {
        caller.access_key(&self.template)
    }

    /// The submit function.
    pub fn submit(&self, limits: Limits) -> Submit {
        Submit::new(self.services_for(Caller::Submit), limits)
    }

    /// The executor with these handlers. It calls Lambda functions at this URL, or none.
    ///
    /// # Errors
    /// If the HTTP client cannot be created, or two handlers have the same name.
    pub fn executor(
        &self,
        handlers: taskway::Handlers,
        secrets: Secrets,
        lambda: Option<&str>,
    ) -> anyhow::Result<Executor> {
        let targets = Targets::new(handlers, Http::new(self.allowed.clone(), secrets)?)?;
        let lambda = match lambda {
            Some(url) => self.lambda(url),
            None => Lambda::none(NO_FUNCTIONS),
        };
        let executor = Executor::new(self.services_for(Caller::Executor), targets.with_lambda(lambda));
        Ok(executor.with_unknown_wait(UNKNOWN_HANDLER_WAIT))
    }

    /// A client for the Lambda functions at this URL that the template allows tasks to call.
    pub fn lambda(&self, url: &str) -> Lambda {
        Lambda::new(self.at(url, Caller::Executor), self.settings.functions.clone())
    }

    /// The scheduler.
    pub fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.services_for(Caller::Scheduler))
    }

    /// Sends a message for every open task, because the messages of an earlier process are lost. Returns the number of
    /// messages.
    ///
    /// # Errors
    /// If the table or a queue does not answer.
    pub async fn resend(&self) -> anyhow::Result<usize> {
        resend::open_tasks(&self.store(), &self.lanes(), &*self.clock).await
    }

    fn services_for(&self, caller: Caller) -> Services {
        let services = Services::new(self.store_for(caller), self.lanes_for(caller));
        services.with_objects(self.objects_for(caller)).with_clock(Arc::clone(&self.clock))
    }

    fn at(&self, endpoint: &str, caller: Caller) -> SdkConfig {
        caller::signed(&self.sdk, endpoint, self.access_key(caller))
    }
}
