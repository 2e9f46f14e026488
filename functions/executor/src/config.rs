//! What the executor is told by its environment.

use taskway::Handlers;
use taskway_cloud::{aws, dynamo::Shards};
use taskway_engine::Services;
use taskway_runtime::env::{Env, Missing};

use crate::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};

/// The executor's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The lanes.
    pub queues: taskway_cloud::sqs::Urls,
    /// By how many partitions the indexes are written.
    pub shards: Shards,
    /// Addresses that HTTP targets may have though they are private, and that plain http is open to.
    pub allowed: Allowed,
    /// What HTTP deliveries are signed with.
    pub secrets: Secrets,
}

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_*_SHARDS`, `TASKWAY_HTTP_ALLOW` and
    /// `TASKWAY_WEBHOOK_SECRETS`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong, at once.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let table = env.required("TASKWAY_TABLE");
        let queues = taskway_cloud::config::queues(&mut env);
        let shards = taskway_cloud::config::shards(&mut env);
        let allowed = env.parsed("TASKWAY_HTTP_ALLOW", Allowed::parse).unwrap_or_default();
        let secrets = env.parsed("TASKWAY_WEBHOOK_SECRETS", Secrets::parse).unwrap_or_default();
        env.finish()?;
        Ok(Config { table, queues, shards, allowed, secrets })
    }

    /// The executor of these settings, with the AWS SDK's clients.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub async fn executor(self, handlers: Handlers) -> anyhow::Result<Executor> {
        let http = Http::new(self.allowed, self.secrets)?;
        // On a thread, because it reads the system's root certificates, which can be done while the connections are made.
        let preparing = {
            let http = http.clone();
            tokio::task::spawn_blocking(move || http.prepare())
        };
        let aws = aws::config().await;
        let warming = aws::warm_under_lambda(&aws, &self.table, &self.queues.normal);
        let made = async {
            let targets = Targets::new(handlers, http);
            let store = aws::store(&aws, &self.table).sharded(self.shards);
            Executor::new(Services::new(store, aws::lanes(&aws, self.queues.clone())), targets)
        };
        let executor = tokio::join!(warming, made).1;
        // Under Lambda the first task may not be for a URL, and one that is waits for the client or says what is wrong.
        if !aws::under_lambda() {
            preparing.await??;
        }
        Ok(executor)
    }
}
