//! An example task, which tests change as they need, and an example of each step.

use crate::{
    AttemptError, Callbacks, Count, End, ErrorKind, Fence, Generation, MOST_PAST, Nonce, Priority, Progress, Route,
    Spec, State, Step, Stored, Task, TaskId, TaskKey, TaskOptions, Time,
};

impl Spec {
    /// The spec of the [example task](Task::example): the defaults, starting at `run_at`.
    pub fn example(run_at: Time) -> Self {
        Spec {
            options: TaskOptions { retain_seconds: 0, ..TaskOptions::default() },
            route: Route::Handler("echo".into()),
            body: Stored::Inline("{}".into()),
            run_at,
            deadline: None,
            idempotency: None,
            callbacks: Callbacks::NONE,
        }
    }
}

impl Task {
    /// A task that was submitted at `born` and is due at the same time.
    pub fn example(born: Time) -> Self {
        Task {
            id: TaskId { key: TaskKey::from_bytes([1; 16]), born },
            spec: Spec::example(born),
            state: State::Queued { due: born },
            generation: Generation::FIRST,
            fence: Fence::NONE,
            attempts: 0,
            given_back: 0,
            started_at: None,
            progress: None,
            checkpoint: None,
            result: None,
            error: None,
            past: Vec::new(),
            children: Vec::new(),
        }
    }
}

impl Step {
    /// Every step with all its optional data, in the order of [`Step::NAMES`]. A step that can count its attempt in
    /// several ways comes once for each way, and one that follows several ends once for each.
    pub fn examples() -> Vec<Self> {
        let (fence, generation, due) = (Fence(1), Generation::FIRST, Time::default());
        let (at, now, retained_until, lease_end, hard_end) = (due, due, due, due, due);
        let error = AttemptError { kind: ErrorKind::Handler, message: "it failed".into(), attempt: 1, at };
        let text = || Some(Stored::Inline("{}".into()));
        let progress = Some(Progress { done: 1, total: 2, at });
        let counts = [Count::Keep, Count::TakeBack, Count::Reset];
        let mut steps = vec![
            Step::Park { due },
            Step::Mark { generation, due },
            Step::Claim { generation, owner: Nonce(1), now, timeout_seconds: 60, fence: Some(fence) },
            Step::Hold { generation, now, due, fence },
            Step::Heartbeat { fence, lease_end, hard_end, progress, checkpoint: text() },
            Step::Succeed { fence, at, retained_until, result: text(), progress, owes: true },
            Step::Fail { fence, at, retained_until, error: error.clone(), owes: true },
        ];
        let (checkpoint, failure) = (text(), Some(error.clone()));
        let past = Task::example(at).past_with(&error, MOST_PAST);
        steps.extend(counts.map(|count| {
            let (error, past, checkpoint) = (failure.clone(), Some(past.clone()), checkpoint.clone());
            Step::Again { fence, due, count, error, past, checkpoint }
        }));
        steps.extend(counts.map(|count| {
            let (error, past, checkpoint) = (failure.clone(), Some(past.clone()), checkpoint.clone());
            Step::AgainLater { fence, due, count, error, past, checkpoint }
        }));
        let checkpoint = text();
        let (run_at, deadline, priority) = (Some(due), Some(due), Priority::Normal);
        steps.extend([
            Step::GiveBack { fence, now, checkpoint },
            Step::LeaseExpired { fence, now, past },
            Step::Lost { now, retained_until, error, owes: true },
            Step::Cancel { at, retained_until },
            Step::Withdraw { fence: Some(fence), at, retained_until },
            Step::Reschedule { generation, now, due, run_at, deadline, priority },
            Step::Revive { generation, now, deadline },
            Step::Replace { generation, now, spec: Box::new(Spec::example(due)) },
            Step::Expire { now, retained_until, owes: true },
        ]);
        steps.extend([End::Succeeded, End::Failed, End::Expired].map(|end| {
            let children = vec![Task::example(at).id];
            Step::Callback { generation, end, at, retained_until, children }
        }));
        steps
    }
}
