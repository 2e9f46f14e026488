//! A list of all queues, a stretch of them at a time.
//!
//! A page reads the head of every partition that it is merged from. So a list of very many queues is not one merge: it
//! goes through the queues by when their names were first noted, the newest first, some hundreds at a time. Within a
//! stretch the tasks stand in their order, the latest first. With no more queues than a stretch has, that is the whole
//! list.

use taskway_cloud::dynamo::Store;
use taskway_protocol::Time;

use super::cursor::LATEST;
use crate::{
    accept::unavailable,
    problem::{FieldError, Problem},
};

/// Partitions that one page is merged from: a thousand queues of four, at half a read unit each and some dozens at a time.
pub(crate) const BREADTH: usize = 4_000;

/// The most names of a stretch that a cursor gives. A stretch has more names than it is meant to have only where they
/// were noted in the same millisecond.
const MOST_NAMES: usize = 20_000;

/// The queues whose names were first noted between two times, both included. Names never move, and new ones stand above
/// all that a list has begun with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stretch {
    pub(super) newest: Time,
    /// 0 in the last stretch.
    pub(super) oldest: Time,
}

impl Stretch {
    /// All queues there are.
    pub(super) const ALL: Stretch = Stretch { newest: Time::from_millis(LATEST), oldest: Time::from_millis(0) };

    /// Whether no queue is older.
    pub(super) fn is_last(self) -> bool {
        self.oldest == Time::default()
    }

    /// The names of the queues.
    pub(super) async fn names(self, store: &Store) -> Result<Vec<Box<str>>, Problem> {
        let mut names = Vec::new();
        let mut next = None;
        loop {
            let page = store.queues(self.newest, self.oldest, next).await.map_err(|error| unavailable(&error))?;
            names.extend(page.items.into_iter().map(|queue| queue.name));
            next = page.next;
            if names.len() > MOST_NAMES {
                let detail = "is of a list of too many queues; begin the list again";
                return Err(Problem::validation(vec![FieldError::parameter("cursor", detail)]));
            }
            if next.is_none() {
                return Ok(names);
            }
        }
    }
}

/// The newest queues that were noted at or before `newest`, about `most` of them, and the stretch that they are.
pub(super) async fn newest(store: &Store, newest: Time, most: usize) -> Result<(Vec<Box<str>>, Stretch), Problem> {
    let mut queues = Vec::new();
    let mut next = None;
    // A stretch ends between two moments, so that its bounds say what is in it.
    let oldest = loop {
        let page = store.queues(newest, Time::default(), next).await.map_err(|error| unavailable(&error))?;
        queues.extend(page.items);
        next = page.next;
        let end = queues.get(most.saturating_sub(1)).map(|queue| queue.noted);
        match end.filter(|end| queues.last().is_some_and(|last| last.noted < *end)) {
            Some(end) => break end,
            None if next.is_none() => break Time::default(),
            None => {}
        }
    };
    queues.retain(|queue| queue.noted >= oldest);
    let stretch = Stretch { newest: queues.first().map_or(newest, |queue| queue.noted), oldest };
    Ok((queues.into_iter().map(|queue| queue.name).collect(), stretch))
}
