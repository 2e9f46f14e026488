//! A task for tests to vary.

use crate::{Fence, Generation, Priority, RetryPolicy, Route, Spec, State, Stored, Task, TaskId, TaskKey, Time};

impl Spec {
    /// What was asked of the [example](Task::example): nothing but the defaults, to start at `run_at`.
    pub fn example(run_at: Time) -> Self {
        Spec {
            queue: "default".into(),
            priority: Priority::Normal,
            route: Route::Handler("echo".into()),
            body: Stored::Inline("{}".into()),
            run_at,
            deadline: None,
            timeout_seconds: 60,
            retry: RetryPolicy::default(),
            idempotency: None,
            fairness_key: None,
            expected_duration_ms: None,
            retain_seconds: 0,
        }
    }
}

impl Task {
    /// A task that was just submitted at `born` and is due then.
    pub fn example(born: Time) -> Self {
        Task {
            id: TaskId { key: TaskKey::from_bytes([1; 16]), born },
            spec: Spec::example(born),
            state: State::Queued { due: born },
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
}
