//! Random records and transitions. Most transitions fit their record or miss it narrowly.

use std::time::Duration;

use proptest::{collection::vec, option, prelude::*, sample::select};

use strum::VariantArray;
use taskway_protocol::{
    AttemptError, Callbacks, Count, Digest, End, ErrorKind, Fence, Generation, Idempotency, Nonce, Object, PastAttempt,
    Priority, Progress, RetryPolicy, Route, SKEW, Spec, State, StateName, Step, Stored, Task, TaskId, TaskKey,
    TaskOptions, Time, Transition,
};

/// All times are drawn around this one, a whole second.
const BASE: u64 = 1_764_000_000_000;

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        4 => BASE - 8_000..BASE + 8_000,
        1 => Just(BASE),
        1 => 0..BASE * 2,
    ]
    .prop_map(Time::from_millis)
}

fn seconds() -> impl Strategy<Value = Time> {
    time().prop_map(|at| Time::from_millis(at.as_secs() * 1000))
}

fn text(most: usize) -> impl Strategy<Value = Box<str>> {
    vec(any::<char>(), 0..most).prop_map(|chars| chars.into_iter().collect::<String>().into())
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 16]>().prop_map(Digest::from_bytes)
}

fn stored() -> impl Strategy<Value = Stored> {
    let object =
        (any::<[u8; 32]>(), any::<u64>()).prop_map(|(sha256, bytes)| Stored::Object(Object { sha256, bytes }.into()));
    prop_oneof![text(8).prop_map(Stored::Inline), digest().prop_map(Stored::TextPart), object]
}

fn progress() -> impl Strategy<Value = Progress> {
    (any::<u64>(), any::<u64>(), time()).prop_map(|(done, total, at)| Progress { done, total, at })
}

fn error() -> impl Strategy<Value = AttemptError> {
    (select(ErrorKind::VARIANTS), text(8), any::<u32>(), time()).prop_map(|(kind, message, attempt, at)| AttemptError {
        kind,
        message,
        attempt,
        at,
    })
}

fn past() -> impl Strategy<Value = PastAttempt> {
    (any::<u32>(), time(), 0..1_000_000u64, select(ErrorKind::VARIANTS), "[^\\n]{0,8}").prop_map(
        |(attempt, started_at, ms, kind, message)| PastAttempt {
            attempt,
            started_at,
            failed_at: started_at.after(Duration::from_millis(ms)),
            kind,
            message: message.into(),
        },
    )
}

fn retry() -> impl Strategy<Value = RetryPolicy> {
    (1..5u32, any::<u32>(), any::<u32>(), 1.0..10.0).prop_map(|(max_attempts, min, max, multiplier)| RetryPolicy {
        max_attempts,
        min_backoff_seconds: min,
        max_backoff_seconds: max,
        multiplier,
    })
}

prop_compose! {
    pub(super) fn spec()(
        (queue, priority, handler) in ("[a-z0-9][a-z0-9_.-]{0,6}", select(Priority::ALL), option::of(text(6))),
        (body, run_at, deadline) in (stored(), time(), option::of(time())),
        (timeout_seconds, retain_seconds, retry) in (1..43_200u32, any::<u32>(), retry()),
        idempotency in option::of(("[!-~]{1,8}", digest())),
        fairness_key in option::of("[!-~]{1,8}"),
        expected_duration_ms in option::of(any::<u32>()),
        callbacks in (any::<bool>(), any::<bool>()),
    ) -> Spec {
        let options = TaskOptions {
            queue: queue.into(), priority, timeout_seconds, retain_seconds, retry,
            fairness_key: fairness_key.map(Into::into),
            expected_duration_ms,
        };
        let (on_success, on_failure) = callbacks;
        Spec {
            callbacks: Callbacks { on_success, on_failure },
            options, route: Route::named(handler), body, run_at, deadline,
            idempotency: idempotency.map(|(key, fingerprint)| Idempotency { key: key.into(), fingerprint }),
        }
    }
}

pub(super) fn ended() -> impl Strategy<Value = State> {
    let end = select(vec![End::Succeeded, End::Failed, End::Cancelled, End::Expired]);
    (end, time(), seconds(), any::<bool>()).prop_map(|(end, at, retained_until, owes)| State::Ended {
        end,
        at,
        retained_until,
        owes,
    })
}

fn state() -> impl Strategy<Value = State> {
    let running = (any::<u64>(), time(), option::of(time()));
    prop_oneof![
        3 => (time(), any::<bool>()).prop_map(|(due, held)| State::Scheduled { due, held }),
        3 => time().prop_map(|due| State::Queued { due }),
        7 => running.prop_map(|(owner, lease_end, hard_end)| State::Running { owner: Nonce(owner), lease_end, hard_end }),
        2 => ended(),
    ]
}

prop_compose! {
    pub(super) fn task()(
        (key, born) in (any::<[u8; 16]>(), time()),
        spec in spec(),
        state in state(),
        (generation, fence) in (prop_oneof![Just(1), 1..5u32], prop_oneof![Just(0), 0..5u32]),
        (attempts, given_back) in (prop_oneof![2 => 0..2u32, 1 => 0..5u32], prop_oneof![2 => Just(0), 1 => 0..3u32]),
        (started_at, progress) in (option::of(time()), option::of(progress())),
        (checkpoint, result, error) in (option::of(stored()), option::of(stored()), option::of(error())),
        children in prop::collection::vec((any::<[u8; 16]>(), time()), 0..3),
        past in vec(past(), 0..3),
    ) -> Task {
        // The claim counts the attempt, so a running task has at least one.
        let attempts = if state.name() == StateName::Running { attempts.max(1) } else { attempts };
        Task {
            id: TaskId { key: TaskKey::from_bytes(key), born },
            spec, state, generation: Generation(generation), fence: Fence(fence), attempts, given_back,
            started_at, progress, checkpoint, result, error, past,
            children: children.into_iter().map(|(key, born)| TaskId { key: TaskKey::from_bytes(key), born }).collect(),
        }
    }
}

/// The kinds of step, by name, so that a test can count them.
pub(super) const KINDS: [&str; 20] = [
    "park",
    "mark",
    "claim",
    "hold",
    "heartbeat",
    "succeed",
    "fail",
    "again",
    "again_later",
    "give_back",
    "lease_expired",
    "lost",
    "cancel",
    "withdraw",
    "reschedule",
    "revive",
    "replace",
    "expire",
    "callback",
    "claim",
];

fn kinds_of(state: &State) -> &'static [&'static str] {
    match state {
        State::Scheduled { .. } => {
            &["mark", "claim", "hold", "lost", "cancel", "withdraw", "reschedule", "replace", "expire"]
        }
        State::Queued { .. } => &[
            "park",
            "park",
            "claim",
            "hold",
            "lost",
            "cancel",
            "withdraw",
            "withdraw",
            "reschedule",
            "replace",
            "expire",
        ],
        State::Running { .. } => &[
            "claim",
            "hold",
            "heartbeat",
            "succeed",
            "fail",
            "again",
            "again_later",
            "give_back",
            "lease_expired",
            "lease_expired",
            "lease_expired",
            "lost",
            "cancel",
            "replace",
            "expire",
        ],
        State::Ended { .. } => &["revive", "replace", "callback"],
    }
}

/// A transition that [`fit`](Draft::fit) adapts to a record.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Whether the record's state allows the step.
    fits: bool,
    kind: prop::sample::Index,
    anchor: prop::sample::Index,
    off_by_ms: i64,
    born_off: u64,
    generation_off: u32,
    fence_off: u32,
    timeout_off: u32,
    owner: Nonce,
    times: [Time; 2],
    retained_until: Time,
    deadline: Option<Time>,
    priority: Priority,
    count: Count,
    error: Option<AttemptError>,
    past: Vec<PastAttempt>,
    progress: Option<Progress>,
    checkpoint: Option<Stored>,
    owes: bool,
    spec: Box<Spec>,
}

/// An error of a counter: mostly none, sometimes one too many or one too few.
fn slip(weight: u32) -> impl Strategy<Value = u32> {
    prop_oneof![weight => Just(0), 1 => Just(1), 1 => Just(u32::MAX)]
}

prop_compose! {
    pub(super) fn draft()(
        fits in prop::bool::weighted(0.8),
        (kind, anchor) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        off_by_ms in prop_oneof![4 => -2..3i64, 1 => Just(-1_000i64), 1 => Just(20_000i64)],
        born_off in prop_oneof![20 => Just(0u64), 1 => Just(1u64)],
        (generation_off, fence_off, timeout_off) in (slip(10), slip(6), slip(10)),
        owner in any::<u64>(),
        (times, retained_until, deadline) in ([time(), time()], seconds(), option::of(time())),
        priority in select(Priority::ALL),
        count in select(vec![Count::Keep, Count::TakeBack, Count::Reset]),
        (error, progress, checkpoint) in (option::of(error()), option::of(progress()), option::of(stored())),
        (owes, spec, past) in (any::<bool>(), spec(), vec(past(), 0..3)),
    ) -> Draft {
        Draft {
            fits, kind, anchor, off_by_ms, born_off, generation_off, fence_off, timeout_off,
            owner: Nonce(owner), times, retained_until, deadline, priority, count, error, past, progress, checkpoint, owes,
            spec: Box::new(spec),
        }
    }
}

/// The times at which a transition begins or ceases to fit the record.
fn thresholds(task: &Task) -> Vec<Time> {
    let of_state = match task.state {
        State::Scheduled { due, .. } | State::Queued { due } => vec![due],
        State::Running { lease_end, .. } => vec![lease_end.after(SKEW), lease_end.after(SKEW), lease_end],
        State::Ended { retained_until, .. } => vec![retained_until],
    };
    of_state.into_iter().chain(task.spec.deadline).collect()
}

impl Draft {
    pub(super) fn fit(self, task: &Task) -> (&'static str, Transition) {
        let kinds = if self.fits { kinds_of(&task.state) } else { &KINDS };
        let kind = *self.kind.get(kinds);
        let near = self.anchor.get(&thresholds(task)).as_millis();
        let now = Time::from_millis(near.saturating_add_signed(self.off_by_ms));
        let generation = Generation(task.generation.0.wrapping_add(self.generation_off));
        let fence = Fence(task.fence.0.wrapping_add(self.fence_off) & (u32::MAX >> 1));
        let [due, at] = self.times;
        let Draft {
            owner,
            retained_until,
            deadline,
            priority,
            count,
            error,
            past,
            progress,
            checkpoint,
            owes,
            spec,
            ..
        } = self;
        let certain =
            error.clone().unwrap_or(AttemptError { kind: ErrorKind::Lost, message: "gone".into(), attempt: 1, at });
        let step = match kind {
            "park" => Step::Park { due },
            "mark" => Step::Mark { generation, due },
            "claim" => Step::Claim {
                generation,
                owner,
                now,
                timeout_seconds: task.spec.options.timeout_seconds.wrapping_add(self.timeout_off),
                fence: (priority != Priority::High).then_some(fence),
            },
            "hold" => Step::Hold { generation, now, due, fence },
            "heartbeat" => Step::Heartbeat { fence, lease_end: at, hard_end: due, progress, checkpoint },
            "succeed" => Step::Succeed { fence, at, retained_until, result: checkpoint, progress, owes },
            "fail" => Step::Fail { fence, at, retained_until, error: certain, owes },
            "again" => Step::Again { fence, due, count, error, past: Some(past), checkpoint },
            "again_later" => Step::AgainLater { fence, due, count, error, past: Some(past), checkpoint },
            "give_back" => Step::GiveBack { fence, now, checkpoint },
            "lease_expired" => Step::LeaseExpired { fence, now, past },
            "lost" => Step::Lost { now, retained_until, error: certain, owes },
            "cancel" => Step::Cancel { at, retained_until },
            "withdraw" => {
                let fence = (priority != Priority::High).then_some(fence);
                Step::Withdraw { fence, at, retained_until }
            }
            "reschedule" => Step::Reschedule {
                generation,
                now,
                due,
                run_at: (priority != Priority::Low).then_some(due),
                deadline,
                priority,
            },
            "revive" => Step::Revive { generation, now, deadline },
            "replace" => Step::Replace { generation, now, spec },
            "expire" => Step::Expire { now, retained_until, owes },
            "callback" => {
                let end = match (&task.state, priority) {
                    (State::Ended { end, .. }, Priority::High | Priority::Normal) => *end,
                    (
                        State::Ended { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Running { .. },
                        _,
                    ) => End::Succeeded,
                };
                let children = task.children.iter().copied().chain([TaskId { born: at, ..task.id }]).collect();
                Step::Callback { generation, end, at, retained_until, children }
            }
            other => unreachable!("no step is called {other}"),
        };
        let born = Time::from_millis(task.id.born.as_millis().saturating_add(self.born_off));
        (kind, Transition { born, step })
    }
}
