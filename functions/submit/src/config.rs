//! What the submit function is told by its environment.

use taskway::{
    aws,
    config::{Env, Missing},
    sqs::Urls,
};

use crate::{Submit, validate::Limits};

/// The submit function's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The lanes.
    pub queues: Urls,
    /// What depends on how the stack is set up.
    pub limits: Limits,
}

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*` and `TASKWAY_HTTP_ALLOW`.
    ///
    /// # Errors
    /// Names every variable that is missing, at once.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), env.queues());
        env.finish()?;
        let plain_http = std::env::var("TASKWAY_HTTP_ALLOW").is_ok_and(|networks| !networks.trim().is_empty());
        Ok(Config { table, queues, limits: Limits { plain_http, ..Limits::default() } })
    }

    /// The function of these settings, with the AWS SDK's clients.
    pub async fn submit(self) -> Submit {
        let aws = aws::config().await;
        aws::warm_under_lambda(&aws, &self.table, &self.queues.normal).await;
        Submit::new(aws::store(&aws, self.table), aws::lanes(&aws, self.queues), self.limits)
    }
}
