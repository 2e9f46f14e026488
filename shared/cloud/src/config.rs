//! Settings from the environment.

use taskway_runtime::env::Env;

use crate::{dynamo::Shards, sqs::Urls};

/// The URLs of the queues. `TASKWAY_QUEUE_HIGH`, `TASKWAY_QUEUE_NORMAL` and `TASKWAY_QUEUE_LOW` are required,
/// `TASKWAY_DEAD_LETTERS` is optional.
pub fn queues(env: &mut Env) -> Urls {
    Urls {
        high: env.required("TASKWAY_QUEUE_HIGH"),
        normal: env.required("TASKWAY_QUEUE_NORMAL"),
        low: env.required("TASKWAY_QUEUE_LOW"),
        dead_letters: env.optional("TASKWAY_DEAD_LETTERS"),
    }
}

/// How many partitions each index has, from `TASKWAY_AGENDA_SHARDS` and `TASKWAY_CATALOG_SHARDS`. Both are optional.
/// All processes of one table should have the same values.
pub fn shards(env: &mut Env) -> Shards {
    let default = Shards::default();
    Shards {
        agenda: env.parsed("TASKWAY_AGENDA_SHARDS", Shards::parse_agenda).unwrap_or(default.agenda),
        catalog: env.parsed("TASKWAY_CATALOG_SHARDS", Shards::parse_catalog).unwrap_or(default.catalog),
    }
}
