//! The tasks that are due and that no tick has sent yet.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use taskway_protocol::{Agenda, Time};

use super::{error::StoreError, queue_settings::Count, store::Store};

/// How many shards are read at a time.
const READS: usize = 16;

/// How many pages of a shard are read: a thousand entries.
const PAGES: usize = 2;

/// Due tasks, without leases, that are past their time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overdue {
    /// How many, counted up to a thousand in each shard.
    pub count: Count,
    /// When the one was due that is the latest. `None` if no task is late.
    pub oldest: Option<Time>,
}

impl Store {
    /// The tasks in these shards of the agenda that were due before `now`. It costs half a read unit for each shard, and some
    /// 20 for each page of 500 late tasks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn overdue(&self, shards: u16, now: Time) -> Result<Overdue, StoreError> {
        let none = Overdue { count: Count::Exactly(0), oldest: None };
        stream::iter((0..shards).map(|shard| self.overdue_in(shard, now)))
            .buffer_unordered(READS)
            .try_fold(none, async |all, one| {
                let oldest = all.oldest.into_iter().chain(one.oldest).min();
                Ok(Overdue { count: all.count.plus(one.count), oldest })
            })
            .await
    }

    async fn overdue_in(&self, shard: u16, now: Time) -> Result<Overdue, StoreError> {
        // The agenda is read up to a time, and a task whose time is now is not late.
        let late = now.before(Duration::from_millis(1));
        let (mut count, mut oldest, mut from) = (0, None, None);
        for _ in 0..PAGES {
            let page = self.agenda(shard, late, from).await?;
            for item in page.items {
                if let Agenda::Due(at) = item.entry {
                    count += 1;
                    // The earliest stands first.
                    oldest = oldest.or(Some(at));
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(Overdue { count: Count::Exactly(count), oldest });
            }
        }
        Ok(Overdue { count: Count::AtLeast(count), oldest })
    }
}
