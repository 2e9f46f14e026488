//! Many scheduled tasks, written by the store.

use futures::{StreamExt, TryStreamExt, stream};
use taskway_cloud::dynamo::Store;
use taskway_protocol::{Nonce, Spec, State, Task, TaskId, TaskKey, TaskOptions, Time};
use taskway_runtime::random::{Random, SystemRandom};

/// The number of writes in parallel.
const AT_ONCE: usize = 32;

/// Writes tasks. `due` says when the task with a number is due.
///
/// # Errors
/// If a write fails.
pub(crate) async fn put(store: &Store, tasks: usize, now: Time, due: impl Fn(usize) -> Time) -> anyhow::Result<()> {
    let writes = (0..tasks).map(|number| {
        let (store, task) = (store.clone(), task(TaskKey::from_bytes(SystemRandom.bytes()), now, due(number)));
        async move { store.create(&task, Nonce(1), now).await }
    });
    stream::iter(writes).buffer_unordered(AT_ONCE).try_for_each(async |_| Ok(())).await?;
    Ok(())
}

/// The task of the request `{"target":{"handler":"echo"}}`, scheduled for `due`.
pub(crate) fn task(key: TaskKey, now: Time, due: Time) -> Task {
    let spec = Spec { options: TaskOptions::default(), ..Spec::example(due) };
    Task { id: TaskId { key, born: now }, spec, state: State::Scheduled { due, held: false }, ..Task::example(now) }
}
