//! An exhaustive check of the protocol, over the domain's own transitions and decisions.
//!
//! The record changes by [`Transition::apply`](taskway_protocol::Transition::apply) alone, and what becomes of a message
//! is decided by the domain's own functions. What is added here is who calls them when: two executors, two ticks, the
//! submit function and a person, each of which can die or fall asleep between any two of its steps; a queue that
//! delays, duplicates, dead-letters and loses; and time.
//!
//! What it leaves out: times between two steps of five seconds, and so the parts of a second, a replay's wait of two
//! seconds but as "the same step or later", and SQS's rounding; unreadable messages; the retention of queues. Reading a
//! record and deciding on it is one step, and so is a refused claim and the hand-back that follows. A writer that was
//! decided on more than five seconds ago is taken to have died, and so is a client that repeats a claim later than at
//! once. A step that leaves the [bounds](FULL) is cut off, so that what would follow from it is not seen. While a
//! message of its generation is lost, a task that does not end is put down to that.

mod actors;
mod bounds;
mod check;
mod coverage;
mod heal;
mod instant;
mod machine;
mod message;
mod properties;
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
pub use check::{Checked, check};
pub use coverage::{FATES, STEPS, Table};
pub use heal::Fate;
pub use total::Total;
