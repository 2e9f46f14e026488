//! What has a limit of its own: the queue, and each fairness key of it.

use std::ops::{Index, IndexMut};

/// A queue or one of its fairness keys. Each has a ledger and a hold list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Scope {
    /// The queue.
    Queue,
    /// The key with this number.
    Key(u8),
}

/// One value for the queue and one for the key of a task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub(super) struct Both<T> {
    /// The queue's.
    pub queue: T,
    /// The key's.
    pub key: T,
}

impl<T> Both<T> {
    /// The queue's value and the key's.
    pub(super) fn each_mut(&mut self) -> [&mut T; 2] {
        [&mut self.queue, &mut self.key]
    }

    /// What `change` makes of both.
    pub(super) fn map<U>(self, mut change: impl FnMut(T) -> U) -> Both<U> {
        Both { queue: change(self.queue), key: change(self.key) }
    }
}

impl Both<bool> {
    /// Neither.
    pub(super) const NEITHER: Self = Both { queue: false, key: false };

    /// Whether one of them is.
    pub(super) fn any(self) -> bool {
        self.queue || self.key
    }
}

impl<T> Index<Scope> for Both<T> {
    type Output = T;

    fn index(&self, scope: Scope) -> &T {
        match scope {
            Scope::Queue => &self.queue,
            Scope::Key(_) => &self.key,
        }
    }
}

impl<T> IndexMut<Scope> for Both<T> {
    fn index_mut(&mut self, scope: Scope) -> &mut T {
        match scope {
            Scope::Queue => &mut self.queue,
            Scope::Key(_) => &mut self.key,
        }
    }
}
