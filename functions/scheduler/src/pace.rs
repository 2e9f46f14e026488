//! How fast due tasks are sent.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// How many chunks of at most ten tasks are sent and marked at the same time.
#[derive(Clone, Debug)]
pub struct Pace {
    pub(crate) shard: usize,
    pub(crate) process: Arc<Semaphore>,
}

/// A chunk takes about 25 ms. So four chunks make a thousand writes a second, as many as one partition of the agenda
/// takes. When the table throttles a chunk, the chunk keeps its place, and the others become slower. Sixteen chunks hold
/// 160 connections, of the 1,024 that a function may have.
impl Default for Pace {
    fn default() -> Self {
        Pace::of(4, 16)
    }
}

impl Pace {
    /// At most `shard` chunks of one shard, and `process` chunks of all shards together.
    pub fn of(shard: usize, process: usize) -> Self {
        Pace { shard: shard.max(1), process: Arc::new(Semaphore::new(process.max(1))) }
    }
}
