//! An exhaustive check of the protocol, over its own transitions and decisions.
//!
//! Only [`Transition::apply`](taskway_protocol::Transition::apply) changes the record, and functions of the protocol decide
//! what becomes of a message. The model adds the actors: two executors, two ticks, the submit function and a person. Each
//! can wait or die between any two of its steps. It also adds time, and a queue that delays, duplicates, dead-letters and
//! loses messages.
//!
//! The model leaves this out:
//!
//! - Times that are no multiple of five seconds, and with them the rounding of SQS. A replay waits until some later step, not
//!   for two seconds.
//! - Messages that no release can read, and the retention of the queues.
//! - The lives of callbacks, which are ordinary tasks, and their removal before the last process has made them. A tick makes a
//!   callback at once, and not only after 15 seconds.
//! - A pause between a read and the decision on it, or between a refused claim and the hand-back of its message.
//! - Writes more than five seconds after their decision, and claims that are repeated later than at once. Their writers
//!   count as dead.
//! - Everything that follows a step which leaves the [bounds](FULL).
//!
//! `limits` has another machine, for a queue with a limit and several tasks, and `rates` a third, for a queue with a rate.
//!
//! If SQS has lost a message of the task's generation, and the task does not end, that loss counts as the cause.

mod actors;
mod bounds;
mod check;
mod children;
mod coverage;
mod heal;
mod instant;
mod limits;
mod machine;
mod message;
mod properties;
mod rates;
mod record;
pub mod report;
mod rules;
mod scene;
mod situation;
mod story;
mod total;
mod world;

pub use actors::{Kind, Outcome};
pub use bounds::{BRIEF, Bounds, FULL};
pub use check::{Checked, check, first_violation};
pub use children::Followed;
pub use coverage::{FATES, STEPS, Table};
pub use heal::Fate;
pub use limits::{
    Broken, KEYS_BRIEF, KEYS_FULL, KEYS_RULES, LIMITS_BRIEF, LIMITS_FULL, LIMITS_RULES, LimitBounds, check_limits,
    first_limit_violation,
};
pub use rates::{BrokenRate, RATES_BRIEF, RATES_FULL, RateBounds, check_rates, first_rate_violation};
pub use total::Total;
