//! The scheduler's settings, from the environment.

use std::sync::Arc;

use taskway_cloud::{aws, config::Writing, sqs::Urls};
use taskway_engine::Services;
use taskway_runtime::env::{Env, Missing};

use crate::{invoke::SelfInvocation, scheduler::Scheduler, succession::Successor, tick::LOOK_AGAIN};

/// The scheduler's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table's name.
    pub table: String,
    /// The URLs of the lanes and of the dead-letter queue.
    pub queues: Urls,
    /// The bucket with large payloads and results, if there is one.
    pub bucket: Option<String>,
    /// How the table is written.
    pub writing: Writing,
    /// The stack's name, the dimension of its metrics.
    pub stack: String,
    /// The name of this Lambda function, set by Lambda. Without it the scheduler cannot invoke itself.
    pub function: Option<String>,
}

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_DEAD_LETTERS`, `TASKWAY_*_SHARDS`, `TASKWAY_BATCH_WRITES`, `TASKWAY_BUCKET` and `TASKWAY_STACK`,
    /// and Lambda's own `AWS_LAMBDA_FUNCTION_NAME`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), taskway_cloud::config::queues(&mut env));
        env.required("TASKWAY_DEAD_LETTERS");
        let writing = Writing::from_env(&mut env);
        let bucket = taskway_cloud::config::bucket(&env);
        let stack = env.required("TASKWAY_STACK");
        env.finish()?;
        let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok().filter(|name| !name.is_empty());
        Ok(Config { table, queues, bucket, writing, stack, function })
    }

    /// A scheduler with these settings and the AWS SDK's clients.
    ///
    /// # Errors
    /// A setting of AWS means nothing.
    pub async fn scheduler(self) -> Result<Scheduler, aws::SettingError> {
        let aws = aws::config().await?;
        // Open the connections while the clients are built.
        let warming = aws::warm_under_lambda(&aws, &self.table, &self.queues.normal);
        let (table, lanes) = (self.table.clone(), self.queues.clone());
        let made = async {
            let itself = self.function.map(|function| SelfInvocation::of(function, aws.clone()));
            let store = self.writing.store(aws::store(&aws, table));
            Scheduler {
                successor: itself.map(|itself| Arc::new(itself) as Arc<dyn Successor>),
                looks_again_after: LOOK_AGAIN,
                ..Scheduler::new(
                    Services::new(store, self.writing.lanes(aws::lanes(&aws, lanes)))
                        .with_objects(taskway_cloud::config::objects(&aws, self.bucket.as_deref())),
                )
            }
        };
        Ok(tokio::join!(warming, made).1)
    }
}
