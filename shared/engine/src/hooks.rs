//! Where tests look on.

use futures::future::BoxFuture;
use taskway_protocol::{Task, message::Message};

/// What [`Services`](crate::Services) calls at each attempt and at each end of a task. Production has no hooks.
pub trait Hooks: Send + Sync + 'static {
    /// The executor is about to claim the task of this message, or to hold it. Either may still be refused.
    fn admit<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()>;

    /// The table accepted a write that ended this task.
    ///
    /// Most ends are reported once. Two cases differ:
    /// - An end is not reported when its process dies before this call, or when the table's answer to the write never
    ///   arrives, not even to a retry by the SDK.
    /// - An end is reported twice when two processes write the very same end in the same millisecond, for example two
    ///   ticks that settle a lost task. The table accepts one write, and neither process can tell whose it was.
    fn ended<'a>(&'a self, task: &'a Task) -> BoxFuture<'a, ()>;
}
