//! A task for tests to vary.

use crate::{Fence, Generation, Route, Spec, State, Stored, Task, TaskId, TaskKey, TaskOptions, Time};

impl Spec {
    /// What was asked of the [example](Task::example): nothing but the defaults, to start at `run_at`.
    pub fn example(run_at: Time) -> Self {
        Spec {
            options: TaskOptions { retain_seconds: 0, ..TaskOptions::default() },
            route: Route::Handler("echo".into()),
            body: Stored::Inline("{}".into()),
            run_at,
            deadline: None,
            idempotency: None,
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
