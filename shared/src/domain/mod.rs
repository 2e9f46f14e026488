//! What a task may become, and nothing else: no I/O, no clock, no randomness.
//!
//! `now` and every random draw come in as values, so that the same machine serves production, simulation and tests.

mod apply;
mod audit;
mod delivery;
mod ids;
mod lease;
#[cfg(test)]
mod lives;
mod order;
mod retry;
mod state;
mod task;
mod time;
mod transition;

pub use apply::Refusal;
pub use audit::{Audit, Finding, LATELY, LastPass, Look, Pass, Waits};
pub use delivery::{Ack, DeadLetter, Reason, Verdict, dead_letter, overdue, refused};
pub use ids::{Digest, Fence, Generation, Nonce, TaskId, TaskKey};
pub use lease::{BEAT, GUARD, LONGEST_LEASE, SKEW, lease};
pub use order::{Priority, start_order};
pub use retry::RetryPolicy;
pub use state::{Agenda, End, State, StateName, Wait};
pub use task::{AttemptError, ErrorKind, Idempotency, Progress, Spec, Stored, Task};
pub use time::Time;
pub use transition::{Count, Expect, LONGEST_MESSAGE_DELAY, Set, Step, Transition};
