//! The executor's settings.

use std::{num::NonZeroUsize, time::Duration};

use taskway::Handlers;
use taskway_cloud::{
    aws::{self, Signer},
    config::Writing,
};
use taskway_engine::Services;
use taskway_protocol::{AllowedFunctions, AwsHosts, UNKNOWN_HANDLER_WAIT};
use taskway_runtime::env::{Env, Missing};

use crate::{
    executor::Executor,
    targets::{
        Targets,
        http::{Allowed, AwsAuth, Http, Secrets},
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
    /// How many requests one host may have under way from this process. `None`: as many as there are tasks.
    pub per_host: Option<NonZeroUsize>,
    /// The requests that may be signed for AWS, and the role by which they are. `None`: none may.
    pub aws: Option<(AwsHosts, String)>,
    /// The Lambda functions that tasks may call.
    pub functions: AllowedFunctions,
    /// How long a task may wait for a program that knows its handler.
    pub unknown_wait: Duration,
}

/// The longest [`Config::unknown_wait`], in seconds: a day.
const LONGEST_UNKNOWN_WAIT: u64 = 86_400;

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_*_SHARDS`, `TASKWAY_BATCH_WRITES`, `TASKWAY_BUCKET`,
    /// `TASKWAY_HTTP_ALLOW`, `TASKWAY_WEBHOOK_SECRETS`, `TASKWAY_HTTP_PER_HOST`, `TASKWAY_AWS_HOSTS`, `TASKWAY_AWS_ROLE`,
    /// `TASKWAY_ALLOWED_FUNCTIONS` and `TASKWAY_UNKNOWN_HANDLER_SECONDS`.
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
        let per_host = env.parsed("TASKWAY_HTTP_PER_HOST", per_host).flatten();
        // By a role of its own, because the executor's may read and write all tasks.
        let aws = env.parsed("TASKWAY_AWS_HOSTS", AwsHosts::parse).filter(|hosts| !hosts.is_empty());
        let aws = aws.map(|hosts| {
            let role = env.parsed("TASKWAY_AWS_ROLE", role);
            (hosts, role.unwrap_or_else(|| env.required("TASKWAY_AWS_ROLE")))
        });
        let functions = env.parsed("TASKWAY_ALLOWED_FUNCTIONS", AllowedFunctions::parse).unwrap_or_default();
        let unknown_wait = env.parsed("TASKWAY_UNKNOWN_HANDLER_SECONDS", unknown_wait).unwrap_or(UNKNOWN_HANDLER_WAIT);
        env.finish()?;
        Ok(Config { table, queues, bucket, writing, allowed, secrets, per_host, aws, functions, unknown_wait })
    }

    /// Makes an executor with these settings and the AWS SDK's clients.
    ///
    /// # Errors
    /// Two handlers have one name, the HTTP client cannot be made, or a setting of AWS means nothing.
    pub async fn executor(self, handlers: Handlers) -> anyhow::Result<Executor> {
        let mut http = Http::new(self.allowed, self.secrets)?.limited(self.per_host);
        let handlers = handlers.checked()?;
        // Reading the system's root certificates blocks a thread, so it runs on one of its own while the connections open.
        let prepared = http.clone();
        let preparing = tokio::task::spawn_blocking(move || prepared.prepare());
        let aws = aws::config().await?;
        if let Some((hosts, role)) = self.aws {
            http = http.signing(AwsAuth::new(hosts, Signer::of_role(&aws, &role).await));
        }
        let targets = Targets::new(handlers, http)?.with_lambda(Lambda::new(aws.clone(), self.functions));
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

/// The most requests that a host can have under way by [`Config::per_host`].
const MOST_PER_HOST: usize = 10_000;

/// Reads a number for [`Config::per_host`]. 0 stands for no limit.
fn per_host(text: &str) -> Result<Option<NonZeroUsize>, String> {
    let read = text.parse().ok().filter(|number| *number <= MOST_PER_HOST);
    read.map(NonZeroUsize::new)
        .ok_or_else(|| format!("must be a whole number from 0 to {MOST_PER_HOST}, and is {text:?}"))
}

/// Reads the ARN of a role.
fn role(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, name] if account.len() == 12 && name.starts_with("role/") => Ok(text.to_owned()),
        _ => Err(format!("must be the ARN of a role such as arn:aws:iam::123456789012:role/calls, and is {text:?}")),
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
    fn a_host_has_a_limit_or_none() {
        assert_eq!((per_host("0").unwrap(), per_host("8").unwrap()), (None, NonZeroUsize::new(8)));
        for wrong in ["", "-1", "10001", "x"] {
            assert!(per_host(wrong).unwrap_err().contains("from 0 to 10000"), "{wrong}");
        }
    }

    #[test]
    fn a_role_has_an_arn() {
        assert!(role("arn:aws-cn:iam::123456789012:role/a/b").is_ok());
        for wrong in
            ["calls", "arn:aws:iam::1:role/a", "arn:aws:iam::123456789012:user/a", "arn:aws:sts::123456789012:role/a"]
        {
            assert!(role(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }

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
