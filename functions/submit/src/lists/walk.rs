//! Going through what may be meant, place by place, with a bound on how far one request goes.

use std::time::Duration;

use taskway_cloud::dynamo::{BATCH_GET_LIMIT, Listed};
use taskway_protocol::{TaskId, Time};

use super::{
    cursor::Seen,
    index::{Index, Next},
    selection::Selection,
};
use crate::{Submit, problem::Problem};

/// Tasks that one request looks at, found or left out.
pub(super) const MOST_SEEN: usize = 1_000;

/// How long a request goes on: a list answers a person, and a change must be answered well before API Gateway's 30 s,
/// though its last hundred changes meet a slow table.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// A task that may be meant, and what has been looked at once it has been.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) listed: Listed,
    pub(super) seen: Seen,
}

enum Source {
    Index(Box<Index>),
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
                let index = Index::open(self, filters, seen.as_ref(), selection.limit).await?;
                Source::Index(Box::new(index))
            }
        };
        // Where most match, no record is read that is not told of.
        let stride = if filters.are_narrow() { BATCH_GET_LIMIT } else { selection.limit.min(BATCH_GET_LIMIT) };
        Ok(Walk { source, left: MOST_SEEN, until, stride, at: selection.seen.clone() })
    }
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
                Source::Index(index) => match index.next(self.until).await? {
                    Next::Task(listed, seen) => Some(Candidate { listed, seen }),
                    Next::Paused(seen) => {
                        // What was handed out comes first: it has not been dealt with.
                        if candidates.is_empty() {
                            self.at = Some(seen);
                        }
                        None
                    }
                    Next::End => None,
                },
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
            Source::Index(index) => index.is_over(),
        };
        if over && last { None } else { self.at }
    }
}
