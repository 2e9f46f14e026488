//! Settings from the environment.

use taskway_runtime::env::Env;

use aws_config::SdkConfig;

use crate::{
    dynamo::{Shards, Store},
    objects::Objects,
    sqs::{Lanes, Urls},
};

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

/// The name of the bucket with large payloads and results: `TASKWAY_BUCKET`, which is optional.
pub fn bucket(env: &Env) -> Option<String> {
    env.optional("TASKWAY_BUCKET")
}

/// The bucket with this name.
pub fn objects(config: &SdkConfig, bucket: Option<&str>) -> Option<Objects> {
    bucket.map(|bucket| Objects::new(config.clone(), bucket))
}

/// How a process writes the table and the queues. All processes of one table should have the same numbers of shards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writing {
    /// How many partitions each index has.
    pub shards: Shards,
    /// Whether writes that are under way at the same time share requests.
    pub batches: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Writing { shards: Shards::default(), batches: true }
    }
}

impl Writing {
    /// Reads `TASKWAY_AGENDA_SHARDS`, `TASKWAY_CATALOG_SHARDS` and `TASKWAY_BATCH_WRITES`. All are optional.
    pub fn from_env(env: &mut Env) -> Self {
        let default = Shards::default();
        let shards = Shards {
            agenda: env.parsed("TASKWAY_AGENDA_SHARDS", Shards::parse_agenda).unwrap_or(default.agenda),
            catalog: env.parsed("TASKWAY_CATALOG_SHARDS", Shards::parse_catalog).unwrap_or(default.catalog),
        };
        Writing { shards, batches: batches(env) }
    }

    /// The table, written in this way.
    pub fn store(self, store: Store) -> Store {
        let store = store.sharded(self.shards);
        if self.batches { store.with_batches() } else { store }
    }

    /// The queues, written in this way.
    pub fn lanes(self, lanes: Lanes) -> Lanes {
        if self.batches { lanes.with_batches() } else { lanes }
    }
}

/// Whether writes that are under way at the same time share requests, from `TASKWAY_BATCH_WRITES`: `on`, which is the
/// default, or `off`.
pub fn batches(env: &mut Env) -> bool {
    let read = env.parsed("TASKWAY_BATCH_WRITES", |text| match text {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("must be \"on\" or \"off\", got {other:?}")),
    });
    read.unwrap_or(true)
}
