//! The candidates of a list that an index has, in the list's order.

use std::time::Duration;

use futures::future::BoxFuture;
use taskway_cloud::dynamo::{Listed, Page, Partition, Shards, Start, StoreError};
use taskway_protocol::Time;

use super::{
    cursor::{Position, Seen},
    merge::{Merge, Ties},
    selection::Filters,
    stretch::{self, Stretch},
    walk::MOST_SEEN,
};
use crate::{Submit, accept::unavailable, problem::Problem};

type Read = Box<dyn Fn(Partition, Start, i32) -> BoxFuture<'static, Result<Page<Listed>, StoreError>> + Send + Sync>;

/// The tasks of one queue, or of all queues by stretches.
pub(super) struct Index {
    submit: Submit,
    /// Whether the tasks are those that failed.
    dead: bool,
    shards: Shards,
    wanted: usize,
    merge: Merge<Read>,
    /// None where a queue is named.
    stretch: Option<Stretch>,
}

/// What comes next.
pub(super) enum Next {
    Task(Listed, Seen),
    /// The time is over between two stretches.
    Paused(Seen),
    End,
}

impl Index {
    /// The list behind what an earlier page has seen, of which about `limit` tasks are wanted.
    pub(super) async fn open(
        submit: &Submit,
        filters: &Filters,
        seen: Option<&Seen>,
        limit: usize,
    ) -> Result<Self, Problem> {
        let dead = filters.ask.is_of_dead();
        let store = &submit.services.store;
        let shards = match dead {
            true => store.shards(),
            false => store.shards_in_use().await.map_err(|error| unavailable(&error))?,
        };
        let behind = match seen {
            Some(Seen::UpTo(position, _)) => Some(position),
            Some(Seen::Queues(_) | Seen::Ids(_)) | None => None,
        };
        let (queues, stretch) = match (&filters.queue, seen) {
            (Some(queue), _) => (vec![queue.clone()], None),
            (None, Some(Seen::UpTo(_, stretch))) => {
                let stretch = stretch.unwrap_or(Stretch::ALL);
                (stretch.names(store).await?, Some(stretch))
            }
            (None, Some(Seen::Queues(down_to))) => older(submit, *down_to, dead, shards).await?,
            (None, Some(Seen::Ids(_)) | None) => {
                let (queues, stretch) = stretch::newest(store, Stretch::ALL.newest, most(submit, dead, shards)).await?;
                (queues, Some(stretch))
            }
        };
        let wanted = if filters.are_narrow() { MOST_SEEN } else { limit };
        let merge = merge(submit, dead, shards, queues, behind, wanted);
        Ok(Index { submit: submit.clone(), dead, shards, wanted, merge, stretch })
    }

    /// The next task, and what has been seen with it. Goes on with another stretch only before `until`.
    pub(super) async fn next(&mut self, until: Time) -> Result<Next, Problem> {
        loop {
            let next = self.merge.next().await.map_err(|error| unavailable(&error))?;
            if let Some((listed, position)) = next {
                return Ok(Next::Task(listed, Seen::UpTo(position, self.stretch)));
            }
            let Some(done) = self.stretch.filter(|stretch| !stretch.is_last()) else { return Ok(Next::End) };
            if self.submit.services.clock.now() >= until {
                return Ok(Next::Paused(Seen::Queues(done.oldest)));
            }
            let queues;
            (queues, self.stretch) = older(&self.submit, done.oldest, self.dead, self.shards).await?;
            self.merge = merge(&self.submit, self.dead, self.shards, queues, None, self.wanted);
        }
    }

    /// Whether it is known that nothing follows.
    pub(super) fn is_over(&self) -> bool {
        self.merge.is_over() && self.stretch.is_none_or(Stretch::is_last)
    }
}

/// How many queues a stretch has.
fn most(submit: &Submit, dead: bool, shards: Shards) -> usize {
    let each = if dead { 1 } else { usize::from(shards.catalog.max(1)) };
    (submit.breadth / each).max(1)
}

/// The stretch below those queues that were noted at `down_to` or later.
async fn older(
    submit: &Submit,
    down_to: Time,
    dead: bool,
    shards: Shards,
) -> Result<(Vec<Box<str>>, Option<Stretch>), Problem> {
    let below = down_to.before(Duration::from_millis(1));
    let (queues, stretch) = stretch::newest(&submit.services.store, below, most(submit, dead, shards)).await?;
    Ok((queues, Some(stretch)))
}

fn merge(
    submit: &Submit,
    dead: bool,
    shards: Shards,
    queues: Vec<Box<str>>,
    behind: Option<&Position>,
    wanted: usize,
) -> Merge<Read> {
    let store = submit.services.store.clone();
    let partitions: Vec<Partition> = match dead {
        true => queues.into_iter().map(|queue| Partition { queue, shard: 0 }).collect(),
        false => queues.iter().flat_map(|queue| store.catalog_partitions(queue, shards)).collect(),
    };
    let read: Read = Box::new(move |partition, start, limit| {
        let store = store.clone();
        Box::pin(async move {
            match dead {
                true => store.dead(&partition.queue, start, limit).await,
                false => store.catalog(&partition, start, limit).await,
            }
        })
    });
    Merge::new(partitions, if dead { Ties::Keys } else { Ties::Table }, behind, wanted, read)
}
