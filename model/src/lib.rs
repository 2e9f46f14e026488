//! An exhaustive check of the protocol, over the domain's own transitions and decisions.
//!
//! The record changes by [`Transition::apply`](taskway::domain::Transition::apply) alone, and what becomes of a message
//! is decided by the domain's own functions. What is added here is who calls them when: two executors, two ticks, the
//! submit function and a person, each of which can die or fall asleep between any two of its steps; a queue that
//! delays, duplicates, dead-letters and loses; and time.

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
