//! Tasks that wait for their time, many at once.
//!
//! They are put by the adapter's own first put, over HTTP, many calls at a time: so each is the very item that a submit
//! makes, in the table and in both indexes, and only validation and the API are left out.

use futures::{StreamExt, TryStreamExt, stream};
use taskway::{
    domain::{Fence, Generation, Nonce, Priority, RetryPolicy, Spec, State, Stored, Task, TaskId, TaskKey, Time, Wait},
    dynamo::{Created, Store},
    random::{Random, SystemRandom},
};

/// Puts at a time.
const AT_ONCE: usize = 64;

/// Puts so many tasks, each due when `due` says of its number.
///
/// # Errors
/// When a put fails, or a key is there already.
pub(crate) async fn put(store: &Store, tasks: usize, now: Time, due: impl Fn(usize) -> Time) -> anyhow::Result<()> {
    let puts = (0..tasks).map(|number| {
        let task = task(TaskKey::from_bytes(SystemRandom.bytes()), now, due(number));
        async move {
            match store.create(&task, Nonce(number as u64), now).await? {
                Created::New => Ok(()),
                Created::Exists(..) => anyhow::bail!("a key twice"),
            }
        }
    });
    stream::iter(puts).buffer_unordered(AT_ONCE).try_collect().await
}

/// As `{"target":{"handler":"echo"}}` is with a time to run at, and the API's defaults.
pub(crate) fn task(key: TaskKey, now: Time, due: Time) -> Task {
    Task {
        id: TaskId { key, born: now },
        spec: Spec {
            queue: "default".into(),
            priority: Priority::Normal,
            handler: Some("echo".into()),
            body: Stored::Inline("{}".into()),
            run_at: due,
            deadline: None,
            timeout_seconds: 60,
            retry: RetryPolicy { max_attempts: 5, min_backoff_seconds: 5, max_backoff_seconds: 3_600, multiplier: 2.0 },
            idempotency: None,
            fairness_key: None,
            expected_duration_ms: None,
            retain_seconds: 604_800,
        },
        state: State::Scheduled { due, wait: Wait::Due },
        generation: Generation::FIRST,
        fence: Fence::NONE,
        attempts: 0,
        started_at: None,
        progress: None,
        checkpoint: None,
        result: None,
        error: None,
    }
}
