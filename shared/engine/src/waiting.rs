//! How many tasks a queue holds back, and for how long.

use std::{collections::HashMap, time::Duration};

use futures::future::try_join_all;
use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{Dispatch, Scope, State, Task, TaskKey, Wanted};

use crate::{Dispatched, Services};

/// How many entries of a list are looked at: those that a dispatch sends next.
const HEAD: usize = 10;

/// What waits in the hold lists of a queue.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Entries, counted up to a thousand in each list. Tasks that ended or were moved since may be among them.
    pub held: usize,
    /// How long the latest of the tasks that go next has waited beyond its due time. `None` if none waits.
    pub age: Option<Duration>,
}

impl Services {
    /// What waits in a queue after a dispatch of it. It reads nothing where the dispatch leaves nothing: in a queue without a
    /// limit and a rate that sent all. It costs half a read unit for each empty list. A list with entries costs some six, and some 16 more
    /// for a thousand entries.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn waiting(&self, queue: &str, dispatched: &Dispatched) -> Result<Waiting, StoreError> {
        let settings = dispatched.settings;
        let is_limited = settings.wanted() != Wanted { paused: settings.paused, ..Wanted::default() };
        let leaves_none = !is_limited && !dispatched.more && dispatched.failed == 0;
        if settings.paused || leaves_none {
            return Ok(Waiting::default());
        }
        let lists: Vec<Scope> = settings.lists().map(|share| Scope::share(queue, share)).collect();
        let all = try_join_all(lists.iter().map(|list| self.waiting_in(list))).await?;
        let of_keys = Waiting {
            held: if settings.keyed { self.store.count_held_by_keys(queue).await?.at_least() } else { 0 },
            age: dispatched.held_since.map(|due| self.clock.now().since(due)),
        };
        Ok(all.into_iter().fold(of_keys, |all, one| Waiting { held: all.held + one.held, age: all.age.max(one.age) }))
    }

    async fn waiting_in(&self, list: &Scope) -> Result<Waiting, StoreError> {
        let held = self.store.count_held(list).await?.at_least();
        if held == 0 {
            return Ok(Waiting::default());
        }
        let head = self.store.held(list, None, HEAD).await?.items;
        // A task has two entries if one of them is of no use.
        let keys: Vec<TaskKey> = head.iter().map(|held| held.entry.id.key).collect();
        let found = self.store.get_many(&keys, false, &*self.clock).await?;
        let tasks: HashMap<TaskKey, Task> = found.into_iter().map(|task| (task.id.key, task)).collect();
        let now = self.clock.now();
        let ages = head.iter().filter_map(|held| {
            let task = tasks.get(&held.entry.id.key)?;
            let State::Scheduled { due, .. } = task.state else { return None };
            // Otherwise it was moved since.
            let waits = held.entry.dispatch(Some(task), held.put, now) == Dispatch::Send;
            waits.then(|| now.since(due))
        });
        Ok(Waiting { held, age: ages.max() })
    }
}
