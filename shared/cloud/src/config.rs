//! Which table and which queues, from the environment.

use taskway_runtime::env::Env;

use crate::{dynamo::Shards, sqs::Urls};

/// The queues' URLs: `TASKWAY_QUEUE_HIGH`, `_NORMAL` and `_LOW` must be set, `TASKWAY_DEAD_LETTERS` may be.
pub fn queues(env: &mut Env) -> Urls {
    Urls {
        high: env.required("TASKWAY_QUEUE_HIGH"),
        normal: env.required("TASKWAY_QUEUE_NORMAL"),
        low: env.required("TASKWAY_QUEUE_LOW"),
        dead_letters: env.optional("TASKWAY_DEAD_LETTERS"),
    }
}

/// How many partitions each index has: `TASKWAY_AGENDA_SHARDS` and `TASKWAY_CATALOG_SHARDS` may be set. All processes of
/// one table should have the same values.
pub fn shards(env: &mut Env) -> Shards {
    let default = Shards::default();
    Shards {
        agenda: env.parsed("TASKWAY_AGENDA_SHARDS", Shards::parse_agenda).unwrap_or(default.agenda),
        catalog: env.parsed("TASKWAY_CATALOG_SHARDS", Shards::parse_catalog).unwrap_or(default.catalog),
    }
}
