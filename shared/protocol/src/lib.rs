//! Taskway's rules: the states and steps of a task, the form of its message, and the firing times of a schedule.
//!
//! This crate does no I/O and reads neither a clock nor a random source. Callers pass `now` and every random draw as
//! arguments. So production, simulation, model and tests run the same code.

pub mod calendar;
pub mod content;
pub mod message;
pub mod schedule;

mod apply;
mod audit;
mod callback;
mod credential;
mod delivery;
mod ended;
#[cfg(any(test, feature = "example"))]
mod example;
mod find;
mod function;
mod hold;
mod host;
mod ids;
mod lease;
mod new_task;
mod object;
mod options;
mod order;
mod past;
mod permit;
mod program;
mod queue_settings;
mod rate;
mod retry;
mod state;
mod target;
mod task;
mod time;
mod transition;
mod usage;

pub use apply::Refusal;
pub use audit::{Audit, Criteria, Finding, LastPass, Pass, RECENT, Waits};
pub use callback::{Callback, Callbacks, MOST_LISTED};
pub use credential::{MASK, has_mask, is_credential, masked_url, masked_value};
pub use delivery::{Ack, DeadLetter, Reason, Verdict, dead_letter, overdue, refused};
pub use ended::{ENDED_KEPT, ENDED_SHOWN, Ended, minute_of};
pub use function::{
    AllowedFunction, AllowedFunctions, FUNCTION_PATTERN, FunctionName, LONGEST_FUNCTION, NoFunction, NoPattern,
    NotAllowed,
};
pub use hold::{Dispatch, HoldEntry};
pub use host::{AwsHostError, AwsHosts, is_aws_name};
pub use ids::{Digest, Fence, Generation, Nonce, TaskId, TaskKey};
pub use lease::{BEAT, GUARD, LONGEST_LEASE, SKEW, lease, may_start};
pub use new_task::{NewTask, unclaimed};
pub use object::{LARGEST_OBJECT, OBJECTS_OF_TASKS, Object, UPLOADS, parse_sha256, task_of_object};
pub use options::{
    DEFAULT_QUEUE, DEFAULT_RETAIN_SECONDS, DEFAULT_TIMEOUT_SECONDS, FARTHEST_SECONDS, Limits, TaskOptions,
};
pub use order::{Priority, rank};
pub use past::{MOST_PAST, PastAttempt};
pub use permit::{
    Change, Ledger, Look, MOST_CONCURRENT, MOST_CONCURRENT_OF_KEY, PERMIT_KEPT, PERMIT_SENT, Part, Permit, Scope,
    Share, Take, may_run_on,
};
pub use program::{ANNOUNCED_EVERY, PROGRAM_COUNTS, PROGRAM_LISTED, Program, UNKNOWN_HANDLER_WAIT, passed_on_after};
pub use queue_settings::{Overhang, Pace, QueueSettings, SETTINGS_KEPT, SETTINGS_KNOWN, Wanted};
pub use rate::{GivenOut, HELD_SENT_AHEAD, LONGEST_PERIOD, MOST_A_SECOND, MOST_TASKS, Rate, SENT_AHEAD};
pub use retry::RetryPolicy;
pub use state::{Agenda, End, State, StateName};
pub use target::{HttpAuth, HttpTarget, Invocation, Keep, LambdaTarget, Route, Target};
pub use task::{AttemptError, ErrorKind, Idempotency, MOST_GIVEN_BACK, Progress, Spec, Stored, Task};
pub use time::Time;
#[cfg(feature = "mutations")]
pub use transition::mutation;
pub use transition::{Count, Expect, LONGEST_MESSAGE_DELAY, Set, Step, Transition};
pub use usage::{USAGE_KEPT, Usage, month_of};
