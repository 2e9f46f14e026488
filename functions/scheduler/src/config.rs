//! What the scheduler is told by its environment.

use std::sync::Arc;

use taskway_cloud::{aws, dynamo::Shards, sqs::Urls};
use taskway_engine::Services;
use taskway_runtime::env::{Env, Missing};

use crate::{LOOK_AGAIN, Scheduler, SelfInvocation, Successor};

/// The scheduler's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The lanes and the dead-letter queue.
    pub queues: Urls,
    /// By how many partitions the indexes are written.
    pub shards: Shards,
    /// The stack's name, by which its metrics are told from another's.
    pub stack: String,
    /// The function's own name, which Lambda tells it. Without one it does not go on by itself.
    pub function: Option<String>,
}

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_DEAD_LETTERS`, `TASKWAY_*_SHARDS` and `TASKWAY_STACK`,
    /// and Lambda's own `AWS_LAMBDA_FUNCTION_NAME`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong, at once.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), taskway_cloud::config::queues(&mut env));
        env.required("TASKWAY_DEAD_LETTERS");
        let shards = taskway_cloud::config::shards(&mut env);
        let stack = env.required("TASKWAY_STACK");
        env.finish()?;
        let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok().filter(|name| !name.is_empty());
        Ok(Config { table, queues, shards, stack, function })
    }

    /// The scheduler of these settings, with the AWS SDK's clients.
    pub async fn scheduler(self) -> Scheduler {
        let aws = aws::config().await;
        // The clients are made while the connections are.
        let warming = aws::warm_under_lambda(&aws, &self.table, &self.queues.normal);
        let (table, lanes) = (self.table.clone(), self.queues.clone());
        let made = async {
            let itself = self.function.map(|function| SelfInvocation::of(function, aws.clone()));
            let store = aws::store(&aws, table).sharded(self.shards);
            Scheduler {
                successor: itself.map(|itself| Arc::new(itself) as Arc<dyn Successor>),
                looks_again_after: LOOK_AGAIN,
                ..Scheduler::new(Services::new(store, aws::lanes(&aws, lanes)))
            }
        };
        tokio::join!(warming, made).1
    }
}
