//! Going through what may be meant, place by place, with a bound on how far one request goes.

use std::time::Duration;

use futures::future::BoxFuture;
use taskway_cloud::dynamo::{BATCH_GET_LIMIT, Listed, Page, Partition, Start, Store, StoreError};
use taskway_protocol::{TaskId, Time};

use super::{
    cursor::{Position, Seen},
    merge::{Merge, Ties},
    selection::{Filters, Selection},
};
use crate::{
    Submit,
    accept::unavailable,
    problem::{FieldError, Problem},
};

/// Tasks that one request looks at, found or left out.
const MOST_SEEN: usize = 1_000;

/// Partitions that one list can be made of, for a page reads each of them: a thousand queues of four, at half a read unit
/// each and some dozens at a time. Beyond that a queue must be named.
const MOST_PARTITIONS: usize = 4_000;

/// How long a request goes on: a list answers a person, and a change must be answered well before API Gateway's 30 s,
/// though its last hundred changes meet a slow table.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// A task that may be meant, and what has been looked at once it has been.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) listed: Listed,
    pub(super) seen: Seen,
}

type Read = Box<dyn Fn(Partition, Start, i32) -> BoxFuture<'static, Result<Page<Listed>, StoreError>> + Send + Sync>;

enum Source {
    Index(Merge<Read>),
    Ids { left: std::vec::IntoIter<TaskId>, seen: u32 },
}

/// A way through the candidates of one request.
pub(super) struct Walk {
    source: Source,
    left: usize,
    until: Time,
    /// As many at a time.
    stride: usize,
    at: Option<Seen>,
}

impl Submit {
    /// The way that a selection begins. It is gone at least one stride far, then no farther than `until`.
    pub(super) async fn walk(&self, selection: &Selection, until: Time) -> Result<Walk, Problem> {
        let filters = &selection.filters;
        let source = match (&filters.ids, &selection.seen) {
            (Some(ids), seen) => {
                let seen = if let Some(Seen::Ids(seen)) = seen { *seen } else { 0 };
                Source::Ids { left: ids.get(seen as usize..).unwrap_or_default().to_vec().into_iter(), seen }
            }
            (None, seen) => {
                let behind = if let Some(Seen::UpTo(position)) = seen { Some(position) } else { None };
                Source::Index(self.index(filters, behind, selection.limit).await?)
            }
        };
        // Where most match, no record is read that is not told of.
        let stride = if filters.are_narrow() { BATCH_GET_LIMIT } else { selection.limit.min(BATCH_GET_LIMIT) };
        Ok(Walk { source, left: MOST_SEEN, until, stride, at: selection.seen.clone() })
    }

    async fn index(&self, filters: &Filters, behind: Option<&Position>, limit: usize) -> Result<Merge<Read>, Problem> {
        let queues = match &filters.queue {
            Some(queue) => vec![queue.clone()],
            None => self.queues().await?,
        };
        let dead = filters.ask.is_of_dead();
        let partitions: Vec<Partition> = if dead {
            queues.into_iter().map(|queue| Partition { queue, shard: 0 }).collect()
        } else {
            let shards = self.services.store.shards_in_use().await.map_err(|error| unavailable(&error))?;
            queues.iter().flat_map(|queue| self.services.store.catalog_partitions(queue, shards)).collect()
        };
        if partitions.len() > MOST_PARTITIONS {
            let detail = "is required, for the stack has too many queues for one list of all";
            return Err(Problem::validation(vec![FieldError::parameter("queue", detail)]));
        }
        let wanted = if filters.are_narrow() { MOST_SEEN } else { limit };
        let (ties, store) = (if dead { Ties::Keys } else { Ties::Table }, self.services.store.clone());
        let read: Read = Box::new(move |partition, start, limit| {
            let store = store.clone();
            Box::pin(async move { read(&store, dead, &partition, start, limit).await })
        });
        Ok(Merge::new(partitions, ties, behind, wanted, read))
    }

    /// The names of all queues, and no more than are too many.
    async fn queues(&self) -> Result<Vec<Box<str>>, Problem> {
        let mut queues = Vec::new();
        let mut next = None;
        loop {
            let page = self.services.store.queues(next).await.map_err(|error| unavailable(&error))?;
            queues.extend(page.items);
            next = page.next;
            if next.is_none() || queues.len() > MOST_PARTITIONS {
                return Ok(queues);
            }
        }
    }
}

async fn read(
    store: &Store,
    dead: bool,
    partition: &Partition,
    start: Start,
    limit: i32,
) -> Result<Page<Listed>, StoreError> {
    if dead { store.dead(&partition.queue, start, limit).await } else { store.catalog(partition, start, limit).await }
}

impl Walk {
    /// The next candidates, at most so many as `wanted` asks for or a stride has; none at the end, or when the request has
    /// gone far enough.
    pub(super) async fn stride(&mut self, wanted: usize, now: Time) -> Result<Vec<Candidate>, Problem> {
        let gone = self.left < MOST_SEEN;
        if gone && now >= self.until {
            return Ok(Vec::new());
        }
        let most = self.stride.min(self.left).min(wanted.max(1));
        let mut candidates = Vec::with_capacity(most);
        while candidates.len() < most {
            let next = match &mut self.source {
                Source::Ids { left, seen } => left.next().map(|id| {
                    *seen += 1;
                    Candidate { listed: Listed { id, at: id.born }, seen: Seen::Ids(*seen) }
                }),
                Source::Index(merge) => {
                    let next = merge.next().await.map_err(|error| unavailable(&error))?;
                    next.map(|(listed, position)| Candidate { listed, seen: Seen::UpTo(position) })
                }
            };
            let Some(next) = next else { break };
            candidates.push(next);
        }
        self.left -= candidates.len();
        Ok(candidates)
    }

    /// Notes how far the request has come: what is behind that is left to the next one.
    pub(super) fn came_to(&mut self, seen: Seen) {
        self.at = Some(seen);
    }

    /// Where the next request goes on; none when everything has been seen. `last`: the last of what was handed out was
    /// dealt with.
    pub(super) fn next(self, last: bool) -> Option<Seen> {
        let over = match &self.source {
            Source::Ids { left, .. } => left.len() == 0,
            Source::Index(merge) => merge.is_over(),
        };
        if over && last { None } else { self.at }
    }
}
