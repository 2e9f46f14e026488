//! The executor's settings.

use std::time::Duration;

use taskway::Handlers;
use taskway_cloud::{aws, config::Writing};
use taskway_engine::Services;
use taskway_protocol::{AllowedFunctions, UNKNOWN_HANDLER_WAIT};
use taskway_runtime::env::{Env, Missing};

use crate::{
    executor::Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
        lambda::Lambda,
    },
};

/// The executor's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of the table.
    pub table: String,
    /// The URLs of the lanes.
    pub queues: taskway_cloud::sqs::Urls,
    /// The bucket with large payloads and results, if there is one.
    pub bucket: Option<String>,
    /// How the table is written.
    pub writing: Writing,
    /// Private addresses that HTTP targets may have. Only these may also be reached over plain http.
    pub allowed: Allowed,
    /// The secrets that sign requests to HTTP targets.
    pub secrets: Secrets,
    /// The Lambda functions that tasks may call.
    pub functions: AllowedFunctions,
    /// How long a task may wait for a program that knows its handler.
    pub unknown_wait: Duration,
}

/// The longest [`Config::unknown_wait`], in seconds: a day.
const LONGEST_UNKNOWN_WAIT: u64 = 86_400;

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_*_SHARDS`, `TASKWAY_BATCH_WRITES`, `TASKWAY_BUCKET`,
    /// `TASKWAY_HTTP_ALLOW`, `TASKWAY_WEBHOOK_SECRETS`, `TASKWAY_ALLOWED_FUNCTIONS` and `TASKWAY_UNKNOWN_HANDLER_SECONDS`.
    ///
    /// # Errors
    /// [`Missing`] names every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let table = env.required("TASKWAY_TABLE");
        let queues = taskway_cloud::config::queues(&mut env);
        let writing = Writing::from_env(&mut env);
        let bucket = taskway_cloud::config::bucket(&env);
        let allowed = env.parsed("TASKWAY_HTTP_ALLOW", Allowed::parse).unwrap_or_default();
        let secrets = env.parsed("TASKWAY_WEBHOOK_SECRETS", Secrets::parse).unwrap_or_default();
        let functions = env.parsed("TASKWAY_ALLOWED_FUNCTIONS", AllowedFunctions::parse).unwrap_or_default();
        let unknown_wait = env.parsed("TASKWAY_UNKNOWN_HANDLER_SECONDS", unknown_wait).unwrap_or(UNKNOWN_HANDLER_WAIT);
        env.finish()?;
        Ok(Config { table, queues, bucket, writing, allowed, secrets, functions, unknown_wait })
    }

    /// Makes an executor with these settings and the AWS SDK's clients.
    ///
    /// # Errors
    /// Two handlers have one name, the HTTP client cannot be made, or a setting of AWS means nothing.
    pub async fn executor(self, handlers: Handlers) -> anyhow::Result<Executor> {
        let http = Http::new(self.allowed, self.secrets)?;
        let targets = Targets::new(handlers, http.clone())?;
        // Reading the system's root certificates blocks a thread, so it runs on one of its own while the connections open.
        let preparing = tokio::task::spawn_blocking(move || http.prepare());
        let aws = aws::config().await?;
        let targets = targets.with_lambda(Lambda::new(aws.clone(), self.functions));
        let warming = aws::warm_under_lambda(&aws, &self.table, &self.queues.normal);
        let made = async {
            let store = self.writing.store(aws::store(&aws, &self.table));
            let services = Services::new(store, self.writing.lanes(aws::lanes(&aws, self.queues.clone())));
            let objects = taskway_cloud::config::objects(&aws, self.bucket.as_deref());
            Executor::new(services.with_objects(objects), targets).with_unknown_wait(self.unknown_wait)
        };
        let executor = tokio::join!(warming, made).1;
        // A function does not wait for the https client, because its first task may not be for a URL. A task that is waits
        // for the client, or fails with the error that stopped it.
        if !aws::under_lambda() {
            preparing.await??;
        }
        Ok(executor)
    }
}

/// Reads a number of seconds for [`Config::unknown_wait`].
fn unknown_wait(seconds: &str) -> Result<Duration, String> {
    let read = seconds.parse().ok().filter(|seconds| *seconds <= LONGEST_UNKNOWN_WAIT);
    read.map(Duration::from_secs).ok_or_else(|| {
        format!("must be a whole number of seconds from 0 to {LONGEST_UNKNOWN_WAIT}, and is {seconds:?}")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_wait_for_an_unknown_handler_is_a_whole_number_of_seconds_up_to_a_day() {
        assert_eq!(unknown_wait("0").unwrap(), Duration::ZERO);
        assert_eq!(unknown_wait("86400").unwrap(), Duration::from_secs(86_400));
        for wrong in ["", "-1", "1.5", "86401", "60s"] {
            let error = unknown_wait(wrong).unwrap_err();
            assert!(error.contains("from 0 to 86400") && error.contains(&format!("{wrong:?}")), "{error}");
        }
    }
}
