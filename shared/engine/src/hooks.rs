//! Two places where later capabilities attach.

use futures::future::BoxFuture;
use taskway_protocol::{Task, message::Message};

/// What is told of each attempt and each end, on every path. Production has no hooks yet.
pub trait Hooks: Send + Sync + 'static {
    /// The executor is about to claim the task of this message. Queue limits and pauses will decide here.
    fn admit<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()>;

    /// The table accepted a write that ended this task. Callbacks will be made here.
    ///
    /// A process may die between the write and this call, and an end is told twice if the answer to its write was lost.
    fn ended<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, ()>;
}
